"""Buildings, units and homes: adding, editing, and taking away what was entered by mistake."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import ProtectedError

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.text import clean_line
from tongxin.places import rules
from tongxin.places.models import Building, Home, PlaceCode, Unit
from tongxin.places.operations._common import PERMISSION, checked_name, locked_area, tell


def _checked_floors(floors: int | None) -> int | None:
    if floors is not None and not 1 <= floors <= rules.MAX_FLOOR:
        raise Invalid("A building has 1 to 200 floors.", field="floors", code="bad-floors")
    return floors


def add_building(actor: Actor, estate_id: UUID, name: str, now: datetime, *, floors: int | None = None) -> Building:
    """Add a building to an estate. Raises Conflict if the estate has one of this name, Invalid outside of estates."""
    with transaction.atomic():
        estate = locked_area(estate_id)
        actor.require(PERMISSION, estate.path)
        if estate.level_id != rules.ESTATE_LEVEL:
            raise Invalid("Buildings stand in estates.", field="estate", code="wrong-level")
        name = checked_name(name, rules.NAME_MAX)
        if Building.objects.filter(estate=estate, name=name).exists():
            raise Conflict("The estate has a building of this name.", code="building-exists")
        made = Building.objects.create(
            estate=estate, name=name, sort_key=rules.natural_key(name), floors=_checked_floors(floors)
        )
        tell(actor, "building.added", "building", made.id, estate.path, now, {"name": name}, new=True)
    return made


def edit_building(actor: Actor, building_id: UUID, name: str, now: datetime, *, floors: int | None = None) -> Building:
    """Set name and number of floors of a building."""
    with transaction.atomic():
        building = _locked_building(building_id)
        actor.require(PERMISSION, building.estate.path)
        name = checked_name(name, rules.NAME_MAX)
        if Building.objects.filter(estate=building.estate, name=name).exclude(id=building.id).exists():
            raise Conflict("The estate has a building of this name.", code="building-exists")
        data = {"from": building.name, "to": name, "floors": floors}
        building.name, building.sort_key = name, rules.natural_key(name)
        building.floors = _checked_floors(floors)
        building.save(update_fields=["name", "sort_key", "floors"])
        tell(actor, "building.edited", "building", building.id, building.estate.path, now, data)
    return building


def _locked_building(building_id: UUID) -> Building:
    rows = Building.objects.select_for_update(of=("self",)).select_related("estate")
    found = rows.filter(id=building_id).first()
    if found is None:
        raise NotFound("There is no such building.", code="no-building")
    return found


def _locked_unit(unit_id: UUID) -> Unit:
    rows = Unit.objects.select_for_update(of=("self",)).select_related("building__estate")
    found = rows.filter(id=unit_id).first()
    if found is None:
        raise NotFound("There is no such unit.", code="no-unit")
    return found


def _locked_home(home_id: UUID) -> Home:
    rows = Home.objects.select_for_update(of=("self",)).select_related("unit__building__estate")
    found = rows.filter(id=home_id).first()
    if found is None:
        raise NotFound("There is no such home.", code="no-home")
    return found


def _unit_name(building: Building, name: str, but: UUID | None = None) -> str:
    name = clean_line(name, rules.NAME_MAX)
    same = Unit.objects.filter(building=building, name=name)
    if (same.exclude(id=but) if but else same).exists():
        raise Conflict("The building has a unit of this name.", code="unit-exists")
    return name


def add_unit(actor: Actor, building_id: UUID, name: str, now: datetime) -> Unit:
    """Add a unit 单元; a building without units has one with an empty name."""
    with transaction.atomic():
        building = _locked_building(building_id)
        actor.require(PERMISSION, building.estate.path)
        name = _unit_name(building, name)
        made = Unit.objects.create(building=building, name=name, sort_key=rules.natural_key(name))
        tell(actor, "unit.added", "unit", made.id, building.estate.path, now, {"name": name}, new=True)
    return made


def edit_unit(actor: Actor, unit_id: UUID, name: str, now: datetime) -> Unit:
    """Rename a unit."""
    with transaction.atomic():
        unit = _locked_unit(unit_id)
        path = unit.building.estate.path
        actor.require(PERMISSION, path)
        old, name = unit.name, _unit_name(unit.building, name, unit.id)
        unit.name, unit.sort_key = name, rules.natural_key(name)
        unit.save(update_fields=["name", "sort_key"])
        tell(actor, "unit.edited", "unit", unit.id, path, now, {"from": old, "to": name})
    return unit


def _checked_home(unit: Unit, name: str, area: Decimal | None, use: str, but: UUID | None = None) -> str:
    name = checked_name(name, rules.NAME_MAX)
    same = Home.objects.filter(unit=unit, name=name)
    if (same.exclude(id=but) if but else same).exists():
        raise Conflict("The unit has a home of this number.", code="home-exists")
    if area is not None:
        try:
            rules.parse_floor_area(str(area))
        except ValueError as error:
            raise Invalid(str(error), field="floor_area", code="bad-floor-area") from error
    if use not in Home.Use.values:
        raise Invalid("The use is one of 住宅, 商铺, 其他.", field="use", code="bad-use")
    return name


def add_home(
    actor: Actor,
    unit_id: UUID,
    name: str,
    now: datetime,
    *,
    floor: int | None = None,
    floor_area: Decimal | None = None,
    use: str = Home.Use.DWELLING,
) -> Home:
    """Add a home to a unit. ``floor_area`` in square metres; without ``floor`` the room number may tell it."""
    with transaction.atomic():
        unit = _locked_unit(unit_id)
        path = unit.building.estate.path
        actor.require(PERMISSION, path)
        name = _checked_home(unit, name, floor_area, use)
        made = Home.objects.create(
            unit=unit,
            name=name,
            sort_key=rules.natural_key(name),
            floor=floor if floor is not None else rules.floor_of_room(name),
            floor_area=floor_area,
            use=use,
        )
        tell(actor, "home.added", "home", made.id, path, now, {"floor_area": floor_area, "use": use}, new=True)
    return made


def edit_home(
    actor: Actor, home_id: UUID, name: str, now: datetime, *, floor: int | None, floor_area: Decimal | None, use: str
) -> Home:
    """Set a home's number, floor, floor area and use. Votes count by floor area: old and new value go on the record."""
    with transaction.atomic():
        home = _locked_home(home_id)
        path = home.unit.building.estate.path
        actor.require(PERMISSION, path)
        name = _checked_home(home.unit, name, floor_area, use, home.id)
        data = {"floor_area_from": home.floor_area, "floor_area": floor_area, "use_from": home.use, "use": use}
        home.name, home.sort_key, home.floor = name, rules.natural_key(name), floor
        home.floor_area, home.use = floor_area, use
        home.save(update_fields=["name", "sort_key", "floor", "floor_area", "use"])
        tell(actor, "home.edited", "home", home.id, path, now, data)
    return home


