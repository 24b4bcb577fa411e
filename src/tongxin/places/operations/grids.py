"""Grids 网格: sets of buildings of one community. Who is responsible is an appointment, one layer up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.places import rules
from tongxin.places.models import Building, Grid
from tongxin.places.operations._common import PERMISSION, checked_name, locked_area, tell


def _locked_grid(actor: Actor, grid_id: UUID) -> Grid:
    found = Grid.objects.select_for_update(of=("self",)).select_related("community").filter(id=grid_id).first()
    if found is None:
        raise NotFound("There is no such grid.", code="no-grid")
    actor.require(PERMISSION, found.community.path)
    return found


def make_grid(actor: Actor, community_id: UUID, name: str, now: datetime, *, code: str = "") -> Grid:
    """Make a grid of a community; without ``code`` the next free number. Raises Conflict if name or code is taken."""
    with transaction.atomic():
        community = locked_area(community_id)
        actor.require(PERMISSION, community.path)
        if community.level_id != rules.COMMUNITY_LEVEL:
            raise Invalid("Grids belong to communities.", field="community", code="wrong-level")
        name = checked_name(name, rules.NAME_MAX)
        existing = Grid.objects.filter(community=community)
        code = code.strip()[:24] or rules.next_code(f"{community.code}W", existing.values_list("code", flat=True), 2)
        if (
            existing.filter(valid_until=None, name=name).exists()
            or existing.filter(valid_until=None, code=code).exists()
        ):
            raise Conflict("The community has a grid of this name or code.", code="grid-exists")
        made = Grid.objects.create(community=community, code=code, name=name, valid_from=rules.local_day(now))
        tell(actor, "grid.made", "grid", made.id, community.path, now, {"name": name, "code": code}, new=True)
    return made


def rename_grid(actor: Actor, grid_id: UUID, name: str, now: datetime) -> Grid:
    """Give a grid another name."""
    with transaction.atomic():
        grid = _locked_grid(actor, grid_id)
        old, grid.name = grid.name, checked_name(name, rules.NAME_MAX)
        others = Grid.objects.filter(community=grid.community, valid_until=None, name=grid.name).exclude(id=grid.id)
        if others.exists():
            raise Conflict("The community has a grid of this name or code.", code="grid-exists")
        grid.save(update_fields=["name"])
        tell(actor, "grid.renamed", "grid", grid.id, grid.community.path, now, {"from": old, "to": grid.name})
    return grid


def assign_buildings_to_grid(actor: Actor, grid_id: UUID, building_ids: Collection[UUID], now: datetime) -> int:
    """Make the grid exactly these buildings, taking them from other grids; returns how many it has.

    Raises Invalid if one of them does not stand in the grid's community.
    """
    with transaction.atomic():
        grid = _locked_grid(actor, grid_id)
        wanted = set(building_ids)
        rows = Building.objects.select_for_update(of=("self",)).filter(id__in=wanted, estate__parent=grid.community)
        found = {row.id: row.grid_id for row in rows}
        if found.keys() != wanted:
            raise Invalid("A building does not stand in this community.", field="buildings", code="wrong-building")
        before = set(Building.objects.filter(grid=grid).values_list("id", flat=True))
        Building.objects.filter(grid=grid).exclude(id__in=wanted).update(grid=None)
        Building.objects.filter(id__in=wanted).update(grid=grid)
        data = {"buildings": sorted(map(str, wanted)), "released": sorted(map(str, before - wanted))}
        tell(actor, "grid.drawn", "grid", grid.id, grid.community.path, now, data)
    return len(wanted)


def close_grid(actor: Actor, grid_id: UUID, until: date, now: datetime) -> Grid:
    """End a grid; ``until`` is the first day without it, at the latest tomorrow. Its buildings are free again."""
    with transaction.atomic():
        grid = _locked_grid(actor, grid_id)
        if grid.valid_until is not None:
            raise Conflict("The grid is closed already.", code="grid-closed")
        if until <= grid.valid_from:
            raise Invalid("The grid must have existed for a day at least.", field="until", code="day-too-early")
        grid.valid_until = until
        grid.save(update_fields=["valid_until"])
        Building.objects.filter(grid=grid).update(grid=None)
        tell(actor, "grid.closed", "grid", grid.id, grid.community.path, now, {"until": until})
    return grid
