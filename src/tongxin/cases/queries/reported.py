"""The people of one case that a page about it needs, read at once: who reported, who stays unnamed, the viewer's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import Party
from tongxin.cases.queries.parties import is_person
from tongxin.record.statements import Statement

_COLUMNS: Final = (
    "id", "role", "hidden", "word", "rating", "answered_at", "disowned_at", "contact_name", "contact_cipher",
    "person__name", "person__same_as", "person__phone_cipher", "helper__name",
)  # fmt: skip


def _parties(case_id: UUID, which: Q) -> QuerySet[Party]:
    rows = Party.objects.filter(which, case_id=case_id).select_related("person", "helper")
    return rows.only(*_COLUMNS).order_by("id")


_KNOWN: Final = Q(role=Party.Role.REPORTER) | Q(hidden=True)
_OF_CASE: Statement[Party] = Statement(lambda case_id: _parties(case_id, _KNOWN))
_OF_CASE_AND: Statement[Party] = Statement(lambda case_id, person: _parties(case_id, _KNOWN | is_person(person)))


def people_of_case(case_id: UUID, person_id: UUID | None) -> list[Party]:
    """In whose names it was reported, who hid theirs, and the rows of this person, by id. One query."""
    return _OF_CASE(case_id) if person_id is None else _OF_CASE_AND(case_id, person_id)


def own_rows(people: Sequence[Party], person_id: UUID | None) -> list[Party]:
    """Of these, the person's by which they have a part in the case, also those made before the register knew them
    (see :func:`is_person`)."""
    if person_id is None:
        return []
    return [row for row in people if row.disowned_at is None and _is(row, person_id)]


def _is(row: Party, person_id: UUID) -> bool:
    return row.person_id == person_id or (row.person is not None and row.person.same_as_id == person_id)


@dataclass(frozen=True, slots=True)
class Known:
    """Of those concerned: persons in whose name it was reported, (name, hidden) of each, who joined unnamed."""

    ids: frozenset[UUID]
    reporters: list[tuple[str, bool]]
    hidden_joiners: frozenset[UUID]


def known_among(people: Sequence[Party]) -> Known:
    """What must be known of those concerned to decide who may read what."""
    reporters = [row for row in people if row.role == Party.Role.REPORTER]
    joiners = [row for row in people if row.role != Party.Role.REPORTER and row.hidden]
    return Known(
        frozenset(row.person_id for row in reporters if row.person_id is not None),
        [((row.person.name if row.person else "") or row.contact_name or "", row.hidden) for row in reporters],
        frozenset(row.person_id for row in joiners if row.person_id is not None),
    )
