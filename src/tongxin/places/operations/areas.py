"""Areas: adding, renaming, moving, closing; where they lie. Ids stay, earlier names and paths are kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel import geo
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.places import rules
from tongxin.places.models import PATH_MAX, Area, AreaPast, Building, Level
from tongxin.places.operations._common import PERMISSION, checked_name, locked_area, tell
from tongxin.places.queries import below
from tongxin.record.kept import forget

_TO_WGS84: dict[str, Callable[[float, float], geo.LatLng]] = {
    "wgs84": lambda lat, lng: (lat, lng),
    "gcj02": geo.gcj02_to_wgs84,
    "bd09": geo.bd09_to_wgs84,
}


def add_area(
    actor: Actor,
    *,
    parent_id: UUID,
    level: str,
    name: str,
    now: datetime,
    code: str = "",
    official_name: str = "",
    address: str = "",
    valid_from: date | None = None,
) -> Area:
    """Add an area below another one. Without ``code`` the next free number below the parent's code is taken.

    Communities get a prefix of case numbers from the initials of their name. Raises Conflict if the code or, below
    the same parent, the name is taken; Invalid for a level that does not lie below the parent's.
    """
    with transaction.atomic():
        parent = locked_area(parent_id)
        actor.require(PERMISSION, parent.path)
        below_parent = Level.objects.filter(code=level, rank__gt=parent.level.rank).first()
        if below_parent is None:
            raise Invalid("This level does not lie below the area.", field="level", code="wrong-level")
        siblings = Area.objects.filter(parent=parent, valid_until=None)
        name = checked_name(name, 80)
        if siblings.filter(name=name).exists():
            raise Conflict("There is an area of this name already.", code="area-exists")
        taken = Area.objects.filter(parent=parent).values_list("code", flat=True)
        code = code.strip() or rules.next_code(parent.code, taken, 3)
        path = rules.child_path(parent.path, code)
        if not re.fullmatch(rules.CODE_PATTERN, code) or len(path) > PATH_MAX:
            raise Invalid("A code has at most 24 letters and digits.", field="code", code="bad-code")
        if Area.objects.filter(code=code, valid_until=None).exists():
            raise Conflict("This code is taken.", code="code-taken")
        made = Area.objects.create(
            code=code,
            name=name,
            official_name=official_name.strip()[:80],
            level=below_parent,
            parent=parent,
            path=path,
            depth=parent.depth + 1,
            number_prefix=_free_prefix(name) if level == rules.COMMUNITY_LEVEL else "",
            is_village=parent.is_village or rules.is_village(official_name or name),
            address=address.strip()[:200],
            valid_from=valid_from or rules.local_day(now),
        )
        tell(actor, "area.added", "area", made.id, path, now, {"code": code, "name": name, "level": level}, new=True)
    return made


def _free_prefix(name: str) -> str:
    taken = set(Area.objects.exclude(number_prefix="").values_list("number_prefix", flat=True))
    return rules.number_prefix(name, taken)


def _keep_past(area: Area, day: date) -> None:
    """Remember the area as it was until ``day``. What began on that very day was never in force: a correction."""
    last = AreaPast.objects.filter(area=area).order_by("-valid_until").first()
    since = last.valid_until if last else area.valid_from
    if since > day:
        raise Invalid("The day lies before the last change of this area.", field="day", code="day-too-early")
    if since < day:
        AreaPast.objects.create(
            area=area,
            name=area.name,
            official_name=area.official_name,
            path=area.path,
            valid_from=since,
            valid_until=day,
        )


def _effective(day: date | None, now: datetime) -> date:
    today = rules.local_day(now)
    if day is not None and day > today:
        raise Invalid("The day cannot lie in the future.", field="day", code="day-in-future")
    return day or today


def rename_area(
    actor: Actor,
    area_id: UUID,
    name: str,
    now: datetime,
    *,
    official_name: str | None = None,
    address: str | None = None,
    day: date | None = None,
) -> Area:
    """Give an area another name from ``day`` (today) on; the old one is kept with its dates. None leaves as it is."""
    with transaction.atomic():
        area = locked_area(area_id)
        actor.require(PERMISSION, area.path)
        name = checked_name(name, 80)
        if Area.objects.filter(parent=area.parent, valid_until=None, name=name).exclude(id=area.id).exists():
            raise Conflict("There is an area of this name already.", code="area-exists")
        old = area.name
        if name != old or official_name not in (None, area.official_name):
            _keep_past(area, _effective(day, now))
        area.name = name
        area.official_name = area.official_name if official_name is None else official_name.strip()[:80]
        area.address = area.address if address is None else address.strip()[:200]
        area.save(update_fields=["name", "official_name", "address"])
        tell(actor, "area.renamed", "area", area.id, area.path, now, {"from": old, "to": name})
    return area


def set_number_prefix(actor: Actor, area_id: UUID, prefix: str, now: datetime) -> Area:
    """Set the prefix of a community's case numbers: a capital letter and 1 to 5 capitals or digits, unique."""
    with transaction.atomic():
        area = locked_area(area_id)
        actor.require(PERMISSION, area.path)
        prefix = prefix.strip().upper()
        if not re.fullmatch(rules.NUMBER_PREFIX_PATTERN, prefix):
            raise Invalid("A prefix is 2 to 6 capital letters or digits, a letter first.", field="prefix")
        if Area.objects.filter(number_prefix=prefix, valid_until=None).exclude(id=area.id).exists():
            raise Conflict("Another community has this prefix.", code="prefix-taken")
        old, area.number_prefix = area.number_prefix, prefix
        area.save(update_fields=["number_prefix"])
        tell(actor, "area.prefix_set", "area", area.id, area.path, now, {"from": old, "to": prefix})
    return area


