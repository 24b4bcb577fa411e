"""An area comes under another one, a community under a new street: what hangs below it and its matters go along."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations.moving import follow_area
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict
from tongxin.places import operations, queries, rules


def move_area(actor: Actor, area_id: UUID, new_parent_id: UUID, now: datetime, *, day: date | None = None) -> int:
    """Hang the area under another parent from ``day`` (today) on, whole; how many matters went along.

    In one transaction: the tree, the paths of all that lies below, every matter with its entry in the record. Errors as
    for ``places.move_area`` and ``cases.follow_area``. An estate stays with its community, for its residents and grids
    are the community's.
    """
    if queries.area(area_id).level_id == rules.ESTATE_LEVEL:
        raise Conflict("An estate stays: its residents and grids are its community's.", code="estate-stays")
    with transaction.atomic():
        old_path, new_path = operations.move_area(actor, area_id, new_parent_id, now, day=day)
        return follow_area(actor, old_path, new_path, now) if old_path != new_path else 0
