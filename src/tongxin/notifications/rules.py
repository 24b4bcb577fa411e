"""When a message is tried again."""

from __future__ import annotations

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
