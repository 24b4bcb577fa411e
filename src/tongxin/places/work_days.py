"""The installation's calendar of working days: published notices, single days decided here, confirmed years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.core.cache import cache

from tongxin.kernel.worktime import WorkCalendar
from tongxin.places import rules
from tongxin.places.models import CalendarDay, ConfirmedYear

_CACHE_KEY = "places.work_calendar"
_CACHE_SECONDS = 30


def work_calendar(now: datetime) -> WorkCalendar:
    """The calendar for deadlines, with the overrides from the year before ``now`` on.

    Kept for half a minute in each process: every step of every case asks for it, and a notice changes it twice a year.
    """
    first = date(rules.local_day(now).year - 1, 1, 1)
    kept = cache.get(_CACHE_KEY)
    if kept is None or kept[0] != first:
        kept = (first, _read(first))
        cache.set(_CACHE_KEY, kept, _CACHE_SECONDS)
    calendar: WorkCalendar = kept[1]
    return calendar


def forget_calendar() -> None:
    """Read the calendar anew at the next call, because it was changed."""
    cache.delete(_CACHE_KEY)


def _read(first: date) -> WorkCalendar:
    days = dict(CalendarDay.objects.filter(day__gte=first).values_list("day", "working"))
    years = frozenset(ConfirmedYear.objects.values_list("year", flat=True))
    return WorkCalendar(overrides=days, confirmed_years=years)


def decided_days(year: int) -> Sequence[CalendarDay]:
    """The days of a year that were decided here."""
    return list(CalendarDay.objects.filter(day__year=year))


def confirmed_years() -> frozenset[int]:
    """Years whose notice was entered in full."""
    return frozenset(ConfirmedYear.objects.values_list("year", flat=True))


def provisional_years(now: datetime) -> list[int]:
    """This year and the next, as far as deadlines in them would be provisional: the warning on the desk."""
    calendar = work_calendar(now)
    this = rules.local_day(now).year
    return [year for year in (this, this + 1) if calendar.is_provisional(date(year, 12, 28))]
