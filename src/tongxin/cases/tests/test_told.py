"""Who is told when what they had is theirs no longer, or when their own time has run out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import Case
from tongxin.cases.operations import desk, due, gather, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.notifications.models import Notice
from tongxin.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def told(who: Person, words: str) -> bool:
    return Notice.objects.filter(person_id=who.pk, message__startswith=words).exists()


def together(s: Scene, category: str = "parking") -> Case:
    """国瑞物业 leads, 城管 helps."""
    case = submit_case(s.actor(s.zhang), s.report("私装地锁", category=category), MONDAY)
    lead = s.place.company.pk
    reason = {"reason": "一起办"} if case.lead_id else {}
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=lead, co_handlers=[(s.bureau.pk, "到场")], **reason)
    return case


def test_who_had_it_before_is_told_that_it_was_given_to_somebody_else(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.bureau.pk, reason="属城管")
    assert told(s.li, "Given to somebody else")
    assert not told(s.officer, "Given to somebody else")


def test_lead_and_co_handlers_are_told_when_it_is_gathered(s: Scene) -> None:
    case = together(s)
    report = s.report("几处一样", category="parking", area_id=s.place.community.pk, channel="desk")
    gather.make_common_matter(s.actor(s.wu), report, [case.pk], MONDAY)
    assert told(s.li, "Dealt with in a common matter")
    assert told(s.officer, "Dealt with in a common matter")


def test_a_co_handler_is_told_when_their_part_is_let_go(s: Scene) -> None:
    case = together(s)
    desk.waive_co_handler(s.actor(s.wu), case.pk, MONDAY, organisation=s.bureau.pk, reason="物业自己拆了")
    assert told(s.officer, "Your part is not needed")


def test_a_co_handler_is_told_when_it_is_withdrawn(s: Scene) -> None:
    case = together(s)
    resident.withdraw_case(s.actor(s.zhang), case.pk, MONDAY)
    assert told(s.officer, "Withdrawn by the reporter")
    assert told(s.li, "Withdrawn by the reporter")


def test_a_co_handler_is_told_when_it_is_not_solved(s: Scene) -> None:
    case = together(s)
    work.answer_sub_task(s.actor(s.officer), case.pk, MONDAY, organisation=s.bureau.pk, text="到了")
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="拆了")
    desk.verify_answer(s.actor(s.wu), case.pk, MONDAY)
    resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY, reason="又装了")
    assert told(s.officer, "Not solved yet")


def test_whose_time_has_run_out_is_told_once_and_so_is_the_level_above(s: Scene) -> None:
    late = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    waiting = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    for day in range(1, 6):
        due.run_due_clocks(MONDAY + timedelta(days=day))
    ran_out = Notice.objects.filter(message__startswith="The time has run out")
    assert ran_out.filter(person_id=s.li.pk, subject_id=late.pk).exists()
    assert ran_out.filter(person_id=s.wu.pk, subject_id=waiting.pk).count() == 1
    assert told(s.street, "Escalated to you")


def test_one_clock_that_cannot_be_handled_stops_no_other(s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = submit_case(s.actor(s.chen), s.report(category="parking"), MONDAY)
    fine = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    real = due._ran_out

    def fails(opened: object, row: object) -> None:
        if opened.case.pk == broken.pk:  # type: ignore[attr-defined]
            raise RuntimeError("a row that nobody foresaw")
        real(opened, row)  # type: ignore[arg-type]

    monkeypatch.setattr(due, "_ran_out", fails)
    later = MONDAY + timedelta(days=2)
    due.run_due_clocks(later)
    due.run_due_clocks(later)
    for case in (broken, fine):
        case.refresh_from_db()
    assert (broken.raised, fine.raised) == (0, 1)
    assert not broken.clocks.filter(next_at__lte=later).exists(), "put off"
