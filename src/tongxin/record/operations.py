"""The verbs of the record: append, seal, erase, show to witnesses. Nothing else writes its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Min, Model

from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Conflict, NotFound
from tongxin.kernel.hashing import canonical_json, commit, merkle_root, new_salt
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import local_day
from tongxin.record import registry, rules, witnesses
from tongxin.record.keys import field_cipher, head_key, part_context
from tongxin.record.models import Entry, Head, PersonalPart, Seal, Witnessed
from tongxin.record.sealed_days import SEALED_DAY, lock_day
from tongxin.record.statements import Statement
from tongxin.record.writes import write_new

Subject = tuple[str, UUID]


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry to be: what :func:`append_entries` writes.

    ``data`` is published with the chain and holds nothing personal; ``personal`` is encrypted and kept beside it, where
    it can be erased. ``state`` is the subject row as it is after the operation, exactly as the kind's registered
    provider gives it; leave it out only if no such field changed. ``new`` saves a query where the subject's id was made
    in this same operation. ``occurred_at`` is what somebody says; left out, it is the time of recording.
    """

    actor: Actor
    verb: str
    subject: Subject
    area_path: str
    data: Mapping[str, Any] | None = None
    personal: Mapping[str, Any] | None = None
    state: Mapping[str, Any] | None = None
    occurred_at: datetime | None = None
    on_behalf_of: UUID | None = None
    organisation_id: UUID | None = None
    new: bool = False


def append_entry(
    *,
    actor: Actor,
    verb: str,
    subject: Subject,
    area_path: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    personal: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    occurred_at: datetime | None = None,
    on_behalf_of: UUID | None = None,
    organisation_id: UUID | None = None,
    new: bool = False,
) -> Entry:
    """Append one entry; the arguments are those of :class:`Draft`, the errors those of :func:`append_entries`."""
    draft = Draft(
        actor=actor,
        verb=verb,
        subject=subject,
        area_path=area_path,
        data=data,
        personal=personal,
        state=state,
        occurred_at=occurred_at,
        on_behalf_of=on_behalf_of,
        organisation_id=organisation_id,
        new=new,
    )
    return append_entries([draft], now=now)[0]


