"""Deadlines follow the calendar: when holidays are published or a day is decided, running clocks are counted anew.

Each case is a step of its own, under its lock and on the record; what does not move is not touched, so doing it twice
changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.cases import rules_clocks
from tongxin.cases.models import CaseClock
from tongxin.cases.operations import clocks
from tongxin.cases.operations.base import SUBJECT, open_case
from tongxin.cases.queries.facts import policy_of
from tongxin.cases.rules_clocks import Clock
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import SHANGHAI
from tongxin.places.queries import work_calendar
from tongxin.record.operations import append_entry

CHUNK = 500
_LIVE = Q(stopped_at=None)
_ROLLS = timedelta(days=12)  # the longest holiday over which an end may roll


def recount_provisional(now: datetime) -> int:
    """Count clocks with a provisional deadline by the calendar as it is known now; how many changed. For the ticker."""
    return _recount(Q(provisional=True), now)


def recount_around(day: date, now: datetime) -> int:
    """Count the running clocks to which a decided day may matter; how many changed."""
    noon = datetime.combine(day, time(12), SHANGHAI)
    near = Q(next_at__isnull=False, started_at__lte=noon + timedelta(days=1), due_at__gte=noon - _ROLLS)
    return _recount(near, now)


def _recount(where: Q, now: datetime) -> int:
    changed, last = 0, UUID(int=0)
    while True:
        rows = list(
            CaseClock.objects.filter(_LIVE & where, id__gt=last).select_related("case__category").order_by("id")[:CHUNK]
        )
        for row in rows:
            if _moved(row, now) != clocks.to_rule(row):
                changed += _recount_one(row, now)
        if len(rows) < CHUNK:
            return changed
        last = rows[-1].pk


def _moved(row: CaseClock, now: datetime) -> Clock:
    return rules_clocks.by_calendar(clocks.to_rule(row), now, policy_of(row.case), work_calendar(now))


@transaction.atomic
def _recount_one(row: CaseClock, now: datetime) -> int:
    """Look at the clock again under its case's lock, and write what has moved."""
    opened = open_case(SYSTEM, row.case_id, now)
    live = CaseClock.objects.filter(_LIVE, pk=row.pk).select_related("case__category").first()
    if live is None:
        return 0
    moved = _moved(live, now)
    if moved == clocks.to_rule(live):
        return 0
    clocks.put(live, moved, opened.case, now)
    every = CaseClock.objects.filter(_LIVE, case=opened.case)
    clocks.set_due(opened.case, [clocks.to_rule(one) for one in every])
    opened.save()
    append_entry(
        actor=SYSTEM,
        verb="case.recounted",
        subject=(SUBJECT, opened.case.id),
        area_path=opened.case.area_path,
        now=now,
        data={"clock": live.kind, "due": moved.due_at.isoformat(), "provisional": moved.provisional},
    )
    return 1
