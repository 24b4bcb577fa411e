"""Places by kind, from an area to a home: what a QR code, the picker and a report name, and the codes themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tongxin.kernel.errors import NotFound
from tongxin.kernel.geo import bbox_around, haversine_m
from tongxin.kernel.text import clean_line
from tongxin.places import rules
from tongxin.places.models import Area, Building, Grid, Home, PlaceCode, Unit
from tongxin.places.queries.inside import building, buildings, grid, home, unit, units
from tongxin.places.queries.tree import area, area_by_code, as_id, current, names_by_path

Row = Area | Building | Unit | Home | Grid
_NEAR_CANDIDATES = 400


@dataclass(frozen=True, slots=True)
class Place:
    """What a QR code or a case points at: an area, building, unit, home or grid, with all a page needs to name it.

    ``path`` is that of the area it lies in, of the community for a grid; ``names`` run from the street down to the place itself.
    """

    kind: str
    id: UUID
    name: str
    area: Area
    path: str
    names: tuple[str, ...]
    lat: float | None
    lng: float | None

    @property
    def full_name(self) -> str:
        """Such as 红卫街道 东苑社区 东苑小区 3号楼 1单元."""
        return " ".join(self.names)


def picker_options(value: str, now: datetime, *, english: bool = True) -> tuple[str, list[tuple[str, str]]]:
    """The next choices of the area picker after ``value``: (name of the level, [(value, name)]).

    A level is named as the installation calls it, in English or in Chinese.
    Values are codes of areas, below estates ``building:ID`` and ``unit:ID``; empty is the top. No options: the last level.
    """
    kind, _, key = value.rpartition(":")
    if kind == PlaceCode.Kind.UNIT:
        return "", []
    if kind == PlaceCode.Kind.BUILDING:
        rows = [(f"unit:{row.id}", row.name) for row in units(building(as_id(key))) if row.name]
        return rules.N_("Unit"), rows
    parent = area_by_code(key) if key else None
    if parent is not None and parent.level_id == rules.ESTATE_LEVEL:
        return rules.N_("Building"), [(f"building:{row.id}", row.name) for row in buildings(parent, limit=500)]
    following = list(Area.objects.filter(current(now), parent=parent).select_related("level").order_by("code")[:500])
    level = following[0].level if following else None
    label = "" if level is None else level.name_en if english else level.name
    return label, [(row.code, row.name) for row in following]


def picked(value: str) -> Place:
    """The place that a value of the area picker stands for. Raises NotFound."""
    kind, _, key = value.rpartition(":")
    if kind:
        return place(kind, as_id(key))
    return place(PlaceCode.Kind.AREA, area_by_code(key).id)


def nearest(lat: float, lng: float, radius_m: float = 500, limit: int = 10) -> list[tuple[float, Place]]:
    """Estates, communities and buildings within the radius, as (metres, place), the nearest first."""
    box = bbox_around(lat, lng, radius_m)
    inside = Q(lat__range=(box.min_lat, box.max_lat), lng__range=(box.min_lng, box.max_lng))
    found_areas = Area.objects.filter(inside, valid_until=None).filter(depth__gte=2)[:_NEAR_CANDIDATES]
    found_buildings = Building.objects.filter(inside).select_related("estate")[:_NEAR_CANDIDATES]
    rows: list[Area | Building] = [*found_areas, *found_buildings]
    measured = [
        (haversine_m(lat, lng, row.lat, row.lng), row) for row in rows if row.lat is not None and row.lng is not None
    ]
    best = sorted((pair for pair in measured if pair[0] <= radius_m), key=lambda pair: pair[0])[:limit]
    names = _names(row.path if isinstance(row, Area) else row.estate.path for _, row in best)
    return [(metres, _place(row, names)) for metres, row in best]


def _names(paths: Iterable[str]) -> dict[str, str]:
    return names_by_path({above for path in paths for above in rules.lineage_paths(path)})


def _local(path: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """The names on a path below the county: city and county go without saying on a poster or a form."""
    above = [names.get(one, "") for one in rules.lineage_paths(path)]
    return tuple(above[2:] or above[-1:])


def _place(row: Row, names: Mapping[str, str]) -> Place:
    own: tuple[str, ...]
    lat = lng = None
    if isinstance(row, Area):
        kind, found, own = PlaceCode.Kind.AREA, row, ()
        lat, lng = row.lat, row.lng
    elif isinstance(row, Grid):
        kind, found, own = PlaceCode.Kind.GRID, row.community, (row.name,)
    elif isinstance(row, Building):
        kind, found, own = PlaceCode.Kind.BUILDING, row.estate, (row.name,)
        lat, lng = row.lat, row.lng
    else:
        of_unit = row.unit if isinstance(row, Home) else row
        kind = PlaceCode.Kind.HOME if isinstance(row, Home) else PlaceCode.Kind.UNIT
        found = of_unit.building.estate
        inside = (of_unit.building.name, of_unit.name, row.name if isinstance(row, Home) else "")
        own = tuple(name for name in inside if name)
        lat, lng = of_unit.building.lat, of_unit.building.lng
    all_names = (*_local(found.path, names), *own)
    return Place(kind.value, row.id, row.name or all_names[-1], found, found.path, all_names, lat, lng)


def place(kind: str, place_id: UUID) -> Place:
    """A place by its kind (area, building, unit, home, grid) and id. Raises NotFound."""
    readers: dict[str, Callable[[UUID], Row]] = {
        PlaceCode.Kind.AREA: area,
        PlaceCode.Kind.BUILDING: building,
        PlaceCode.Kind.UNIT: unit,
        PlaceCode.Kind.HOME: home,
        PlaceCode.Kind.GRID: grid,
    }
    if kind not in readers:
        raise NotFound("There is no such place.", code="no-place")
    row = readers[kind](place_id)
    return _place(row, _names([_area_of(row).path]))


def _area_of(row: Row) -> Area:
    if isinstance(row, Area):
        return row
    if isinstance(row, Grid):
        return row.community
    if isinstance(row, Building):
        return row.estate
    return (row.unit if isinstance(row, Home) else row).building.estate


def place_of_code(code: str) -> Place:
    """The place that a QR code stands for; the code may be typed by hand. Raises NotFound."""
    found = PlaceCode.objects.filter(code=clean_line(code, 12).upper()).first()
    if found is None:
        raise NotFound("This code belongs to no place. Choose the place yourself.", code="no-place-code")
    return place(found.kind, found.place_id)


def code_of(kind: str, place_id: UUID) -> str | None:
    """The code of a place, if it has one already."""
    return PlaceCode.objects.filter(kind=kind, place_id=place_id).values_list("code", flat=True).first()


def places_of_estate(estate: Area) -> list[tuple[Place, str | None]]:
    """The estate, its buildings and units in order, each with its code if it has one: what posters are made of."""
    names = _names([estate.path])
    rows: list[Area | Building | Unit] = [estate]
    unit_rows = Unit.objects.filter(building__estate=estate).select_related("building__estate")
    by_building: dict[UUID, list[Unit]] = {}
    for row in unit_rows.order_by("sort_key", "id"):
        by_building.setdefault(row.building_id, []).append(row)
    for found in Building.objects.filter(estate=estate).select_related("estate").order_by("sort_key", "id"):
        own = by_building.get(found.id, [])
        rows.append(found)
        rows.extend(row for row in own if row.name)
    codes = dict(PlaceCode.objects.filter(place_id__in=[row.id for row in rows]).values_list("place_id", "code"))
    return [(_place(row, names), codes.get(row.id)) for row in rows]


def places_of_homes(kind: str, place_id: UUID, limit: int) -> list[tuple[Place, str | None]]:
    """The homes of a building or a unit, or one home alone, in order, each with its code if it has one: what is put on
    doors. At most ``limit``. Raises NotFound for any other kind."""
    within = {"building": "unit__building", "unit": "unit", "home": "pk"}.get(kind)
    if within is None:
        raise NotFound("There is no such place.", code="no-place")
    rows = (
        Home.objects.filter(**{within: place_id})
        .select_related("unit__building__estate")
        .defer("unit__building__estate__shape", "unit__building__shape")
        .order_by("unit__sort_key", "unit_id", "sort_key", "id")
    )
    found = list(rows[:limit])
    names = _names({row.unit.building.estate.path for row in found})
    codes = dict(
        PlaceCode.objects.filter(kind=PlaceCode.Kind.HOME, place_id__in=[row.id for row in found]).values_list(
            "place_id", "code"
        )
    )
    return [(_place(row, names), codes.get(row.id)) for row in found]
