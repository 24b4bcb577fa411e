"""Local days. Times are stored in UTC and shown, counted and sealed by the day in Shanghai."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """The day in Shanghai of an aware time."""
    return at.astimezone(SHANGHAI).date()
