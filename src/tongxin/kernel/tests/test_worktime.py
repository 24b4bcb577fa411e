"""Limits on the real Chinese calendar, and against a second, naive reckoning that steps through time."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from time import perf_counter
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongxin.kernel.worktime import Due, Limit, Unit, WorkCalendar, due_at, elapsed, resume_due

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar()
HOUR_UNITS = (Unit.URGENT_HOURS, Unit.WORK_HOURS)


def at(text: str) -> datetime:
    """A moment in China, `2026-11-20 17:29`."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def due(start: str, amount: int, unit: Unit, *pauses: tuple[str, str], calendar: WorkCalendar = CALENDAR) -> str:
    standstills = [(at(begins), at(ends)) for begins, ends in pauses]
    result = resume_due(at(start), Limit(amount, unit), standstills, calendar)
    return result.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


# --- the calendar ------------------------------------------------------------


def test_the_installed_calendar_knows_2026():
    assert chinese_calendar.is_workday(date(2026, 2, 14))
    assert not CALENDAR.is_provisional(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday made up for Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 23), False),  # a Monday, last day of Spring Festival
        (date(2026, 2, 24), True),
        (date(2026, 2, 28), True),  # a Saturday made up
        (date(2026, 9, 20), True),  # a Sunday made up for National Day
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # a Saturday made up
        (date(2026, 11, 22), False),  # an ordinary Sunday
    ],
)
def test_holidays_and_make_up_days_of_2026(day: date, worked: bool):
    assert CALENDAR.is_working_day(day) is worked


def test_an_unpublished_year_is_weekends_only_and_says_so():
    calendar = WorkCalendar(overrides={date(2099, 1, 1): False})
    assert calendar.is_working_day(date(2099, 1, 2))  # a Friday
    assert not calendar.is_working_day(date(2099, 1, 3))
    assert calendar.is_provisional(date(2099, 1, 2))
    assert not calendar.is_provisional(date(2099, 1, 1))
    assert not calendar.is_working_day(date(2099, 1, 1))


def test_a_year_that_an_administrator_entered_is_provisional_no_more():
    calendar = WorkCalendar(overrides={date(2099, 1, 1): False}, confirmed_years=frozenset({2099}))
    assert not calendar.is_provisional(date(2099, 1, 2))
    assert calendar.is_provisional(date(2098, 12, 31))


def test_an_override_wins_over_the_published_calendar():
    calendar = WorkCalendar(overrides={date(2026, 11, 23): False, date(2026, 11, 22): True})
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert calendar.is_working_day(date(2026, 11, 22))
    assert due("2026-11-20 10:00", 1, Unit.WORK_DAYS, calendar=calendar) == "2026-11-22 17:30"


def test_a_calendar_does_not_change_with_the_mapping_it_came_from():
    days = {date(2026, 11, 23): False}
    calendar = WorkCalendar(overrides=days)
    days.clear()
    assert not calendar.is_working_day(date(2026, 11, 23))
    assert hash(calendar) == hash(WorkCalendar(overrides={date(2026, 11, 23): False}))


@pytest.mark.parametrize(
    "windows",
    [(), ((time(12), time(8)),), ((time(8), time(12)), (time(11), time(17))), ((time(8), time(8)),)],
)
def test_office_hours_that_make_no_sense_are_refused(windows):
    with pytest.raises(ValueError):
        WorkCalendar(windows=windows)


