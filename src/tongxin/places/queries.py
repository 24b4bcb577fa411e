"""Reads of places: areas, what lies below estates, what is near a point, codes of posters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.geo import bbox_around, contains, haversine_m
from tongxin.kernel.text import clean_line
from tongxin.places import rules
from tongxin.places.models import Area, AreaPast, Building, Grid, Home, Level, PlaceCode, Unit
from tongxin.places.work_days import (
    confirmed_years,
    decided_days,
    forget_calendar,
    provisional_years,
    work_calendar,
)
from tongxin.record.statements import Statement

__all__ = ["confirmed_years", "decided_days", "forget_calendar", "provisional_years", "work_calendar"]

PAGE = 100
SEARCH_LIMIT = 20
_NEAR_CANDIDATES = 400
_SHAPES_LOOKED_AT = 50
_CURRENT_CHILD = Q(children__valid_until=None)

SortKey = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Place:
    """What a QR code or a case points at: an area, a building or a unit, with all a page needs to name it.

    ``path`` is that of the area it lies in; ``names`` run from the street down to the place itself.
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


def below(path: str, field: str = "path") -> Q:
    """Rows whose path is ``path`` or lies below it, by index on both databases."""
    if connection.vendor == "sqlite":
        # LIKE ignores case on SQLite and with it the index; its collation is binary, so a range says the same.
        return Q(**{f"{field}__gte": path, f"{field}__lt": rules.after_prefix(path)})
    return Q(**{f"{field}__startswith": path})


def current(now: datetime) -> Q:
    """Areas or grids that exist today in Shanghai."""
    return _on(rules.local_day(now))


def _on(today: date) -> Q:
    return Q(valid_from__lte=today) & (Q(valid_until=None) | Q(valid_until__gt=today))


# Areas.


def levels() -> Sequence[Level]:
    """All levels, the top first."""
    return list(Level.objects.all())


def area(area_id: UUID) -> Area:
    """An area with its level. Raises NotFound."""
    found = Area.objects.select_related("level", "parent").filter(id=area_id).first()
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


def area_by_code(code: str) -> Area:
    """The area that has this code now, else the last one that had it. Raises NotFound."""
    found = _BY_CODE.first(code)
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


_BY_CODE: Statement[Area] = Statement(
    lambda code: Area.objects.select_related("level", "parent").filter(code=code).order_by("-valid_from")[:1]
)


def area_by_path(path: str) -> Area:
    """The area with this path now. Raises NotFound."""
    found = Area.objects.select_related("level", "parent").filter(path=path).order_by("-valid_from").first()
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


def managed_area(actor: Actor, code: str, permission: str = "places.manage") -> Area:
    """The area with this code, if the actor holds the permission there. Raises NotFound or NotAllowed."""
    found = area_by_code(code)
    actor.require(permission, found.path)
    return found


def managed_roots(actor: Actor, now: datetime, permission: str = "places.manage") -> Sequence[Area]:
    """The topmost areas in which the actor holds the permission."""
    if actor.is_system:
        return top_areas(now)
    held = sorted(set(actor.areas_with(permission)))
    topmost = [path for path in held if not any(path != other and rules.is_within(path, other) for other in held)]
    return list(Area.objects.filter(current(now), path__in=topmost).select_related("level").order_by("path"))


def top_areas(now: datetime) -> Sequence[Area]:
    """Areas without a parent: usually one, the city or the county of this installation."""
    return _TOP(rules.local_day(now))


_TOP: Statement[Area] = Statement(
    lambda today: Area.objects.filter(_on(today), parent=None).select_related("level").order_by("code")
)


def lineage(path: str) -> Sequence[Area]:
    """The areas from the top down to this path, itself included, in one query."""
    paths = rules.lineage_paths(path)
    return _LINEAGE(paths) if paths else []


_LINEAGE: Statement[Area] = Statement(
    lambda paths: Area.objects.filter(path__in=paths).select_related("level").order_by("depth")
)


def names_by_path(paths: Iterable[str]) -> dict[str, str]:
    """Names of areas for lists, in one query."""
    return dict(Area.objects.filter(path__in=set(paths)).values_list("path", "name"))


def children(parent: Area, now: datetime, after: str = "", limit: int = PAGE) -> Sequence[Area]:
    """Areas directly below, by code, each with ``child_count``; ``after`` is the last code of the page before."""
    return _children(limit)(rules.local_day(now), parent.pk, after)


