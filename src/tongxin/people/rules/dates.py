"""Effective dates: ``since`` is included, ``until`` is not; an empty ``until`` means still so."""

from __future__ import annotations

from datetime import date

from tongxin.kernel.errors import Invalid


def in_force(since: date, until: date | None, on: date) -> bool:
    """True if the day lies in the period."""
    return since <= on and (until is None or on < until)


def overlap(since: date, until: date | None, other_since: date, other_until: date | None) -> bool:
    """True if the two periods share a day."""
    return (other_until is None or since < other_until) and (until is None or other_since < until)


def check_period(since: date, until: date | None) -> None:
    """Raise :class:`Invalid` unless the period has at least one day."""
    if until is not None and until <= since:
        raise Invalid("The end must lie after the beginning.", field="until", code="period-empty")


def check_end(since: date, on: date) -> None:
    """Raise :class:`Invalid` unless something that began on ``since`` can end on ``on``."""
    if on <= since:
        raise Invalid("It can only end after it began.", field="on", code="ends-before-begin")
