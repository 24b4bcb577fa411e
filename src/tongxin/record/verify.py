"""Walks everything that the record says and compares it with itself, with the rows, and with the files.

Memory stays bounded: entries are streamed in the order of their chains, and what belongs to them is looked up a few
hundred at a time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef

from tongxin.kernel.crypto import DecryptionFailed
from tongxin.kernel.hashing import commit, merkle_root
from tongxin.record import registry, rules
from tongxin.record.keys import field_cipher, head_key, part_context
from tongxin.record.models import Entry, Head, PersonalPart, Seal
from tongxin.record.queries import entries_of_day
from tongxin.record.registry import Finding

Progress = Callable[[str, int], None]
"""Called with the name of the part and how many things of it are done."""

_CHUNK = 500
_COLUMNS = (*rules.ENTRY_FIELDS, "hash")


@dataclass(slots=True)
class Report:
    """What was walked and what was found. ``truncated`` when there was more to find than anybody reads."""

    findings: list[Finding] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    last_sealed_day: date | None = None
    truncated: bool = False

    @property
    def clean(self) -> bool:
        return not self.findings


@dataclass(slots=True)
class _Chain:
    """Where the walk stands in one subject's chain."""

    kind: str
    subject_id: UUID
    seq: int = 0
    hash: str = ""
    state_commit: str = ""
    state_seq: int = 0
    said_erased: set[int] = field(default_factory=set)
    found_erased: set[int] = field(default_factory=set)

    @property
    def where(self) -> str:
        return f"{self.kind} {self.subject_id}"


def verify_all(
    progress: Progress | None = None,
    *,
    skip: Sequence[str] = (),
    kept: Sequence[tuple[date, str]] = (),
    limit: int = 1000,
) -> Report:
    """Verify chains, rows, seals, and what others registered (``registry.register_check``) but for those in ``skip``.

    ``kept``: days and hashes of seals as a witness outside kept them, to compare with what stands here.
    Works on a snapshot, beside the running system. Stops collecting at ``limit`` findings. Reads and changes nothing.
    """
    tell = progress or (lambda part, done: None)
    report = Report()
    with _snapshot():
        parts: list[tuple[str, Iterator[Finding]]] = [
            ("entries", _chains(report, tell)),
            ("subjects", _subjects(report, tell)),
            ("seals", _seals(report, tell)),
            ("witnesses", _kept(kept, report)),
        ]
        _collect(parts, report, limit)
        _collect(_checks(skip, on_snapshot=True), report, limit, tell)
    # Files cannot be frozen with the database: these look at the present.
    _collect(_checks(skip, on_snapshot=False), report, limit, tell)
    return report


def _checks(skip: Sequence[str], *, on_snapshot: bool) -> list[tuple[str, Iterator[Finding]]]:
    found = registry.checks().items()
    return [(name, check.run()) for name, check in found if check.on_snapshot is on_snapshot and name not in skip]


def _collect(
    parts: Sequence[tuple[str, Iterator[Finding]]], report: Report, limit: int, tell: Progress | None = None
) -> None:
    for name, findings in parts:
        if tell:
            tell(name, 0)
        for finding in findings:
            if len(report.findings) >= limit:
                report.truncated = True
                return
            report.findings.append(finding)


@contextmanager
def _snapshot() -> Iterator[None]:
    """One state of the database for the whole walk, without keeping writers away.

    Not ``atomic()``: on SQLite that would take the write lock. Within somebody's transaction that one serves.
    """
    if connection.in_atomic_block:
        yield
        return
    begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if connection.vendor == "postgresql" else "BEGIN DEFERRED"
    with connection.cursor() as cursor:
        cursor.execute(begin)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _chunks(rows: Iterator[Any], size: int = _CHUNK) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _chains(report: Report, tell: Progress) -> Iterator[Finding]:
    """Every entry's hash, number and predecessor; then each chain's end against its head and the subject's row."""
    rows = Entry.objects.order_by("subject_id", "subject_kind", "subject_seq").values_list(*_COLUMNS)
    chain: _Chain | None = None
    ended: list[_Chain] = []
    count = erased = 0
    for chunk in _chunks(rows.iterator(chunk_size=_CHUNK)):
        entries = [dict(zip(_COLUMNS, row, strict=True)) for row in chunk]
        parts = PersonalPart.objects.in_bulk([e["id"] for e in entries])
        for entry in entries:
            if chain is None or (chain.subject_id, chain.kind) != (entry["subject_id"], entry["subject_kind"]):
                if chain is not None:
                    ended.append(chain)
                chain = _Chain(entry["subject_kind"], entry["subject_id"])
            yield from _entry(entry, chain)
            yield from _personal(entry, parts.get(entry["id"]), chain)
        erased += sum(part.erased_at is not None for part in parts.values())
        count += len(entries)
        yield from _ends(ended)
        ended = []
        tell("entries", count)
    if chain is not None:
        yield from _ends([chain])
    report.counts |= {"entries": count, "erased": erased}
    without = Head.objects.filter(
        ~Exists(Entry.objects.filter(subject_id=OuterRef("subject_id"), subject_kind=OuterRef("subject_kind")))
    )
    for head in without.iterator(chunk_size=_CHUNK):
        where = f"{head.subject_kind} {head.subject_id}"
        yield Finding("chain-cut", where, f"All {head.seq} entries are gone.")


