"""Organisations, the party's tree, 大党委, services, appointments and stand-ins."""

from datetime import date, timedelta

import pytest

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.people.models import Account, Appointment, CommitteeMembership
from tongxin.people.operations import organisations as ops
from tongxin.people.operations.appointments import Office, appoint, end_appointment, stand_in
from tongxin.people.operations.organisations import OrganisationData
from tongxin.people.queries.actors import actor_for
from tongxin.people.tests.town import LONG_AGO, NOW, TODAY, actor, person
from tongxin.record.models import Entry

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


def add(town, kind, name, who=None, area=None, **data):
    return ops.add_organisation(
        who or town.zhou, OrganisationData(kind, name, **data), (area or town.wuyan).pk, since=LONG_AGO, now=NOW
    )


def test_the_secretary_registers_bodies_of_the_own_community_only(town):
    add(town, "merchant", "老李五金店", credit_code="91350100m000100y43")
    with pytest.raises(NotAllowed):
        add(town, "merchant", "西苑超市", area=town.sanyan)
    with pytest.raises(NotAllowed):
        add(town, "merchant", "东苑超市", who=town.clerk)


def test_a_credit_code_is_checked_and_taken_once(town):
    with pytest.raises(Invalid):
        add(town, "merchant", "老李五金店", credit_code="91350100M000100Y44")
    first = add(town, "merchant", "老李五金店", credit_code="91350100M000100Y43")
    with pytest.raises(Conflict):
        add(town, "merchant", "老王五金店", credit_code="91350100M000100Y43")
    ops.end_organisation(town.zhou, first.pk, on=TODAY, now=NOW)
    add(town, "merchant", "老王五金店", credit_code="91350100M000100Y43")


def test_no_body_stands_below_itself(town):
    top = add(town, "party_committee", "街道党工委", who=town.officer, area=town.street)
    middle = add(town, "party_committee", "五堰社区党委", parent_id=top.pk)
    with pytest.raises(Invalid) as refused:
        ops.edit_organisation(town.officer, top.pk, {"parent_id": middle.pk}, now=NOW)
    assert refused.value.code == "tree-loop"
    ops.edit_organisation(town.zhou, middle.pk, {"name": "五堰社区大党委"}, now=NOW)
    entry = Entry.objects.get(verb="organisation.edited")
    assert entry.data["before"] == {"name": "五堰社区党委"}


def test_units_join_the_general_party_committee_and_leave_it(town):
    committee = add(town, "general_party_committee", "五堰社区大党委")
    bureau = add(town, "partner_unit", "张湾区城管局", who=SYSTEM, area=town.county)
    joined = ops.join_committee(town.zhou, committee.pk, bureau.pk, since=YESTERDAY, now=NOW)
    with pytest.raises(Conflict):
        ops.join_committee(town.zhou, committee.pk, bureau.pk, since=TODAY, now=NOW)
    with pytest.raises(Invalid):
        ops.join_committee(town.zhou, town.office.pk, bureau.pk, since=TODAY, now=NOW)
    with pytest.raises(Invalid):
        ops.join_committee(town.zhou, committee.pk, town.street_office.pk, since=TODAY, now=NOW)
    ops.leave_committee(town.zhou, joined.pk, on=TODAY, now=NOW)
    assert CommitteeMembership.objects.get().until == TODAY


def test_an_estate_changes_its_company_without_a_day_of_two(town):
    old, new = (add(town, "property_company", name) for name in ("国瑞物业", "和家物业"))
    service = ops.start_service(town.zhou, old.pk, town.dongyuan.pk, "property", since=LONG_AGO, now=NOW)
    with pytest.raises(Conflict) as refused:
        ops.start_service(town.zhou, new.pk, town.dongyuan.pk, "property", since=TODAY, now=NOW)
    assert refused.value.code == "has-company"
    with pytest.raises(NotAllowed):
        ops.change_property_company(town.far_clerk, town.dongyuan.pk, new.pk, on=TODAY, now=NOW)
    left, came = ops.change_property_company(town.zhou, town.dongyuan.pk, new.pk, on=TODAY, now=NOW)
    assert (left.pk, came.pk) == (old.pk, new.pk)
    service.refresh_from_db()
    assert service.until == TODAY
    with pytest.raises(Conflict):
        ops.change_property_company(town.zhou, town.dongyuan.pk, new.pk, on=TOMORROW, now=NOW)
    none, first = ops.change_property_company(SYSTEM, town.xiyuan.pk, old.pk, on=TODAY, now=NOW)
    assert none is None and first.pk == old.pk


