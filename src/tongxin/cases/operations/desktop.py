"""What a person at the desk keeps for themselves, and the lists that they take away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import SavedFilter
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.record.operations import append_entry

MOST_FILTERS = 20


@transaction.atomic
def save_filter(actor: Actor, name: str, query: str, now: datetime) -> None:
    """Keep a filter of the queue under a name; the same name replaces it."""
    if actor.person_id is None:
        raise NotAllowed("This page is for people in office.")
    name = clean_line(name, 30)
    if not name:
        raise Invalid("Please give it a name.", field="name")
    mine = SavedFilter.objects.filter(person_id=actor.person_id)
    if not mine.filter(name=name).exists() and mine.count() >= MOST_FILTERS:
        raise Invalid("At most twenty filters can be kept.", field="name")
    SavedFilter.objects.update_or_create(
        person_id=actor.person_id, name=name, defaults={"query": query[:500]}, create_defaults={
            "id": uuid7(now), "query": query[:500],
        },
    )  # fmt: skip


@transaction.atomic
def drop_filter(actor: Actor, filter_id: UUID) -> None:
    """Keep it no longer."""
    if actor.person_id is not None:
        SavedFilter.objects.filter(person_id=actor.person_id, pk=filter_id).delete()


@transaction.atomic
def note_export(
    actor: Actor, *, query: str, rows: int, areas: tuple[str, ...], now: datetime, cut: bool = False
) -> None:
    """Put on the record that a list was taken away: which filter, how many rows. Needs ``case.export`` in all areas."""
    if not areas and not actor.may_somewhere("case.export"):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="case.export")
    for path in areas:
        actor.require("case.export", path)
    append_entry(
        actor=actor, verb="case.exported", subject=("export", uuid7(now)), area_path=areas[0] if areas else "",
        now=now, data={"filter": query, "rows": rows} | ({"cut": True} if cut else {}), new=True,
    )  # fmt: skip
