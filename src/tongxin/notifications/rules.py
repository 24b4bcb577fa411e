"""When a message is tried again, and how fast messages may follow one another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LEASE: Final = timedelta(minutes=2)  # far longer than a sender may take, so that nobody sends what another is sending
PAUSES: Final = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
)
MOST_ATTEMPTS: Final = len(PAUSES) + 1


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When to try again after ``attempts`` that failed (1 or more); the pauses grow, the last one repeats."""
    return now + PAUSES[min(attempts, len(PAUSES)) - 1]


LONGEST_SLOWED: Final = timedelta(days=2)
"""A message that a provider keeps putting off for so long is given up."""


@dataclass(frozen=True, slots=True)
class Pace:
    """One message ``every`` so often, and ``burst`` of them at once after a rest: at most ``burst + 60 s / every`` in a
    minute. ``per_address``: each address has its own, as robots of groups do."""

    every: timedelta
    burst: int
    per_address: bool = False


def take_turn(ready_at: datetime | None, now: datetime, pace: Pace) -> tuple[datetime, timedelta]:
    """The generic cell rate algorithm: (what to keep as ``ready_at``, how long to wait).

    A wait of nothing means that the message may leave now; otherwise it comes again then and nothing was taken.
    """
    due = max(ready_at or now, now)
    wait = due - pace.every * (pace.burst - 1) - now
    if wait > timedelta():
        return due, wait
    return due + pace.every, timedelta()
