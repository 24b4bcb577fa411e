"""Codes of places, for QR posters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound, TooMany
from tongxin.kernel.ids import query_code
from tongxin.places import queries, rules
from tongxin.places.models import PlaceCode
from tongxin.places.operations._common import PERMISSION, locked_area, tell


def ensure_place_code(actor: Actor, kind: str, place_id: UUID, now: datetime) -> str:
    """The code of an area, building, unit, home or grid (``kind``), made where it has none. Once printed it stays."""
    place = queries.place(kind, place_id)
    actor.require(PERMISSION, place.path)
    existing = queries.code_of(kind, place_id)
    if existing:
        return existing
    try:
        with transaction.atomic():
            code = query_code()
            PlaceCode.objects.create(code=code, kind=kind, place_id=place_id, created_at=now)
            tell(actor, "place.code_made", kind, place_id, place.path, now, {"code": code})
    except IntegrityError:
        # Somebody else made it at the same moment, or the code is another place's: once more.
        return queries.code_of(kind, place_id) or ensure_place_code(actor, kind, place_id, now)
    return code


def ensure_codes_of_estate(actor: Actor, estate_id: UUID, now: datetime) -> int:
    """Codes for an estate, its buildings and units, as far as they lack one; returns how many were made."""
    with transaction.atomic():
        estate = locked_area(estate_id)
        actor.require(PERMISSION, estate.path)
        lacking = [place for place, code in queries.places_of_estate(estate) if code is None]
        PlaceCode.objects.bulk_create(
            PlaceCode(code=query_code(), kind=place.kind, place_id=place.id, created_at=now) for place in lacking
        )
        if lacking:
            tell(actor, "place.codes_made", "area", estate.id, estate.path, now, {"codes": len(lacking)})
    return len(lacking)


def ensure_codes_of_homes(actor: Actor, kind: str, place_id: UUID, now: datetime) -> list[tuple[queries.Place, str]]:
    """The homes of a building or a unit (``kind``), or one home, in order with their codes, made where they lack one.

    A code is drawn by chance and stands for the address alone: neither it nor the page behind it knows who lives there.
    Raises TooMany above ``rules.MOST_STICKERS``, NotFound where there is no home.
    """
    around = queries.place(kind, place_id)
    actor.require(PERMISSION, around.path)
    with transaction.atomic():
        locked_area(around.area.id)  # so that two who print at once make each code once
        rows = queries.places_of_homes(kind, place_id, rules.MOST_STICKERS + 1)
        if not rows:
            raise NotFound("There is no home here yet.", code="no-home")
        if len(rows) > rules.MOST_STICKERS:
            raise TooMany(
                "These would be more than %(limit)d stickers at once. Print unit by unit.",
                code="too-many-stickers",
                limit=rules.MOST_STICKERS,
            )
        made = {place.id: query_code() for place, code in rows if code is None}
        PlaceCode.objects.bulk_create(
            PlaceCode(code=code, kind=PlaceCode.Kind.HOME, place_id=home_id, created_at=now)
            for home_id, code in made.items()
        )
        if made:
            tell(actor, "place.codes_made", kind, place_id, around.path, now, {"codes": len(made), "of": "home"})
    return [(place, code or made[place.id]) for place, code in rows]
