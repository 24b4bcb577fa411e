"""Working time: when a limit runs out, and how much of it is used.

Source: 民法典 (Civil Code) 201 — the day on which a period begins is not counted; 203 — a period whose last
day is a statutory rest day ends on the day after the rest, and where there are business hours the last day
ends when business stops. Units as in the city management standard GB/T 30428: 紧急工作时, 工作时, 工作日,
自然日.

One rule covers pauses of day units (补正, 中止): **a day counts when the clock runs at its close of office**.
A deadline in days therefore never falls into a pause, a pause within one day costs nothing, and a pause over
three closes of office moves the end by three days. A pause that begins exactly at the deadline comes too late
to move it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from zoneinfo import ZoneInfo

import chinese_calendar

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
MAX_AMOUNT = 10_000

Windows = tuple[tuple[time, time], ...]
Interval = tuple[datetime, datetime]


class Unit(StrEnum):
    """The unit in which a limit is counted; every limit stores its own."""

    URGENT_HOURS = "urgent_hours"
    """紧急工作时: hours that run day and night."""
    WORK_HOURS = "work_hours"
    """工作时: hours inside the office windows of working days."""
    WORK_DAYS = "work_days"
    """工作日: working days after the day of the start."""
    CALENDAR_DAYS = "calendar_days"
    """自然日: calendar days after the day of the start."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A time limit, such as five working days. `amount` is from 1 to 10,000; anything else raises
    ValueError."""

    amount: int
    unit: Unit

    def __post_init__(self) -> None:
        if not 1 <= self.amount <= MAX_AMOUNT:
            raise ValueError(f"limit out of range: {self.amount}")


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline in UTC. `provisional`: it leans on a year whose holidays are not yet published, and is to be
    shown so."""

    at: datetime
    provisional: bool


@lru_cache(maxsize=8192)
def _published_working_day(day: date) -> bool | None:
    """Whether the State Council's holiday notice makes `day` a working day; None where no notice is known."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@lru_cache(maxsize=8192)
def _office_intervals(day: date, windows: Windows, tz: str) -> tuple[Interval, ...]:
    zone = ZoneInfo(tz)
    return tuple(
        (
            datetime.combine(day, opens, zone).astimezone(UTC),
            datetime.combine(day, closes, zone).astimezone(UTC),
        )
        for opens, closes in windows
    )


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days are worked and at which hours.

    `overrides` are single days that an administrator decided (True: worked) and win over everything.
    `windows` are the office hours in local time, ordered and apart. `confirmed_years` are years whose
    published notice the administrator entered in full through `overrides` before the `chinesecalendar`
    package knew them: their other days are plain weekdays and weekends and no longer provisional.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict, hash=False)
    windows: Windows = ((time(8, 30), time(12, 0)), (time(14, 30), time(17, 30)))
    tz: str = "Asia/Shanghai"
    confirmed_years: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        edges = [edge for window in self.windows for edge in window]
        if not edges or any(edges[i] >= edges[i + 1] for i in range(len(edges) - 1)):
            raise ValueError("office windows must be given, ordered and apart")
        ZoneInfo(self.tz)
        object.__setattr__(self, "overrides", dict(self.overrides))

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`: the override, else the published notice, else Monday to Friday."""
        decided = self.overrides.get(day)
        if decided is None:
            decided = _published_working_day(day)
        return day.weekday() < 5 if decided is None else decided

    def is_provisional(self, day: date) -> bool:
        """Whether `is_working_day(day)` is only a guess, because nobody has published or entered that year
        yet."""
        return (
            day not in self.overrides and day.year not in self.confirmed_years and _published_working_day(day) is None
        )

    def local_date(self, at: datetime) -> date:
        """The local day of an aware instant."""
        return _aware(at).astimezone(ZoneInfo(self.tz)).date()

    def office_hours(self, day: date) -> tuple[Interval, ...]:
        """The office windows of `day` in UTC, whether or not it is worked."""
        return _office_intervals(day, self.windows, self.tz)

    def close_of_office(self, day: date) -> datetime:
        """The end of the last office window of `day`, in UTC."""
        return self.office_hours(day)[-1][1]


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("working time needs aware datetimes")
    return at


def _merged(pauses: Sequence[Interval]) -> list[Interval]:
    """The pauses in order, overlapping and touching ones joined, empty ones dropped."""
    merged: list[Interval] = []
    for begins, ends in sorted((_aware(b).astimezone(UTC), _aware(e).astimezone(UTC)) for b, e in pauses):
        if begins >= ends:
            continue
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], ends))
        else:
            merged.append((begins, ends))
    return merged


def _without(span: Interval, pauses: Sequence[Interval]) -> Iterator[Interval]:
    """The pieces of `span` in which no (merged) pause is in force."""
    begins, ends = span
    for pause_begins, pause_ends in pauses:
        if pause_ends <= begins:
            continue
        if pause_begins >= ends:
            break
        if begins < pause_begins:
            yield begins, pause_begins
        begins = max(begins, pause_ends)
    if begins < ends:
        yield begins, ends


def _days_from(day: date) -> Iterator[date]:
    while True:
        yield day
        day += _DAY