# --- worked examples ------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        # 紧急工作时 runs through nights and festivals.
        ("2026-02-14 23:30", 2, Unit.URGENT_HOURS, "2026-02-15 01:30"),
        # 工作时: one minute on Friday, the rest on Monday.
        ("2026-11-20 17:29", 1, Unit.WORK_HOURS, "2026-11-23 09:29"),
        ("2026-11-20 16:30", 1, Unit.WORK_HOURS, "2026-11-20 17:30"),
        ("2026-11-20 13:00", 1, Unit.WORK_HOURS, "2026-11-20 15:30"),  # at lunch
        ("2026-11-20 11:30", 1, Unit.WORK_HOURS, "2026-11-20 15:00"),  # across lunch
        ("2026-11-20 06:00", 2, Unit.WORK_HOURS, "2026-11-20 10:30"),  # before the doors open
        ("2026-11-22 10:00", 4, Unit.WORK_HOURS, "2026-11-23 15:00"),  # on a Sunday
        ("2026-02-28 10:00", 2, Unit.WORK_HOURS, "2026-02-28 12:00"),  # on a make-up Saturday
        ("2026-02-14 16:30", 2, Unit.WORK_HOURS, "2026-02-24 09:30"),  # across Spring Festival
        # 工作日
        ("2026-11-20 17:29", 1, Unit.WORK_DAYS, "2026-11-23 17:30"),
        ("2026-11-20 23:59", 1, Unit.WORK_DAYS, "2026-11-23 17:30"),
        ("2026-11-22 10:00", 1, Unit.WORK_DAYS, "2026-11-23 17:30"),
        ("2026-02-13 09:00", 1, Unit.WORK_DAYS, "2026-02-14 17:30"),  # the make-up Saturday counts
        ("2026-02-14 09:00", 1, Unit.WORK_DAYS, "2026-02-24 17:30"),  # begun on it, it does not
        ("2026-02-13 09:00", 5, Unit.WORK_DAYS, "2026-02-27 17:30"),
        ("2026-02-13 09:00", 6, Unit.WORK_DAYS, "2026-02-28 17:30"),
        ("2026-09-30 09:00", 3, Unit.WORK_DAYS, "2026-10-10 17:30"),  # 8, 9 and the make-up Saturday
        # 自然日: the last day on a rest day rolls forward (民法典 203)
        ("2026-11-20 09:00", 3, Unit.CALENDAR_DAYS, "2026-11-23 17:30"),
        ("2026-11-20 09:00", 2, Unit.CALENDAR_DAYS, "2026-11-23 17:30"),
        ("2026-02-01 09:00", 15, Unit.CALENDAR_DAYS, "2026-02-24 17:30"),  # ends on 16 February
        ("2026-02-13 09:00", 15, Unit.CALENDAR_DAYS, "2026-02-28 17:30"),  # ends on the make-up Saturday
        ("2026-08-03 09:00", 60, Unit.CALENDAR_DAYS, "2026-10-08 17:30"),  # 信访 60 days end on 2 October
    ],
)
def test_worked_examples(start: str, amount: int, unit: Unit, expected: str):
    assert due(start, amount, unit) == expected


def test_the_day_of_the_start_is_the_local_one():
    # 17:30 UTC on Thursday is already Friday in China.
    start = datetime(2026, 11, 19, 17, 30, tzinfo=UTC)
    assert due_at(start, Limit(1, Unit.WORK_DAYS), CALENDAR).at.astimezone(CHINA).date() == date(2026, 11, 23)


def test_due_is_in_utc():
    assert due_at(at("2026-11-20 10:00"), Limit(1, Unit.URGENT_HOURS), CALENDAR) == Due(
        datetime(2026, 11, 20, 3, tzinfo=UTC), provisional=False
    )


@pytest.mark.parametrize("unit", [Unit.WORK_DAYS, Unit.CALENDAR_DAYS, Unit.WORK_HOURS])
def test_a_deadline_in_an_unpublished_year_is_provisional(unit: Unit):
    assert due_at(at("2098-12-30 10:00"), Limit(40, unit), CALENDAR).provisional
    assert not due_at(at("2026-03-02 10:00"), Limit(40, unit), CALENDAR).provisional


def test_urgent_hours_are_never_provisional():
    assert not due_at(at("2098-12-30 10:00"), Limit(40, Unit.URGENT_HOURS), CALENDAR).provisional


def test_only_the_days_that_matter_make_a_deadline_provisional():
    known = WorkCalendar(overrides={date(2099, 1, 2): True})
    limit = Limit(3, Unit.CALENDAR_DAYS)
    assert not due_at(at("2098-12-30 10:00"), limit, known).provisional
    assert due_at(at("2098-12-30 10:00"), limit, CALENDAR).provisional


@pytest.mark.parametrize("amount", [0, -1, 10_001])
def test_a_limit_is_positive_and_bounded(amount: int):
    with pytest.raises(ValueError):
        Limit(amount, Unit.WORK_DAYS)


def test_a_naive_moment_is_refused():
    naive = datetime(2026, 11, 20, 10)
    with pytest.raises(ValueError):
        due_at(naive, Limit(1, Unit.WORK_DAYS), CALENDAR)
    with pytest.raises(ValueError):
        elapsed(naive, at("2026-11-20 10:00"), Unit.WORK_DAYS, CALENDAR)
    with pytest.raises(ValueError):
        resume_due(at("2026-11-20 10:00"), Limit(1, Unit.WORK_DAYS), [(naive, naive)], CALENDAR)


def test_sixty_days_are_reckoned_quickly():
    due_at(at("2026-03-02 10:00"), Limit(60, Unit.WORK_DAYS), CALENDAR)
    began = perf_counter()
    for _ in range(200):
        due_at(at("2026-03-02 10:00"), Limit(60, Unit.WORK_DAYS), CALENDAR)
    assert (perf_counter() - began) / 200 < 0.005


