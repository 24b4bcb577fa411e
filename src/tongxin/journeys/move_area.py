"""An area comes under another one, a community under a new street, an estate under a new community: what hangs below it,
its people and its matters go along."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations.moving import follow_area
from tongxin.kernel.actor import Actor
from tongxin.people.operations.moving import follow_estate
from tongxin.places import operations, queries, rules


def move_area(
    actor: Actor,
    area_id: UUID,
    new_parent_id: UUID,
    now: datetime,
    *,
    day: date | None = None,
    most: int | None = None,
) -> int:
    """Hang the area under another parent from ``day`` (today) on, whole; how many matters went along.

    In one transaction: the tree, the paths of all that lies below, the people of an estate, every matter with its entry in
    the record. ``most``: refuse with Conflict where more matters would go along. Errors as for ``places.move_area``,
    ``people.follow_estate`` and ``cases.follow_area``.
    """
    found = queries.area(area_id)
    with transaction.atomic():
        old_path, new_path = operations.move_area(actor, area_id, new_parent_id, now, day=day)
        if old_path == new_path:
            return 0
        if found.level_id == rules.ESTATE_LEVEL:
            left = queries.area_by_code(rules.codes_of(old_path)[-2])  # as the lock found it, not as we read it before
            follow_estate(actor, area_id, left.pk, now)
        return follow_area(actor, old_path, new_path, now, most=most)