def _remove(actor: Actor, row: Building | Unit | Home, kind: str, path: str, now: datetime) -> None:
    actor.require(PERMISSION, path)
    row_id, name = row.id, row.name
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError as error:
        raise Conflict("Something still belongs to it, so it stays.", code="in-use") from error
    PlaceCode.objects.filter(kind=kind, place_id=row_id).delete()
    tell(actor, f"{kind}.removed", kind, row_id, path, now, {"name": name})


def remove_building(actor: Actor, building_id: UUID, now: datetime) -> None:
    """Take away a building entered by mistake. Raises Conflict while units or offices belong to it."""
    with transaction.atomic():
        building = _locked_building(building_id)
        _remove(actor, building, "building", building.estate.path, now)


def remove_unit(actor: Actor, unit_id: UUID, now: datetime) -> None:
    """Take away a unit entered by mistake. Raises Conflict while homes belong to it."""
    with transaction.atomic():
        unit = _locked_unit(unit_id)
        _remove(actor, unit, "unit", unit.building.estate.path, now)


def remove_home(actor: Actor, home_id: UUID, now: datetime) -> None:
    """Take away a home entered by mistake. Raises Conflict while households or owners belong to it."""
    with transaction.atomic():
        home = _locked_home(home_id)
        _remove(actor, home, "home", home.unit.building.estate.path, now)
