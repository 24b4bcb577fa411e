"""Complaints: against whom they may go, that staff can note it, and that nothing takes their protection away."""

from __future__ import annotations

import pytest

from tests.cast import START
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, gather, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.detail import detail
from tongxin.cases.rules import Incomplete, State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def parked(s: Scene, **more: object) -> Case:
    return submit_case(s.actor(s.zhang), s.report("停车乱，张秀英", category="parking", **more), MONDAY)


def common_of(s: Scene, *cases: Case) -> Case:
    report = s.report("停车乱，几处一样", category="parking", area_id=s.place.community.pk, channel="desk")
    return gather.make_common_matter(s.actor(s.street), report, [case.pk for case in cases], MONDAY)


# What is gathered keeps its protection.


def test_a_common_matter_is_about_whomever_any_of_the_gathered_complains_of(s: Scene) -> None:
    against, hidden = parked(s, complained_of=(s.place.company.pk,)), parked(s, hidden=True)
    for case in (against, hidden):
        desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    common = common_of(s, against, hidden)
    common.refresh_from_db()
    assert common.complained_of == [str(s.place.company.pk)]
    assert common.reporter_hidden
    with pytest.raises(Incomplete, match="cannot handle the case alone"):
        desk.dispatch_case(s.actor(s.wu), common.pk, MONDAY, lead=s.place.company.pk)
    gather.separate_case(s.actor(s.street), against.pk, MONDAY, reason="另有原因")
    for case in (against, common):
        case.refresh_from_db()
        assert case.complained_of == [str(s.place.company.pk)], "it stays about them on both sides"


def test_a_complaint_is_not_gathered_into_what_its_target_leads_alone(s: Scene) -> None:
    plain, against = parked(s), parked(s, complained_of=(s.place.company.pk,))
    for case in (plain, against):
        desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    common = common_of(s, plain)
    desk.dispatch_case(s.actor(s.wu), common.pk, MONDAY, lead=s.place.company.pk)
    with pytest.raises(Incomplete, match="cannot handle the case alone"):
        gather.gather_cases(s.actor(s.wu), common.pk, [against.pk], MONDAY)
    against.refresh_from_db()
    assert against.state == State.ACCEPTED


def test_the_office_complained_of_loses_the_common_matter_as_well(s: Scene) -> None:
    against = parked(s, complained_of=(s.place.office.pk,))
    desk.accept_case(s.actor(s.street), against.pk, MONDAY)
    common = common_of(s, against)
    with pytest.raises(NotFound):
        detail(s.actor(s.wu), common.number, MONDAY)
    desk.dispatch_case(s.actor(s.street), common.pk, MONDAY, lead=s.bureau.pk)


# Against whom it may go.


def test_only_bodies_in_charge_of_the_place_can_be_complained_of(s: Scene) -> None:
    far = Organisation.objects.create(kind="property_company", name="远方物业", area=s.place.county, since=START)
    for about in ((far.pk,), tuple(Organisation.objects.values_list("pk", flat=True))):
        with pytest.raises(Invalid) as told:
            parked(s, complained_of=about)
        assert told.value.field == "complained_of"
    assert Case.objects.count() == 0


def test_a_complaint_never_leaves_all_desks_out(s: Scene) -> None:
    Appointment.objects.filter(role="street_officer").delete()
    with pytest.raises(Invalid, match="No desk would be left"):
        parked(s, complained_of=(s.place.office.pk,))


# Staff can note it.


def test_the_desk_notes_whom_it_is_about_and_they_lose_sight_of_the_reporter(s: Scene) -> None:
    case = parked(s)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk, co_handlers=[(s.bureau.pk, "同去")])
    assert "张秀英" in str(detail(s.actor(s.li), case.number, MONDAY).concerned)
    desk.reclassify_case(s.actor(s.wu), case.pk, MONDAY, about=[s.place.company.pk], note="电话里说的是物业")
    shown = detail(s.actor(s.li), case.number, MONDAY)
    assert "张秀英" not in str((shown.concerned, shown.lines, shown.text))
    work.answer_sub_task(s.actor(s.officer), case.pk, MONDAY, organisation=s.bureau.pk, text="看过了")
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    answered = work.answer_case(s.actor(s.li), case.pk, MONDAY, text="改了")
    assert answered.state == State.ANSWERED, "their answer is always verified"


def test_a_lead_alone_is_not_made_the_body_complained_of_before_it_is_given_elsewhere(s: Scene) -> None:
    case = parked(s)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    with pytest.raises(Incomplete, match="cannot handle the case alone"):
        desk.reclassify_case(s.actor(s.wu), case.pk, MONDAY, about=[s.place.company.pk])


def test_noted_about_the_office_itself_the_case_goes_to_the_street(s: Scene) -> None:
    case = parked(s)
    desk.reclassify_case(s.actor(s.wu), case.pk, MONDAY, about=[s.place.office.pk])
    assert Notice.objects.filter(person_id=s.street.pk, message__startswith="A complaint about the desk").exists()
    with pytest.raises(DomainError):
        desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    desk.accept_case(s.actor(s.street), case.pk, MONDAY)


def test_what_the_resident_complained_of_is_taken_back_by_the_level_above_alone(s: Scene) -> None:
    case = parked(s, complained_of=(s.place.company.pk,))
    with pytest.raises(NotAllowed, match="level above"):
        desk.reclassify_case(s.actor(s.wu), case.pk, MONDAY, about=[])
    desk.reclassify_case(s.actor(s.street), case.pk, MONDAY, about=[], note="说错了公司")
    case.refresh_from_db()
    assert case.complained_of == []
