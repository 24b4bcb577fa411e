"""The notice of next year's holidays comes: deadlines that were provisional are counted anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache

from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations import desk
from tongxin.cases.operations.recount import recount_provisional
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.journeys import calendar
from tongxin.kernel.actor import SYSTEM
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
LATE = datetime(2031, 4, 28, 2, 0, tzinfo=UTC)  # a Monday of a year of which no notice is published


@pytest.fixture
def s() -> Iterator[Scene]:
    cache.clear()
    yield scene()
    cache.clear()


def accepted(s: Scene) -> Case:
    case = submit_case(s.actor(s.zhang, LATE), s.report(category="parking"), LATE)
    desk.accept_case(s.actor(s.wu, LATE), case.pk, LATE)
    return case


def resolve(case: Case) -> CaseClock:
    return CaseClock.objects.get(case=case, kind="resolve", stopped_at=None)


def test_a_decided_rest_day_moves_the_deadline_and_the_queue_with_it(s: Scene) -> None:
    case = accepted(s)
    before = resolve(case)
    assert before.provisional and before.due_at.date() == date(2031, 5, 1)
    moved = calendar.set_day(SYSTEM, date(2031, 5, 1), False, LATE, note="劳动节")
    after = resolve(case)
    assert moved >= 1 and after.due_at == before.due_at + timedelta(days=1)
    case.refresh_from_db()
    assert case.due_at == min(CaseClock.objects.filter(case=case, stopped_at=None).values_list("due_at", flat=True))
    assert Entry.objects.filter(verb="case.recounted", subject_id=case.pk).exists()
    assert recount_provisional(LATE) == 0, "doing it twice changes nothing"


def test_a_year_that_is_entered_in_full_is_provisional_no_longer(s: Scene) -> None:
    case = accepted(s)
    due = resolve(case).due_at
    calendar.confirm_year(SYSTEM, 2031, True, LATE)
    after = resolve(case)
    assert (after.provisional, after.due_at) == (False, due)
    case.refresh_from_db()
    assert not case.due_provisional
