"""Reads of the record: histories, public seals, receipts and proofs. What auditors read is in ``auditing``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tongxin.kernel.crypto import DecryptionFailed
from tongxin.kernel.errors import NotFound
from tongxin.kernel.hashing import inclusion_proof
from tongxin.kernel.times import local_day
from tongxin.record import rules, witnesses
from tongxin.record.keys import field_cipher, part_context
from tongxin.record.models import Entry, Head, PersonalPart, Seal, Witnessed

Subject = tuple[str, UUID]

PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as a page shows it. ``personal`` is None where there is none, was not asked for, or is erased."""

    id: UUID
    subject: Subject
    seq: int
    verb: str
    actor_id: UUID
    actor_kind: str
    organisation_id: UUID | None
    on_behalf_of: UUID | None
    area_path: str
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any]
    personal: Mapping[str, Any] | None
    erased_at: datetime | None
    receipt: str
    hash: str
    prev_hash: str
    has_personal: bool


def line_of(entry: Entry, *, with_personal: bool) -> Line:
    """The entry as a page shows it. Raises DecryptionFailed where a part that is asked for cannot be opened."""
    part: PersonalPart | None = getattr(entry, "personal_part", None) if entry.personal_commit else None
    personal = None
    if with_personal and part is not None and part.erased_at is None:
        personal = json.loads(field_cipher().decrypt(bytes(part.data), part_context(entry.id)))
    return Line(
        id=entry.id,
        subject=(entry.subject_kind, entry.subject_id),
        seq=entry.subject_seq,
        verb=entry.verb,
        actor_id=entry.actor_id,
        actor_kind=entry.actor_kind,
        organisation_id=entry.organisation_id,
        on_behalf_of=entry.on_behalf_of,
        area_path=entry.area_path,
        occurred_at=entry.occurred_at,
        recorded_at=entry.recorded_at,
        data=entry.data,
        personal=personal,
        erased_at=part.erased_at if part is not None else None,
        receipt=rules.receipt_code(entry.hash),
        hash=entry.hash,
        prev_hash=entry.prev_hash,
        has_personal=bool(entry.personal_commit),
    )


def history(subject: Subject, *, with_personal: bool = False, limit: int | None = None) -> list[Line]:
    """A subject's entries, oldest first; with ``limit``, the newest so many. One query.

    ``with_personal`` decrypts the personal parts: ask for it only for those who may read them.
    """
    kind, subject_id = subject
    rows = Entry.objects.filter(subject_kind=kind, subject_id=subject_id).select_related("personal_part")
    if limit is None:
        return [line_of(entry, with_personal=with_personal) for entry in rows.order_by("subject_seq")]
    return [line_of(entry, with_personal=with_personal) for entry in rows.order_by("-subject_seq")[:limit]][::-1]


def histories(kind: str, ids: Sequence[UUID]) -> dict[UUID, list[Line]]:
    """The entries of many subjects of one kind, personal parts opened, for ``verify``. One query.

    A part that cannot be opened is told as none: the walk of the chains says so itself.
    """
    found: dict[UUID, list[Line]] = {subject_id: [] for subject_id in ids}
    rows = Entry.objects.filter(subject_kind=kind, subject_id__in=ids).select_related("personal_part")
    for entry in rows.order_by("subject_id", "subject_seq"):
        try:
            line = line_of(entry, with_personal=True)
        except (DecryptionFailed, ValueError):
            line = line_of(entry, with_personal=False)
        found[entry.subject_id].append(line)
    return found


def subjects_told(kind: str, ids: Sequence[UUID]) -> set[UUID]:
    """Those of the subjects of which some entry tells. One query."""
    heads = Head.objects.filter(subject_kind=kind, subject_id__in=ids)
    return set(heads.values_list("subject_id", flat=True))


def batches_telling(key: str) -> Iterator[Mapping[str, Any]]:
    """What entries say under ``key`` of many rows that they made at once. Reads the whole record, for ``verify``."""
    rows = Entry.objects.filter(data__has_key=key).order_by("id").values_list("data", flat=True)
    return (data[key] for data in rows.iterator(chunk_size=500))


@dataclass(frozen=True, slots=True)
class PublicSeal:
    """A day's seal as everybody may see and recompute it (``rules.seal_hash``). Hashes in hexadecimal."""

    day: str
    count: int
    root: str
    prev_hash: str
    hash: str
    sealed_at: datetime


