"""The parties of a case and their word on its settlement: a list of hundreds, paged by key, with its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Coalesce

from tongxin.cases.models import Acceptance, Party, Settlement
from tongxin.cases.queries.parties import rows_of
from tongxin.cases.queries.view import CaseView, case_for
from tongxin.cases.rules import Party as Part
from tongxin.cases.rules_settlement import Tally
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound

PAGE: Final = 50
_DESKS: Final = frozenset({Part.DESK, Part.LOWER_DESK, Part.SUPERVISOR})
_COUNTS: Final = Q(said__way="screen") | Q(said__checked_at__isnull=False)


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party. ``word``: accepted, refused or nothing; ``to_check``: on paper that a second person has not looked at."""

    id: UUID
    name: str
    hidden: bool
    word: str
    way: str
    reason: str
    said_at: datetime | None
    to_check: bool
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A scanned sheet that waits for a second pair of eyes."""

    id: UUID
    recorded_by: str
    recorded_at: datetime
    mine: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """The settlement that stands."""

    id: UUID
    text: str
    by: str
    at: datetime


def collective(actor: Actor, number: str, now: datetime) -> CaseView:
    """The case for its desks, who see all parties. Raises :class:`NotFound` for everybody else."""
    view = case_for(actor, number, now)
    if not view.access.parties & _DESKS or not view.access.reporter:
        raise NotFound("There is no such case.")
    return view


def proposed(case_id: UUID) -> Proposed | None:
    """The settlement that stands, if any."""
    row = Settlement.objects.filter(case_id=case_id, ended_at=None).first()
    return Proposed(row.pk, row.text, row.proposed_name, row.proposed_at) if row is not None else None


def _parties(case_id: UUID, settlement: UUID | None) -> QuerySet[Any]:
    said = FilteredRelation("acceptances", condition=Q(acceptances__settlement=settlement))
    return Party.objects.filter(case_id=case_id, disowned_at=None).annotate(said=said)


def tally(case_id: UUID, settlement: UUID | None) -> Tally:
    """The figures. One query."""
    found = _parties(case_id, settlement).aggregate(
        parties=Count("pk"),
        accepted=Count("pk", filter=_COUNTS & Q(said__word="accepted")),
        refused=Count("pk", filter=_COUNTS & Q(said__word="refused")),
        to_check=Count("pk", filter=Q(said__way="paper", said__checked_at=None)),
    )
    return Tally(**found)


def parties(
    case_id: UUID, settlement: UUID | None, *, which: str = "all", text: str = "", after: UUID | None = None,
    most: int = PAGE,
) -> tuple[list[PartyLine], UUID | None]:  # fmt: skip
    """Parties in the order in which they joined, and the key of the next page. One query."""
    rows = _parties(case_id, settlement).annotate(name=Coalesce("person__name", "contact_name"))
    rows = rows.filter(
        {
            "open": Q(said__pk=None),
            "accepted": _COUNTS & Q(said__word="accepted"),
            "refused": _COUNTS & Q(said__word="refused"),
            "check": Q(said__way="paper", said__checked_at=None),
        }.get(which, Q())
    )
    if text.strip():
        rows = rows.filter(name__contains=text.strip()[:30])
    if after:
        rows = rows.filter(pk__gt=after)
    found = list(
        rows.order_by("pk").values_list(
            "pk", "name", "hidden", "said__word", "said__way", "said__reason", "said__recorded_at", "said__checked_at",
            "said__recorded_name",
        )[: most + 1]
    )  # fmt: skip
    lines = [
        PartyLine(
            pk, name, hidden, word or "", way or "", reason or "", at, way == "paper" and checked is None, by or ""
        )
        for pk, name, hidden, word, way, reason, at, checked, by in found[:most]
    ]
    return lines, found[most - 1][0] if len(found) > most else None


def every_party(case_id: UUID, settlement: UUID | None) -> Iterator[PartyLine]:
    """All of them, page by page: for paper and Excel."""
    after: UUID | None = None
    while True:
        lines, after = parties(case_id, settlement, after=after, most=500)
        yield from lines
        if after is None:
            return


def sheets(actor: Actor, settlement: UUID | None) -> list[Sheet]:
    """Sheets that wait to be checked, the oldest first. One query."""
    rows = (
        Acceptance.objects.filter(settlement=settlement, way="paper", checked_at=None)
        .order_by("sheet", "party_id")
        .values_list(
            "sheet", "recorded_name", "recorded_at", "recorded_by", "party__person__name", "party__contact_name"
        )
    )
    found: dict[UUID, list[Any]] = {}
    for sheet, name, at, by, person, contact in rows[:2_000]:
        if sheet is not None:
            found.setdefault(sheet, [name, at, by, []])[3].append(person or contact)
    me = actor.person_id or actor.id
    return [Sheet(key, name, at, by == me, tuple(names)) for key, (name, at, by, names) in found.items()]


@dataclass(frozen=True, slots=True)
class OwnWord:
    """What a party sees: the settlement, the figures, their own word."""

    settlement: Proposed
    tally: Tally
    word: str
    way: str
    reason: str
    said_at: datetime | None


def own_word(actor: Actor, case_id: UUID) -> OwnWord | None:
    """The settlement for one of its parties; None where there is none, or it is not theirs. Three queries."""
    standing = proposed(case_id)
    if standing is None or actor.person_id is None:
        return None
    rows = _parties(case_id, standing.id).filter(rows_of(actor)).order_by("pk")
    row = rows.values_list(
        F("said__word"), F("said__way"), F("said__reason"), F("said__recorded_at")
    ).first()  # fmt: skip
    if row is None:
        return None
    word, way, reason, at = row
    return OwnWord(standing, tally(case_id, standing.id), word or "", way or "", reason or "", at)
