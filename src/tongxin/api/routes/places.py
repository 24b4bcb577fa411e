"""Who I am, what a case can be about, and where it can be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Path, Router

from tongxin.api import cursors, document
from tongxin.api.schemas.base import CODE, Code, Cursor, Limit
from tongxin.api.schemas.lists import Me, Office
from tongxin.api.schemas.places import (
    Area,
    Areas,
    Building,
    Buildings,
    Categories,
    Category,
    Home,
    Homes,
    Place,
    Unit,
    Units,
    area_out,
)
from tongxin.cases.queries.categories import categories
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.places import queries as places

router = Router()


def area_named(code: str) -> Any:
    """The area with this code, given as a field. Raises :class:`Invalid`."""
    try:
        return places.area_by_code(code)
    except NotFound:
        raise Invalid("Please choose where it is.", field="area") from None


def category_path(code: str) -> str:
    """The path of the category with this code, given as a field. Raises :class:`Invalid`."""
    parents = {row.code: row.parent for row in categories()}
    if code not in parents:
        raise Invalid("Please choose what it is about.", field="category")
    chain = [code]
    while parent := parents.get(chain[0]):
        chain.insert(0, parent)
    return "".join(f"{one}/" for one in chain)


def get_me(request: Any) -> Me:
    """Who acts by this token, with which scopes and in which office."""
    actor, token = request.actor, request.token
    offices = [
        Office(role=grant.role, organisation_id=grant.organisation_id, area_code=_last(grant.area_path))
        for grant in actor.grants
    ]
    return Me(
        token=token.name,
        person_id=actor.person_id,
        name=actor.name,
        trust=actor.trust.name.lower(),
        scopes=list(token.scopes),
        offices=offices,
        expires_at=token.expires_at,
    )


def _last(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def list_categories(request: Any) -> Categories:
    """What a case can be about, with the extra questions of each."""
    names = ("code", "name", "name_en", "hint", "parent", "is_service")
    return Categories(
        categories=[
            Category(
                **{name: getattr(row, name) for name in names}, questions=[dict(question) for question in row.questions]
            )
            for row in categories()
        ]
    )


def list_areas(
    request: Any, parent: Code | None = None, search: str = "", cursor: Cursor = "", limit: Limit = 100
) -> Areas:
    """Areas below `parent` (without it the topmost), or at most twenty whose name holds `search`."""
    if search:
        return Areas(areas=[area_out(row) for row in places.search(search, request.now)])
    if parent is None:
        return Areas(areas=[area_out(row) for row in places.top_areas(request.now)])
    above, of = places.area_by_code(parent), f"areas {parent}"
    rows = list(places.children(above, request.now, after=cursors.read(of, cursor), limit=limit + 1))
    following = rows[limit - 1].code if len(rows) > limit else ""
    return Areas(areas=[area_out(row) for row in rows[:limit]], next=cursors.make(of, following))


def get_area(request: Any, code: str = Path(..., pattern=CODE)) -> Area:
    """One area."""
    return area_out(places.area_by_code(code))


def _after(of: str, cursor: str) -> tuple[str, UUID] | None:
    """The sort key and id at which a list of places goes on."""
    value = cursors.read(of, cursor)
    if not value:
        return None
    sort_key, _, last = value.rpartition("|")
    return sort_key, UUID(last)


def _page(of: str, rows: list[Any], limit: int) -> tuple[list[Any], str]:
    """The rows of a page, one more having been asked for, and the cursor of the next."""
    last = rows[limit - 1] if len(rows) > limit else None
    return rows[:limit], cursors.make(of, f"{last.sort_key}|{last.id}" if last else "")


def list_buildings(
    request: Any, code: str = Path(..., pattern=CODE), cursor: Cursor = "", limit: Limit = 100
) -> Buildings:
    """Buildings of an estate as people count them."""
    estate, of = places.area_by_code(code), f"buildings {code}"
    rows, following = _page(of, list(places.buildings(estate, _after(of, cursor), limit + 1)), limit)
    return Buildings(buildings=[Building(id=row.id, name=row.name) for row in rows], next=following)


def list_units(request: Any, building: UUID) -> Units:
    """Units of a building."""
    return Units(units=[Unit(id=row.id, name=row.name) for row in places.units(places.building(building))])


def list_homes(request: Any, unit: UUID, cursor: Cursor = "", limit: Limit = 100) -> Homes:
    """Homes of a unit by their room number; never who lives there."""
    found, of = places.unit(unit), f"homes {unit}"
    rows, following = _page(of, list(places.homes(found, _after(of, cursor), limit + 1)), limit)
    return Homes(homes=[Home(id=row.id, name=row.name) for row in rows], next=following)


def get_place_of_code(request: Any, code: str = Path(..., pattern=CODE)) -> Place:
    """The place that the QR code of a poster or a door stands for."""
    place = places.place_of_code(code)
    return Place(kind=place.kind, id=place.id, name=place.name, area_code=_last(place.path), full_name=place.full_name)


document.add(router, "GET", "/me", get_me, "getMe", "Who I am", "Token", Me)
document.add(router, "GET", "/categories", list_categories, "listCategories", "Categories", "Places", Categories)
document.add(router, "GET", "/areas", list_areas, "listAreas", "Areas", "Places", Areas)
document.add(router, "GET", "/areas/{code}", get_area, "getArea", "One area", "Places", Area)
document.add(
    router, "GET", "/areas/{code}/buildings", list_buildings, "listBuildings", "Buildings of an estate", "Places",
    Buildings,
)  # fmt: skip
document.add(
    router, "GET", "/buildings/{building}/units", list_units, "listUnits", "Units of a building", "Places", Units
)
document.add(router, "GET", "/units/{unit}/homes", list_homes, "listHomes", "Homes of a unit", "Places", Homes)
document.add(
    router, "GET", "/codes/{code}", get_place_of_code, "getPlaceOfCode", "The place of a QR code", "Places", Place
)
