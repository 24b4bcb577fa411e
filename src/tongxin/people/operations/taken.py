"""A list of the register was taken away as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.record.operations import append_entry

_VERBS: Final = {"people": "people.exported", "organisations": "organisations.exported"}


@transaction.atomic
def note_taken(actor: Actor, *, what: str, filter_: str, rows: int, cut: bool, now: datetime) -> None:
    """Put on the record who took which list (``people``, ``organisations``) and how many rows of it.

    Needs ``people.export`` somewhere; the rows are those of these areas. ``filter_`` names the kind of filter, never
    what was typed into it: that may be a name or a number. Raises :class:`NotAllowed`.
    """
    areas = sorted(set(actor.areas_with("people.export")))
    if not areas:
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="people.export")
    for path in areas:  # so that whoever looks after one of them finds it
        append_entry(
            actor=actor, verb=_VERBS[what], subject=("export", uuid7(now)), area_path=path, now=now,
            data={"filter": filter_, "rows": rows} | ({"cut": True} if cut else {}), new=True,
        )  # fmt: skip