def move_area(
    actor: Actor, area_id: UUID, new_parent_id: UUID, now: datetime, *, day: date | None = None
) -> tuple[str, str]:
    """Hang an area and all below it under another parent from ``day`` (today) on. Returns (old path, new path).

    Whoever stores paths beside areas (cases, roll-ups) follows in the journey that calls this. Needs the permission at
    both ends. Raises Conflict for a parent inside the area itself or that does not stand as high as the old one: how deep
    an area lies says which desk is the first one.
    """
    with transaction.atomic():
        area, parent = locked_area(area_id), locked_area(new_parent_id)
        actor.require(PERMISSION, area.path)
        actor.require(PERMISSION, parent.path)
        old_path, new_path = area.path, rules.child_path(parent.path, area.code)
        stands = area.parent is not None and (parent.depth, parent.level_id) == (
            area.parent.depth,
            area.parent.level_id,
        )
        if not stands or rules.is_within(parent.path, old_path):
            raise Conflict("The area cannot hang there.", code="wrong-parent")
        if parent.valid_until is not None or area.valid_until is not None:
            raise Conflict("That area is closed.", code="area-closed")
        if new_path == old_path:
            return old_path, new_path
        if Area.objects.filter(parent=parent, valid_until=None, name=area.name).exists():
            raise Conflict("There is an area of this name already.", code="area-exists")
        effective = _effective(day, now)
        # Locked first and read then: reports under way there are waited for, and so is what is being added below.
        list(Area.objects.select_for_update().filter(below(old_path)).order_by("path").values_list("id"))
        moved = list(Area.objects.select_for_update().filter(below(old_path)))
        for row in moved:
            if row.valid_until is None:
                _keep_past(row, max(effective, row.valid_from))
            row.path = rules.moved_path(row.path, old_path, new_path)
            if len(row.path) > PATH_MAX:
                raise Conflict("The area cannot hang there.", code="path-too-long")
            row.depth = rules.depth_of(row.path)
        Area.objects.bulk_update(moved, ["path", "depth"], batch_size=200)
        Area.objects.filter(id=area.id).update(parent=parent)
        # Grids are sets of buildings of one community: those of an estate that leaves it are free again.
        Building.objects.filter(estate=area, grid__isnull=False).exclude(grid__community=parent).update(grid=None)
        forget(Area)
        tell(actor, "area.moved", "area", area.id, new_path, now, {"from": old_path, "to": new_path, "day": effective})
    return old_path, new_path