def test_only_a_property_company_manages_property(town):
    shop = add(town, "merchant", "老李五金店")
    with pytest.raises(Invalid):
        ops.start_service(town.zhou, shop.pk, town.dongyuan.pk, "property", since=TODAY, now=NOW)
    partner = ops.start_service(town.zhou, shop.pk, town.dongyuan.pk, "partner", since=YESTERDAY, now=NOW)
    with pytest.raises(Conflict):
        ops.end_organisation(town.zhou, shop.pk, on=TODAY, now=NOW)
    ops.end_service(town.zhou, partner.pk, on=TODAY, now=NOW)
    ops.end_organisation(town.zhou, shop.pk, on=TODAY, now=NOW)


def office(town, role="grid_worker", area=None) -> Office:
    return Office(role, town.office.pk, (area or town.wuyan).pk)


def test_the_secretary_appoints_a_grid_worker_once(town):
    li = person("李明", town.wuyan)
    given = appoint(town.zhou, li.pk, office(town), since=TODAY, now=NOW)
    assert Entry.objects.get(subject_id=li.pk, verb="office.given").data["appointment"] == str(given.pk)
    with pytest.raises(Conflict):
        appoint(town.zhou, li.pk, office(town), since=TOMORROW, now=NOW)
    with pytest.raises(NotAllowed):
        appoint(town.zhou, town.zhou_person.pk, office(town), since=TODAY, now=NOW)
    with pytest.raises(NotAllowed):
        appoint(town.zhou, li.pk, office(town, "street_officer"), since=TODAY, now=NOW)
    with pytest.raises(Invalid):
        appoint(town.zhou, li.pk, office(town, "emperor"), since=TODAY, now=NOW)


def test_nobody_becomes_two_of_the_three_administrators_even_later(town):
    li = person("李明", town.wuyan)
    security = actor(person("安全员", town.wuyan), ("security_administrator", town.city.path))
    end = TODAY + timedelta(days=30)
    appoint(security, li.pk, office(town, "system_administrator", town.city), since=TODAY, until=end, now=NOW)
    with pytest.raises(Conflict):
        appoint(security, li.pk, office(town, "audit_administrator", town.city), since=TOMORROW, now=NOW)
    appoint(security, li.pk, office(town, "audit_administrator", town.city), since=end, now=NOW)


def test_who_leaves_hands_over_to_a_named_successor(town):
    held = Appointment.objects.get(person=town.wang_person)
    li = person("李明", town.wuyan)
    with pytest.raises(Invalid):
        end_appointment(town.zhou, held.pk, on=TODAY, reason="调岗", successor_id=town.wang_person.pk, now=NOW)
    done = end_appointment(town.zhou, held.pk, on=TODAY, reason="调岗", successor_id=li.pk, now=NOW)
    assert done.ended.until == TODAY
    assert (done.successor.person_id, done.successor.since, done.successor.role) == (li.pk, TODAY, "grid_worker")
    with pytest.raises(Conflict):
        end_appointment(town.zhou, held.pk, on=TODAY, reason="再来一次", now=NOW)


