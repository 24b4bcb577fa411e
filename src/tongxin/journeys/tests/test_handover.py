"""李师傅 leaves the company, or goes on leave: what he has in hand does not stay behind."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.cast import officer
from tongxin.cases.models import Assignment, Case, CaseClock, Update
from tongxin.cases.operations import work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.handling import tasks
from tongxin.cases.rules import HeldByAnother, State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.journeys import handover
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import DomainError, NotAllowed
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment, Person
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 16)


@pytest.fixture
def s() -> Scene:
    return scene()


def office_of(who: Person) -> Appointment:
    return Appointment.objects.get(person=who)


def in_hand(s: Scene, texts: tuple[str, ...] = ("3号楼2单元楼道灯不亮", "4号楼门口路灯不亮")) -> list[Case]:
    """Cases that 李师傅 has begun to work on."""
    cases = [submit_case(s.actor(s.zhang), s.report(text), MONDAY) for text in texts]
    for case in cases:
        work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    return cases


def end(s: Scene, who: Person, on: date = TODAY, successor: Person | None = None) -> None:
    handover.end_office(
        SYSTEM,
        office_of(who).pk,
        on=on,
        reason="离职",
        now=MONDAY,
        successor_id=successor.pk if successor else None,
    )


def test_the_successor_has_all_of_it_and_is_told_once(s: Scene) -> None:
    cases = in_hand(s)
    clocks = set(CaseClock.objects.filter(stopped_at=None).values_list("case_id", "kind", "due_at"))
    new = officer("陈师傅", "volunteer", s.place.company, s.place.other_community)
    Notice.objects.all().delete()
    end(s, s.li, successor=new)

    for case in cases:
        case.refresh_from_db()
        assert (case.state, case.holder_id, case.holder_name) == (State.IN_PROGRESS, new.pk, "陈师傅")
        assert case.lead_id == s.place.company.pk
    assert set(CaseClock.objects.filter(stopped_at=None).values_list("case_id", "kind", "due_at")) == clocks
    told = Notice.objects.get(person_id=new.pk)
    assert told.params == {"count": 2, "who": "李师傅"}
    assert Entry.objects.filter(verb="case.hand_over").count() == 2
    with pytest.raises(DomainError):
        work.answer_case(s.actor(s.li), cases[0].pk, MONDAY, text="换好了")
    work.answer_case(s.actor(new), cases[0].pk, MONDAY, text="换好了")


def test_without_a_successor_the_company_has_it_and_a_colleague_goes_on(s: Scene) -> None:
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    Notice.objects.all().delete()
    end(s, s.li)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.DISPATCHED, None)
    assert Assignment.objects.get(case=case).person_id is None
    assert Notice.objects.get(person_id=s.qian.pk).params["count"] == 1
    assert [row.number for row in tasks(s.actor(s.qian), "waiting")[0]] == [case.number]
    work.claim_case(s.actor(s.qian), case.pk, MONDAY)
    work.answer_case(s.actor(s.qian), case.pk, MONDAY, text="换好了")


def test_what_nobody_took_yet_is_still_to_be_taken_by_the_successor(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    Assignment.objects.filter(case=case).update(person=s.li)
    end(s, s.li, successor=s.chen)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.DISPATCHED, None)
    work.claim_case(s.actor(s.chen), case.pk, MONDAY)
    case.refresh_from_db()
    assert case.holder_id == s.chen.pk


def test_a_colleague_in_the_same_office_takes_over_what_is_in_hand(s: Scene) -> None:
    """The usual case: of two who handle for the company one leaves, and the other one goes on with all of it."""
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    mine = office_of(s.li)
    Appointment.objects.create(
        person=s.wu, organisation=mine.organisation, role=mine.role, area=mine.area, since=TODAY - timedelta(days=9)
    )
    end(s, s.li, successor=s.wu)
    case.refresh_from_db()
    assert case.holder_id == s.wu.pk
    assert Appointment.objects.filter(person=s.wu, role=mine.role).count() == 1


def test_an_office_that_ends_later_is_handed_over_by_the_ticker_on_that_day(s: Scene) -> None:
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    end(s, s.li, on=TODAY + timedelta(days=2), successor=s.chen)
    assert handover.run_due(MONDAY + timedelta(days=1)) == 0
    assert handover.run_due(MONDAY + timedelta(days=2)) == 1
    assert handover.run_due(MONDAY + timedelta(days=2)) == 0
    case.refresh_from_db()
    assert case.holder_id == s.chen.pk


def test_who_still_handles_for_the_company_keeps_what_lies_there(s: Scene) -> None:
    Appointment.objects.create(
        person=s.li, organisation=s.place.company, role="company_manager", area=s.place.estate, since=TODAY
    )
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    handover.end_office(
        SYSTEM, Appointment.objects.get(person=s.li, role="handler").pk, on=TODAY, reason="调岗", now=MONDAY
    )
    case.refresh_from_db()
    assert case.holder_id == s.li.pk


def test_many_matters_pass_in_batches_and_none_is_left(s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    from tongxin.cases.operations import handover as step

    cases = in_hand(s, ("一号楼灯不亮", "二号楼灯不亮", "三号楼灯不亮"))
    original = step.hand_over_office
    monkeypatch.setattr(handover, "hand_over_office", lambda *a: original(*a, limit=2))
    end(s, s.li, successor=s.chen)
    assert Case.objects.filter(holder=s.chen).count() == 2
    assert handover.run_due(MONDAY) == 1
    assert Case.objects.filter(holder=s.chen).count() == len(cases)


def test_nobody_passes_cases_on_by_hand(s: Scene) -> None:
    from tongxin.cases.operations.handover import hand_over_office
    from tongxin.people.queries.offices import ended_office

    end(s, s.li)
    ended = ended_office(Appointment.objects.get(person=s.li).pk, MONDAY)
    assert ended is not None
    with pytest.raises(NotAllowed):
        hand_over_office(s.actor(s.qian), ended, MONDAY)


def test_a_refused_end_hands_nothing_over(s: Scene) -> None:
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    with pytest.raises(DomainError):
        handover.end_office(s.actor(s.wu), office_of(s.li).pk, on=TODAY, reason="离职", now=MONDAY)
    case.refresh_from_db()
    assert case.holder_id == s.li.pk


def test_during_a_leave_the_stand_in_sees_and_goes_on_with_what_is_held(s: Scene) -> None:
    [case] = in_hand(s, ("3号楼2单元楼道灯不亮",))
    with pytest.raises(HeldByAnother):
        work.answer_case(s.actor(s.qian), case.pk, MONDAY, text="换好了")
    Notice.objects.all().delete()
    handover.name_stand_in(
        SYSTEM, office_of(s.li).pk, s.chen.pk, since=TODAY, until=TODAY + timedelta(days=7), now=MONDAY
    )
    assert "李师傅" in Notice.objects.get(person_id=s.chen.pk).params["who"]
    chen = s.actor(s.chen)
    assert [row.number for row in tasks(chen, "mine")[0]] == [case.number]
    work.answer_case(chen, case.pk, MONDAY, text="换好了")
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.AWAITING, s.li.pk), "it stays with who is on leave"
    assert Update.objects.get(case=case, verb="answer").actor_name == "陈建国"
    assert Entry.objects.get(verb="case.answer").data["stands_in_for"] == str(s.li.pk)


def test_back_from_leave_one_has_what_the_stand_in_took(s: Scene) -> None:
    handover.name_stand_in(
        SYSTEM, office_of(s.li).pk, s.chen.pk, since=TODAY, until=TODAY + timedelta(days=2), now=MONDAY
    )
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.chen), case.pk, MONDAY, start=True)
    back = MONDAY + timedelta(days=2)
    assert handover.run_due(back) == 1
    case.refresh_from_db()
    assert case.holder_id == s.li.pk
    with pytest.raises(DomainError):
        work.answer_case(s.actor(s.chen, back), case.pk, back, text="换好了")
    work.answer_case(s.actor(s.li, back), case.pk, back, text="换好了")
