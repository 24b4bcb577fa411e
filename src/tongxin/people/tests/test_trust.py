"""Being known: by the register at once, by a visit, by a paper; family accounts; reporting in."""

import io
from datetime import timedelta
from fractions import Fraction

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, TooMany
from tongxin.people import fields
from tongxin.people.models import Account, FamilyLink, FamilyRequest, Ownership, Person, ReportIn, Residence
from tongxin.people.operations import family
from tongxin.people.operations.ownership import Owner, register_ownership
from tongxin.people.operations.register import Member, settle_household
from tongxin.people.operations.report_in import end_report_in, receive_report_in, report_in
from tongxin.people.operations.verification import confirm, refuse, request_verification
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.areas import identities_of
from tongxin.people.queries.helping import may_act_for, on_behalf_options
from tongxin.people.tests.town import LONG_AGO, NOW, TODAY, actor, id_number, person

PHONE = "13812345678"


def visitor(phone: str = PHONE, name: str = ""):
    """Somebody who signed in with a phone and is otherwise unknown."""
    cipher, index = fields.sealed(phone, fields.PHONE)
    row = Person.objects.create(name=name, phone_cipher=cipher, phone_index=index, created_at=NOW)
    Account.objects.create(person=row, created_at=NOW)
    return row, actor(row)


def paper() -> SimpleUploadedFile:
    """A photo of the delivery note."""
    picture = io.BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, "JPEG")
    return SimpleUploadedFile("交房单.jpg", picture.getvalue())


def living(town, name="张桂兰", home=0, **data):
    who = person(name, town.wuyan, **data)
    settle_household(town.clerk, town.homes[home].pk, [Member(who.pk, is_head=True)], since=LONG_AGO, now=NOW)
    return who


def ask(who, town, kind="resident", home=0, name="张桂兰", now=NOW, **more):
    return request_verification(who, kind, town.homes[home].pk, name=name, now=now, **more)


@pytest.mark.parametrize("proof", [{"phone": PHONE}, {"id_number": id_number(7)}])
def test_the_register_confirms_at_once(town, proof):
    zhang = living(town, **proof)
    row, guest = visitor()
    outcome = ask(guest, town, id_last_six=id_number(7)[-6:])
    assert outcome.confirmed and (outcome.person_id, outcome.merged_from) == (zhang.pk, row.pk)
    assert Account.objects.get().person_id == zhang.pk
    zhang.refresh_from_db()
    assert (zhang.trust_note, zhang.confirmed_at) == ("register", NOW)
    assert identities_of(zhang.pk) == [zhang.pk, row.pk]
    assert actor_for(Account.objects.get(), False, NOW).trust is Trust.RESIDENT


@pytest.mark.parametrize("wrong", [{"name": "张桂芳"}, {"id_last_six": "000000"}, {"home": 1}])
def test_what_does_not_match_waits_for_the_visit_and_does_not_say_why(town, wrong):
    living(town, id_number=id_number(7))
    _, guest = visitor()
    outcome = ask(guest, town, **{"id_last_six": id_number(7)[-6:], **wrong})
    assert not outcome.confirmed and outcome.request.state == "waiting" and outcome.request.reason == ""


def test_nobody_is_a_resident_until_the_register_or_a_visit_says_so(town):
    """Asking, waiting and being refused change nothing; there is no setting that skips it."""
    row, guest = visitor()

    def level():
        return actor_for(Account.objects.get(person=row), False, NOW).trust

    assert level() is Trust.VISITOR
    request = ask(guest, town).request
    assert level() is Trust.VISITOR
    refuse(town.wang, request.pk, reason="无人居住", now=NOW)
    assert level() is Trust.VISITOR
    confirm(town.wang, ask(guest, town).request.pk, now=NOW)
    assert level() is Trust.RESIDENT


def test_an_account_that_the_person_has_already_is_not_taken_over(town):
    zhang = living(town, phone=PHONE)
    Account.objects.create(person=zhang, created_at=NOW)
    _, guest = visitor()
    assert not ask(guest, town).confirmed


def test_nobody_guesses_all_day(town):
    _, guest = visitor()
    for number in range(5):
        outcome = ask(guest, town, home=number % 3, kind="resident" if number < 3 else "owner")
        assert not outcome.confirmed
    with pytest.raises(TooMany):
        ask(guest, town, home=2, kind="owner")
    ask(guest, town, home=2, kind="owner", now=NOW + timedelta(days=1, minutes=1))


def test_asking_twice_is_told(town):
    _, guest = visitor()
    ask(guest, town)
    with pytest.raises(Conflict):
        ask(guest, town)


