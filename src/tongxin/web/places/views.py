"""Looking around in the register of places, and what a scanned code leads to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from tongxin.kernel.errors import NotFound
from tongxin.people.queries.of_places import workers_of_grids
from tongxin.places import queries
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

PERMISSION = "places.manage"
ESTATE, COMMUNITY = "estate", "community"


@require_GET
@policy("public")
def scanned(request: Request, code: str) -> HttpResponse:
    """A poster's code: to the report form with the place filled in."""
    queries.place_of_code(code)
    return HttpResponseRedirect(f"/report/?{urlencode({'place': code.strip().upper()})}")


@require_GET
@policy("public")
def options(request: Request) -> HttpResponse:
    """The next level of the area picker."""
    label, rows = queries.picker_options(
        request.GET.get("parent", "")[:60], request.now, english=request.LANGUAGE_CODE == "en"
    )
    return JsonResponse({"label": _(label) if label else "", "options": rows})


def crumbs(path: str, *more: tuple[str, str]) -> list[dict[str, str]]:
    """The areas above a page, then its own (label, address)."""
    above = [{"label": a.name, "href": f"/desk/places/areas/{a.code}/"} for a in queries.lineage(path)]
    return [
        {"label": _("Places"), "href": "/desk/places/"},
        *above,
        *({"label": label, "href": href} for label, href in more),
    ]


def level_name(request: Request, level: Any) -> str:
    """The level's name in the language of the page."""
    return str(level.name_en if request.LANGUAGE_CODE == "en" else level.name)


def after_key(request: Request) -> tuple[str, UUID] | None:
    """The key after which a list goes on."""
    key, _, last = request.GET.get("after", "").rpartition("~")
    return (key[:80], queries.as_id(last)) if last else None


def next_key(rows: Any, href: str, size: int = queries.PAGE) -> str:
    """The address of the list's next page, if there may be one."""
    if len(rows) < size:
        return ""
    return f"{href}?{urlencode({'after': f'{rows[-1].sort_key}~{rows[-1].id}'})}"


@require_GET
@policy(permission=PERMISSION)
def index(request: Request) -> HttpResponse:
    """What one manages: the topmost areas, and a search within them."""
    text = request.GET.get("q", "")
    roots = queries.managed_roots(request.actor, request.now)
    found = queries.search(text, request.now, [root.path for root in roots]) if text.strip() else None
    return page(
        request,
        "places/index.html",
        roots=roots,
        text=text,
        found=found,
        may_calendar=request.actor.may_somewhere("system.administer"),
        level_name=lambda level: level_name(request, level),
    )


@require_GET
@policy(permission=PERMISSION)
def area(request: Request, code: str) -> HttpResponse:
    """An area: what lies below it, with counts; an estate shows its buildings."""
    found = queries.managed_area(request.actor, code)
    if found.level_id == ESTATE:
        return _estate(request, found)
    href = f"/desk/places/areas/{found.code}/"
    after = request.GET.get("after", "")[:24]
    children = queries.children(found, request.now, after)
    homes = queries.home_counts([child.id for child in children]) if found.level_id == COMMUNITY else {}
    more = f"{href}?{urlencode({'after': children[-1].code})}" if len(children) == queries.PAGE else ""
    return page(
        request,
        "places/area.html",
        area=found,
        level=level_name(request, found.level),
        crumbs=crumbs(found.path),
        children=children,
        homes=homes,
        is_community=found.level_id == COMMUNITY,
        more=more,
        level_name=lambda level: level_name(request, level),
    )


def _estate(request: Request, found: Any) -> HttpResponse:
    rows = queries.buildings(found, after_key(request))
    grids = {row.grid_id for row in rows if row.grid_id}
    return page(
        request,
        "places/estate.html",
        estate=found,
        crumbs=crumbs(found.path),
        buildings=rows,
        homes=queries.home_counts([found.id]).get(found.id, 0),
        workers=workers_of_grids(grids, request.now),
        more=next_key(rows, f"/desk/places/areas/{found.code}/"),
    )


@require_GET
@policy(permission=PERMISSION)
def building(request: Request, building_id: UUID) -> HttpResponse:
    """A building with its units."""
    found = queries.building(building_id)
    may_see(request, found.estate.path)
    return page(
        request,
        "places/building.html",
        building=found,
        crumbs=crumbs(found.estate.path, (found.name, "")),
        units=queries.units(found),
        workers=workers_of_grids([found.grid_id] if found.grid_id else [], request.now),
    )


@require_GET
@policy(permission=PERMISSION)
def unit(request: Request, unit_id: UUID) -> HttpResponse:
    """A unit with its homes."""
    found = queries.unit(unit_id)
    estate = found.building.estate
    may_see(request, estate.path)
    homes = queries.homes(found, after_key(request))
    up = (found.building.name, f"/desk/places/buildings/{found.building_id}/")
    return page(
        request,
        "places/unit.html",
        unit=found,
        crumbs=crumbs(estate.path, up, (found.name or _("without unit"), "")),
        homes=homes,
        uses=dict(uses()),
        more=next_key(homes, f"/desk/places/units/{found.id}/"),
    )


def may_see(request: Request, path: str) -> None:
    """Places of other areas do not exist for the actor."""
    if not request.actor.may(PERMISSION, path):
        raise NotFound("There is no such place.", code="no-place")


def uses() -> list[tuple[str, str]]:
    """What a home is used for."""
    return [("dwelling", _("dwelling")), ("shop", _("shop")), ("other", _("other"))]
