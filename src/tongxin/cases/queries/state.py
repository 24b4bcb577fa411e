"""What of a row is committed to by its entries in the record: a change behind the back is then found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from tongxin.cases.models import Acceptance, Case, Party, Route

_CASE = (
    "number", "kind", "state", "open", "outcome", "category_id", "urgency", "channel", "title", "text", "public_text",
    "public_title", "public_place",
    "answers", "area_path", "place", "is_public", "reporter_hidden", "complained_of", "lead_id", "holder_id",
    "parent_id", "raised", "supervised", "times_reopened", "source", "occurred_at", "created_at", "closed_at",
)  # fmt: skip
_PARTY = ("case_id", "person_id", "role", "word", "reason", "rating", "rating_text", "answered_at")


def _of(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def case_state(case: Case) -> dict[str, Any]:
    """The committed fields of a case; the place on the map as text, since no float is ever hashed."""
    return _of(case, _CASE) | {"at": f"{case.lat!r},{case.lng!r}"}


def party_state(party: Party) -> dict[str, Any]:
    """The committed fields of a person concerned: what they said and how they rated."""
    return _of(party, _PARTY)


def route_state(route: Route, members: Sequence[UUID]) -> dict[str, Any]:
    """The committed fields of a route: who gets what, where, and who takes turns."""
    names = ("area_id", "category_id", "organisation_id", "service", "mode", "automatic", "since", "until")
    return _of(route, names) | {"members": [str(member) for member in members]}


def route_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given routes. Two queries."""
    rows = Route.objects.filter(id__in=ids).prefetch_related("turns")
    return {
        row.id: route_state(row, [turn.organisation_id for turn in sorted(row.turns.all(), key=lambda t: t.position)])
        for row in rows
    }


def route_ids() -> Iterator[UUID]:
    """Ids of all routes, in bounded memory."""
    return Route.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def case_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given cases."""
    return {case.id: case_state(case) for case in Case.objects.filter(id__in=ids)}


def party_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given people concerned."""
    return {party.id: party_state(party) for party in Party.objects.filter(id__in=ids)}


def case_ids() -> Iterator[UUID]:
    """Ids of all cases, in bounded memory."""
    return Case.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def party_ids() -> Iterator[UUID]:
    """Ids of all people concerned, in bounded memory."""
    return Party.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def acceptance_state(row: Acceptance) -> dict[str, Any]:
    """The committed fields of a party's word on a settlement."""
    names = ("settlement_id", "party_id", "word", "way", "reason", "sheet", "recorded_by", "recorded_at", "checked_by",
             "checked_at")  # fmt: skip
    return _of(row, names)


def acceptance_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given words on settlements."""
    return {row.pk: acceptance_state(row) for row in Acceptance.objects.filter(pk__in=ids)}


def acceptance_ids() -> Iterator[UUID]:
    """Ids of all words on settlements, in bounded memory."""
    return Acceptance.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)
