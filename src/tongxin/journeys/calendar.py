"""The calendar of working days is settled (`places`), and running deadlines follow it (`cases`)."""

from __future__ import annotations

from datetime import date, datetime

from tongxin.cases.operations.recount import recount_around, recount_provisional
from tongxin.kernel.actor import Actor
from tongxin.places import operations as places


def set_day(actor: Actor, day: date, working: bool | None, now: datetime, *, note: str = "") -> int:
    """Decide whether a day is worked, and count anew what it moves; how many deadlines. Errors: as for
    ``places.set_calendar_day``. The cases follow after the decision stands, one by one, so that nobody waits."""
    places.set_calendar_day(actor, day, working, now, note=note)
    return recount_around(day, now) + recount_provisional(now)


def confirm_year(actor: Actor, year: int, confirmed: bool, now: datetime) -> int:
    """Say that a year's notice is entered in full, or take it back; how many deadlines were counted anew."""
    places.confirm_year(actor, year, confirmed, now)
    around = 0 if confirmed else recount_around(date(year, 12, 28), now)
    return around + recount_provisional(now)