def test_a_stand_in_holds_the_same_office_for_the_leave_and_no_longer(town):
    held = Appointment.objects.get(person=town.wang_person)
    li = person("李明", town.wuyan)
    back = TODAY + timedelta(days=14)
    covering = stand_in(town.zhou, held.pk, li.pk, since=TODAY, until=back, now=NOW)
    assert (covering.role, covering.area_id, covering.until, covering.stands_in_for_id) == (
        held.role,
        held.area_id,
        back,
        held.pk,
    )
    with pytest.raises(Invalid):
        stand_in(town.zhou, covering.pk, person("赵倩", town.wuyan).pk, since=TODAY, until=back, now=NOW)
    with pytest.raises(Invalid):
        stand_in(town.zhou, held.pk, town.wang_person.pk, since=TODAY, until=back, now=NOW)
    with pytest.raises(Invalid):
        stand_in(town.zhou, held.pk, li.pk, since=date(2019, 1, 1), until=back, now=NOW)
    account = Account.objects.create(person=li, created_at=NOW)
    original = actor_for(Account.objects.create(person=town.wang_person, created_at=NOW), True, NOW)
    covers = actor_for(account, True, NOW)
    assert {(g.role, g.permissions, g.area_path) for g in covers.grants} == {
        (g.role, g.permissions, g.area_path) for g in original.grants
    }
    assert not actor_for(account, True, NOW + timedelta(days=14)).grants
    assert not actor_for(account, False, NOW).grants
    done = end_appointment(town.zhou, held.pk, on=TOMORROW, reason="离职", now=NOW)
    covering.refresh_from_db()
    assert (done.stand_ins_ended, done.successor, covering.until) == (1, None, TOMORROW)


def test_an_office_given_by_mistake_is_taken_back_the_same_day(town):
    """王书记 picked the wrong 李 from the list."""
    li = person("李强", town.wuyan)
    given = appoint(town.zhou, li.pk, office(town), since=TODAY, now=NOW)
    end_appointment(town.zhou, given.pk, on=TODAY, reason="选错人", now=NOW)
    given.refresh_from_db()
    assert given.until == given.since
    assert not actor_for(Account(person=li), True, NOW).grants
    appoint(town.zhou, li.pk, office(town), since=TODAY, now=NOW)
    assert Entry.objects.filter(subject_id=given.pk).count() == 2


def test_an_office_that_has_not_begun_never_begins(town):
    li = person("李强", town.wuyan)
    given = appoint(town.zhou, li.pk, office(town), since=TOMORROW, now=NOW)
    end_appointment(town.zhou, given.pk, on=TODAY, reason="不来了", now=NOW)
    given.refresh_from_db()
    assert (given.since, given.until) == (TOMORROW, TOMORROW)


def test_a_colleague_of_the_same_office_may_take_over_and_a_term_stays_a_term(town):
    leaves, stays, new = (person(name, town.wuyan) for name in ("李强", "赵敏", "钱进"))
    term = TODAY + timedelta(days=90)
    first = appoint(town.zhou, leaves.pk, office(town), since=YESTERDAY, until=term, now=NOW)
    other = appoint(town.zhou, stays.pk, office(town), since=YESTERDAY, now=NOW)
    done = end_appointment(town.zhou, first.pk, on=TODAY, reason="离职", successor_id=stays.pk, now=NOW)
    assert done.successor == other
    assert Appointment.objects.filter(person=stays).count() == 1
    second = appoint(town.zhou, leaves.pk, office(town), since=TODAY, until=term, now=NOW)
    done = end_appointment(town.zhou, second.pk, on=TOMORROW, reason="离职", successor_id=new.pk, now=NOW)
    assert (done.successor.since, done.successor.until) == (TOMORROW, term)


def test_a_place_taken_for_a_leave_is_not_given_away_for_good(town):
    li, zhao, qian = (person(name, town.wuyan) for name in ("李强", "赵敏", "钱进"))
    held = appoint(town.zhou, li.pk, office(town), since=YESTERDAY, now=NOW)
    leave = stand_in(town.zhou, held.pk, zhao.pk, since=TODAY, until=TODAY + timedelta(days=7), now=NOW)
    with pytest.raises(Invalid):
        end_appointment(town.zhou, leave.pk, on=TOMORROW, reason="病了", successor_id=qian.pk, now=NOW)
    end_appointment(town.zhou, leave.pk, on=TOMORROW, reason="病了", now=NOW)
    assert not Appointment.objects.filter(person=qian).exists()


def test_a_service_begun_by_mistake_is_ended_the_same_day(town):
    company = add(town, "property_company", "国瑞物业")
    begun = ops.start_service(town.zhou, company.pk, town.dongyuan.pk, "property", since=TODAY, now=NOW)
    ops.end_service(town.zhou, begun.pk, on=TODAY, now=NOW)
    begun.refresh_from_db()
    assert begun.until == TODAY
    ops.start_service(town.zhou, company.pk, town.dongyuan.pk, "property", since=TODAY, now=NOW)
