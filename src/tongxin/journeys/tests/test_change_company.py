"""国瑞物业 leaves 国瑞中央花园 and 安居物业 comes: 张阿姨's light is still to be mended, by the same day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import START, officer
from tongxin.cases.models import Assignment, Case, CaseClock, Update
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.handling import tasks
from tongxin.cases.rules import State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.journeys import change_company
from tongxin.kernel.errors import NotAllowed
from tongxin.notifications.models import Notice
from tongxin.people.models import Organisation, Person

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 16)


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def new(s: Scene) -> Organisation:
    return Organisation.objects.create(kind="property_company", name="安居物业", area=s.place.community, since=START)


@pytest.fixture
def sun(s: Scene, new: Organisation) -> Person:
    return officer("孙师傅", "handler", new, s.place.estate)


def change(s: Scene, new: Organisation, on: date = TODAY) -> None:
    change_company.change_company(s.actor(s.zhou), s.place.estate.pk, new.pk, on=on, now=MONDAY)


def test_open_matters_go_on_with_the_new_company(s: Scene, new: Organisation, sun: Person) -> None:
    taken = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), taken.pk, MONDAY, start=True)
    waiting = submit_case(s.actor(s.chen), s.report("4号楼门口路灯不亮"), MONDAY)
    clocks = set(CaseClock.objects.filter(stopped_at=None).values_list("case_id", "kind", "due_at"))
    Notice.objects.all().delete()
    change(s, new)

    now_running = set(CaseClock.objects.filter(stopped_at=None).values_list("case_id", "kind", "due_at"))
    assert clocks <= now_running, "no clock of the case begins anew"
    assert {(key, kind) for key, kind, _ in now_running - clocks} == {(taken.pk, "claim")}, "somebody must take it"
    for case in (taken, waiting):
        case.refresh_from_db()
        assert (case.state, case.lead_id, case.holder_id) == (State.DISPATCHED, new.pk, None)
        assert Assignment.objects.get(case=case).state == "waiting"
        assert Update.objects.filter(case=case, verb="hand_over", data__lead=str(new.pk)).count() == 1
    assert Notice.objects.get(person_id=s.zhang.pk).params["who"] == "安居物业"
    assert Notice.objects.get(person_id=sun.pk).params["count"] == 2
    assert not Notice.objects.filter(person_id=s.li.pk).exists()
    assert {row.number for row in tasks(s.actor(sun), "waiting")[0]} == {taken.number, waiting.number}
    work.claim_case(s.actor(sun), taken.pk, MONDAY)
    work.answer_case(s.actor(sun), taken.pk, MONDAY, text="换好了")


def test_a_sub_task_goes_on_with_the_new_company_by_the_same_clock(s: Scene, new: Organisation, sun: Person) -> None:
    case = submit_case(s.actor(s.zhang), s.report("私装地锁", category="parking"), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "开门")])
    work.claim_case(s.actor(s.officer), case.pk, MONDAY)
    before = CaseClock.objects.get(case=case, kind="co_task", stopped_at=None)
    change(s, new)
    after = CaseClock.objects.get(case=case, kind="co_task", stopped_at=None)
    assert (after.pk, after.subject, after.due_at) == (before.pk, new.pk, before.due_at)
    case.refresh_from_db()
    assert (case.state, case.lead_id, case.holder_id) == (State.CLAIMED, s.bureau.pk, s.officer.pk)
    work.answer_sub_task(s.actor(sun), case.pk, MONDAY, organisation=new.pk, text="门开了")
    assert Notice.objects.get(person_id=sun.pk).params["count"] == 1


def test_on_a_later_day_the_ticker_does_it_once(s: Scene, new: Organisation, sun: Person) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    change(s, new, on=TODAY + timedelta(days=3))
    assert change_company.run_due(MONDAY) == 0
    day = MONDAY + timedelta(days=3)
    assert (change_company.run_due(day), change_company.run_due(day)) == (1, 0)
    case.refresh_from_db()
    assert case.lead_id == new.pk


def test_what_the_new_company_cannot_have_is_put_before_the_desk_once(s: Scene, new: Organisation) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    Case.objects.filter(pk=case.pk).update(complained_of=[str(new.pk)])  # she spoke of them before they came
    Notice.objects.all().delete()
    change(s, new)
    assert change_company.run_due(MONDAY) == 0
    case.refresh_from_db()
    assert case.lead_id == s.place.company.pk
    told = Notice.objects.get(person_id=s.wu.pk)
    assert told.link == f"/desk/cases/{case.number}/"


def test_elsewhere_the_old_company_goes_on(s: Scene, new: Organisation) -> None:
    other = submit_case(s.actor(s.zhang), s.report(area_id=s.place.community.pk), MONDAY)
    Case.objects.filter(pk=other.pk).update(lead=s.place.company)
    change(s, new)
    other.refresh_from_db()
    assert other.lead_id == s.place.company.pk


def test_who_may_not_change_it_carries_nothing(s: Scene, new: Organisation) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    with pytest.raises(NotAllowed):
        change_company.change_company(s.actor(s.wu), s.place.estate.pk, new.pk, on=TODAY, now=MONDAY)
    case.refresh_from_db()
    assert case.lead_id == s.place.company.pk
