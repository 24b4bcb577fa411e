"""A deputy's suggestion 建议: until when it is answered, and what the deputy's word on the answer does. PURE.

Source: 全国人民代表大会和地方各级人民代表大会代表法 (2015), art. 42: answered within three months of being handed over, six
where it concerns many and is hard to do; practice is the same for proposals of the 政协. Done anew once where the deputy is
not satisfied: practice of the standing committees' offices, no statute.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime, time
from enum import StrEnum
from typing import Final

from tongxin.cases.rules_words import Rating
from tongxin.kernel.times import SHANGHAI

MOST_PEOPLE: Final = 500
"""Residents whose opinions one suggestion gathers."""


class Grade(StrEnum):
    """What a deputy says of the answer."""

    SATISFIED = "satisfied"
    BASICALLY = "basically"
    NOT_SATISFIED = "not_satisfied"


RATING: Final = {
    Grade.SATISFIED: Rating.SATISFIED,
    Grade.BASICALLY: Rating.FAIR,
    Grade.NOT_SATISFIED: Rating.DISSATISFIED,
}


def answer_by(filed_at: datetime, months: int) -> datetime:
    """The last moment of the day ``months`` calendar months after the filing, in Shanghai; where that month has no such
    day, of its last day."""
    day = filed_at.astimezone(SHANGHAI).date()
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    last = day.replace(year=year, month=month, day=min(day.day, monthrange(year, month)[1]))
    return datetime.combine(last, time(23, 59, 59), SHANGHAI)


def is_done_anew(grade: Grade, times_reopened: int) -> bool:
    """True if “not satisfied” sends it back to work: the first time. The second time it ends as explained."""
    return grade is Grade.NOT_SATISFIED and times_reopened == 0
