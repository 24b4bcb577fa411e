"""Figures of an area, from the roll-ups: never without what they are a share of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

from django.core.cache import cache
from django.db.models import Sum

from tongxin.cases.models import Tally
from tongxin.kernel.times import local_day

_KEPT_SECONDS: Final = 60  # the ticker folds figures in about as often
_SATISFIED: Final = {"rated:5": Fraction(1), "rated:4": Fraction(1), "rated:3": Fraction(9, 10)}
SATISFACTION_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Share:
    """``part`` of ``whole``; ``percent`` in tenths, None without anything to share."""

    part: int
    whole: int
    tenths: int | None

    @property
    def percent(self) -> str:
        """“91.3%”, or a dash where there is nothing to count."""
        return "—" if self.tenths is None else f"{self.tenths // 10}.{self.tenths % 10}%"

    @property
    def small(self) -> bool:
        """True where a single answer moves it by more than ten points."""
        return 0 < self.whole < 10


@dataclass(frozen=True, slots=True)
class Figures:
    """Solved among those who gave their word this week, and satisfied among those who rated in the last 30 days.

    Satisfaction counts “fair” 基本满意 as nine tenths, as the offices' three rates 三率 do.
    """

    week_since: date
    solved: Share
    satisfied: Share


def figures(paths: tuple[str, ...], now: datetime) -> Figures:
    """The figures of some areas, kept for a minute. One query, or none."""
    today = local_day(now)
    key = f"desk-figures:{today}:{'|'.join(paths)}"
    kept: Figures | None = cache.get(key)
    if kept is None:
        kept = _figures(paths, today)
        cache.set(key, kept, _KEPT_SECONDS)
    return kept


def _figures(paths: tuple[str, ...], today: date) -> Figures:
    monday = today - timedelta(days=today.weekday())
    since = today - timedelta(days=SATISFACTION_DAYS - 1)
    kinds = ("solved", "not_solved", *(f"rated:{n}" for n in range(1, 6)))
    rows = (
        Tally.objects.filter(area__path__in=paths, area__valid_until=None, day__gte=min(monday, since), kind__in=kinds)
        .values("kind", "day")
        .annotate(total=Sum("amount"))
        .order_by()
        .values_list("kind", "day", "total")
    )
    week = {"solved": 0, "not_solved": 0}
    rated = {kind: 0 for kind in kinds if kind.startswith("rated:")}
    for kind, day, total in rows:
        if kind in week and day >= monday:
            week[kind] += total
        elif kind in rated and day >= since:
            rated[kind] += total
    content = sum((share * rated[kind] for kind, share in _SATISFIED.items()), Fraction(0))
    satisfied = sum(rated[kind] for kind in _SATISFIED)
    return Figures(
        monday,
        _share(week["solved"], sum(week.values())),
        _share(satisfied, sum(rated.values()), content),
    )


def _share(part: int, whole: int, weighted: Fraction | None = None) -> Share:
    if not whole:
        return Share(part, whole, None)
    exact = (weighted if weighted is not None else Fraction(part)) * 1000 / whole
    return Share(part, whole, int(exact + Fraction(1, 2)))
