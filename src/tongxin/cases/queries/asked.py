"""Requests within cases that wait for a decision, and what a common matter has gathered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from tongxin.cases.models import Case, Petition
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.queries.veil import veils
from tongxin.kernel.actor import Actor

GATHERED: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that waits for a decision."""

    case_id: UUID
    number: str
    title: str
    kind: str
    reason: str
    days: int | None
    review_on: Any
    asked_at: datetime
    by: str
    due_at: datetime | None


def pending(case_id: UUID) -> dict[str, Asked]:
    """The requests of a case that wait for a decision, by kind. One query."""
    return {row.kind: row for row in _asked(Q(case_id=case_id), 10)}


def _asked(wanted: Q, limit: int) -> list[Asked]:
    rows = Petition.objects.filter(wanted, state=Petition.State.PENDING).select_related("case__lead")
    return [
        Asked(
            row.case_id, row.case.number, row.case.title, row.kind, row.reason, row.days, row.review_on, row.asked_at,
            str(row.case.lead) if row.case.lead else row.case.holder_name, row.case.due_at,
        )
        for row in rows.order_by("asked_at", "id")[:limit]
    ]  # fmt: skip


def waiting_decisions(actor: Actor, now: datetime, limit: int = 50) -> list[Asked]:
    """Objections, extensions and suspensions of the actor's areas, the longest waiting first. Two queries."""
    found = queue(actor, Filter(show="petitions"), now, limit=limit)
    kinds = (Petition.Kind.OBJECTION, Petition.Kind.EXTENSION, Petition.Kind.SUSPENSION)
    return _asked(Q(case_id__in=[row.id for row in found.rows], kind__in=kinds), limit)


def gathered(actor: Actor, case_id: UUID) -> list[tuple[str, str, str, str]]:
    """(number, title, place, state) of the cases gathered into a common matter, veiled for who may not see their
    reporters. Three queries at most."""
    rows = list(
        Case.objects.filter(parent_id=case_id)
        .order_by("id")
        .values_list("number", "title", "place", "state", "id", "area_path", "reporter_hidden", "complained_of")[
            :GATHERED
        ]
    )
    bodies = {str(key) for key in actor.organisations()}
    secret = veils(
        [
            key
            for _number, _title, _place, _state, key, path, hidden, about in rows
            if not actor.may("case.see_reporter" if hidden else "case.read", path) or bodies & set(about)
        ]
    )
    return [
        (row[0], veil.access.words(row[1]), veil.place, row[3]) if (veil := secret.get(row[4])) else row[:4]
        for row in rows
    ]