def due_at(start: datetime, limit: Limit, calendar: WorkCalendar) -> Due:
    """When `limit`, begun at `start`, runs out (民法典 201, 203).

    - URGENT_HOURS: plain elapsed time.
    - WORK_HOURS: that much time inside the office windows; a limit used up at a window's end is due there,
      not when the next opens.
    - WORK_DAYS: close of office of the n-th working day after the day of `start`.
    - CALENDAR_DAYS: the n-th day after the day of `start`, rolled forward over rest days, at close of office:
      we serve from offices with business hours, so 203's second sentence applies rather than midnight.

    Raises ValueError for a naive `start`.
    """
    return resume_due(start, limit, (), calendar)


def resume_due(start: datetime, limit: Limit, pauses: Sequence[Interval], calendar: WorkCalendar) -> Due:
    """`due_at` with a clock that stands still during `pauses` (from, until), such as while the resident is
    asked for information.

    For hours the paused time is not counted. For days see the rule at the head of this module. Pauses may
    overlap, come in any order and begin before `start`; empty ones count nothing. More pauses never make a
    deadline earlier. An open pause has no end yet: the caller gives the present moment, and asks again later.
    Raises ValueError for naive datetimes.
    """
    start = _aware(start).astimezone(UTC)
    standstills = _merged(pauses)
    match limit.unit:
        case Unit.URGENT_HOURS:
            return _urgent_due(start, limit.amount, standstills)
        case Unit.WORK_HOURS:
            return _work_hours_due(start, limit.amount, standstills, calendar)
        case Unit.WORK_DAYS:
            return _work_days_due(start, limit.amount, standstills, calendar)
        case Unit.CALENDAR_DAYS:
            return _calendar_days_due(start, limit.amount, standstills, calendar)


def _urgent_due(start: datetime, hours: int, pauses: Sequence[Interval]) -> Due:
    due = start + hours * _HOUR
    for begins, ends in pauses:
        if begins >= due:
            break
        due += max(ends - max(begins, start), timedelta(0))
    return Due(due, provisional=False)


def _work_hours_due(start: datetime, hours: int, pauses: Sequence[Interval], calendar: WorkCalendar) -> Due:
    left = hours * _HOUR
    provisional = False
    for day in _days_from(calendar.local_date(start)):
        provisional = provisional or calendar.is_provisional(day)
        if not calendar.is_working_day(day):
            continue
        for opens, closes in calendar.office_hours(day):
            for begins, ends in _without((max(opens, start), closes), pauses):
                if left <= ends - begins:
                    return Due(begins + left, provisional)
                left -= ends - begins
    raise AssertionError("days do not end")


def _runs_at_close(day: date, pauses: Sequence[Interval], calendar: WorkCalendar) -> bool:
    close = calendar.close_of_office(day)
    return not any(begins < close <= ends for begins, ends in pauses)


def _work_days_due(start: datetime, days: int, pauses: Sequence[Interval], calendar: WorkCalendar) -> Due:
    left = days
    provisional = False
    for day in _days_from(calendar.local_date(start) + _DAY):
        provisional = provisional or calendar.is_provisional(day)
        if calendar.is_working_day(day) and _runs_at_close(day, pauses, calendar):
            left -= 1
            if left == 0:
                return Due(calendar.close_of_office(day), provisional)
    raise AssertionError("days do not end")


def _calendar_days_due(start: datetime, days: int, pauses: Sequence[Interval], calendar: WorkCalendar) -> Due:
    left = days
    provisional = False
    for day in _days_from(calendar.local_date(start) + _DAY):
        if not _runs_at_close(day, pauses, calendar):
            continue
        left -= 1
        if left > 0:
            continue
        # Only the last day asks whether it is worked, so only it (and the days it rolls over) can be a guess.
        provisional = provisional or calendar.is_provisional(day)
        if calendar.is_working_day(day):
            return Due(calendar.close_of_office(day), provisional)
    raise AssertionError("days do not end")


def elapsed(start: datetime, end: datetime, unit: Unit, calendar: WorkCalendar) -> Fraction:
    """How much of `unit` lies between `start` and `end`; 0 where `end` is not after `start`.

    Hours are exact fractions. Days are whole: the counted days after the day of `start`, up to and including
    the day of `end`. At the deadline of n hours or n working days exactly n have elapsed (of calendar days at
    least n, because of rolling). Raises ValueError for naive datetimes.
    """
    start, end = _aware(start).astimezone(UTC), _aware(end).astimezone(UTC)
    if end <= start:
        return Fraction(0)
    if unit is Unit.URGENT_HOURS:
        return _hours(end - start)
    first, last = calendar.local_date(start), calendar.local_date(end)
    if unit is Unit.CALENDAR_DAYS:
        return Fraction((last - first).days)
    following = (first + timedelta(days=n) for n in range(1, (last - first).days + 1))
    if unit is Unit.WORK_DAYS:
        return Fraction(sum(calendar.is_working_day(day) for day in following))
    worked = timedelta(0)
    for day in (first, *following):
        if calendar.is_working_day(day):
            for opens, closes in calendar.office_hours(day):
                worked += max(min(closes, end) - max(opens, start), timedelta(0))
    return _hours(worked)


def _hours(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), _HOUR // timedelta(microseconds=1))
