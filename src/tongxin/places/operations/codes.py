"""Codes of places, for QR posters."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.ids import query_code
from tongxin.places import queries
from tongxin.places.models import PlaceCode
from tongxin.places.operations._common import PERMISSION, locked_area, tell


def ensure_place_code(actor: Actor, kind: str, place_id: UUID, now: datetime) -> str:
    """The code of an area, building or unit (``kind``), made where it has none. Once printed it stays for good."""
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
