"""Until when a suggestion is answered, and what “not satisfied” does."""

from datetime import UTC, datetime

import pytest

from tongxin.cases.rules_suggestions import Grade, answer_by, is_done_anew
from tongxin.kernel.times import SHANGHAI


@pytest.mark.parametrize(
    ("filed", "months", "day"),
    [
        (datetime(2026, 11, 22, 2, tzinfo=UTC), 3, (2027, 2, 22)),
        (datetime(2026, 11, 30, 2, tzinfo=UTC), 3, (2027, 2, 28)),  # no 30 February
        (datetime(2026, 8, 31, 2, tzinfo=UTC), 6, (2027, 2, 28)),
        (datetime(2026, 6, 30, 17, tzinfo=UTC), 6, (2027, 1, 1)),  # already July in Shanghai
    ],
)
def test_three_months_are_calendar_months_to_the_end_of_the_day(filed, months, day):
    until = answer_by(filed, months).astimezone(SHANGHAI)
    assert (until.year, until.month, until.day) == day
    assert (until.hour, until.minute) == (23, 59)


def test_it_is_done_anew_once_and_only_where_the_deputy_is_not_satisfied():
    assert is_done_anew(Grade.NOT_SATISFIED, 0)
    assert not is_done_anew(Grade.NOT_SATISFIED, 1)
    assert not is_done_anew(Grade.BASICALLY, 0)