def append_entries(drafts: Sequence[Draft], *, now: datetime, beside: Sequence[Model] = ()) -> list[Entry]:
    """Append entries in the order given, with few statements however many they are.

    ``beside``: new rows that the entries tell of, written in the same statement (see :func:`write_new`). Call it within
    the transaction that changes the subjects; RuntimeError otherwise. The chains' ends stay locked until that transaction
    ends. Raises Conflict if the day of ``now`` is sealed, or if somebody else began a chain said to be new; IntegrityError
    if a row beside is refused.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("an entry is appended in the transaction of the change that it tells of")
    heads = _locked_heads([draft.subject for draft in drafts if not draft.new])
    entries: list[Entry] = []
    parts: list[PersonalPart] = []
    for draft in drafts:
        head = heads.get(draft.subject)
        if head is None:
            kind, subject_id = draft.subject
            head = heads[draft.subject] = Head(subject_kind=kind, subject_id=subject_id, seq=0, hash="", salt=b"")
        entry, part = _chained(draft, head, now)
        entries.append(entry)
        if part is not None:
            parts.append(part)
    try:
        write_new([*beside, *entries, *parts, *heads.values()], _MOVE_ON)
    except IntegrityError as error:
        raise _refused(error) or error from error
    return entries


# Whoever holds no lock on a chain's end, because there was none to lock, still cannot move it: the entry's own number in
# the chain is unique.
_MOVE_ON: Mapping[type[Model], str] = {
    Head: "(subject_id, subject_kind) DO UPDATE "
    "SET seq = EXCLUDED.seq, hash = EXCLUDED.hash, salt = EXCLUDED.salt, mac = EXCLUDED.mac"
}


def _refused(error: IntegrityError) -> Conflict | None:
    """What the record itself has against an entry, in words; None if the refusal is about something else."""
    said = str(error)
    if SEALED_DAY in said:
        return Conflict("This day is already sealed.", code="sealed-day")
    if "entry_in_chain" in said or "record_entry UNIQUE" in said:  # PostgreSQL's rule, and on SQLite the trigger
        return Conflict("Somebody else has just done the same.", code="concurrent-entry")
    return None


_FEW = 8
_ENDS: Statement[Head] = Statement(
    # One order for all, so that two operations on the same subjects wait for one another instead of deadlocking.
    lambda subject_ids: Head.objects.select_for_update().filter(subject_id__in=subject_ids).order_by("pk")
)


def _locked_heads(subjects: Sequence[Subject]) -> dict[Subject, Head]:
    if not subjects:
        return {}
    wanted = set(subjects)
    ids = sorted({subject_id for _, subject_id in wanted})
    rows = _ENDS(ids) if len(ids) <= _FEW else _ENDS.plain(ids)
    found = {(head.subject_kind, head.subject_id): head for head in rows}
    return {subject: head for subject, head in found.items() if subject in wanted}


def _chained(draft: Draft, head: Head, now: datetime) -> tuple[Entry, PersonalPart | None]:
    """The draft as the next entry of its chain; moves ``head`` along."""
    entry_id = uuid7(now)
    part = None
    personal_commit = state_commit = ""
    if draft.personal is not None:
        salt = new_salt()
        personal_commit = commit(draft.personal, salt)
        text = canonical_json(draft.personal).decode()
        part = PersonalPart(entry_id=entry_id, salt=salt, data=field_cipher().encrypt(text, part_context(entry_id)))
    if draft.state is not None:
        # A fresh salt each time: earlier commitments then say nothing about what the row held before.
        head.salt = new_salt()
        state_commit = commit(draft.state, head.salt)
    entry = Entry(
        id=entry_id,
        subject_kind=head.subject_kind,
        subject_id=head.subject_id,
        subject_seq=head.seq + 1,
        verb=draft.verb,
        actor_id=draft.actor.id,
        actor_kind=draft.actor.kind,
        organisation_id=draft.organisation_id,
        on_behalf_of=draft.on_behalf_of,
        area_path=draft.area_path,
        occurred_at=draft.occurred_at or now,
        recorded_at=now,
        # As it will be read back, so that the hash survives the column.
        data=json.loads(canonical_json(draft.data)) if draft.data else {},
        personal_commit=personal_commit,
        state_commit=state_commit,
        prev_hash=head.hash,
    )
    entry.hash = rules.entry_hash(vars(entry))
    head.seq, head.hash = entry.subject_seq, entry.hash
    head.mac = rules.head_mac(head_key(), head.subject_kind, head.subject_id, head.seq, head.hash)
    return entry, part


def log_reading(
    *, actor: Actor, subject: Subject, area_path: str, fields: Sequence[str], reason: str, now: datetime
) -> Entry:
    """Put on the record that ``actor`` read sensitive ``fields`` (names, not values) of a subject, and why.

    The reason is free text of a member of staff and may name people: it is kept beside the chain.
    """
    with transaction.atomic():
        return append_entry(
            actor=actor,
            verb=rules.READ_VERB,
            subject=subject,
            area_path=area_path,
            now=now,
            data={"fields": sorted(fields)},
            personal={"reason": reason},
        )


def erase_personal(
    *,
    actor: Actor,
    subject: Subject,
    area_path: str,
    reason: str,
    now: datetime,
    seqs: Sequence[int] | None = None,
    state: Mapping[str, Any] | None = None,
) -> Entry:
    """Erase personal parts of a subject's entries (all, or those with the given ``seqs``); a new entry says so.

    个人信息保护法 47. Change or blank the subject's own row first, in the same transaction: its state is committed
    anew, with a new salt; left out, ``state`` is asked from the kind's registered provider. ``reason`` is published and
    names nobody. Raises NotFound if there is nothing left to erase.
    """
    with transaction.atomic():
        kind, subject_id = subject
        _locked_heads([subject])
        parts = PersonalPart.objects.filter(
            entry__subject_kind=kind, entry__subject_id=subject_id, erased_at__isnull=True
        )
        if seqs is not None:
            parts = parts.filter(entry__subject_seq__in=seqs)
        found = dict(parts.values_list("entry_id", "entry__subject_seq"))
        if not found:
            raise NotFound("There is nothing left to erase.", code="nothing-to-erase")
        PersonalPart.objects.filter(entry_id__in=found).update(
            data=b"", salt=b"", erased_at=now, erased_reason=reason, erased_by=actor.id
        )
        provider = registry.state_providers().get(kind)
        if state is None and provider is not None:
            state = provider.states([subject_id]).get(subject_id, rules.REMOVED)
        return append_entry(
            actor=actor,
            verb=rules.ERASED_VERB,
            subject=subject,
            area_path=area_path,
            now=now,
            data={"erased": sorted(found.values()), "reason": reason},
            state=state,
        )


def seal_due(now: datetime, limit: int | None = None) -> list[Seal]:
    """Seal every finished day that has no seal yet, oldest first, empty days too; at most ``limit`` days.

    A day is finished at 00:30 of the next, Asia/Shanghai. Safe to run twice and from several workers.
    """
    seals: list[Seal] = []
    while limit is None or len(seals) < limit:
        seal = _seal_next(now)
        if seal is None:
            break
        seals.append(seal)
    return seals


def _seal_next(now: datetime) -> Seal | None:
    last_day = rules.last_sealable_day(now)
    with transaction.atomic():
        previous = Seal.objects.order_by("-day").first()
        if previous is not None:
            day = date.fromordinal(previous.day.toordinal() + 1)
        else:
            first = Entry.objects.aggregate(first=Min("recorded_at"))["first"]
            if first is None:
                return None
            day = local_day(first)
        if day > last_day:
            return None
        return _seal(day, previous, now)


def _seal(day: date, previous: Seal | None, now: datetime) -> Seal:
    lock_day(transaction.get_connection(), day.toordinal() - date(2000, 1, 1).toordinal())
    made = Seal.objects.filter(day=day).first()
    if made is not None:
        return made  # another worker was faster
    start, end = rules.day_bounds(day)
    hashes = list(
        Entry.objects.filter(recorded_at__gte=start, recorded_at__lt=end).order_by("id").values_list("hash", flat=True)
    )
    root = merkle_root(rules.leaves(hashes)).hex()
    prev_hash = previous.hash if previous else ""
    seal = Seal.objects.create(
        day=day,
        count=len(hashes),
        root=root,
        prev_hash=prev_hash,
        hash=rules.seal_hash(day, len(hashes), root, prev_hash, now),
        sealed_at=now,
    )
    append_entry(
        actor=SYSTEM,
        verb=rules.SEALED_VERB,
        subject=rules.SEAL_SUBJECT,
        area_path="",
        now=now,
        data={"day": day, "count": seal.count, "root": root, "hash": seal.hash},
    )
    return seal


def witness_due(now: datetime, limit: int = 20) -> int:
    """Send the seals that are due to the witnesses outside; how many were taken. For the ticker; several may run.

    Rows are claimed under a lease in one short transaction, sent outside of it, and marked as sent only after the
    witness said yes; should this process die between the two, the seal goes out once more, and it is the same seal.
    """
    _plan_witnesses(now)
    return sum(_witness(row, now) for row in _claim(now, limit))


def _plan_witnesses(now: datetime) -> None:
    """A row for each seal that a witness has not been sent yet: all since its last, or, for a new one, the newest,
    which vouches for those before it."""
    newest = Seal.objects.order_by("-day").first()
    if newest is None:
        return
    for witness in witnesses.configured():
        last = Witnessed.objects.filter(witness=witness).order_by("-seal_id").values_list("seal_id", flat=True).first()
        if last == newest.day:
            continue
        missing = Seal.objects.filter(day__gt=last) if last else [newest]
        Witnessed.objects.bulk_create(
            [Witnessed(id=uuid7(now), seal=seal, witness=witness, next_attempt_at=now) for seal in missing],
            ignore_conflicts=True,
        )


def _claim(now: datetime, limit: int) -> list[Witnessed]:
    due = Witnessed.objects.filter(
        state=Witnessed.State.WAITING, next_attempt_at__lte=now, witness__in=witnesses.configured()
    )
    with transaction.atomic():
        rows = list(
            due.select_for_update(of=("self",), skip_locked=True).select_related("seal").order_by("seal_id")[:limit]
        )
        claimed = due.filter(pk__in=[row.pk for row in rows])
        claimed.update(next_attempt_at=now + rules.WITNESS_LEASE, attempts=F("attempts") + 1)
    return rows


def _witness(row: Witnessed, now: datetime) -> bool:
    """Send one claimed seal; True if the witness took it. That is told in the record, too."""
    mine = Witnessed.objects.filter(pk=row.pk, state=Witnessed.State.WAITING)
    try:
        witnesses.send(row.witness, row.seal)
    except witnesses.NotTaken as error:
        mine.update(next_attempt_at=rules.next_try(row.attempts + 1, now), error=str(error)[:200])
        return False
    with transaction.atomic():
        if mine.update(state=Witnessed.State.SENT, sent_at=now, error=""):
            append_entry(
                actor=SYSTEM,
                verb=rules.WITNESSED_VERB,
                subject=("witnessed", row.pk),
                area_path="",
                now=now,
                data={"day": row.seal.day, "hash": row.seal.hash, "witness": witnesses.shown(row.witness)},
                new=True,
            )
    return True