# --- pauses ------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "amount", "unit", "pauses", "expected"),
    [
        # 王干事 asks 张阿姨 for a photo at ten and has it at eleven.
        (
            "2026-11-23 09:00",
            4,
            Unit.URGENT_HOURS,
            [("2026-11-23 10:00", "2026-11-23 11:00")],
            "2026-11-23 14:00",
        ),
        (
            "2026-11-23 09:00",
            2,
            Unit.WORK_HOURS,
            [("2026-11-23 10:00", "2026-11-23 11:00")],
            "2026-11-23 12:00",
        ),
        # A pause over the night takes no working hours away.
        (
            "2026-11-23 16:30",
            2,
            Unit.WORK_HOURS,
            [("2026-11-23 18:00", "2026-11-24 08:00")],
            "2026-11-24 09:30",
        ),
        # Within one day nothing is won, over one close of office one day, over a weekend the Friday.
        (
            "2026-11-23 09:00",
            2,
            Unit.WORK_DAYS,
            [("2026-11-24 09:00", "2026-11-24 16:00")],
            "2026-11-25 17:30",
        ),
        (
            "2026-11-23 09:00",
            2,
            Unit.WORK_DAYS,
            [("2026-11-24 16:00", "2026-11-25 09:00")],
            "2026-11-26 17:30",
        ),
        (
            "2026-11-26 09:00",
            2,
            Unit.WORK_DAYS,
            [("2026-11-27 16:00", "2026-11-30 09:00")],
            "2026-12-01 17:30",
        ),
        # On the last day: the deadline never falls into the pause.
        (
            "2026-11-23 09:00",
            1,
            Unit.WORK_DAYS,
            [("2026-11-24 17:00", "2026-11-26 10:00")],
            "2026-11-26 17:30",
        ),
        # Too late: it begins at the deadline or after it.
        (
            "2026-11-23 09:00",
            1,
            Unit.WORK_DAYS,
            [("2026-11-24 17:30", "2026-11-26 10:00")],
            "2026-11-24 17:30",
        ),
        (
            "2026-11-23 09:00",
            1,
            Unit.URGENT_HOURS,
            [("2026-11-23 10:00", "2026-11-26 10:00")],
            "2026-11-23 10:00",
        ),
        # Calendar days: three closes of office, then rolled over the weekend.
        (
            "2026-11-23 09:00",
            2,
            Unit.CALENDAR_DAYS,
            [("2026-11-23 10:00", "2026-11-26 10:00")],
            "2026-11-27 17:30",
        ),
        (
            "2026-11-24 09:00",
            2,
            Unit.CALENDAR_DAYS,
            [("2026-11-25 10:00", "2026-11-27 10:00")],
            "2026-11-30 17:30",
        ),
        # Overlapping pauses count once; one that began before the start counts from the start.
        (
            "2026-11-23 09:00",
            4,
            Unit.URGENT_HOURS,
            [("2026-11-23 10:30", "2026-11-23 11:00"), ("2026-11-23 10:00", "2026-11-23 10:45")],
            "2026-11-23 14:00",
        ),
        (
            "2026-11-23 09:00",
            4,
            Unit.URGENT_HOURS,
            [("2026-11-22 09:00", "2026-11-23 10:00")],
            "2026-11-23 14:00",
        ),
        (
            "2026-11-23 09:00",
            4,
            Unit.URGENT_HOURS,
            [("2026-11-20 09:00", "2026-11-23 08:00")],
            "2026-11-23 13:00",
        ),
        (
            "2026-11-23 09:00",
            4,
            Unit.URGENT_HOURS,
            [("2026-11-23 11:00", "2026-11-23 10:00")],
            "2026-11-23 13:00",
        ),
    ],
)
def test_worked_pauses(start: str, amount: int, unit: Unit, pauses: list[tuple[str, str]], expected: str):
    assert due(start, amount, unit, *pauses) == expected


# --- how much is used ------------------------------------------------------------


def test_elapsed():
    friday, monday = at("2026-11-20 17:00"), at("2026-11-23 09:15")
    assert elapsed(friday, monday, Unit.WORK_HOURS, CALENDAR) == Fraction(5, 4)
    assert elapsed(friday, monday, Unit.WORK_DAYS, CALENDAR) == 1
    assert elapsed(friday, monday, Unit.CALENDAR_DAYS, CALENDAR) == 3
    assert elapsed(friday, monday, Unit.URGENT_HOURS, CALENDAR) == Fraction(257, 4)
    for unit in Unit:
        assert elapsed(monday, friday, unit, CALENDAR) == 0


