"""Who is to be visited when, how households are shared out, and until when the same day lasts. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, TypeVar
from uuid import UUID, uuid5

from tongxin.kernel.errors import Invalid
from tongxin.kernel.times import SHANGHAI, local_day

FIRST_DAYS: Final = 14
"""Within so many days a household is visited for the first time."""
MOST_MATTERS: Final = 3
"""Matters that one visit form takes; what is more becomes a second visit's."""
LONGEST_BACK: Final = timedelta(days=31)
"""How long a visit may lie on a phone without signal before it is sent."""
AHEAD: Final = timedelta(minutes=15)
"""How far a phone's clock may be ahead of ours."""
OVER_80: Final = "over_80"
ELDER: Final = 80


class Outcome(StrEnum):
    """What came of knocking at the door."""

    MET = "met"
    NOBODY = "nobody"
    DECLINED = "declined"


class Signature(StrEnum):
    """How the household signs the report form."""

    NONE = "none"
    SCREEN = "screen"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """An area's rhythm: every household within ``every_days``, those with one of ``special`` within ``special_days``.

    ``special``: traits of households as on the register, and :data:`OVER_80`.
    """

    every_days: int = 90
    special_days: int = 30
    special: frozenset[str] = frozenset(
        {"lives_alone", "disabled", "left_behind_child", "lost_only_child", "low_income", OVER_80}
    )

    def days_for(self, traits: AbstractSet[str]) -> int:
        """Days between two visits of a household with these traits."""
        return min(self.special_days, self.every_days) if self.special & traits else self.every_days


def check_rhythm(rhythm: Rhythm) -> Rhythm:
    """The rhythm, if it can be kept. Raises :class:`Invalid` naming the field."""
    for field, days in (("every_days", rhythm.every_days), ("special_days", rhythm.special_days)):
        if not 1 <= days <= 366:
            raise Invalid("Between one day and a year, please.", field=field, code="rhythm-days")
    if rhythm.special_days > rhythm.every_days:
        raise Invalid(
            "Special households are visited at least as often as all.", field="special_days", code="rhythm-days"
        )
    return rhythm


def with_age(traits: Sequence[str], oldest: int | None) -> frozenset[str]:
    """The traits of a household, with :data:`OVER_80` where somebody of that age lives in it."""
    return frozenset(traits) | ({OVER_80} if oldest is not None and oldest >= ELDER else frozenset())


def due_on(since: date, last_met: date | None, days: int) -> date:
    """The last day of the rhythm: counted from the last visit at which somebody was met, else from the beginning."""
    return last_met + timedelta(days=days) if last_met is not None else since + timedelta(days=min(days, FIRST_DAYS))


V = TypeVar("V", bound=Hashable)


def divide(count: int, loads: Mapping[V, int]) -> dict[V, range]:
    """Share ``count`` households, in the order of their addresses, among visitors who have ``loads`` already.

    Whoever has least gets the next, so that all end as even as can be; each gets neighbours, that is one range.
    """
    if not loads:
        raise Invalid("Choose who is to visit.", field="visitors", code="no-visitors")
    given = dict.fromkeys(loads, 0)
    for _ in range(count):
        given[min(given, key=lambda one: loads[one] + given[one])] += 1
    shares, start = {}, 0
    for one, size in given.items():
        shares[one] = range(start, start + size)
        start += size
    return shares


def end_of_day(now: datetime) -> datetime:
    """24:00 of the day in Shanghai: the deadline of what is asked for the same day. Counted from when it reaches us."""
    return datetime.combine(local_day(now) + timedelta(days=1), time(), SHANGHAI)


def matter_key(once: UUID, row: int) -> UUID:
    """The key under which a row of a visit becomes a case once, however often the visit is sent."""
    return uuid5(once, f"matter {row}")


def check_when(occurred_at: datetime | None, now: datetime) -> datetime:
    """When the visit was, as said. A clock a little ahead is taken for now. Raises :class:`Invalid`."""
    if occurred_at is None or now < occurred_at <= now + AHEAD:
        return now
    if occurred_at > now:
        raise Invalid("This visit lies in the future.", field="occurred_at", code="visit-ahead")
    if occurred_at < now - LONGEST_BACK:
        raise Invalid("A visit is written down within a month.", field="occurred_at", code="visit-too-old")
    return occurred_at