def _entry(entry: Mapping[str, Any], chain: _Chain) -> Iterator[Finding]:
    """Checks one entry against the one before and moves the chain along."""
    seq = entry["subject_seq"]
    where = f"{chain.where} entry {seq} ({entry['id']})"
    if rules.entry_hash(entry) != entry["hash"]:
        yield Finding("entry-altered", where, "The entry is not as it was written: its hash differs.")
    if seq != chain.seq + 1:
        yield Finding("chain-gap", where, f"Entry {chain.seq + 1} is missing before it.")
    elif entry["prev_hash"] != chain.hash:
        yield Finding("chain-broken", where, "The entry does not follow from the one before.")
    chain.seq, chain.hash = seq, entry["hash"]
    if entry["state_commit"]:
        chain.state_commit, chain.state_seq = entry["state_commit"], seq
    if entry["verb"] == rules.ERASED_VERB:
        chain.said_erased.update(entry["data"].get("erased", ()))


def _personal(entry: Mapping[str, Any], part: PersonalPart | None, chain: _Chain) -> Iterator[Finding]:
    where = f"{chain.where} entry {entry['subject_seq']} ({entry['id']})"
    if not entry["personal_commit"]:
        if part is not None:
            yield Finding("personal-added", where, "A personal part stands beside an entry that has none.")
        return
    if part is None:
        yield Finding("personal-missing", where, "The personal part is gone, and not by an erasure.")
    elif part.erased_at is not None:
        chain.found_erased.add(entry["subject_seq"])
    elif not _part_holds(part, entry["personal_commit"]):
        yield Finding("personal-altered", where, "The personal part is not as it was written.")


def _part_holds(part: PersonalPart, personal_commit: str) -> bool:
    try:
        text = field_cipher().decrypt(bytes(part.data), part_context(part.entry_id))
        return commit(json.loads(text), bytes(part.salt)) == personal_commit
    except (DecryptionFailed, ValueError):
        return False


def _ends(chains: Sequence[_Chain]) -> Iterator[Finding]:
    if not chains:
        return
    rows = Head.objects.filter(subject_id__in=[chain.subject_id for chain in chains])
    heads = {(head.subject_kind, head.subject_id): head for head in rows}
    states = _states(chains)
    for chain in chains:
        head = heads.get((chain.kind, chain.subject_id))
        if head is None:
            yield Finding(
                "chain-without-head", chain.where, "The chain has entries and no head: something was inserted."
            )
            continue
        yield from _head(chain, head)
        yield from _state(chain, head, states)
        for seq in sorted(chain.found_erased ^ chain.said_erased):
            where = f"{chain.where} entry {seq}"
            yield Finding("personal-erasure", where, "Erasure of the personal part and the record of it disagree.")


def _head(chain: _Chain, head: Head) -> Iterator[Finding]:
    if head.seq > chain.seq:
        yield Finding("chain-cut", chain.where, f"The last entries are cut off: {chain.seq} are there of {head.seq}.")
    elif head.seq < chain.seq:
        message = f"Entries were inserted at the end: {chain.seq} are there, {head.seq} were written."
        yield Finding("chain-inserted", f"{chain.where} entry {head.seq + 1}", message)
    elif head.hash != chain.hash:
        yield Finding(
            "chain-end", f"{chain.where} entry {chain.seq}", "The last entry is not the one that was written."
        )
    elif head.mac != rules.head_mac(head_key(), head.subject_kind, head.subject_id, head.seq, head.hash):
        yield Finding("head-forged", chain.where, "The end of the chain was written without the installation's key.")


def _states(chains: Sequence[_Chain]) -> dict[tuple[str, UUID], Mapping[str, Any]]:
    """The present rows of those chains whose kind has a provider."""
    found: dict[tuple[str, UUID], Mapping[str, Any]] = {}
    for kind, provider in registry.state_providers().items():
        ids = [chain.subject_id for chain in chains if chain.kind == kind]
        if ids:
            found.update(((kind, subject_id), state) for subject_id, state in provider.states(ids).items())
    return found