def test_the_grid_worker_confirms_at_the_door(town):
    row, guest = visitor(name="手机用户")
    request = ask(guest, town).request
    for wrong in (town.far_clerk, guest):
        with pytest.raises(NotAllowed):
            confirm(wrong, request.pk, now=NOW)
    confirm(town.wang, request.pk, now=NOW)
    residence = Residence.objects.get(person=row)
    assert (residence.household.home_id, residence.since) == (town.homes[0].pk, TODAY)
    row.refresh_from_db()
    assert (row.name, row.trust_note, row.community_id) == ("张桂兰", "visit", town.wuyan.pk)
    with pytest.raises(Conflict):
        refuse(town.wang, request.pk, reason="来晚了", now=NOW)


def test_a_refusal_has_a_reason(town):
    request = ask(visitor()[1], town).request
    with pytest.raises(Invalid):
        refuse(town.wang, request.pk, reason=" ", now=NOW)
    assert refuse(town.wang, request.pk, reason="上门两次无人居住", now=NOW).state == "refused"


def test_an_owner_is_known_by_the_property_register_or_by_a_paper(town):
    zhang = person("张桂兰", town.wuyan, phone=PHONE)
    home = town.homes[0].pk
    register_ownership(town.clerk, home, [Owner(Fraction(1, 2), zhang.pk)], source="register", since=LONG_AGO, now=NOW)
    assert ask(visitor()[1], town, "owner").confirmed

    request = ask(visitor("13900001111")[1], town, "owner", name="李建军").request
    with pytest.raises(Invalid) as refused:
        confirm(town.wang, request.pk, now=NOW)
    assert refused.value.code == "evidence-missing"
    with pytest.raises(Invalid):  # the other half is all there is
        confirm(town.wang, request.pk, paper=paper(), now=NOW)
    confirm(town.wang, request.pk, paper=paper(), share=Fraction(1, 2), now=NOW)
    assert actor_for(request.person.account, False, NOW).trust is Trust.OWNER
    assert Ownership.objects.get(source="delivery").share_denominator == 2


def test_a_contract_alone_makes_no_owner_by_register(town):
    zhang = person("张桂兰", town.wuyan, phone=PHONE)
    register_ownership(
        town.clerk, town.homes[0].pk, [Owner(person_id=zhang.pk)], source="contract", since=LONG_AGO, now=NOW
    )
    assert not ask(visitor()[1], town, "owner").confirmed


def test_whom_the_register_knows_under_an_old_phone_is_not_written_down_twice(town):
    """张桂兰 has a new phone: at the door the worker picks her from the register, and the old number opens nothing."""
    known = living(town, phone=PHONE)
    old = Account.objects.create(person=known, created_at=NOW)
    new, guest = visitor("13700000001")
    account = new.account
    asked = ask(guest, town)
    assert not asked.confirmed
    with pytest.raises(NotFound):
        confirm(town.wang, asked.request.pk, known_id=town.wang_person.pk, now=NOW)
    confirm(town.wang, asked.request.pk, known_id=known.pk, now=NOW)
    for row in (account, old, known, new):
        row.refresh_from_db()
    assert (account.person_id, old.is_active, old.person_id != known.pk) == (known.pk, False, True)
    assert new.same_as_id == known.pk
    assert fields.opened(known.phone_cipher, fields.PHONE) == "13700000001"
    assert Residence.objects.filter(household__home=town.homes[0]).count() == 1


def test_an_office_holder_is_not_replaced_at_the_door(town):
    known = living(town, phone=PHONE)
    Account.objects.create(person=known, username="zhang", created_at=NOW)
    _, guest = visitor("13700000001")
    asked = ask(guest, town)
    with pytest.raises(Conflict):
        confirm(town.wang, asked.request.pk, known_id=known.pk, now=NOW)
    assert Account.objects.get(username="zhang").person_id == known.pk


# 亲情账号


def daughter(town):
    who = living(town, "李娟", home=1)
    return actor(who, trust=Trust.RESIDENT)


