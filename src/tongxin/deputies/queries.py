"""Who is whose deputy, what was said to them, and what they made of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tongxin.deputies.models import Opinion, Suggestion
from tongxin.deputies.rules import MOST_OPINIONS, kind_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Appointment
from tongxin.people.queries.areas import current, day_of, identities_of
from tongxin.places.models import Area
from tongxin.places.queries import below

PAGE: Final = 20
MOST_DEPUTIES: Final = 60
ROLE: Final = "deputy"


@dataclass(frozen=True, slots=True)
class Seat:
    """A deputy in office, as everybody may know them."""

    id: UUID
    person_id: UUID
    name: str
    title: str
    kind: str
    area_id: UUID
    area_name: str
    area_path: str
    organisation: str
    phone: str


def _seats(now: datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(current(day_of(now)), role=ROLE).select_related("person", "area", "organisation")
    return rows.defer("area__shape")


def _seat(row: Appointment) -> Seat:
    body = row.organisation
    return Seat(
        row.pk, row.person_id, row.person.name, row.title, kind_of(row.title), row.area_id, row.area.name, row.area.path,
        str(body), body.phone,
    )  # fmt: skip


def deputies_of(paths: Sequence[str], now: datetime) -> list[Seat]:
    """The deputies elected for areas in which the places lie, the nearest first; of an area also those below it, sixty at
    most. One query."""
    if not paths:
        return [_seat(row) for row in _seats(now).order_by("area__path", "id")[:MOST_DEPUTIES]]
    which = Q(pk__in=[])
    for path in paths:
        codes = path.strip("/").split("/")
        which |= Q(area__path__in=["/".join(codes[:n]) + "/" for n in range(1, len(codes) + 1)]) | below(
            path, "area__path"
        )
    rows = _seats(now).filter(which).order_by("-area__depth", "area__path", "id")
    return [_seat(row) for row in rows[:MOST_DEPUTIES]]


def seat(seat_id: UUID, now: datetime) -> Seat:
    """One deputy in office. Raises :class:`NotFound`."""
    row = _seats(now).filter(pk=seat_id).first()
    if row is None:
        raise NotFound("There is no such deputy in office.", code="no-deputy")
    return _seat(row)


def seats_of(actor: Actor, now: datetime) -> list[Seat]:
    """The actor's own seats, in a session that passed the second factor."""
    mine = [g.appointment_id for g in actor.grants if g.role == ROLE and g.appointment_id]
    return [_seat(row) for row in _seats(now).filter(pk__in=mine).order_by("id")] if mine else []


@dataclass(frozen=True, slots=True)
class OpinionLine:
    """An opinion in the deputy's list, or in the resident's own."""

    id: UUID
    text: str
    who: str
    named: bool
    registered: bool
    way: str
    area: str
    occurred_at: datetime
    number: str
    title: str
    set_aside: str


def _opinion(row: Opinion) -> OpinionLine:
    who = row.person.name if row.person else row.said_by
    number, title = (row.suggestion.number, row.suggestion.title) if row.suggestion else ("", "")
    return OpinionLine(
        row.pk, row.text, who, row.named, row.person_id is not None, row.way, row.area.name, row.occurred_at, number,
        title, row.set_aside_reason,
    )  # fmt: skip


def _opinions(which: Q) -> QuerySet[Opinion]:
    rows = Opinion.objects.filter(which).select_related("person", "area", "suggestion").defer("area__shape")
    return rows.order_by("-id")


def opinions(
    actor: Actor, now: datetime, *, which: str = "open", before: UUID | None = None
) -> tuple[list[OpinionLine], UUID | None]:
    """The deputy's own opinions, the newest first, and the key of the next page. Two queries."""
    wanted = Q(seat__in=[one.id for one in seats_of(actor, now)])
    if which == "open":
        wanted &= Q(suggestion=None, set_aside_at=None)
    rows = list(_opinions(wanted & Q(pk__lt=before) if before else wanted)[: PAGE + 1])
    return [_opinion(row) for row in rows[:PAGE]], rows[PAGE - 1].pk if len(rows) > PAGE else None


def opinions_chosen(actor: Actor, ids: Sequence[UUID], now: datetime) -> list[OpinionLine]:
    """Of the given ones those that the deputy may still gather."""
    own = Q(seat__in=[one.id for one in seats_of(actor, now)], pk__in=list(ids)[:MOST_OPINIONS])
    return [_opinion(row) for row in _opinions(own & Q(suggestion=None, set_aside_at=None))]