# --- the naive second reckoning ------------------------------------------------------------

# Minutes around Spring Festival and National Day 2026, and an ordinary autumn.
_FIRSTS = [at("2026-02-09 00:00"), at("2026-09-18 00:00"), at("2026-11-16 00:00")]
starts = st.builds(
    lambda first, minutes: first + timedelta(minutes=minutes),
    st.sampled_from(_FIRSTS),
    st.integers(0, 20_000),
)
limits = st.one_of(
    st.builds(Limit, st.integers(1, 12), st.sampled_from(HOUR_UNITS)),
    st.builds(Limit, st.integers(1, 8), st.sampled_from([Unit.WORK_DAYS, Unit.CALENDAR_DAYS])),
)
pauses_after = st.lists(st.tuples(st.integers(-3000, 12_000), st.integers(0, 6000)), max_size=3)


def _pauses(start: datetime, raw: list[tuple[int, int]]) -> list[tuple[datetime, datetime]]:
    return [(start + timedelta(minutes=begins), start + timedelta(minutes=begins + lasts)) for begins, lasts in raw]


def _in_office(moment: datetime) -> bool:
    clock = moment.time()
    return chinese_calendar.is_workday(moment.date()) and (
        time(8, 30) <= clock < time(12) or time(14, 30) <= clock < time(17, 30)
    )


def _naive_due(start: datetime, limit: Limit, pauses: list[tuple[datetime, datetime]]) -> datetime:
    """Steps through every minute in China and counts with a pencil."""
    moment, counted = start, 0
    minute = timedelta(minutes=1)
    while True:
        # The minute from `moment` on is paused when a pause covers it.
        paused = any(begins <= moment < ends for begins, ends in pauses)
        counts = limit.unit is Unit.URGENT_HOURS or (limit.unit is Unit.WORK_HOURS and _in_office(moment))
        if limit.unit in HOUR_UNITS:
            counted += counts and not paused
            moment += minute
            if counted == limit.amount * 60:
                return moment
            continue
        moment += minute
        # At the stroke of closing: was the last minute of office hours paused?
        if moment.time() != time(17, 30) or moment.date() <= start.date() or paused:
            continue
        works = chinese_calendar.is_workday(moment.date())
        counted += works or limit.unit is Unit.CALENDAR_DAYS
        if counted >= limit.amount and works:
            return moment


@settings(max_examples=150, deadline=None)
@given(starts, limits, pauses_after)
def test_agrees_with_stepping_through_every_minute(start, limit, raw):
    pauses = _pauses(start, raw)
    assert resume_due(start, limit, pauses, CALENDAR).at == _naive_due(start, limit, pauses)


@settings(max_examples=100, deadline=None)
@given(starts, limits)
def test_exactly_the_limit_has_elapsed_when_it_is_due(start, limit):
    used = elapsed(start, due_at(start, limit, CALENDAR).at, limit.unit, CALENDAR)
    assert used >= limit.amount if limit.unit is Unit.CALENDAR_DAYS else used == limit.amount


@settings(max_examples=100, deadline=None)
@given(starts, st.integers(0, 5000), limits, pauses_after)
def test_who_starts_later_is_never_due_earlier(start, delay, limit, raw):
    pauses = _pauses(start, raw)
    later = start + timedelta(minutes=delay)
    assert resume_due(start, limit, pauses, CALENDAR).at <= resume_due(later, limit, pauses, CALENDAR).at


@settings(max_examples=100, deadline=None)
@given(starts, limits, pauses_after, pauses_after)
def test_more_pauses_never_make_a_deadline_earlier(start, limit, raw, more):
    fewer, all_of_them = _pauses(start, raw), _pauses(start, raw + more)
    plain = due_at(start, limit, CALENDAR).at
    assert start < plain <= resume_due(start, limit, fewer, CALENDAR).at
    assert resume_due(start, limit, fewer, CALENDAR).at <= resume_due(start, limit, all_of_them, CALENDAR).at


@settings(max_examples=100, deadline=None)
@given(starts, limits)
def test_a_longer_limit_is_never_due_earlier(start, limit):
    longer = Limit(limit.amount + 1, limit.unit)
    assert due_at(start, limit, CALENDAR).at <= due_at(start, longer, CALENDAR).at


@settings(max_examples=100, deadline=None)
@given(starts, limits, pauses_after)
def test_the_clock_runs_at_the_moment_before_the_deadline(start, limit, raw):
    pauses = _pauses(start, raw)
    result = resume_due(start, limit, pauses, CALENDAR).at
    assert not any(begins < result <= ends for begins, ends in pauses)
