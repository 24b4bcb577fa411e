"""What the verbs of places share: checked names, locked rows, one way to write entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.text import clean_line
from tongxin.places.models import Area
from tongxin.record.operations import append_entry

PERMISSION = "places.manage"


def checked_name(text: str, limit: int, field: str = "name") -> str:
    """The name on one line. Raises Invalid where it is empty or too long."""
    name = clean_line(text, limit + 1)
    if not name:
        raise Invalid("Please give a name.", field=field, code="name-missing")
    if len(name) > limit:
        raise Invalid("This has more than %(limit)d characters.", field=field, code="too-long", limit=limit)
    return name


def locked_area(area_id: UUID) -> Area:
    """The area with its row locked. Raises NotFound."""
    found = Area.objects.select_for_update(of=("self",)).select_related("level", "parent").filter(id=area_id).first()
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


def tell(
    actor: Actor,
    verb: str,
    kind: str,
    subject_id: UUID,
    path: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    *,
    new: bool = False,
) -> None:
    """Append the entry of a change."""
    append_entry(actor=actor, verb=verb, subject=(kind, subject_id), area_path=path, now=now, data=data, new=new)
