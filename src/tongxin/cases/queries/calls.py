"""People to ring, a page at a time, and what to ask them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import CallBack
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.places.queries import below

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to ring. The name is empty for who may not see it. ``helper``: who reported it for
    them. ``script``: the questions of the category, if any."""

    id: UUID
    number: str
    title: str
    state: str
    name: str
    because: str
    due_at: datetime
    attempts: int
    party: UUID
    has_phone: bool
    helper: str
    script: tuple[str, ...]


def calls(actor: Actor, *, after: str = "", limit: int = PAGE) -> tuple[list[Call], str]:
    """People of the actor's areas to ring, the longest waiting first, and the key of the next page (empty on the
    last). One query. Raises :class:`NotFound` for a key that is none."""
    rows = _rows(actor)
    if after:
        due, last = _key(after)
        rows = rows.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=last))
    found = list(rows.order_by("due_at", "id")[: limit + 1])
    following = f"{found[limit - 1].due_at.isoformat()}|{found[limit - 1].id}" if len(found) > limit else ""
    return [_call(actor, row) for row in found[:limit] if _may(actor, row)], following


def calls_page(actor: Actor, *, after: UUID | None = None, limit: int = PAGE) -> tuple[list[Call], UUID | None]:
    """The same by the id of the last one, for programs. Two queries at most."""
    rows = _rows(actor)
    if after is not None:
        due = CallBack.objects.filter(pk=after).values_list("due_at", flat=True).first()
        rows = rows.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=after)) if due is not None else rows.none()
    found = list(rows.order_by("due_at", "id")[: limit + 1])
    following = found[limit - 1].id if len(found) > limit else None
    return [_call(actor, row) for row in found[:limit] if _may(actor, row)], following


def every_call(actor: Actor, most: int) -> Iterator[Call]:
    """Up to ``most`` of them in their order, some hundreds at a time."""
    after, left = "", most
    while left > 0:
        found, after = calls(actor, after=after, limit=min(500, left))
        yield from found
        left -= len(found)
        if not after:
            return


def check_call(case_id: UUID, call_id: UUID) -> None:
    """Raise :class:`NotFound` unless the call is one about this case."""
    if not CallBack.objects.filter(pk=call_id, case_id=case_id).exists():
        raise NotFound("There is no such call.", code="no-call")


def call(actor: Actor, call_id: UUID) -> Call:
    """One of them, wherever it stands in the list. Raises :class:`NotFound`. One query."""
    row = _rows(actor).filter(pk=call_id).first()
    if row is None or not _may(actor, row):
        raise NotFound("This call is done already.")
    return _call(actor, row)


def _rows(actor: Actor) -> QuerySet[CallBack]:
    where = Q(pk__in=[])
    for path in set(actor.areas_with("case.callback")):
        where |= below(path, "area_path")
    return CallBack.objects.filter(where, done_at=None).select_related(
        "case__category__parent", "party__person", "party__helper"
    )


def _may(actor: Actor, row: CallBack) -> bool:
    return not {str(key) for key in actor.organisations()} & set(row.case.complained_of)


def _key(text: str) -> tuple[datetime, UUID]:
    due, _bar, key = text.partition("|")
    try:
        return datetime.fromisoformat(due), UUID(key)
    except ValueError:
        raise NotFound("There is no such page.") from None


def _call(actor: Actor, row: CallBack) -> Call:
    person: Any = row.party.person
    hidden = (row.party.hidden or row.case.reporter_hidden) and not actor.may("case.see_reporter", row.case.area_path)
    category = row.case.category
    script = category.call_script or (category.parent.call_script if category.parent else "")
    return Call(
        id=row.id,
        number=row.case.number,
        title=row.case.title,
        state=row.case.state,
        name="" if hidden else person.name if person else row.party.contact_name,
        because=row.because,
        due_at=row.due_at,
        attempts=row.attempts,
        party=row.party_id,
        has_phone=bool(person.phone_cipher if person else row.party.contact_cipher),
        helper=row.party.helper.name if row.party.helper and not hidden else "",
        script=tuple(line.strip() for line in script.splitlines() if line.strip()),
    )
