"""The register's pages: who may open them, what they do, and that nothing personal leaves them unasked."""

from fractions import Fraction
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import translation

from tests import cast
from tongxin.kernel.actor import Trust
from tongxin.notifications.models import Notice
from tongxin.people.models import (
    Account,
    Appointment,
    CommitteeMembership,
    FamilyLink,
    FamilyRequest,
    Household,
    Organisation,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Service,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.operations import family, ownership, register, verification
from tongxin.people.tests import town as towns
from tongxin.people.tests.town import LONG_AGO, NOW, actor, id_number, person
from tongxin.record.models import Entry

PHONE = "13812345678"
NUMBER = id_number(7)


@pytest.fixture
def town(db):
    t = towns.build()
    t.zhang = person("张桂兰", t.wuyan, phone=PHONE, id_number=NUMBER)
    register.settle_household(
        t.clerk, t.homes[0].pk, [register.Member(t.zhang.pk, "户主", True)], since=LONG_AGO, now=NOW
    )
    with translation.override("en"):
        yield t


def signed_in(who, *, strong=True) -> Client:
    Account.objects.get_or_create(person=who, defaults={"created_at": NOW, "language": "en"})
    client = Client()
    cast.sign_in(client, who, strong=strong)
    return client


@pytest.fixture
def clerk(town) -> Client:
    return signed_in(town.clerk_person)


@pytest.fixture
def zhou(town) -> Client:
    return signed_in(town.zhou_person)


def body_of(response) -> str:
    return response.content.decode()


def test_a_list_shows_masked_numbers_only(town, clerk):
    for query in (
        "",
        "?q=张",
        f"?q={PHONE}",
        f"?q={NUMBER}",
        "?address=东苑 5号楼 101",
        "?address=东苑 5号楼 1单元 101",
    ):
        html = body_of(clerk.get(f"/desk/people/{query}"))
        assert "张桂兰" in html and "138****5678" in html, query
        assert PHONE not in html.replace(query, "") or query == f"?q={PHONE}"
        assert NUMBER not in html or query == f"?q={NUMBER}"
    assert "张桂兰" not in body_of(clerk.get("/desk/people/?q=138"))
    assert clerk.get("/desk/people/?after=nonsense").status_code == 404


def test_people_of_a_sibling_area_do_not_exist_here(town):
    far = person("赵倩", town.sanyan)
    clerk = signed_in(town.clerk_person)
    assert "赵倩" not in body_of(clerk.get("/desk/people/?q=赵"))
    assert clerk.get(f"/desk/people/{far.pk}/").status_code == 404
    assert clerk.get(f"/desk/people/homes/{town.far_homes[0].pk}/").status_code == 403


def test_a_resident_opens_none_of_the_desks_pages(town):
    resident = signed_in(town.zhang, strong=False)
    for path in (
        "/desk/people/",
        f"/desk/people/{town.zhang.pk}/",
        "/desk/people/new/",
        "/desk/organisations/",
        "/desk/verify/",
        "/desk/report-ins/",
    ):
        assert resident.get(path).status_code == 403, path
        assert Client().get(path).status_code == 302, path
    assert resident.get(f"/desk/organisations/{town.office.pk}/").status_code == 404


def test_a_number_is_shown_once_for_a_reason_and_on_the_record(town, clerk):
    url = f"/desk/people/{town.zhang.pk}/"
    assert PHONE not in body_of(clerk.get(url))
    refused = clerk.post(f"{url}reveal/", {"fields": ["phone"], "reason": ""})
    assert refused.status_code == 422 and PHONE not in body_of(refused)
    shown = clerk.post(f"{url}reveal/", {"fields": ["phone"], "reason": "电话回访"})
    assert PHONE in body_of(shown) and NUMBER not in body_of(shown)
    assert "no-store" in shown.headers["Cache-Control"]
    assert Entry.objects.filter(subject_id=town.zhang.pk, verb="sensitive.read").count() == 1
    assert PHONE not in body_of(clerk.get(url))


def test_a_new_person_is_made_once_and_what_was_typed_survives_a_mistake(town, clerk):
    form = {"name": "孙浩", "phone": "1381234", "community": str(town.wuyan.pk), "once": str(uuid4())}
    refused = clerk.post("/desk/people/new/", form)
    assert refused.status_code == 422 and "孙浩" in body_of(refused) and "1381234" in body_of(refused)
    form["phone"] = "13900001111"
    for _ in range(2):
        answer = clerk.post("/desk/people/new/", form)
        assert answer.status_code == 303
    assert Person.objects.filter(name="孙浩").count() == 1


def test_an_edit_keeps_numbers_that_were_left_empty(town, clerk):
    url = f"/desk/people/{town.zhang.pk}/edit/"
    html = body_of(clerk.get(url))
    assert PHONE not in html and NUMBER not in html
    assert clerk.post(url, {"name": "张桂兰", "is_party_member": "1"}).status_code == 303
    town.zhang.refresh_from_db()
    assert town.zhang.is_party_member and town.zhang.phone_index is not None
    assert clerk.post(url, {"name": "张桂兰", "clear_phone": "1"}).status_code == 303
    town.zhang.refresh_from_db()
    assert town.zhang.phone_index is None and town.zhang.id_number_index is not None


def test_a_person_comes_to_live_in_own_and_rent_a_home(town, clerk):
    li = person("李建军", town.wuyan)
    url, home = f"/desk/people/{li.pk}/home/", str(town.homes[0].pk)
    assert "东苑小区 5号楼 1单元 102" in body_of(clerk.get(f"{url}?address=东苑 5号楼"))
    assert clerk.get(f"{url}?home={home}").status_code == 200
    household = str(Household.objects.get().pk)
    lives = {"home": home, "kind": "lives", "household": household, "relation": "配偶"}
    assert clerk.post(url, lives).status_code == 303
    assert Residence.objects.filter(household=household).count() == 2
    refused = clerk.post(url, {"home": home, "kind": "owns", "share": "一半", "source": "register"})
    assert refused.status_code == 422
    owns = {"home": home, "kind": "owns", "share": "1/2", "source": "register", "since": "2020-01-01"}
    assert clerk.post(url, owns).status_code == 303
    old = Ownership.objects.get()
    buyer = person("赵倩", town.wuyan)
    sale = {**owns, "share": "", "since": "2026-05-01", "ending": [str(old.pk)]}
    assert clerk.post(f"/desk/people/{buyer.pk}/home/", sale).status_code == 303
    old.refresh_from_db()
    assert old.until.isoformat() == "2026-05-01"
    assert clerk.post(url, {"home": home, "kind": "rents"}).status_code == 303
    assert Tenancy.objects.get().person_id == li.pk


def test_the_home_page_moves_people_out(town, clerk):
    home = str(town.homes[0].pk)
    household, residence = Household.objects.get(), Residence.objects.get()
    html = body_of(clerk.get(f"/desk/people/homes/{home}/"))
    assert "张桂兰" in html and "138****5678" in html and PHONE not in html
    traits = {"home": home, "traits": ["lives_alone"]}
    assert clerk.post(f"/desk/people/households/{household.pk}/traits/", traits).status_code == 303
    bad = clerk.post(f"/desk/people/residences/{residence.pk}/end/", {"home": home, "on": "2019-01-01"})
    assert bad.status_code == 422
    assert clerk.post(f"/desk/people/residences/{residence.pk}/end/", {"home": home}).status_code == 303
    household.refresh_from_db()
    assert household.until is not None


def test_organisations_are_made_join_serve_and_end(town, zhou):
    made = zhou.post(
        "/desk/organisations/new/",
        {"kind": "general_party_committee", "name": "五堰社区大党委", "area": str(town.wuyan.pk), "once": str(uuid4())},
    )
    assert made.status_code == 303
    committee = Organisation.objects.get(name="五堰社区大党委")
    unit = town.body("property_company", "国瑞物业", town.wuyan)
    newer = town.body("property_company", "和家物业", town.wuyan)
    url = f"/desk/organisations/{committee.pk}/"
    assert "国瑞物业" in body_of(zhou.get(f"{url}?unit=国瑞"))
    assert zhou.post(f"{url}units/", {"unit": str(unit.pk), "since": "2026-01-01"}).status_code == 303
    assert zhou.post(f"{url}units/", {"unit": str(unit.pk)}).status_code == 409
    membership = CommitteeMembership.objects.get()
    assert zhou.post(f"{url}units/{membership.pk}/end/").status_code == 303
    for company, day in ((unit, "2020-01-01"), (newer, "2026-01-01")):
        serve = {"area": str(town.dongyuan.pk), "kind": "property", "since": day}
        assert zhou.post(f"/desk/organisations/{company.pk}/services/", serve).status_code == 303
    assert Service.objects.get(until=None).organisation_id == newer.pk
    assert zhou.post(f"/desk/organisations/{newer.pk}/end/").status_code == 409
    service = Service.objects.get(until=None)
    assert zhou.post(f"/desk/organisations/{newer.pk}/services/{service.pk}/end/").status_code == 303
    changed = {"kind": "property_company", "name": "和家物业服务公司"}
    assert zhou.post(f"/desk/organisations/{newer.pk}/edit/", changed).status_code == 303
    assert "和家物业服务公司" in body_of(zhou.get("/desk/organisations/?kind=property_company"))


def test_an_office_is_given_covered_and_handed_over(town, zhou):
    li, chen = person("李明", town.wuyan), person("陈静", town.wuyan)
    url = f"/desk/organisations/{town.office.pk}/appoint/"
    html = body_of(zhou.get(f"{url}?q=李明"))
    assert "李明" in html and "grid_worker" in html and "street_officer" not in html
    form = {"person": str(li.pk), "role": "grid_worker", "area": str(town.wuyan.pk), "since": "2026-01-01"}
    assert zhou.post(url, form).status_code == 303
    assert zhou.post(url, {**form, "person": str(town.zhou_person.pk)}).status_code == 403
    held = Appointment.objects.get(person=li)
    url = f"/desk/organisations/offices/{held.pk}/"
    leave = {"do": "stand-in", "person": str(chen.pk), "since": "2026-12-01", "until": "2026-12-15"}
    assert zhou.post(url, leave).status_code == 303
    assert Appointment.objects.get(person=chen).stands_in_for_id == held.pk
    assert zhou.post(url, {"do": "end", "on": "2026-11-22", "reason": ""}).status_code == 422
    end = {"do": "end", "on": "2026-11-22", "reason": "调岗", "person": str(chen.pk)}
    assert zhou.post(url, end).status_code == 303
    assert Appointment.objects.get(person=chen, stands_in_for=None).since.isoformat() == "2026-11-22"


def test_a_security_administrator_finds_people_by_whole_numbers_only(town):
    admin = person("安全员", town.wuyan)
    office = towns.Office("security_administrator", town.office.pk, town.wuyan.pk)
    towns.appoint(towns.SYSTEM, admin.pk, office, since=LONG_AGO, now=NOW)
    client = signed_in(admin)
    url = f"/desk/organisations/{town.office.pk}/appoint/"
    assert "张桂兰" not in body_of(client.get(f"{url}?q=张"))
    html = body_of(client.get(f"{url}?q={PHONE}"))
    assert "张桂兰" in html and "audit_administrator" in html and "grid_worker" not in html
    assert client.get("/desk/people/").status_code == 403


def test_who_holds_an_office_gets_a_user_name_and_later_a_new_start(town, zhou):
    held = towns.appoint(
        towns.SYSTEM, town.zhang.pk, towns.Office("volunteer", town.office.pk, town.wuyan.pk), since=LONG_AGO, now=NOW
    )
    url = f"/desk/organisations/offices/{held.pk}/"
    shown = zhou.post(url, {"do": "account", "username": "zhang.gl"})
    assert "Shown only now" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    account = Account.objects.get(username="zhang.gl")
    assert (account.person_id, account.password_is_temporary) == (town.zhang.pk, True)
    assert "zhang.gl" in zhou.get(url).content.decode()
    assert zhou.post(url, {"do": "account", "username": "x"}).status_code == 422
    assert zhou.post(url, {"do": "reset"}).status_code == 403, "that is for the security administrator"


def test_nobody_opens_an_account_that_could_act_above_them(town, zhou):
    above = towns.Office("county_officer", town.office.pk, town.wuyan.parent.pk)
    towns.appoint(towns.SYSTEM, town.zhang.pk, above, since=LONG_AGO, now=NOW)
    held = towns.appoint(
        towns.SYSTEM, town.zhang.pk, towns.Office("volunteer", town.office.pk, town.wuyan.pk), since=LONG_AGO, now=NOW
    )
    answer = zhou.post(f"/desk/organisations/offices/{held.pk}/", {"do": "account", "username": "zhang.gl"})
    assert answer.status_code == 403
    assert not Account.objects.filter(username="zhang.gl").exists()


def test_the_tree_shows_bodies_and_who_holds_office(town, zhou):
    committee = town.body("general_party_committee", "五堰社区大党委", town.wuyan)
    branch = town.body("party_branch", "东苑小区党支部", town.dongyuan, committee.pk)
    office = towns.Office("branch_secretary", branch.pk, town.dongyuan.pk)
    towns.appoint(towns.SYSTEM, town.zhang.pk, office, since=LONG_AGO, now=NOW)
    html = body_of(zhou.get(f"/desk/organisations/{committee.pk}/tree/"))
    assert "东苑小区党支部" in html and "张桂兰" in html


# At the door, and one's own pages


def guest():
    """Somebody who signed in and is otherwise unknown."""
    return Person.objects.create(name="陈晓梅", created_at=NOW)


def test_a_resident_asks_and_the_grid_worker_confirms_at_the_door(town):
    row = guest()
    client = signed_in(row, strong=False)
    building = town.homes[1].unit.building_id
    assert "东苑小区" in body_of(client.get("/me/home/?q=五堰"))
    assert "5号楼" in body_of(client.get(f"/me/home/?estate={town.dongyuan.pk}"))
    html = body_of(client.get(f"/me/home/?building={building}"))
    assert "1单元 102" in html and "张桂兰" not in html
    form = {"kind": "resident", "home": str(town.homes[1].pk), "name": "陈晓梅", "id_last_six": "123456"}
    assert client.post("/me/home/", form).status_code == 303
    assert client.post("/me/home/", form).status_code == 409
    worker = signed_in(town.wang_person)
    assert "陈晓梅" in body_of(worker.get("/desk/verify/"))
    request = VerificationRequest.objects.get()
    assert signed_in(town.zhang, strong=False).get(f"/desk/verify/{request.pk}/").status_code == 403
    assert worker.get(f"/desk/verify/{request.pk}/").status_code == 200
    assert worker.post(f"/desk/verify/{request.pk}/", {"answer": "yes"}).status_code == 303
    assert Residence.objects.filter(person=row).exists()
    assert Notice.objects.get(person_id=row.pk).kind == "verification"
    assert "东苑小区 5号楼 1单元 102" in body_of(client.get("/me/home/"))


def test_a_refusal_reaches_the_one_who_asked(town):
    row = guest()
    request = verification.request_verification(
        actor(row, trust=Trust.VISITOR), "resident", town.homes[1].pk, name="陈晓梅", now=NOW
    ).request
    worker = signed_in(town.wang_person)
    assert worker.post(f"/desk/verify/{request.pk}/", {"answer": "no", "reason": ""}).status_code == 422
    worker.post(f"/desk/verify/{request.pk}/", {"answer": "no", "reason": "该户无人居住"})
    assert "该户无人居住" in body_of(signed_in(row, strong=False).get("/me/home/"))


def test_the_parents_code_links_and_either_side_ends_it(town, monkeypatch):
    sent: list[dict] = []
    monkeypatch.setattr("tongxin.journeys.family.sms_ready", lambda: True)
    monkeypatch.setattr("tongxin.journeys.family.text", lambda mobile, **rest: sent.append({"to": mobile, **rest}))
    row = guest()
    client = signed_in(row, strong=False)
    asked = client.post("/me/family/", {"name": "张桂兰", "phone": PHONE})
    assert asked.status_code == 303 and sent[0]["to"] == PHONE
    page = asked.headers["Location"]
    assert client.post(page, {"code": "000000"}).status_code == 422
    assert client.post(page, {"code": sent[0]["params"]["code"]}).status_code == 303
    link = FamilyLink.objects.get()
    assert (link.child_id, link.parent_id) == (row.pk, town.zhang.pk)
    mother = signed_in(town.zhang, strong=False)
    assert "陈晓梅" in body_of(mother.get("/me/family/"))
    assert mother.post(f"/me/family/links/{link.pk}/end/").status_code == 303
    link.refresh_from_db()
    assert link.until is not None


def test_a_stranger_learns_nothing_from_asking(town, monkeypatch):
    sent: list[str] = []
    monkeypatch.setattr("tongxin.journeys.family.sms_ready", lambda: True)
    monkeypatch.setattr("tongxin.journeys.family.text", lambda mobile, **rest: sent.append(mobile))
    client = signed_in(guest(), strong=False)
    known = client.post("/me/family/", {"name": "张桂兰", "phone": PHONE})
    unknown = client.post("/me/family/", {"name": "张桂兰", "phone": "13900001111"})
    assert known.status_code == unknown.status_code == 303
    assert sent == [PHONE]
    page = body_of(client.get(unknown.headers["Location"]))
    assert "张桂兰" not in page and PHONE not in page


def test_consent_before_the_grid_worker(town):
    row = guest()
    client = signed_in(row, strong=False)
    form = {"how": "worker", "name": "张桂兰", "home": str(town.homes[0].pk)}
    assert client.post("/me/family/", form).status_code == 303
    request = FamilyRequest.objects.get()
    worker = signed_in(town.wang_person)
    assert worker.get(f"/desk/verify/{request.pk}/").status_code == 200
    assert worker.post(f"/desk/verify/{request.pk}/", {"answer": "yes"}).status_code == 303
    assert FamilyLink.objects.get().witness == town.wang_person.pk
    assert Notice.objects.filter(person_id=row.pk, kind="family").exists()


def test_a_party_member_reports_in_and_is_received(town, clerk):
    client = signed_in(town.zhang, strong=False)
    assert client.post("/me/report-in/", {"home_unit": ""}).status_code == 422
    assert client.post("/me/report-in/", {"home_unit": "市财政局机关党委"}).status_code == 303
    row = ReportIn.objects.get()
    assert "市财政局机关党委" in body_of(clerk.get("/desk/report-ins/"))
    assert clerk.post(f"/desk/report-ins/{row.pk}/", {"answer": "receive"}).status_code == 303
    assert clerk.post(f"/desk/report-ins/{row.pk}/", {"answer": "receive"}).status_code == 409
    assert clerk.post(f"/desk/report-ins/{row.pk}/", {"answer": "end", "reason": ""}).status_code == 422
    assert client.post("/me/report-in/", {"end": str(row.pk)}).status_code == 303


# Bounds: no page asks more because there is more.

MORE = 25


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/desk/people/", 10),
        ("/desk/people/?q=居民", 10),
        ("/desk/people/?address=东苑 5号楼", 13),
        ("/desk/people/homes/{home}/", 12),
        ("/desk/people/{zhang}/", 17),
        ("/desk/organisations/", 6),
        ("/desk/organisations/{office}/", 14),
        ("/desk/organisations/{committee}/tree/", 10),
        ("/desk/verify/", 8),
        ("/desk/report-ins/", 6),
    ],
)
def test_pages_ask_a_bounded_number_of_questions(town, path, most, django_assert_max_num_queries):
    committee = town.body("general_party_committee", "五堰社区大党委", town.wuyan)
    for number in range(MORE):
        one = person(f"居民{number}", town.wuyan, phone=f"1380000{number:04d}")
        register.settle_household(town.clerk, town.homes[0].pk, [register.Member(one.pk)], since=LONG_AGO, now=NOW)
        ownership.register_ownership(
            town.clerk,
            town.homes[0].pk,
            [ownership.Owner(Fraction(1, 100), one.pk)],
            source="survey",
            since=LONG_AGO,
            now=NOW,
        )
        branch = town.body("party_branch", f"第{number}支部", town.wuyan, committee.pk)
        towns.appoint(
            towns.SYSTEM, one.pk, towns.Office("branch_secretary", branch.pk, town.wuyan.pk), since=LONG_AGO, now=NOW
        )
        towns.appoint(
            towns.SYSTEM, one.pk, towns.Office("volunteer", town.office.pk, town.wuyan.pk), since=LONG_AGO, now=NOW
        )
        asking = actor(one, trust=Trust.RESIDENT, homes=(town.dongyuan.path,))
        verification.request_verification(asking, "owner", town.homes[1].pk, name=one.name, now=NOW)
        family.ask_grid_worker(asking, parent_name="张桂兰", home_id=town.homes[0].pk, now=NOW)
        ReportIn.objects.create(person=one, community=town.wuyan, home_unit="某单位", since=LONG_AGO)
    client = signed_in(town.zhou_person)
    url = path.format(home=town.homes[0].pk, zhang=town.zhang.pk, office=town.office.pk, committee=committee.pk)
    client.get(url)
    with django_assert_max_num_queries(most):
        assert client.get(url).status_code == 200


def test_lists_page_by_key_and_show_everybody_once(town, clerk):
    for number in range(70):
        Person.objects.create(name=f"居民{number:02d}", community=town.wuyan, created_at=NOW)
    seen: list[str] = []
    url = "/desk/people/?q=居民"
    while url:
        html = body_of(clerk.get(url))
        seen += [f"居民{n:02d}" for n in range(70) if f">居民{n:02d}<" in html]
        url = ""
        if 'rel="next"' in html:
            url = "/desk/people/" + html.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 70
