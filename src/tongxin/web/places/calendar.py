"""The calendar of working days: what was published, what was decided here, and what is not known yet."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.journeys import calendar as journey
from tongxin.kernel.errors import Invalid
from tongxin.places import queries, rules
from tongxin.web.places.edit import FRESH, READ_OR_WRITE, attempt, day, text
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

YEARS = range(2004, 2100)


def _year(request: Request) -> int:
    said = request.GET.get("year", "")
    year = int(said) if said.isdigit() and len(said) == 4 else rules.local_day(request.now).year
    return year if year in YEARS else rules.local_day(request.now).year


@require_http_methods(READ_OR_WRITE)
@policy(permission="system.administer")
def calendar(request: Request) -> HttpResponse:
    """A year's decided days and a form to decide one; a warning where the year's notice is not known."""
    year = _year(request)

    def deed() -> str:
        do = request.POST.get("do", "")
        if do in ("confirm", "unconfirm"):
            journey.confirm_year(request.actor, year, do == "confirm", request.now)
            return f"/desk/places/calendar/?year={year}"
        chosen = day(request, "day")
        worked = {"worked": True, "rest": False, "forget": None}
        if (said := text(request, "working")) not in worked:
            raise Invalid("Say whether the day is worked.", field="working", code="no-choice")
        journey.set_day(request.actor, chosen, worked[said], request.now, note=text(request, "note"))
        return f"/desk/places/calendar/?year={chosen.year}"

    context = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved. Deadlines follow within half a minute."))
        if response is not None:
            return response
    known = queries.work_calendar(request.now)
    return page(
        request,
        "places/calendar.html",
        status=context.pop("status"),
        year=year,
        table=[
            (row.day.isoformat(), _("is worked") if row.working else _("is a rest day"), row.note)
            for row in queries.decided_days(year)
        ],
        provisional=known.is_provisional(date(year, 12, 28)),
        confirmed=year in queries.confirmed_years(),
        warned=queries.provisional_years(request.now),
        **context,
    )