def opinions_of(actor: Actor) -> list[OpinionLine]:
    """What the person has told deputies, the newest twenty."""
    if actor.person_id is None:
        return []
    return [_opinion(row) for row in _opinions(Q(person__in=identities_of(actor.person_id)))[:PAGE]]


@dataclass(frozen=True, slots=True)
class SuggestionLine:
    """A suggestion, as far as it is no case: who filed it, when, out of how many opinions."""

    case_id: UUID
    number: str
    title: str
    deputy: str
    deputy_title: str
    kind: str
    area: str
    session: str
    filed_at: datetime
    opinions: int


def _suggestion(row: Any) -> SuggestionLine:
    return SuggestionLine(
        row.case_id, row.number, row.title, row.deputy.name, row.deputy_title, kind_of(row.deputy_title), row.area.name,
        row.session, row.filed_at, row.heard,
    )  # fmt: skip


def suggestions_of(
    actor: Actor, now: datetime, *, before: UUID | None = None
) -> tuple[list[SuggestionLine], UUID | None]:
    """The deputy's own suggestions, the newest first, and the next page's key. Two queries."""
    rows = _suggestions().filter(seat__in=[one.id for one in seats_of(actor, now)])
    found = list((rows.filter(pk__lt=before) if before else rows).order_by("-id")[: PAGE + 1])
    return [_suggestion(row) for row in found[:PAGE]], found[PAGE - 1].pk if len(found) > PAGE else None


def suggestions_by_seat(seat_id: UUID) -> list[SuggestionLine]:
    """What a deputy in one seat filed, the newest twenty."""
    return [_suggestion(row) for row in _suggestions().filter(seat=seat_id).order_by("-id")[:PAGE]]


def lines_of(case_ids: Sequence[UUID]) -> dict[UUID, SuggestionLine]:
    """Who filed the given cases. One query."""
    return {row.case_id: _suggestion(row) for row in _suggestions().filter(case_id__in=case_ids)} if case_ids else {}


def _suggestions() -> QuerySet[Any]:
    rows = Suggestion.objects.select_related("deputy", "area").defer("area__shape")
    return rows.annotate(heard=Count("opinions"))


def suggestion(number: str) -> SuggestionLine:
    """One suggestion. Raises :class:`NotFound`."""
    row = _suggestions().filter(number=number).first()
    if row is None:
        raise NotFound("There is no such suggestion.", code="no-suggestion")
    return _suggestion(row)


def opinions_in(actor: Actor, number: str, now: datetime) -> list[OpinionLine]:
    """The opinions of a suggestion, for the deputy who made it."""
    own = Q(suggestion__number=number, seat__in=[one.id for one in seats_of(actor, now)])
    return [_opinion(row) for row in _opinions(own)[:MOST_OPINIONS]]


def sessions(path: str = "") -> list[str]:
    """The years in which suggestions were filed, the newest first."""
    rows = Suggestion.objects.filter(below(path, "area_path")) if path else Suggestion.objects.all()
    return list(rows.order_by("-session").values_list("session", flat=True).distinct()[:10])


def area_of(area_id: UUID) -> Area | None:
    """The area in which an opinion lies."""
    return Area.objects.filter(pk=area_id, valid_until=None).first()


def opinion_state(row: Opinion) -> dict[str, Any]:
    """The committed fields: what was said, whether it may be named, and where it went."""
    names = ("seat_id", "person_id", "said_by", "named", "way", "text", "area_id", "occurred_at", "suggestion_id",
             "set_aside_at", "set_aside_reason")  # fmt: skip
    return {name: getattr(row, name) for name in names}


def suggestion_state(row: Suggestion) -> dict[str, Any]:
    """The committed fields: whose it is, and which case."""
    names = ("case_id", "number", "seat_id", "deputy_id", "deputy_title", "area_id", "session", "title", "filed_at")
    return {name: getattr(row, name) for name in names}


def opinion_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given opinions."""
    return {row.pk: opinion_state(row) for row in Opinion.objects.filter(pk__in=ids)}


def opinion_ids() -> Iterator[UUID]:
    """Ids of all opinions, in bounded memory."""
    return Opinion.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def suggestion_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given suggestions."""
    return {row.pk: suggestion_state(row) for row in Suggestion.objects.filter(pk__in=ids)}


def suggestion_ids() -> Iterator[UUID]:
    """Ids of all suggestions, in bounded memory."""
    return Suggestion.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)