@lru_cache(maxsize=16)
def _children(limit: int) -> Statement[Area]:
    def build(today: date, parent: UUID, after: str) -> QuerySet[Area]:
        rows = Area.objects.filter(_on(today), parent_id=parent, code__gt=after).select_related("level")
        return rows.annotate(child_count=Count("children", filter=_CURRENT_CHILD)).order_by("code")[:limit]

    return Statement(build)


def estates(community: Area, now: datetime) -> Sequence[Area]:
    """The estates of a community by name, each with ``building_count``."""
    rows = Area.objects.filter(current(now), parent=community, level=rules.ESTATE_LEVEL)
    return sorted(rows.annotate(building_count=Count("buildings")), key=lambda e: rules.natural_key(e.name))


def communities(within: str, now: datetime) -> Sequence[Area]:
    """The communities in an area, by path."""
    return list(Area.objects.filter(current(now), below(within), level=rules.COMMUNITY_LEVEL).order_by("path"))


def community_of(path: str) -> Area | None:
    """The community on a path, if it reaches that far down."""
    return Area.objects.filter(path__in=rules.lineage_paths(path), level=rules.COMMUNITY_LEVEL).first()


def search(text: str, now: datetime, within: Iterable[str] = ("",), limit: int = SEARCH_LIMIT) -> Sequence[Area]:
    """Areas whose name or code holds the text, the nearest to the top first. ``within``: paths; ``""``: all."""
    wanted = clean_line(text, 40)
    if not wanted:
        return []
    paths = list(within)
    where = Q() if "" in paths else Q(pk__in=[])
    for path in filter(None, paths):
        where |= below(path)
    found = Q(name__contains=wanted) | Q(official_name__contains=wanted) | Q(code__startswith=wanted)
    rows = Area.objects.filter(current(now), where, found).select_related("level", "parent")
    return list(rows.order_by("depth", "path")[:limit])


def area_options(parent: Area | None, now: datetime) -> list[tuple[str, str, bool]]:
    """For the area picker, one level at a time: (code, name, whether there is more below)."""
    rows = (
        Area.objects.filter(current(now), parent=parent)
        .annotate(more=Count("children", filter=_CURRENT_CHILD))
        .order_by("code")
    )
    return [(row.code, row.name, row.more > 0) for row in rows[:500]]


def picker_options(value: str, now: datetime) -> tuple[str, list[tuple[str, str]]]:
    """The next choices of the area picker after ``value``: (name of the level, [(value, name)]).

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
    label = following[0].level.name_en if following else ""
    return label, [(row.code, row.name) for row in following]


def picked(value: str) -> Place:
    """The place that a value of the area picker stands for. Raises NotFound."""
    kind, _, key = value.rpartition(":")
    if kind:
        return place(kind, as_id(key))
    return place(PlaceCode.Kind.AREA, area_by_code(key).id)


def as_id(text: str) -> UUID:
    """An id out of an address or a form. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such place.", code="no-place") from None


def name_on(found: Area, day: date) -> str:
    """What an area was called on a day."""
    past = AreaPast.objects.filter(area=found, valid_from__lte=day, valid_until__gt=day).first()
    return past.name if past else found.name


def past_of(found: Area) -> Sequence[AreaPast]:
    """Earlier names and parents of an area, the latest first."""
    return list(AreaPast.objects.filter(area=found).order_by("-valid_until", "-id"))


# Below the estate. Lists page by (sort key, id).


def _after(rows: QuerySet[Building], after: SortKey | None) -> QuerySet[Building]:
    if after is None:
        return rows
    return rows.filter(Q(sort_key__gt=after[0]) | Q(sort_key=after[0], id__gt=after[1]))


def buildings(estate: Area, after: SortKey | None = None, limit: int = PAGE) -> Sequence[Building]:
    """Buildings of an estate as people count them, with ``grid`` and ``unit_count``."""
    rows = _after(Building.objects.filter(estate=estate), after).select_related("grid")
    return list(rows.annotate(unit_count=Count("units")).order_by("sort_key", "id")[:limit])


def building(building_id: UUID) -> Building:
    """A building with estate and grid. Raises NotFound."""
    found = Building.objects.select_related("estate__parent", "grid").filter(id=building_id).first()
    if found is None:
        raise NotFound("There is no such building.", code="no-building")
    return found


def units(found: Building) -> Sequence[Unit]:
    """Units of a building in order, each with ``home_count``."""
    return list(found.units.annotate(home_count=Count("homes")).order_by("sort_key", "id"))


def unit(unit_id: UUID) -> Unit:
    """A unit with building and estate. Raises NotFound."""
    found = Unit.objects.select_related("building__estate__parent").filter(id=unit_id).first()
    if found is None:
        raise NotFound("There is no such unit.", code="no-unit")
    return found


