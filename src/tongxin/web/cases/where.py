"""Where a report is: picked from lists, given by a code on a poster, by one's own home, or by the phone's position.

A picked place is written ``a.CODE`` (area), ``b.ID`` (building) or ``u.ID`` (unit).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.people.queries.areas import day_of
from tongxin.people.queries.helping import on_behalf_options
from tongxin.people.queries.register import ties_of
from tongxin.places import queries as places

Options = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Where:
    """A place that a report can name."""

    area_id: UUID
    area_path: str
    name: str
    building_id: UUID | None = None
    unit_id: UUID | None = None
    home_id: UUID | None = None
    lat: float | None = None
    lng: float | None = None
    home: Any = None  # the row of the home, for whoever needs it next
    within: str = ""  # words that say it nearer than the area does: the grid of a poster


@dataclass(frozen=True, slots=True)
class Home:
    """A home of the reader, or of a family member whom they act for: ``whose`` it is."""

    id: UUID
    address: str
    whose: str = ""
    person_id: UUID | None = None


def homes_of(actor: Actor, now: datetime) -> list[Home]:
    """The homes that the actor lives in, rents or owns, then those of the family members whom they act for, each once.
    Four queries."""
    if actor.person_id is None:
        return []
    family = {one.person_id: one.name for one in on_behalf_options(actor)}
    people = [*([actor.person_id] if actor.home_paths else []), *family]
    if not people:
        return []
    ties = ties_of(people, day_of(now), only_current=True)
    homes: dict[UUID, Home] = {}
    for person in people:
        for tie in ties.get(person, []):
            whose = family.get(person, "")
            homes.setdefault(tie.home_id, Home(tie.home_id, tie.address, whose, person if whose else None))
    return list(homes.values())


def of_home(home_id: UUID) -> Where:
    """A home as a place. The caller has asked whose it is."""
    home = places.home(home_id)
    building = home.unit.building
    names = (building.estate.name, building.name, home.unit.name, home.name)
    name = " ".join(part for part in names if part)
    return Where(
        building.estate.id,
        building.estate.path,
        name,
        building.id,
        home.unit.id,
        home.id,
        building.lat,
        building.lng,
        home,
    )


def of_code(code: str, now: datetime) -> Where:
    """The place of a code on a poster or a door, whoever scans it: it is the address, and tells nobody's name.

    Raises :class:`NotFound`, and :class:`Invalid` for a place of an area that is no more.
    """
    found = places.place_of_code(code)
    closed = found.area.valid_until
    if closed is not None and closed <= day_of(now):
        raise Invalid("Please choose where it is.", field="area")
    if found.kind == "home":
        return of_home(found.id)
    if found.kind == "grid":
        return _of_grid(places.grid(found.id), now)
    return of_choice(f"{found.kind[0]}.{found.area.code if found.kind == 'area' else found.id.hex}", now)


def of_choice(choice: str, now: datetime) -> Where:
    """The picked place. Raises :class:`Invalid` for what is none, and where nobody could tell who deals with it."""
    kind, _dot, key = choice.partition(".")
    try:
        if kind == "b":
            building = places.building(UUID(key))
            return _of_building(building)
        if kind == "u":
            unit = places.unit(UUID(key))
            inside = _of_building(unit.building)
            name = " ".join(part for part in (inside.name, unit.name) if part)
            return Where(
                inside.area_id, inside.area_path, name, inside.building_id, unit.id, None, inside.lat, inside.lng
            )
        area = places.area_by_code(key)
    except (ValueError, NotFound):
        raise Invalid("Please choose where it is.", field="area") from None
    ended = area.valid_until is not None and area.valid_until <= day_of(now)
    if kind != "a" or ended or places.community_of(area.path) is None:
        raise Invalid("Please choose at least the community.", field="area")
    return Where(area.id, area.path, area.name, lat=area.lat, lng=area.lng)


def _of_grid(grid: Any, now: datetime) -> Where:
    """The community, and the grid's name as long as there is that grid: its posters may hang on."""
    community = grid.community
    ended = grid.valid_until is not None and grid.valid_until <= day_of(now)
    name = community.name if ended else f"{community.name} {grid.name}"
    lat, lng = community.lat, community.lng
    return Where(community.id, community.path, name, lat=lat, lng=lng, within="" if ended else grid.name)


