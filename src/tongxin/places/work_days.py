"""The installation's calendar of working days: published notices, single days decided here, confirmed years."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from tongxin.kernel.worktime import WorkCalendar
from tongxin.places import rules
from tongxin.places.models import CalendarDay, ConfirmedYear
from tongxin.record.kept import kept


def work_calendar(now: datetime) -> WorkCalendar:
    """The calendar for deadlines, with the overrides from the year before ``now`` on.

    Kept: every step of every case asks for it, and a notice changes it twice a year.
    """
    return _calendar(rules.local_day(now).year - 1)


@kept(CalendarDay, ConfirmedYear, most=20)
def _calendar(first_year: int) -> WorkCalendar:
    days = dict(CalendarDay.objects.filter(day__gte=date(first_year, 1, 1)).values_list("day", "working"))
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
