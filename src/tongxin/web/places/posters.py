"""QR posters and door stickers as PDF: one place, all of an estate, the homes of a building."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tongxin.kernel.errors import TooMany
from tongxin.people.queries.of_places import community_phone
from tongxin.places import operations, queries
from tongxin.web.places.views import PERMISSION, may_see
from tongxin.web.policy import policy
from tongxin.web.print import pdf, qr
from tongxin.web.request import Request
from tongxin.web.speech import override

MOST = 300


@require_POST
@policy(permission=PERMISSION)
def one(request: Request, kind: str, place_id: UUID) -> HttpResponse:
    """The poster of one place; its code is made if it has none."""
    place = queries.place(kind, place_id)
    may_see(request, place.path)
    code = operations.ensure_place_code(request.actor, kind, place_id, request.now)
    return _pdf(request, [(place, code)], place.names[-1])


@require_POST
@policy(permission=PERMISSION)
def estate(request: Request, code: str) -> HttpResponse:
    """The posters of an estate: itself and its buildings, and with ``of=units`` the units too."""
    found = queries.managed_area(request.actor, code)
    kinds = {"area", "building", "unit"} if request.POST.get("of") == "units" else {"area", "building"}
    count = sum(place.kind in kinds for place, _made in queries.places_of_estate(found))
    if count > MOST:  # before any code is made
        raise TooMany(
            "These would be %(count)d posters, more than %(limit)d at once. Print building by building.",
            code="too-many-posters",
            count=count,
            limit=MOST,
        )
    operations.ensure_codes_of_estate(request.actor, found.id, request.now)
    rows = [(place, made) for place, made in queries.places_of_estate(found) if made and place.kind in kinds]
    return _pdf(request, rows, found.name)


@require_POST
@policy(permission=PERMISSION)
def stickers(request: Request, kind: str, place_id: UUID) -> HttpResponse:
    """The stickers for the doors of a building, of a unit, or of one home."""
    place = queries.place(kind, place_id)
    may_see(request, place.path)
    rows = operations.ensure_codes_of_homes(request.actor, kind, place_id, request.now)
    name = " ".join(place.names[2:] or place.names)
    drawn = _drawn(rows)
    with override(settings.LANGUAGE_CODE):
        data = {
            **_sticker_words(name),
            "stickers": [_on_door(place, row) for (place, _), row in zip(rows, drawn, strict=True)],
        }
    return _answer(request, "stickers.typ", data, name)


def _pdf(request: Request, rows: Iterable[tuple[queries.Place, str]], name: str) -> HttpResponse:
    # A poster speaks to passers-by in the language of the place, not in that of who prints it.
    with override(settings.LANGUAGE_CODE):
        data = {**_words(name), "posters": _drawn(rows)}
    return _answer(request, "poster.typ", data, name)


def _answer(request: Request, document: str, data: dict[str, Any], name: str) -> HttpResponse:
    response = HttpResponse(pdf.render(document, data, request.now), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}.pdf"
    return response


def _drawn(rows: Iterable[tuple[queries.Place, str]]) -> list[dict[str, str]]:
    """What each poster or sticker shows of its place."""
    phones: dict[str, str] = {}
    drawn = []
    for place, code in rows:
        if place.path not in phones:
            phones[place.path] = community_phone(place.path)
        # The estate's own name stands in large letters, with building and unit; what is above it stands on top.
        above = place.names[:-1] if place.kind == "area" else place.names[:2]
        drawn.append(
            {
                "community": " · ".join(above),
                "name": " ".join(place.names[len(above) :]),
                "address": f"{settings.PUBLIC_URL.partition('://')[2]}/q/{code}",
                "svg": qr.svg(f"{settings.PUBLIC_URL}/q/{code}"),
                "phone": phones[place.path],
            }
        )
    return drawn


def _on_door(place: queries.Place, drawn: dict[str, str]) -> dict[str, str]:
    """The same for a door: the estate, and in larger letters where in it."""
    return {**drawn, "estate": place.area.name, "door": drawn["name"].removeprefix(place.area.name).strip()}


def _sticker_words(name: str) -> dict[str, Any]:
    """What stands on every sticker."""
    return {
        "title": _("Door stickers of {name}").format(name=name),
        "headline": _("Something wrong here?"),
        "subline": _("Scan, say it once, and see what becomes of it"),
        "or_open": _("or open"),
        "phone_label": _("No smartphone? Ring the community desk:"),
        "nobody": _("The code holds the address alone, never who lives here."),
    }


def _words(name: str) -> dict[str, Any]:
    """What stands on every poster."""
    return {
        "title": _("QR posters of {name}").format(name=name),
        "headline": _("Something wrong here?"),
        "subline": _("Scan, say it once, and see what becomes of it"),
        "or_open": _("or open"),
        "steps": [
            _("Scan with WeChat or your camera; the place is filled in already."),
            _("Say what is the matter, take a photo, send."),
            _("See who has it and until when; at the end you say whether it is solved."),
        ],
        "phone_label": _("No smartphone? Ring the community desk:"),
        "emergency": _("Danger to life: police 110 · fire 119 · ambulance 120. Ring first, then report."),
    }
