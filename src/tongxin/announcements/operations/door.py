"""Whom nothing reached is told at the door."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.announcements import queries
from tongxin.announcements.models import Recipient
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.record.operations import append_entry


def tell_at_door(actor: Actor, recipient_id: UUID, outcome: str, *, now: datetime) -> Recipient:
    """Somebody whom nothing reached was told at their door, or nobody was home. ``people.verify`` where they live."""
    if outcome not in Recipient.Door.values:
        raise Invalid("Please choose from the list.", field="door", code="choice-unknown")
    with transaction.atomic():
        one = (
            Recipient.objects.select_for_update(of=("self",))
            .select_related("announcement", "building__estate")
            .filter(pk=recipient_id)
            .first()
        )
        if one is None:
            raise NotFound("There is no such announcement.", code="no-announcement")
        path = one.building.estate.path if one.building else one.announcement.area_path
        actor.require(queries.DOOR, path)
        if one.door == Recipient.Door.TOLD:
            raise Conflict("Somebody else has told them already.", code="told-already")
        one.door, one.door_by, one.door_at = outcome, actor.person_id or actor.id, now
        one.save(update_fields=["door", "door_by", "door_at"])
        append_entry(
            actor=actor,
            verb="announcement.at_door",
            subject=("announcement", one.announcement_id),
            area_path=path,
            now=now,
            data={"outcome": outcome, "person": str(one.person_id)},
        )
    return one
