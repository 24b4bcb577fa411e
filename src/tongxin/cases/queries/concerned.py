"""Those whom a case concerns, as the desk sees them: a page at a time, however many there are, and who stays unnamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q

from tongxin.cases.models import Case, Party
from tongxin.cases.queries.parties import word_now
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.masking import mask_name, mask_text
from tongxin.people.models import Person
from tongxin.record.statements import Statement

PAGE: Final = 20
MOST_NAMES: Final = 2000
"""So many names are taken out of the words of a case, besides each line's own."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Somebody whom the case concerns. ``name`` is empty for who may not see it."""

    id: UUID
    person_id: UUID | None
    name: str
    role: str
    hidden: bool
    helper: str
    has_phone: bool
    word: str
    reason: str
    rating: int | None
    disowned: bool
    known: bool = True  # False: it came from nobody in particular


class Row(NamedTuple):
    """A row of those concerned, with the names it needs and nothing else of the register."""

    id: UUID
    role: str
    hidden: bool
    word: str
    reason: str
    rating: int | None
    answered_at: datetime | None
    disowned_at: datetime | None
    contact_name: str
    contact_cipher: bytes | None
    person_id: UUID | None
    person_name: str | None
    same_as: UUID | None
    phone_cipher: bytes | None
    helper_name: str | None

    @property
    def known(self) -> bool:
        return self.person_id is not None or bool(self.contact_name) or self.contact_cipher is not None

    @property
    def name(self) -> str:
        return self.person_name or self.contact_name


_COLUMNS: Final = (
    "id", "role", "hidden", "word", "reason", "rating", "answered_at", "disowned_at", "contact_name", "contact_cipher",
    "person_id", "person__name", "person__same_as_id", "person__phone_cipher", "helper__name",
)  # fmt: skip


def _of_case(case_id: UUID) -> Any:
    return Party.objects.filter(case_id=case_id).order_by("-role", "id")  # in whose name it was reported comes first


_FIRST: Statement[tuple[Any, ...]] = Statement(lambda case_id: _of_case(case_id).values_list(*_COLUMNS)[: PAGE + 1])


def rows_of(case_id: UUID, after: UUID | None = None) -> tuple[list[Row], UUID | None]:
    """A page of those concerned, reporters first, and the key of the next (None on the last). One query, two further
    on. Raises :class:`NotFound` for a key that is none."""
    if after is None:
        found = _FIRST(case_id)
    else:
        role = Party.objects.filter(case_id=case_id, pk=after).values_list("role", flat=True).first()
        if role is None:
            raise NotFound("This page does not exist.", code="no-page")
        further = _of_case(case_id).filter(Q(role=role, id__gt=after) | Q(role__lt=role))
        found = further.values_list(*_COLUMNS)[: PAGE + 1]
    rows = [Row(*values) for values in found]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def row_of(case_id: UUID, party_id: UUID) -> Row | None:
    """One of those concerned. One query."""
    values = _of_case(case_id).filter(pk=party_id).values_list(*_COLUMNS).first()
    return Row(*values) if values is not None else None


def roles_among(rows: Sequence[Row], whole: bool, actor: Actor) -> list[str] | None:
    """The actor's own roles among those concerned; None where the rows are not all and have to be asked for."""
    if not whole:
        return None
    return [row.role for row in rows if row.disowned_at is None and _is(row, actor)]


def _is(row: Row, actor: Actor) -> bool:
    return row.person_id is not None and actor.person_id in {row.person_id, row.same_as}


@dataclass(frozen=True, slots=True)
class Sight:
    """What of the names a reader may see. ``sees``: of those who did not hide them; ``all_seen``: of everybody."""

    sees: bool = True
    all_seen: bool = True
    ids: frozenset[UUID | None] = frozenset()
    names: tuple[str, ...] = ()

    def shows(self, hidden: bool) -> bool:
        """True if somebody's name may be shown."""
        return self.all_seen or (self.sees and not hidden)

    def who(self, actor_id: UUID, name: str, *, office: bool, on_behalf_of: UUID | None) -> str:
        """Who did something. Whoever may not know the reporters is told names of people in office alone: anybody
        else might be one of them, also who never had a row of their own, as a neighbour who reopened."""
        if actor_id in self.ids or (not office and (not self.sees or on_behalf_of in self.ids)):
            return ""
        return name

    def words(self, text: str, *further: str) -> str:
        """A text without the names that must not stand in it, ``further`` ones included."""
        if not text or self.all_seen:
            return text
        names = (*self.names, *(name for name in further if len(name) > 1))
        for name in names:
            text = text.replace(name, mask_name(name))
        return mask_text(text) if names or not self.sees else text


def sight_of(case: Case, rows: Sequence[Row], whole: bool, *, sees: bool, all_seen: bool) -> Sight:
    """Who of those concerned stays unnamed. One query where there are more than a page of them, else none."""
    if all_seen:
        return Sight()
    unseen = [(r.person_id, r.same_as, r.name) for r in rows if not sees or r.hidden]
    if not whole:
        wanted = (
            Party.objects.filter(case_id=case.pk) if not sees else Party.objects.filter(case_id=case.pk, hidden=True)
        )
        columns = ("person_id", "person__same_as_id", "person__name", "contact_name")
        found = wanted.order_by("-role", "id").values_list(*columns)[:MOST_NAMES]
        unseen = [(person, same, name or contact) for person, same, name, contact in found]
    ids = frozenset(key for person, same, _name in unseen for key in (person, same) if key is not None)
    return Sight(sees, all_seen, ids, tuple(dict.fromkeys(name for *_, name in unseen if len(name) > 1)))


def names_of(wanted: Iterable[UUID | None], rows: Sequence[Row], sight: Sight) -> Mapping[UUID | None, str]:
    """Names of people for whom something was done, where they may be shown. No query unless one is not among the
    rows."""
    ids = {key for key in wanted if key is not None} - sight.ids
    if not sight.sees:
        return {}
    known: dict[UUID | None, str] = {row.person_id: row.name for row in rows if row.person_id in ids}
    missing = ids - known.keys()
    if missing:
        known |= dict(Person.objects.filter(pk__in=missing).values_list("pk", "name"))
    return known


def concerned(row: Row, case: Case, sight: Sight) -> Concerned:
    """The row as the reader may have it."""
    word, sees = word_now(row.word, row.answered_at, case.answered_at), sight.shows(row.hidden)
    return Concerned(
        id=row.id,
        person_id=row.person_id,
        name=row.name if sees else "",
        role=row.role,
        hidden=row.hidden,
        helper=row.helper_name or "" if sees else "",
        has_phone=bool(row.phone_cipher or row.contact_cipher),
        word=word,
        reason=row.reason if sees and word else "",
        rating=row.rating,
        disowned=row.disowned_at is not None,
        known=row.known,
    )
