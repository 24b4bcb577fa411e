"""The people of one case that a page about it needs, read at once."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import Party
from tongxin.cases.queries.access import reporters_of
from tongxin.cases.queries.parties import is_person
from tongxin.record.statements import Statement


def _parties(case_id: UUID, which: Q) -> QuerySet[Party]:
    columns = ("person__name", "person__same_as", "person__phone_cipher", "helper__name")
    own = [field.name for field in Party._meta.concrete_fields]
    rows = Party.objects.filter(which, case_id=case_id).select_related("person", "helper")
    return rows.only(*own, *columns).order_by("id")


_REPORTED: Final = Q(role=Party.Role.REPORTER)
_REPORTERS: Statement[Party] = Statement(lambda case_id: _parties(case_id, _REPORTED))
_REPORTERS_AND: Statement[Party] = Statement(lambda case_id, person: _parties(case_id, _REPORTED | is_person(person)))


def concerned_in(case_id: UUID, person_id: UUID | None) -> list[Party]:
    """In whose names it was reported, and the rows of this person, by id. One query."""
    return _REPORTERS(case_id) if person_id is None else _REPORTERS_AND(case_id, person_id)


def is_one(row: Party, person_id: UUID | None) -> bool:
    """Whether the row is one of this person's by which they have a part in the case; see :func:`is_person`."""
    if person_id is None or row.disowned_at is not None:
        return False
    return row.person_id == person_id or (row.person is not None and row.person.same_as_id == person_id)


def reporters_among(rows: list[Party]) -> tuple[frozenset[UUID], list[tuple[str, bool]]]:
    """(persons, (name, hidden) of each) in whose names it was reported."""
    return reporters_of(
        (row.person_id, (row.person.name if row.person else "") or row.contact_name or "", row.hidden)
        for row in rows
        if row.role == Party.Role.REPORTER
    )