def _state(chain: _Chain, head: Head, states: Mapping[tuple[str, UUID], Mapping[str, Any]]) -> Iterator[Finding]:
    if chain.kind not in registry.state_providers() or not chain.state_commit:
        return
    state = states.get((chain.kind, chain.subject_id))
    try:
        committed = commit(rules.REMOVED if state is None else state, bytes(head.salt)) == chain.state_commit
    except ValueError:  # the salt is gone
        committed = False
    if committed:
        return
    where = f"{chain.where} (entry {chain.state_seq})"
    if state is None:
        yield Finding("row-missing", where, "The row is gone, and no entry says so.")
    else:
        yield Finding("row-altered", where, "The row is not as the record says: it was changed behind its back.")


def _subjects(report: Report, tell: Progress) -> Iterator[Finding]:
    """Rows that no entry tells of."""
    count = 0
    for kind, provider in registry.state_providers().items():
        for ids in _chunks(provider.ids()):
            heads = Head.objects.filter(subject_kind=kind, subject_id__in=ids)
            known = set(heads.values_list("subject_id", flat=True))
            for subject_id in ids:
                if subject_id not in known:
                    yield Finding("row-unrecorded", f"{kind} {subject_id}", "No entry tells of this row.")
            count += len(ids)
            tell("subjects", count)
    report.counts["subjects"] = count


def _seals(report: Report, tell: Progress) -> Iterator[Finding]:
    """Every seal's hash, their chain without a gap, each day's entries, and what the record itself tells of it."""
    told = {
        data["day"]: data
        for data in Entry.objects.filter(subject_kind=rules.SEAL_SUBJECT[0], subject_id=rules.SEAL_SUBJECT[1])
        .order_by("subject_seq")
        .values_list("data", flat=True)
    }
    previous: Seal | None = None
    count = 0
    for seal in Seal.objects.order_by("day").iterator(chunk_size=_CHUNK):
        yield from _seal(seal, previous, told.pop(seal.day.isoformat(), None))
        previous = seal
        count += 1
        tell("seals", count)
    for day in told:
        yield Finding("seal-missing", f"seal {day}", "The record says that this day was sealed, and its seal is gone.")
    report.counts["seals"] = count
    report.last_sealed_day = previous.day if previous else None


def _seal(seal: Seal, previous: Seal | None, told: Mapping[str, Any] | None) -> Iterator[Finding]:
    where = f"seal {seal.day.isoformat()}"
    if rules.seal_hash(seal.day, seal.count, seal.root, seal.prev_hash, seal.sealed_at) != seal.hash:
        yield Finding("seal-altered", where, "The seal is not as it was written: its hash differs.")
    if previous is not None and seal.day != previous.day + timedelta(days=1):
        yield Finding(
            "seal-gap", where, f"There is no seal for the day before; the last was {previous.day.isoformat()}."
        )
    if seal.prev_hash != (previous.hash if previous else ""):
        yield Finding("seal-broken", where, "The seal does not follow from the one before.")
    if told is None or told["hash"] != seal.hash:
        yield Finding("seal-untold", where, "The record does not tell of this seal, or tells another one.")
    yield from _day(seal, where)


def _kept(kept: Sequence[tuple[date, str]], report: Report) -> Iterator[Finding]:
    """What a witness kept against what stands here: nobody can have rewritten both."""
    here = dict(Seal.objects.filter(day__in=[day for day, _ in kept]).values_list("day", "hash"))
    for day, seal_hash in kept:
        where = f"seal {day.isoformat()}"
        if day not in here:
            yield Finding("witness-missing", where, "A witness kept a seal of this day, and here is none.")
        elif here[day] != seal_hash:
            message = f"A witness kept another seal of this day: {seal_hash}. The record was rewritten since."
            yield Finding("witness-differs", where, message)
    if kept:
        report.counts["witnessed"] = len(kept)


def _day(seal: Seal, where: str) -> Iterator[Finding]:
    entries = list(entries_of_day(seal.day))
    if len(entries) != seal.count:
        late = [str(entry_id) for entry_id, _ in entries if rules.made_after(entry_id, seal.sealed_at)]
        hint = f" Made after the seal: {', '.join(late[:10])}." if late else ""
        yield Finding("seal-count", where, f"{len(entries)} entries are there, {seal.count} were sealed.{hint}")
    elif merkle_root(rules.leaves([entry_hash for _, entry_hash in entries])).hex() != seal.root:
        yield Finding("seal-root", where, "The day's entries are not those that were sealed.")
