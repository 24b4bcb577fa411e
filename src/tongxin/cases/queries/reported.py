"""The people of one case that a page about it needs, read at once: who reported, who stays unnamed, the viewer's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import Party
from tongxin.cases.queries.parties import is_person, word_now
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


@dataclass(frozen=True, slots=True)
class Mine:
    """What the viewer is to the case, or whom they act for is: their own word and rating."""

    party: UUID
    role: str
    word: str
    rating: int | None
    for_name: str  # of the family member, empty for oneself
    helper_name: str  # who filed it in one's name
    person_id: UUID | None = None  # as the row has it: also the row made before the register knew them


@dataclass(frozen=True, slots=True)
class Reporter:
    """In whose name it was reported; the phone is read by its own operation, on the record."""

    person_id: UUID | None
    name: str
    hidden: bool
    helper_name: str
    has_contact: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Of those concerned: persons in whose name it was reported, (name, hidden) of each, who joined unnamed."""

    people: tuple[Party, ...]
    ids: frozenset[UUID]
    reporters: tuple[tuple[str, bool], ...]
    hidden_joiners: frozenset[UUID]

    def own(self, person_id: UUID | None) -> list[Party]:
        """The person's rows by which they have a part in the case; :func:`is_person` says which are theirs."""
        return [row for row in self.people if row.disowned_at is None and _is(row, person_id)]

    def mine(self, person_id: UUID | None, answered_at: datetime | None, *, family: bool) -> Mine | None:
        """What the person is to the case; ``family``: they are not the viewer, who acts for them."""
        row = next(iter(self.own(person_id)), None)
        if row is None:
            return None
        name = row.person.name if family and row.person else ""
        word = word_now(row.word, row.answered_at, answered_at)
        helper = row.helper.name if row.helper and not family else ""
        return Mine(row.id, row.role, word, row.rating, name, helper, row.person_id)

    def reporter(self) -> Reporter | None:
        """In whose name it was reported first."""
        reported = (row for row in self.people if row.role == Party.Role.REPORTER and row.disowned_at is None)
        row = next(reported, None)
        if row is None:
            return None
        name = row.person.name if row.person else row.contact_name
        has_contact = row.contact_cipher is not None or (row.person is not None and row.person.phone_cipher is not None)
        return Reporter(row.person_id, name, row.hidden, row.helper.name if row.helper else "", has_contact)


def _is(row: Party, person_id: UUID | None) -> bool:
    if person_id is None:
        return False
    return row.person_id == person_id or (row.person is not None and row.person.same_as_id == person_id)


def known_of(case_id: UUID, person_id: UUID | None) -> Known:
    """Those in whose names it was reported, who hid theirs, and this person. One query."""
    people = _OF_CASE(case_id) if person_id is None else _OF_CASE_AND(case_id, person_id)
    reporters = [row for row in people if row.role == Party.Role.REPORTER]
    joiners = [row for row in people if row.role != Party.Role.REPORTER and row.hidden]
    return Known(
        tuple(people),
        frozenset(row.person_id for row in reporters if row.person_id is not None),
        tuple(((row.person.name if row.person else "") or row.contact_name or "", row.hidden) for row in reporters),
        frozenset(row.person_id for row in joiners if row.person_id is not None),
    )
