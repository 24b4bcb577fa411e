"""What the verbs share: the entry in the record, and who may write where."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tongxin.announcements import queries
from tongxin.announcements.models import Announcement
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.places.models import Area
from tongxin.record.operations import append_entry

State = Announcement.State
GROUP: Final = "announcements.group.address"
"""The use of the key for addresses of groups."""


def note(actor: Actor, verb: str, row: Announcement, now: datetime, *, new: bool = False, **data: Any) -> None:
    """An entry on an announcement, with what the record commits to."""
    append_entry(
        actor=actor,
        verb=f"announcement.{verb}",
        subject=("announcement", row.pk),
        area_path=row.area_path,
        now=now,
        data=data,
        state=queries.state_of(row),
        new=new,
    )


def locked(actor: Actor, announcement_id: UUID, now: datetime) -> Announcement:
    """The announcement under its lock, for who may write there."""
    row = Announcement.objects.select_for_update(of=("self",)).select_related("area").filter(pk=announcement_id).first()
    if row is None:
        raise NotFound("There is no such announcement.", code="no-announcement")
    require(actor, row.area, now)
    return row


def require(actor: Actor, area: Area, now: datetime) -> None:
    """Raise NotAllowed unless the actor may announce in the area."""
    actor.require(queries.WRITE, area.path)
    if not queries.may_write(actor, area, now):
        raise NotAllowed("A property company announces in the estates that it serves.", code="not-served")
