"""What the record commits to of rows that decide rights: who owns, and who acts for whom.

A row made by an operation of its own has a chain of entries. An import makes thousands: it tells of all of them in one
entry, by the first of their ids, which follow one another, by their number and by a Merkle root over what they hold. A
row of an import that is changed later gets a chain from then on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import islice
from typing import Any
from uuid import UUID

from tongxin.kernel.crypto import digest
from tongxin.kernel.hashing import canonical_json, merkle_root
from tongxin.people.models import FamilyLink, Ownership
from tongxin.record.queries import batches_telling, subjects_told
from tongxin.record.registry import Finding

BATCH_KEY = "ownerships"
CommittedRow = FamilyLink | Ownership
KIND_OF: Mapping[type[CommittedRow], str] = {FamilyLink: "family_link", Ownership: "ownership"}
_LINK = ("child_id", "parent_id", "consent", "witness", "since", "until")
_MADE = ("id", "home_id", "person_id", "organisation_id", "share_numerator", "share_denominator", "source", "since")
_CHUNK = 500


def committed(row: CommittedRow) -> dict[str, Any]:
    """The fields that an entry of the row commits to."""
    names = _LINK if isinstance(row, FamilyLink) else (*_MADE, "until")
    return {name: getattr(row, name) for name in names}


def link_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of family links."""
    return {row.pk: committed(row) for row in FamilyLink.objects.filter(pk__in=ids)}


def link_ids() -> Iterator[UUID]:
    """Ids of all family links, in bounded memory."""
    return FamilyLink.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)


def ownership_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of ownerships."""
    return {row.pk: committed(row) for row in Ownership.objects.filter(pk__in=ids)}


def ownership_ids() -> Iterator[UUID]:
    """Ids of all ownerships that no import made, in bounded memory: of these an entry each must tell."""
    spans = sorted((int(UUID(told["first"])), int(told["count"])) for told in batches_telling(BATCH_KEY))
    at = 0
    for key in Ownership.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000):
        while at < len(spans) and sum(spans[at]) <= key.int:
            at += 1
        if at == len(spans) or key.int < spans[at][0]:
            yield key


def made_state(
    key: UUID,
    home_id: UUID,
    person_id: UUID | None,
    organisation_id: UUID | None,
    share: Fraction,
    source: str,
    since: date,
) -> dict[str, Any]:
    """What an import commits to of one ownership: all but its end, which comes later."""
    values = (key, home_id, person_id, organisation_id, share.numerator, share.denominator, source, since)
    return dict(zip(_MADE, values, strict=True))


def batch_told(made: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For the entry of an import: the commitment to the ownerships that it makes, in the order of their ids."""
    if not made:
        return {}
    return {BATCH_KEY: {"first": str(made[0]["id"]), "count": len(made), "root": _root(made)}}


def _root(states: Sequence[Mapping[str, Any]]) -> str:
    return merkle_root([digest(canonical_json(state)) for state in states]).hex()


def batch_checks() -> Iterator[Finding]:
    """Each import's ownerships against the one commitment to them."""
    for told in batches_telling(BATCH_KEY):
        first, count = UUID(told["first"]), int(told["count"])
        last = UUID(int=first.int + count - 1)
        rows = Ownership.objects.filter(pk__gte=first, pk__lte=last).order_by("pk")
        states: list[dict[str, Any]] = []
        walk = rows.iterator(chunk_size=_CHUNK)
        while chunk := list(islice(walk, _CHUNK)):
            yield from _ended(chunk)
            states += [{name: getattr(row, name) for name in _MADE} for row in chunk]
        where = f"ownerships from {first} on"
        if len(states) != count:
            yield Finding("rows-missing", where, f"{len(states)} rows are there of the {count} that were imported.")
        elif _root(states) != told["root"]:
            yield Finding("rows-altered", where, f"Among these {count} rows are some that were changed since.")


def _ended(rows: Sequence[Ownership]) -> Iterator[Finding]:
    """An imported ownership ends in an operation, which begins a chain of its own."""
    ended = [row.pk for row in rows if row.until is not None]
    for key in sorted(set(ended) - subjects_told("ownership", ended)):
        yield Finding("row-altered", f"ownership {key}", "It has ended, and no entry says so.")
