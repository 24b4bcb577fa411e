"""Rows of a case that decide rights without a chain of their own: what the case's entries commit to of them.

An entry of a case says in ``rows`` a digest of each such row that its step made or changed, and beside it, among its
personal parts, the words that the row keeps. So a step writes no entry more, and a change behind the back is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

from tongxin.cases.models import Assignment, CallBack, CaseClock, Petition
from tongxin.kernel.crypto import digest
from tongxin.kernel.hashing import canonical_json


@dataclass(frozen=True, slots=True)
class RowKind:
    """``fields`` go into the digest: ids, codes and times, nothing that says much by itself. ``words`` are people's."""

    name: str
    model: type[Model]
    fields: tuple[str, ...]
    words: tuple[str, ...] = ()


ASSIGNMENT = RowKind(
    "assignment",
    Assignment,
    ("case_id", "role", "mode", "organisation_id", "person_id", "state", "by_route", "whistle", "given_by", "given_at",
     "claimed_at", "ended_at"),
    ("task", "answer"),
)  # fmt: skip
PETITION = RowKind(
    "petition",
    Petition,
    ("case_id", "kind", "state", "days", "review_on", "asked_by", "asked_at", "decided_by", "decided_at"),
    ("reason", "decision"),
)
# What the ticker notes on a clock (warned, overdue) decides nothing and stays out, as do tries to ring somebody.
CLOCK = RowKind(
    "clock",
    CaseClock,
    ("case_id", "kind", "subject", "amount", "unit", "extension", "started_at", "due_at", "paused_at", "stopped_at",
     "met"),
)  # fmt: skip
CALL = RowKind(
    "call",
    CallBack,
    ("case_id", "party_id", "result", "contacted", "solved", "rating", "done_by", "done_at"),
    ("note",),
)
KINDS: Mapping[type[Model], RowKind] = {kind.model: kind for kind in (ASSIGNMENT, PETITION, CLOCK, CALL)}


def key_of(kind: RowKind, row_id: UUID) -> str:
    """How an entry names the row: ``petition:0192…``."""
    return f"{kind.name}:{row_id}"


def row_digest(kind: RowKind, row: Model, changes: Mapping[str, Any] | None = None) -> str:
    """The digest of the row as it is, or will be after ``changes``."""
    values = {name: getattr(row, name) for name in kind.fields}
    if changes:
        values |= {name: value for name, value in changes.items() if name in values}
    return digest(canonical_json(values)).hex()


def row_words(kind: RowKind, row: Model, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The words that the row keeps, or will keep; those left empty are left out."""
    values = {name: getattr(row, name) for name in kind.words} | dict(changes or {})
    return {name: values[name] for name in kind.words if values[name]}


def rows_to_verify(kind: RowKind, case_ids: list[UUID]) -> QuerySet[Any]:
    """The rows of these cases of which some entry must tell: a call that nobody made yet is only a plan."""
    rows = kind.model._default_manager.filter(case_id__in=case_ids)
    return rows.filter(done_at__isnull=False) if kind is CALL else rows
