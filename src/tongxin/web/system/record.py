"""The record for its auditors: what was done, by whom and to what, and who read phones and ID numbers."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.journeys import auditing
from tongxin.journeys.auditing import Asked, Found
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.times import local_day
from tongxin.places.queries import communities, managed_roots
from tongxin.record.auditing import Key
from tongxin.web.errors import message_of
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.system.record_words import ACTORS, FIELDS, VERBS, kind_word, verb_word

MOST_COMMUNITIES = 300  # in a list to choose from
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2200, 1, 1)
RECORD, READINGS = "/desk/record/", "/desk/record/readings/"


@require_safe
@policy(permission=auditing.PERMISSION)
def entries(request: Request) -> HttpResponse:
    """What was done on a day, to a thing or by somebody."""
    return _list(request, readings=False)


@require_safe
@policy(permission=auditing.PERMISSION)
def readings(request: Request) -> HttpResponse:
    """Who read a phone or an ID number, whose, and why."""
    return _list(request, readings=True)


@require_safe
@policy(permission=auditing.PERMISSION)
def entry(request: Request, entry_id: UUID) -> HttpResponse:
    """One entry, with its place in the chain and the seal over it."""
    shown, found = auditing.one_entry(request.actor, entry_id)
    said = json.dumps(shown.line.data, ensure_ascii=False, indent=1, sort_keys=True) if shown.line.data else ""
    return page(request, "system/record_entry.html", row=shown, found=found, said=said, **_words())


def _list(request: Request, *, readings: bool) -> HttpResponse:
    given = {name: request.GET.get(name, "")[:60].strip() for name in ("about", "who", "verb", "day", "area")}
    found, errors = Found(), {}
    try:
        asked = Asked(
            about=given["about"], who=given["who"], verb="" if readings else given["verb"], area=given["area"],
            day=_day(given["day"]), readings=readings,
        )  # fmt: skip
        found = auditing.find_entries(request.actor, asked, request.now, _key(request.GET.get("before", "")))
    except Invalid as refused:
        errors[refused.field] = message_of(refused)
    kept = {name: value for name, value in given.items() if value and not (readings and name == "verb")}
    more = (
        f"?{urlencode(kept | {'before': f'{found.more.recorded_at.isoformat()}|{found.more.id}'})}"
        if found.more
        else ""
    )
    return page(
        request,
        "system/record.html",
        status=422 if errors else 200,
        readings=readings,
        given=given,
        errors=errors,
        found=found,
        more=more,
        tabs=_tabs(kept, readings),
        areas=_areas(request),
        verbs=sorted(((verb, verb_word(verb)) for verb in VERBS), key=lambda pair: pair[0]),
        days=_days(kept, found, request.now),
        choices=[(f"?{urlencode(kept | {'who': str(one.person_id)})}", one) for one in found.officers],
        **_words(),
    )


def _days(kept: dict[str, str], found: Found, now: datetime) -> list[tuple[str, str]]:
    """The day before and the day after the one that is shown."""
    if found.day is None:
        return []
    near = [(found.day - timedelta(days=1), _("The day before"))]
    if found.day < local_day(now):
        near.append((found.day + timedelta(days=1), _("The day after")))
    return [(f"?{urlencode(kept | {'day': day.isoformat()})}", label) for day, label in near]


def _areas(request: Request) -> list[tuple[str, str]]:
    """The areas that the actor audits, each with the communities below it."""
    rows: dict[str, str] = {}
    for root in managed_roots(request.actor, request.now, auditing.PERMISSION):
        rows[root.code] = root.name
        rows |= {area.code: area.name for area in communities(root.path, request.now)[:MOST_COMMUNITIES]}
    return list(rows.items())


def _tabs(kept: dict[str, str], readings: bool) -> list[dict[str, Any]]:
    query = urlencode({name: value for name, value in kept.items() if name != "verb"})
    return [
        {"href": f"{path}?{query}" if query else path, "label": label, "current": current}
        for path, label, current in (
            (RECORD, _("What was done"), not readings),
            (READINGS, _("Readings of phones and ID numbers"), readings),
        )
    ]


def _words() -> dict[str, Any]:
    return {"actors": ACTORS, "fields": FIELDS, "kind_word": kind_word, "verb_word": verb_word, "named": _listed}


def _listed(codes: list[str], words: dict[str, Any]) -> str:
    return "、".join(str(words.get(code, code)) for code in codes)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid("Write the day like 2026-11-22.", field="day")
    return day


def _key(text: str) -> Key | None:
    """Where the page before ended."""
    if not text:
        return None
    moment, _bar, key = text[:80].partition("|")
    try:
        found = Key(datetime.fromisoformat(moment), UUID(key))
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None
    if found.recorded_at.tzinfo is None:
        raise NotFound("This page does not exist.", code="no-page")
    return found