def test_the_mothers_code_lets_the_daughter_act(town):
    mother, child = living(town, phone=PHONE), daughter(town)
    request, found = family.ask_by_code(child, parent_name="张桂兰", parent_phone="138 1234 5678", now=NOW)
    assert found
    with pytest.raises(NotFound):
        family.link_by_code(town.wang, request, proven_phone=PHONE, now=NOW)
    with pytest.raises(NotFound):
        family.link_by_code(child, request, proven_phone=PHONE, now=NOW + timedelta(hours=2))
    with pytest.raises(Invalid):  # a code that proves the child's own phone proves nothing
        family.link_by_code(child, request, proven_phone="13900001111", now=NOW)
    link = family.link_by_code(child, request, proven_phone=PHONE, now=NOW)
    assert (link.child_id, link.parent_id, link.consent) == (child.person_id, mother.pk, "code")
    assert may_act_for(child, mother.pk, now=NOW) == "family"
    assert [helped.name for helped in on_behalf_options(child)] == ["张桂兰"]
    assert may_act_for(actor(mother), child.person_id, now=NOW) is None
    with pytest.raises(Conflict):
        family.ask_by_code(child, parent_name="张桂兰", parent_phone=PHONE, now=NOW)
    with pytest.raises(NotAllowed):
        family.end_link(town.far_clerk, link.pk, now=NOW)
    family.end_link(actor(mother), link.pk, now=NOW)
    assert may_act_for(child, mother.pk, now=NOW) is None
    with pytest.raises(Conflict):
        family.end_link(child, link.pk, now=NOW)


def test_a_child_does_not_consent_to_themselves_through_a_shared_phone(town):
    """奶奶 has no phone of her own; the register has her daughter's."""
    living(town, phone=PHONE)
    who = living(town, "李娟", home=1, phone=PHONE)
    with pytest.raises(Invalid) as refused:
        family.ask_by_code(actor(who, trust=Trust.RESIDENT), parent_name="张桂兰", parent_phone=PHONE, now=NOW)
    assert refused.value.code == "own-phone"
    assert not FamilyRequest.objects.exists()


def test_whoever_is_not_found_gets_no_code_and_nobody_learns_it(town):
    living(town, phone=PHONE)
    child = daughter(town)
    request, found = family.ask_by_code(child, parent_name="张桂芳", parent_phone=PHONE, now=NOW)
    assert not found and FamilyRequest.objects.get().state == "waiting"
    with pytest.raises(Invalid):
        family.link_by_code(child, request, proven_phone=PHONE, now=NOW)
    assert not FamilyLink.objects.exists()


def test_the_grid_worker_acts_for_those_of_the_own_area_only(town):
    mother = living(town)
    assert may_act_for(town.wang, mother.pk, now=NOW) == "worker"
    assert may_act_for(town.far_clerk, mother.pk, now=NOW) is None
    assert may_act_for(town.wang, town.wang.person_id, now=NOW) is None


def test_consent_before_the_grid_worker(town):
    mother, child = living(town), daughter(town)
    request = family.ask_grid_worker(child, parent_name="张桂兰", home_id=town.homes[0].pk, now=NOW)
    with pytest.raises(NotAllowed):
        family.decide_request(town.far_clerk, request.pk, consented=True, now=NOW)
    with pytest.raises(Invalid):
        family.decide_request(town.wang, request.pk, consented=False, now=NOW)
    family.decide_request(town.wang, request.pk, consented=True, now=NOW)
    link = FamilyLink.objects.get()
    assert (link.parent_id, link.consent, link.witness) == (mother.pk, "grid_worker", town.wang.id)
    with pytest.raises(Conflict):
        family.decide_request(town.wang, request.pk, consented=True, now=NOW)


def test_the_worker_is_no_witness_to_a_link_of_their_own(town):
    mother = living(town)
    with pytest.raises(NotAllowed):
        family.link_before_worker(town.wang, town.wang.person_id, mother.pk, now=NOW)


# 双报到


def test_a_party_member_reports_in_where_they_live(town):
    li = living(town, "李明")
    me = actor(li, trust=Trust.RESIDENT, homes=(town.dongyuan.path,))
    with pytest.raises(NotAllowed):
        report_in(actor(li), town.wuyan.pk, home_unit="市财政局机关党委", now=NOW)
    with pytest.raises(NotAllowed):
        report_in(me, town.sanyan.pk, home_unit="市财政局机关党委", now=NOW)
    row = report_in(me, town.wuyan.pk, home_unit="市财政局机关党委", skills="水电维修", now=NOW)
    with pytest.raises(Conflict):
        report_in(me, town.wuyan.pk, home_unit="市财政局机关党委", now=NOW)
    with pytest.raises(NotAllowed):
        receive_report_in(town.wang, row.pk, now=NOW)
    receive_report_in(town.clerk, row.pk, now=NOW)
    li.refresh_from_db()
    assert li.is_party_member
    with pytest.raises(Conflict):
        receive_report_in(town.clerk, row.pk, now=NOW)
    with pytest.raises(Invalid):
        end_report_in(town.clerk, row.pk, now=NOW)
    end_report_in(me, row.pk, now=NOW)
    assert ReportIn.objects.get().until == TODAY + timedelta(days=1)