def homes(found: Unit, after: SortKey | None = None, limit: int = PAGE) -> Sequence[Home]:
    """Homes of a unit by room number."""
    rows = Home.objects.filter(unit=found).order_by("sort_key", "id")
    if after is not None:
        rows = rows.filter(Q(sort_key__gt=after[0]) | Q(sort_key=after[0], id__gt=after[1]))
    return list(rows[:limit])


_HOME: Statement[Home] = Statement(
    lambda home_id: (
        Home.objects.select_related("unit__building__estate__parent")
        .defer("unit__building__estate__shape", "unit__building__estate__parent__shape")
        .filter(id=home_id)
    )
)


def home(home_id: UUID) -> Home:
    """A home with unit, building and estate. Raises NotFound."""
    found = _HOME.first(home_id)
    if found is None:
        raise NotFound("There is no such home.", code="no-home")
    return found


def find_home(estate: Area, building_name: str, unit_name: str, room: str) -> Home | None:
    """The home at an address of an estate, if there is one."""
    return Home.objects.filter(
        unit__building__estate=estate, unit__building__name=building_name, unit__name=unit_name, name=room
    ).first()


def home_counts(estate_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Homes per estate, for the estates of one community at most."""
    rows = Home.objects.filter(unit__building__estate__in=list(estate_ids)).order_by()
    counted = rows.values_list("unit__building__estate_id").annotate(n=Count("id"))
    return dict(counted)


# Grids.


def grids(community: Area, now: datetime) -> Sequence[Grid]:
    """Grids of a community by code, each with ``building_count``."""
    rows = Grid.objects.filter(current(now), community=community)
    return list(rows.annotate(building_count=Count("buildings")).order_by("code"))


def grid(grid_id: UUID) -> Grid:
    """A grid with its community. Raises NotFound."""
    found = Grid.objects.select_related("community").filter(id=grid_id).first()
    if found is None:
        raise NotFound("There is no such grid.", code="no-grid")
    return found


def buildings_of_community(community: Area, now: datetime, limit: int = 2_000) -> Sequence[Building]:
    """All buildings of a community's estates, estate by estate, with ``estate`` and ``grid``: to draw grids with."""
    rows = Building.objects.filter(estate__in=Area.objects.filter(current(now), parent=community))
    return list(rows.select_related("estate", "grid").order_by("estate__code", "sort_key", "id")[:limit])


# Points and shapes.


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


def area_at(lat: float, lng: float) -> Area | None:
    """The lowest area whose outline holds the point; None where no outline does."""
    rows = Area.objects.filter(valid_until=None, south__lte=lat, north__gte=lat, west__lte=lng, east__gte=lng).order_by(
        "-depth", "path"
    )
    return next((row for row in rows[:_SHAPES_LOOKED_AT] if row.shape and contains(row.shape, lat, lng)), None)


# Places by kind, and the codes on posters.


def _names(paths: Iterable[str]) -> dict[str, str]:
    return names_by_path({above for path in paths for above in rules.lineage_paths(path)})


def _place(row: Area | Building | Unit, names: Mapping[str, str]) -> Place:
    own: tuple[str, ...]
    if isinstance(row, Area):
        kind, found, own = PlaceCode.Kind.AREA, row, ()
        lat, lng = row.lat, row.lng
    elif isinstance(row, Building):
        kind, found, own = PlaceCode.Kind.BUILDING, row.estate, (row.name,)
        lat, lng = row.lat, row.lng
    else:
        kind, found = PlaceCode.Kind.UNIT, row.building.estate
        own = (row.building.name, row.name) if row.name else (row.building.name,)
        lat, lng = row.building.lat, row.building.lng
    # City and county go without saying on a poster or a form.
    above = [names.get(path, "") for path in rules.lineage_paths(found.path)]
    local = above[2:] or above[-1:]
    return Place(kind.value, row.id, row.name or (*local, *own)[-1], found, found.path, (*local, *own), lat, lng)


def place(kind: str, place_id: UUID) -> Place:
    """A place by its kind (area, building, unit) and id. Raises NotFound."""
    row: Area | Building | Unit
    if kind == PlaceCode.Kind.BUILDING:
        row = building(place_id)
        path = row.estate.path
    elif kind == PlaceCode.Kind.UNIT:
        row = unit(place_id)
        path = row.building.estate.path
    elif kind == PlaceCode.Kind.AREA:
        row = area(place_id)
        path = row.path
    else:
        raise NotFound("There is no such place.", code="no-place")
    return _place(row, _names([path]))


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