def public_seals(*, before: str | None = None, limit: int = PAGE) -> list[PublicSeal]:
    """The seals, newest first; ``before`` (an ISO date) pages on."""
    seals = Seal.objects.order_by("-day")
    if before is not None:
        seals = seals.filter(day__lt=before)
    return [PublicSeal(s.day.isoformat(), s.count, s.root, s.prev_hash, s.hash, s.sealed_at) for s in seals[:limit]]


def receipt(entry: Entry) -> str:
    """The short code for the slip: whoever holds it can later show that the entry is still as it was."""
    return rules.receipt_code(entry.hash)


def check_receipt(subject: Subject, code: str) -> Line | None:
    """The subject's entry to which a receipt belongs, or None: the receipt is mistyped, or the entry is gone."""
    wanted = rules.normalise_receipt(code)
    return next((line for line in history(subject) if line.receipt == wanted), None)


def first_receipt(subject: Subject) -> str:
    """The receipt of a subject's first entry, for the slip; empty if there is none. One query."""
    kind, subject_id = subject
    entry_hash = Entry.objects.filter(subject_kind=kind, subject_id=subject_id, subject_seq=1).values_list(
        "hash", flat=True
    )
    return next((rules.receipt_code(found) for found in entry_hash), "")


def prove(entry_id: UUID) -> rules.InclusionProof:
    """Proof that an entry is under its day's seal. Reads the hashes of that day.

    Raises NotFound if there is no such entry or its day is not sealed yet.
    """
    entry = Entry.objects.filter(pk=entry_id).values_list("hash", "recorded_at").first()
    if entry is None:
        raise NotFound("There is no such entry.")
    entry_hash, recorded_at = entry
    day = local_day(recorded_at)
    seal = Seal.objects.filter(pk=day).first()
    if seal is None:
        raise NotFound("This day is not sealed yet. Ask again tomorrow.", code="not-sealed")
    ids, hashes = [], []
    for other_id, other_hash in entries_of_day(day):
        ids.append(other_id)
        hashes.append(other_hash)
    index = ids.index(entry_id)
    path = inclusion_proof(rules.leaves(hashes), index)
    return rules.InclusionProof(
        entry_id=entry_id,
        entry_hash=entry_hash,
        day=day,
        index=index,
        count=len(ids),
        path=tuple(step.hex() for step in path),
        root=seal.root,
        prev_hash=seal.prev_hash,
        sealed_at=seal.sealed_at,
        seal_hash=seal.hash,
    )


def entries_of_day(day: date) -> Iterator[tuple[UUID, str]]:
    """Ids and hashes of a day's entries in the order of the seal."""
    start, end = rules.day_bounds(day)
    rows = Entry.objects.filter(recorded_at__gte=start, recorded_at__lt=end).order_by("id")
    return rows.values_list("id", "hash").iterator(chunk_size=5000)


@dataclass(frozen=True, slots=True)
class WitnessState:
    """How a witness outside fares: the newest day that it took, and what it has not taken yet, and why."""

    witness: str
    last_day: date | None
    last_sent_at: datetime | None
    waiting: int
    error: str


def witness_states() -> list[WitnessState]:
    """All configured witnesses. Two queries for each; there are few."""
    found = []
    for witness in witnesses.configured():
        rows = Witnessed.objects.filter(witness=witness)
        last = rows.filter(state=Witnessed.State.SENT).order_by("-seal_id").values_list("seal_id", "sent_at").first()
        errors = list(rows.filter(state=Witnessed.State.WAITING).order_by("seal_id").values_list("error", flat=True))
        error = next((error for error in errors if error), "")
        day, sent_at = last or (None, None)
        found.append(WitnessState(witnesses.shown(witness), day, sent_at, len(errors), error))
    return found


def seals_until(day: date, days: int) -> list[PublicSeal]:
    """The seal of a day and those of the days before it, newest first. Raises NotFound if the day has none."""
    rows = list(Seal.objects.filter(day__lte=day).order_by("-day")[:days])
    if not rows or rows[0].day != day:
        raise NotFound("There is no seal of this day.")
    return [PublicSeal(s.day.isoformat(), s.count, s.root, s.prev_hash, s.hash, s.sealed_at) for s in rows]
