"""Reads of hotlines and their tickets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.hotline import rules
from tongxin.hotline.models import Answer, Ticket, Version
from tongxin.hotline.models import HotlineSource as HotlineSource
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.masking import mask_phone
from tongxin.places.queries import below
from tongxin.record.keys import field_cipher

PAGE = 50
SHOWN = ("all", "new", "in_hand", "changed", "answered", "failed", "refused")


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in the list."""

    id: UUID
    number: str
    source: str
    text: str
    address: str
    deadline: datetime | None
    stage: str
    changed: bool
    withdrawn: bool
    case_number: str
    answer: str


@dataclass(frozen=True, slots=True)
class Page:
    """A ticket with what its hotline said, what changed since the case goes by it, and what went back."""

    line: Line
    case_id: UUID | None
    caller: str
    phone: str
    confidential: bool
    fields: Mapping[str, str]
    difference: Mapping[str, tuple[str, str]]
    why: str
    seen: int
    answers: Sequence[Answer]


def may_read(actor: Actor) -> Q:
    """Tickets of the areas in which the actor reads the hotline."""
    paths = sorted(set(actor.areas_with("hotline.read")))
    return reduce(or_, [below(path, "area_path") for path in paths], Q(pk__in=[]))


def tickets(actor: Actor, *, show: str = "all", after: UUID | None = None) -> tuple[list[Line], UUID | None]:
    """Tickets by what they wait for, the newest first, a page at a time by key."""
    rows = Ticket.objects.filter(may_read(actor)).select_related("source").order_by("-id")
    if show == "changed":
        rows = rows.filter(changed=True)
    elif show == "failed":
        rows = rows.filter(answers__state=Answer.State.FAILED).distinct()
    elif show in Ticket.Stage.values:
        rows = rows.filter(stage=show)
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: PAGE + 1])
    more = found[PAGE - 1].id if len(found) > PAGE else None
    return lines(found[:PAGE]), more


def lines(found: Sequence[Ticket]) -> list[Line]:
    """The tickets as lines, with the latest version and answer of each. Two queries."""
    keys = [row.pk for row in found]
    latest = {row.ticket_id: row for row in Version.objects.filter(ticket__in=keys).order_by("nth")}
    answers = {row.ticket_id: row.state for row in Answer.objects.filter(ticket__in=keys).order_by("id")}
    return [_line(row, latest[row.pk].fields, answers.get(row.pk, "")) for row in found]


def _line(row: Ticket, fields: Mapping[str, str], answer: str) -> Line:
    return Line(
        row.pk, row.number, row.source.name, fields["text"], fields["address"], moment(fields["deadline"]), row.stage,
        row.changed, bool(fields["withdrawn"]), row.case_number, answer,
    )  # fmt: skip


def moment(text: str) -> datetime | None:
    """A time as a version keeps it."""
    return datetime.fromisoformat(text) if text else None


def ticket_page(actor: Actor, ticket_id: UUID) -> Page:
    """One ticket; the caller's number is masked. Raises :class:`NotFound`."""
    row = Ticket.objects.filter(may_read(actor), pk=ticket_id).select_related("source").first()
    if row is None:
        raise NotFound("There is no such ticket.", code="no-ticket")
    versions = {one.nth: one for one in row.versions.order_by("nth")}
    now, by = versions[row.seen], versions.get(row.adopted)
    answers = list(row.answers.order_by("id"))
    caller = caller_of(now)
    hidden = bool(now.fields["confidential"]) and not actor.may("case.see_reporter", row.area_path)
    before = {**by.fields, **_masked(caller_of(by))} if by is not None else {}
    return Page(
        line=_line(row, now.fields, answers[-1].state if answers else ""),
        case_id=row.case_id,
        caller="" if hidden else caller["name"],
        phone="" if hidden else mask_phone(caller["phone"]) if caller["phone"] else "",
        confidential=bool(now.fields["confidential"]),
        fields=now.fields,
        difference=rules.difference(before, {**now.fields, **_masked(caller)}) if before and not hidden else (
            rules.difference(by.fields, now.fields) if by is not None else {}
        ),
        why=row.why,
        seen=row.seen,
        answers=answers,
    )  # fmt: skip


def _masked(caller: Mapping[str, str]) -> dict[str, str]:
    return {"name": caller["name"], "phone": mask_phone(caller["phone"]) if caller["phone"] else ""}


def caller_of(version: Version) -> dict[str, str]:
    """Name and phone in clear: for the case that is filed in their name."""
    if version.caller_cipher is None:
        return {"name": "", "phone": ""}
    found: dict[str, str] = json.loads(field_cipher().decrypt(bytes(version.caller_cipher), f"ticket:{version.id}"))
    return found


def raw_of(version: Version) -> dict[str, str]:
    """All columns as they came, for the sheet that goes back."""
    if version.raw_cipher is None:
        return {}
    found: dict[str, str] = json.loads(field_cipher().decrypt(bytes(version.raw_cipher), f"raw:{version.id}"))
    return found


def sources(actor: Actor) -> Sequence[HotlineSource]:
    """The hotlines whose area lies in, or around, where the actor reads tickets."""
    paths = sorted(set(actor.areas_with("hotline.read")))
    return [
        row
        for row in HotlineSource.objects.select_related("area").order_by("name")[:200]
        if any(path.startswith(row.area.path) or row.area.path.startswith(path) for path in paths)
    ]


def source_of(slug: str) -> HotlineSource:
    """The hotline of this address. Raises :class:`NotFound`."""
    row = HotlineSource.objects.select_related("area").filter(slug=slug).first()
    if row is None:
        raise NotFound("There is no such hotline.", code="no-hotline")
    return row


def secret_of(source: HotlineSource) -> bytes:
    """What the hotline signs with; empty if none was set, and then nothing is taken."""
    if source.secret_cipher is None:
        return b""
    return field_cipher().decrypt(bytes(source.secret_cipher), f"hotline:{source.id}").encode()


def answers_after(source: HotlineSource, after: UUID | None, limit: int = 100) -> list[dict[str, Any]]:
    """What is known of a hotline's tickets, in the order in which it was noted."""
    rows: QuerySet[Answer] = Answer.objects.filter(ticket__source=source).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [{"id": str(row.id), **row.body} for row in rows[:limit]]


def to_file(limit: int = 25) -> list[UUID]:
    """Tickets that are to become cases, the oldest first."""
    return list(Ticket.objects.filter(stage=Ticket.Stage.NEW).order_by("id").values_list("id", flat=True)[:limit])


def watched(after: UUID | None, now: datetime, limit: int = 500) -> list[tuple[UUID, UUID, int]]:
    """(ticket, its case, version of the case when it was last looked at) of those that may still change, by key."""
    rows = Ticket.objects.filter(Q(watch_until=None) | Q(watch_until__gt=now), case_id__isnull=False).order_by("id")
    if after is not None:
        rows = rows.filter(id__gt=after)
    return [(key, case, seen) for key, case, seen in rows.values_list("id", "case_id", "case_version")[:limit] if case]


# For verify.


def ticket_state(row: Ticket) -> dict[str, Any]:
    """What the record commits to of a ticket."""
    return {"number": row.number, "seen": row.seen, "adopted": row.adopted, "case": row.case_id}


def ticket_states(keys: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given tickets."""
    return {row.pk: ticket_state(row) for row in Ticket.objects.filter(pk__in=keys)}


def ticket_ids() -> Iterator[UUID]:
    """Ids of all tickets, in bounded memory."""
    return Ticket.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)
