"""Forms by which places are added and edited."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.journeys import move_area as journeys
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.places import operations, queries, rules
from tongxin.web.errors import message_of
from tongxin.web.places.views import COMMUNITY, ESTATE, PERMISSION, crumbs, level_name, may_see, uses
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

Deed = Callable[[], str]
READ_OR_WRITE = ["GET", "HEAD", "POST"]


def text(request: Request, name: str, limit: int = 200) -> str:
    """A field of the form, not longer than an operation would ever take."""
    return request.POST.get(name, "")[:limit].strip()


def number(request: Request, name: str) -> int | None:
    """A whole number of the form or nothing. Raises Invalid."""
    said = text(request, name, 12)
    try:
        return int(said) if said else None
    except ValueError:
        raise Invalid("This is not a number.", field=name, code="not-a-number") from None


def degrees(request: Request, name: str) -> float:
    """A coordinate of the form. Raises Invalid."""
    try:
        return float(text(request, name, 30))
    except ValueError:
        raise Invalid("This is not a number.", field=name, code="not-a-number") from None


def day(request: Request, name: str) -> date:
    """A day of the form. Raises Invalid."""
    try:
        return date.fromisoformat(text(request, name, 10))
    except ValueError:
        raise Invalid("This is not a day.", field=name, code="not-a-day") from None


def attempt(request: Request, deed: Deed, done: str) -> tuple[HttpResponse | None, dict[str, Any]]:
    """Do it and go where it says, with a word; or stay, with the error for the form and what was typed."""
    try:
        where = deed()
    except DomainError as error:
        if error.status in (403, 404):
            raise
        field = error.field if isinstance(error, Invalid) else ""
        return None, {"error": message_of(error), "error_field": field, "typed": request.POST, "status": error.status}
    messages.success(request, done)
    return SeeOther(where), {}


MOST_MATTERS = 20_000
"""How many may move with an area while somebody waits for the page: some ten seconds."""
FRESH: dict[str, Any] = {"error": "", "error_field": "", "typed": {}, "status": 200}


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def area(request: Request, code: str) -> HttpResponse:
    """Name, prefix, position, outline, parent and end of an area: one form each."""
    found = queries.managed_area(request.actor, code)
    context = dict(FRESH)
    do = request.POST.get("do", "")
    if request.method == "POST":
        deeds: dict[str, Callable[[Request, Any], str]] = {
            "rename": _rename,
            "prefix": _prefix,
            "position": _position,
            "shape": _shape,
            "move": _move,
            "close": _close,
        }
        if do in deeds:
            response, context = attempt(request, lambda: deeds[do](request, found), _("Saved."))
            if response is not None:
                return response
            found = queries.managed_area(request.actor, code)
    context = {**FRESH, **context}
    return page(
        request,
        "places/area_edit.html",
        status=context.pop("status"),
        area=found,
        level=level_name(request, found.level),
        crumbs=crumbs(found.path, (_("Edit"), "")),
        is_community=found.level_id == COMMUNITY,
        past=queries.past_of(found),
        parents=_parents(request, found),
        parents_of_estate=found.level_id == ESTATE,
        do=do,
        **context,
    )


def _rename(request: Request, found: Any) -> str:
    operations.rename_area(
        request.actor,
        found.id,
        text(request, "name"),
        request.now,
        official_name=text(request, "official_name"),
        address=text(request, "address"),
    )
    return f"/desk/places/areas/{found.code}/"


def _prefix(request: Request, found: Any) -> str:
    operations.set_number_prefix(request.actor, found.id, text(request, "prefix", 20), request.now)
    return f"/desk/places/areas/{found.code}/edit/"


def _position(request: Request, found: Any) -> str:
    lat, lng = degrees(request, "lat"), degrees(request, "lng")
    operations.set_position(request.actor, "area", found.id, lat, lng, request.now, crs=text(request, "crs"))
    return f"/desk/places/areas/{found.code}/edit/"


def _shape(request: Request, found: Any) -> str:
    said = request.POST.get("shape", "").strip()
    try:
        shape = json.loads(said) if said else None
    except (ValueError, RecursionError):
        raise Invalid("This is not a GeoJSON object.", field="shape", code="bad-json") from None
    operations.set_shape(request.actor, found.id, shape, request.now, crs=text(request, "crs"))
    return f"/desk/places/areas/{found.code}/edit/"


def _parents(request: Request, found: Any) -> list[tuple[str, str]]:
    """Where the area may come to."""
    if found.valid_until is not None:
        return []
    rows = queries.parents_to_choose(request.actor, found, request.now)
    return [(row.code, f"{row.parent.name} · {row.name}" if row.parent else row.name) for row in rows]


def _move(request: Request, found: Any) -> str:
    chosen = text(request, "parent", 24)
    if not chosen:
        raise Invalid("Please choose.", field="parent", code="not-chosen")
    on = day(request, "day") if text(request, "day", 10) else None
    parent = queries.area_by_code(chosen)
    matters = journeys.move_area(request.actor, found.id, parent.id, request.now, day=on, most=MOST_MATTERS)
    said = _("{n} matters went along to {name}. Now look at its grids, organisations and offices there.")
    messages.info(request, said.format(n=matters, name=parent.name))
    return f"/desk/places/areas/{found.code}/"


def _close(request: Request, found: Any) -> str:
    operations.close_area(request.actor, found.id, day(request, "until"), request.now)
    return f"/desk/places/areas/{found.code}/"


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def add(request: Request, code: str) -> HttpResponse:
    """Add what lies directly below: an area, or a building to an estate."""
    found = queries.managed_area(request.actor, code)
    below = [level for level in queries.levels() if level.rank > found.level.rank]
    context = dict(FRESH)
    if request.method == "POST":

        def deed() -> str:
            if found.level_id == ESTATE:
                made = operations.add_building(
                    request.actor, found.id, text(request, "name"), request.now, floors=number(request, "floors")
                )
                return f"/desk/places/buildings/{made.id}/"
            area = operations.add_area(
                request.actor,
                parent_id=found.id,
                level=text(request, "level"),
                name=text(request, "name"),
                address=text(request, "address"),
                code=text(request, "code", 40),
                now=request.now,
            )
            return f"/desk/places/areas/{area.code}/"

        response, context = attempt(request, deed, _("Added."))
        if response is not None:
            return response
    return page(
        request,
        "places/add.html",
        status=context.pop("status"),
        area=found,
        is_estate=found.level_id == ESTATE,
        levels=[(level.code, level_name(request, level)) for level in below],
        crumbs=crumbs(found.path, (_("Add"), "")),
        **context,
    )


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def building(request: Request, building_id: UUID) -> HttpResponse:
    """Name, floors and position of a building; a new unit; taking it away."""
    found = queries.building(building_id)
    may_see(request, found.estate.path)
    here = f"/desk/places/buildings/{found.id}/"
    do = request.POST.get("do", "")

    def deed() -> str:
        actor, now = request.actor, request.now
        if do == "unit":
            operations.add_unit(actor, found.id, text(request, "unit"), now)
        elif do == "position":
            lat, lng = degrees(request, "lat"), degrees(request, "lng")
            operations.set_position(actor, "building", found.id, lat, lng, now, crs=text(request, "crs"))
        elif do == "remove":
            operations.remove_building(actor, found.id, now)
            return f"/desk/places/areas/{found.estate.code}/"
        else:
            operations.edit_building(actor, found.id, text(request, "name"), now, floors=number(request, "floors"))
        return here

    context = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved."))
        if response is not None:
            return response
        found = queries.building(building_id)
    return page(
        request,
        "places/building_edit.html",
        status=context.pop("status"),
        building=found,
        crumbs=crumbs(found.estate.path, (found.name, here), (_("Edit"), "")),
        do=do,
        **context,
    )


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def unit(request: Request, unit_id: UUID) -> HttpResponse:
    """Name of a unit; a new home; taking it away."""
    found = queries.unit(unit_id)
    estate = found.building.estate
    may_see(request, estate.path)
    here = f"/desk/places/units/{found.id}/"
    do = request.POST.get("do", "")

    def deed() -> str:
        if do == "home":
            floor_area, use = _floor_area(request), text(request, "use")
            operations.add_home(
                request.actor,
                found.id,
                text(request, "home"),
                request.now,
                floor=number(request, "floor"),
                floor_area=floor_area,
                use=use,
            )
        elif do == "remove":
            operations.remove_unit(request.actor, found.id, request.now)
            return f"/desk/places/buildings/{found.building_id}/"
        elif do == "edit":
            operations.edit_unit(request.actor, found.id, text(request, "name"), request.now)
        else:
            raise Invalid("Please choose.", field="do", code="not-chosen")
        return here

    context = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved."))
        if response is not None:
            return response
        found = queries.unit(unit_id)
    up = (found.building.name, f"/desk/places/buildings/{found.building_id}/")
    return page(
        request,
        "places/unit_edit.html",
        status=context.pop("status"),
        unit=found,
        crumbs=crumbs(estate.path, up, (found.name or _("without unit"), here), (_("Edit"), "")),
        uses=uses(),
        do=do,
        **context,
    )


def _floor_area(request: Request) -> Decimal | None:
    try:
        return rules.parse_floor_area(text(request, "floor_area", 30))
    except ValueError as error:
        raise Invalid(str(error), field="floor_area", code="bad-floor-area") from None


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def home(request: Request, home_id: UUID) -> HttpResponse:
    """Number, floor, floor area and use of a home; taking it away."""
    found = queries.home(home_id)
    building, estate = found.unit.building, found.unit.building.estate
    may_see(request, estate.path)
    here = f"/desk/places/units/{found.unit_id}/"

    def deed() -> str:
        if request.POST.get("do") == "remove":
            operations.remove_home(request.actor, found.id, request.now)
        else:
            operations.edit_home(
                request.actor,
                found.id,
                text(request, "name"),
                request.now,
                floor=number(request, "floor"),
                floor_area=_floor_area(request),
                use=text(request, "use"),
            )
        return here

    context = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved."))
        if response is not None:
            return response
        found = queries.home(home_id)
    up = (building.name, f"/desk/places/buildings/{building.id}/")
    return page(
        request,
        "places/home_edit.html",
        status=context.pop("status"),
        home=found,
        may_read_people=request.actor.may("people.read", estate.path),
        crumbs=crumbs(estate.path, up, (found.unit.name or _("without unit"), here), (found.name, "")),
        uses=uses(),
        **context,
    )
