"""Who owns how much of a home, at every date. Shares are exact: a vote may depend on them (民法典 278)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tongxin.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class OwnedPeriod:
    """One owner's share of one home over a period; ``until`` is exclusive."""

    share: Fraction
    since: date
    until: date | None = None


def share_on(periods: Iterable[OwnedPeriod], on: date) -> Fraction:
    """The part of the home that has a registered owner on that day: 0 to 1."""
    return sum((p.share for p in periods if p.since <= on and (p.until is None or on < p.until)), start=Fraction(0))


def check_shares(periods: Iterable[OwnedPeriod]) -> None:
    """Raise :class:`Invalid` if on any day more than the whole home would be owned, or a share is not in (0, 1].

    The sum only grows where a period begins, so it is enough to look at those days.
    """
    periods = list(periods)
    for period in periods:
        if not 0 < period.share <= 1:
            raise Invalid("A share is more than nothing and at most the whole.", field="share", code="share-range")
    for day in sorted({period.since for period in periods}):
        total = share_on(periods, day)
        if total > 1:
            raise Invalid(
                "From %(day)s on the owners would hold %(total)s of the home: more than the whole.",
                field="share",
                code="shares-exceed-whole",
                day=day.isoformat(),
                total=str(total),
            )


def parse_share(text: str) -> Fraction:
    """A share as people write it: ``1/2``, ``50%``, ``0.5``, ``全部`` or nothing for the whole. Exact."""
    text = text.strip().replace("％", "%").replace("／", "/").replace(" ", "")
    if text in ("", "全部", "全额", "单独所有"):
        return Fraction(1)
    try:
        share = Fraction(text[:-1]) / 100 if text.endswith("%") else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise Invalid("Write a share as 1/2 or 50%.", field="share", code="share-form") from None
    if not 0 < share <= 1:
        raise Invalid("A share is more than nothing and at most the whole.", field="share", code="share-range")
    return share