def close_area(actor: Actor, area_id: UUID, until: date, now: datetime) -> Area:
    """End an area: ``until`` is the first day without it. Raises Conflict while areas hang below it."""
    with transaction.atomic():
        area = locked_area(area_id)
        actor.require(PERMISSION, area.path)
        if area.valid_until is not None:
            raise Conflict("The area is closed already.", code="area-closed")
        if until <= area.valid_from:
            raise Invalid("The area must have existed for a day at least.", field="until", code="day-too-early")
        if Area.objects.filter(parent=area, valid_until=None).exists():
            raise Conflict("Move or close the areas below it first.", code="area-has-children")
        area.valid_until = until
        area.save(update_fields=["valid_until"])
        tell(actor, "area.closed", "area", area.id, area.path, now, {"until": until})
    return area


def _wgs84(lat: float, lng: float, crs: str) -> geo.LatLng:
    if crs not in _TO_WGS84:
        raise Invalid("Coordinates are wgs84, gcj02 or bd09.", field="crs", code="unknown-crs")
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise Invalid("This is no place on earth.", field="lat", code="bad-position")
    new_lat, new_lng = _TO_WGS84[crs](lat, lng)
    return round(new_lat, 7), round(new_lng, 7)


def set_position(
    actor: Actor, kind: str, place_id: UUID, lat: float, lng: float, now: datetime, *, crs: str = "wgs84"
) -> geo.LatLng:
    """Say where an area or a building (``kind``) lies; returns (lat, lng) in WGS-84 as stored."""
    position = _wgs84(lat, lng, crs)
    with transaction.atomic():
        row: Area | Building | None
        if kind == "building":
            row = Building.objects.select_for_update(of=("self",)).select_related("estate").filter(id=place_id).first()
        else:
            row = Area.objects.select_for_update().filter(id=place_id).first() if kind == "area" else None
        if row is None:
            raise NotFound("There is no such place.", code="no-place")
        path = row.path if isinstance(row, Area) else row.estate.path
        actor.require(PERMISSION, path)
        row.lat, row.lng = position
        row.save(update_fields=["lat", "lng"])
        tell(actor, "place.located", kind, row.id, path, now, {"lat": str(row.lat), "lng": str(row.lng)})
    return position


def _converted(coordinates: Any, crs: str) -> Any:
    if coordinates and isinstance(coordinates[0], (int, float)):
        lat, lng = _wgs84(coordinates[1], coordinates[0], crs)
        return [lng, lat]
    return [_converted(part, crs) for part in coordinates]


def set_shape(
    actor: Actor, area_id: UUID, geojson: dict[str, Any] | None, now: datetime, *, crs: str = "wgs84"
) -> Area:
    """Store the outline of an area from a GeoJSON Polygon, MultiPolygon or feature; None takes it away.

    Raises InvalidPolygon for what is no area.
    """
    shape = None
    if geojson is not None:
        shape = geo.parse_polygon(geojson)
        if crs != "wgs84":
            shape = geo.parse_polygon({**shape, "coordinates": _converted(shape["coordinates"], crs)})
    with transaction.atomic():
        area = locked_area(area_id)
        actor.require(PERMISSION, area.path)
        area.shape = shape
        area.south = area.west = area.north = area.east = None
        if shape is not None:
            points = [point for polygon in shape["coordinates"] for point in polygon[0]]
            area.west, area.east = min(p[0] for p in points), max(p[0] for p in points)
            area.south, area.north = min(p[1] for p in points), max(p[1] for p in points)
        fields = ["shape", "south", "west", "north", "east"]
        area.save(update_fields=fields)
        data = {"polygons": len(shape["coordinates"]) if shape else 0}
        tell(actor, "area.shape_set", "area", area.id, area.path, now, data)
    return area