def _of_building(building: Any) -> Where:
    estate = building.estate
    return Where(
        estate.id, estate.path, f"{estate.name} {building.name}", building.id, None, None, building.lat, building.lng
    )


def of_position(lat: float, lng: float) -> Where | None:
    """What the position lies in or next to: the outline that holds it, else the nearest known place."""
    area = places.area_at(lat, lng)
    if area is not None and places.community_of(area.path) is not None:
        return Where(area.id, area.path, area.name, lat=lat, lng=lng)
    near = places.nearest(lat, lng, radius_m=1000, limit=5)
    for _metres, place in near:
        if places.community_of(place.path) is not None:
            return Where(place.area.id, place.path, place.area.name, lat=lat, lng=lng)
    return None


def choice_of(where: Where) -> str:
    """The place as the picker names it."""
    if where.unit_id is not None:
        return f"u.{where.unit_id.hex}"
    if where.building_id is not None:
        return f"b.{where.building_id.hex}"
    return f"a.{where.area_path.strip('/').split('/')[-1]}"


def _level_name(level: Any) -> str:
    return level.name_en if (get_language() or "").startswith("en") else level.name


def below(choice: str, now: datetime) -> tuple[str, Options]:
    """(label, options) of what lies directly below a picked place; no options at the end."""
    kind, _dot, key = choice.partition(".")
    if kind == "u":
        return "", []
    if kind == "b":
        units = [unit for unit in places.units(places.building(_id(key))) if unit.name]
        return _("Unit"), [(f"u.{unit.id.hex}", unit.name) for unit in units]
    area = places.area_by_code(key)
    children = places.children(area, now, limit=500)
    if children:
        return _level_name(children[0].level), [(f"a.{row.code}", row.name) for row in children]
    buildings = places.buildings(area, limit=500)
    return _("Building"), [(f"b.{row.id.hex}", row.name) for row in buildings]


def _id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise NotFound("There is no such place.", code="no-place") from None


def levels(choice: str, community_path: str, now: datetime) -> list[dict[str, Any]]:
    """The picker's selects down to the one below ``choice``. Somebody with a community begins within it."""
    chain = _chain(choice)
    start = community_path.strip("/").split("/")[-1] if community_path else ""
    begins = f"a.{start}" if start else ""
    rows: list[dict[str, Any]] = []
    if begins and (not chain or begins in chain):
        above = begins
        chain = chain[chain.index(begins) + 1 :] if chain else []
    else:
        tops = places.top_areas(now)
        above = ""
        if len(tops) == 1:
            above = f"a.{tops[0].code}"
            chain = chain[1:]
        else:
            label = _level_name(tops[0].level) if tops else _("Area")
            options = [(f"a.{row.code}", row.name) for row in tops]
            rows.append({"label": label, "options": options, "value": chain[0] if chain else ""})
            above, chain = (chain[0], chain[1:]) if chain else ("", [])
    while above:
        label, options = below(above, now)
        if not options:
            break
        value = chain[0] if chain else ""
        rows.append({"label": label, "options": options, "value": value})
        above, chain = value, chain[1:]
    return rows


def _chain(choice: str) -> list[str]:
    """A picked place with everything above it, from the top."""
    kind, _dot, key = choice.partition(".")
    try:
        if kind == "u":
            unit = places.unit(UUID(key))
            return [*_areas(unit.building.estate.path), f"b.{unit.building_id.hex}", f"u.{unit.id.hex}"]
        if kind == "b":
            building = places.building(UUID(key))
            return [*_areas(building.estate.path), f"b.{building.id.hex}"]
        return _areas(places.area_by_code(key).path) if kind == "a" and key else []
    except (ValueError, NotFound):
        return []


def _areas(path: str) -> list[str]:
    return [f"a.{code}" for code in path.strip("/").split("/")]
