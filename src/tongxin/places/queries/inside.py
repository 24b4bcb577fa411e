"""Reads of what stands inside an estate, and of grids. Lists page by (sort key, id)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tongxin.kernel.errors import NotFound
from tongxin.places.models import Area, Building, Grid, Home, Unit
from tongxin.places.queries.tree import PAGE, current
from tongxin.record.statements import Statement

SortKey = tuple[str, UUID]


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
