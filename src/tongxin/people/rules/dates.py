"""Effective dates: ``since`` is included, ``until`` is not; an empty ``until`` means still so."""

from __future__ import annotations

from datetime import date

from tongxin.kernel.errors import Invalid


def in_force(since: date, until: date | None, on: date) -> bool:
    """True if the day lies in the period."""
    return since <= on and (until is None or on < until)


def overlap(since: date, until: date | None, other_since: date, other_until: date | None) -> bool:
    """True if the two periods share a day. One that was taken back on its first day has none to share."""
    later = max(since, other_since)
    return (until is None or later < until) and (other_until is None or later < other_until)


def check_period(since: date, until: date | None) -> None:
    """Raise :class:`Invalid` unless the period has at least one day."""
    if until is not None and until <= since:
        raise Invalid("The end must lie after the beginning.", field="until", code="period-empty")


def check_end(since: date, on: date) -> None:
    """Raise :class:`Invalid` unless something that began on ``since`` can end on ``on``. On its first day it is taken
    back: entered by mistake, it was never in force."""
    if on < since:
        raise Invalid("It cannot end before it began.", field="on", code="ends-before-begin")
