"""Overrides of the working-day calendar, for when the State Council's notice comes or an office closes."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.text import clean_line
from tongxin.places.models import Area, CalendarDay, ConfirmedYear
from tongxin.places.operations._common import tell

PERMISSION = "system.administer"
CALENDAR_ID = UUID("00000000-0000-7000-8000-000000000003")
YEARS = range(2004, 2100)


def _top_path(actor: Actor) -> str:
    """The calendar is the whole installation's, so the permission is asked at its top."""
    top = Area.objects.filter(parent=None, valid_until=None).order_by("path").first()
    if top is None:
        raise Conflict("Import the administrative divisions first.", code="no-areas")
    actor.require(PERMISSION, top.path)
    return top.path


def set_calendar_day(actor: Actor, day: date, working: bool | None, now: datetime, *, note: str = "") -> None:
    """Decide whether ``day`` is worked; None takes the decision back and leaves it to the published notice."""
    if day.year not in YEARS:
        raise Invalid("The year lies out of range.", field="day", code="bad-day")
    with transaction.atomic():
        path = _top_path(actor)
        note = clean_line(note, 80)
        if working is None:
            CalendarDay.objects.filter(day=day).delete()
        else:
            CalendarDay.objects.update_or_create(day=day, defaults={"working": working, "note": note})
        data = {"day": day, "working": working, "note": note}
        tell(actor, "calendar.day_set", "calendar", CALENDAR_ID, path, now, data)


def confirm_year(actor: Actor, year: int, confirmed: bool, now: datetime) -> None:
    """Say that a year's notice is entered in full, so that its deadlines are no longer provisional; or take it back."""
    if year not in YEARS:
        raise Invalid("The year lies out of range.", field="year", code="bad-year")
    with transaction.atomic():
        path = _top_path(actor)
        if confirmed:
            ConfirmedYear.objects.get_or_create(year=year)
        else:
            ConfirmedYear.objects.filter(year=year).delete()
        data = {"year": year, "confirmed": confirmed}
        tell(actor, "calendar.year_confirmed", "calendar", CALENDAR_ID, path, now, data)
