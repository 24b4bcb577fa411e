"""What the ticker does with clocks at their edges: at the very deadline, after a reclassification."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations import desk, gather
from tongxin.cases.operations.due import run_due_clocks
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def clock(case: Case, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=case, kind=kind, stopped_at=None)


def test_a_clock_is_acted_upon_at_the_very_moment_of_its_deadline(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    accept = clock(case, "accept")
    run_due_clocks(accept.warn_at)
    run_due_clocks(accept.due_at)
    accept.refresh_from_db()
    assert accept.overdue_at == accept.due_at and accept.next_at is not None
    case.refresh_from_db()
    assert case.raised == 1


def test_an_overdue_case_that_gets_more_time_runs_out_again(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking", urgency="urgent"), MONDAY)
    Case.objects.filter(pk=case.pk).update(urgency="urgent")
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    late = MONDAY + timedelta(days=2)
    run_due_clocks(late)
    assert clock(case, "resolve").overdue_at is not None
    desk.reclassify_case(s.actor(s.street), case.pk, late, urgency="complex")  # it was raised: the street decides
    again = clock(case, "resolve")
    assert again.overdue_at is None and again.due_at > late and again.next_at == again.warn_at
    run_due_clocks(again.due_at)
    again.refresh_from_db()
    assert again.overdue_at == again.due_at


def test_gathering_gains_no_time_and_separating_goes_on_by_the_old_clock(s: Scene) -> None:
    old = submit_case(s.actor(s.zhang), s.report("没有路灯", category="parking"), MONDAY)
    desk.accept_case(s.actor(s.wu), old.pk, MONDAY)
    due = clock(old, "resolve").due_at
    late = MONDAY + timedelta(days=7)
    report = s.report("五处没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [old.pk], late)
    assert clock(common, "resolve").due_at == due
    common.refresh_from_db()
    assert common.due_at == due, "it stands in the queue as late as it is"
    gather.separate_case(s.actor(s.wu), old.pk, late, reason="不是一回事")
    assert clock(old, "resolve").due_at == due
    old.refresh_from_db()
    assert old.due_at == due
