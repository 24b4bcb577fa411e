"""Reads of places and of the calendar."""

from __future__ import annotations

import time
from datetime import date, datetime

from tongxin.kernel.worktime import WorkCalendar
from tongxin.places.models import CalendarDay

_CALENDAR_SECONDS = 60
_calendar: tuple[float, WorkCalendar] | None = None


def work_calendar(now: datetime) -> WorkCalendar:
    """The working-day calendar with the overrides in force; read anew at most once a minute."""
    global _calendar
    if _calendar is None or time.monotonic() - _calendar[0] > _CALENDAR_SECONDS:
        rows: list[tuple[date, bool]] = list(CalendarDay.objects.values_list("day", "working"))
        _calendar = (time.monotonic(), WorkCalendar(overrides=dict(rows)))
    return _calendar[1]


def forget_calendar() -> None:
    """Read the calendar anew at the next call: after it was changed, and between tests."""
    global _calendar
    _calendar = None
