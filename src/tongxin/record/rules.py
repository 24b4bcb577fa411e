"""What an entry, a seal and a receipt are made of. Pure: outsiders can recompute all of it from published values."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tongxin.kernel.crypto import digest, keyed_digest
from tongxin.kernel.hashing import canonical_json, verify_inclusion
from tongxin.kernel.times import SHANGHAI, local_day

# A transaction that read the clock before midnight has this long to commit before its day is sealed.
SEAL_GRACE = timedelta(minutes=30)

ENTRY_FIELDS = (
    "id",
    "subject_kind",
    "subject_id",
    "subject_seq",
    "verb",
    "actor_id",
    "actor_kind",
    "organisation_id",
    "on_behalf_of",
    "area_path",
    "occurred_at",
    "recorded_at",
    "data",
    "personal_commit",
    "state_commit",
    "prev_hash",
)
"""Everything that the hash of an entry covers: all of its fields but the hash."""

REMOVED: Mapping[str, Any] = {"removed": True}
"""The state to record for a subject whose row is lawfully gone."""

SEAL_SUBJECT = ("seal", UUID("00000000-0000-7000-8000-000000000002"))
"""Each seal is itself told in an entry of this subject, so that the loss of the newest seal shows."""

ERASED_VERB = "personal.erased"
SEALED_VERB = "day.sealed"
READ_VERB = "sensitive.read"
WITNESSED_VERB = "seal.witnessed"

RECEIPT_BYTES = 10

WITNESS_LEASE = timedelta(minutes=5)
"""Far longer than a witness may take, so that nobody sends what another process is sending."""
WITNESS_PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First moment of the day and of the next one, aware, in UTC."""
    start = datetime.combine(day, time.min, SHANGHAI)
    end = datetime.combine(day + timedelta(days=1), time.min, SHANGHAI)
    return start.astimezone(UTC), end.astimezone(UTC)


def last_sealable_day(now: datetime) -> date:
    """The newest day that may be sealed at ``now``: finished for at least :data:`SEAL_GRACE`."""
    return local_day(now - SEAL_GRACE) - timedelta(days=1)


def entry_hash(fields: Mapping[str, Any]) -> str:
    """The hash (hexadecimal) of an entry with the values of :data:`ENTRY_FIELDS`."""
    return digest(canonical_json({name: fields[name] for name in ENTRY_FIELDS})).hex()


def head_mac(key: bytes, kind: str, subject_id: UUID, seq: int, last_hash: str) -> str:
    """Proof (hexadecimal) that a chain's end was written by somebody who holds the installation's key.

    The seals protect the days behind us; this protects today's ends of chains from whoever holds the database alone.
    """
    return keyed_digest(key, canonical_json([kind, subject_id, seq, last_hash])).hex()


def seal_hash(day: date, count: int, root: str, prev_hash: str, sealed_at: datetime) -> str:
    """The hash (hexadecimal) of a day's seal; ``prev_hash`` chains it to the seal of the day before."""
    fields = {"day": day, "count": count, "root": root, "prev_hash": prev_hash, "sealed_at": sealed_at}
    return digest(canonical_json(fields)).hex()


def receipt_code(entry_hash_hex: str) -> str:
    """The short code on a slip: 80 bits of the entry's hash as four groups, ``ABCD-EFGH-IJKL-MNOP``."""
    code = base64.b32encode(bytes.fromhex(entry_hash_hex)[:RECEIPT_BYTES]).decode()
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def normalise_receipt(typed: str) -> str:
    """A receipt as somebody typed it, in the form of :func:`receipt_code`; 0 and 1 are read as the letters O and I."""
    letters = "".join(c for c in typed.upper().replace("0", "O").replace("1", "I") if c.isalnum())
    return "-".join(letters[i : i + 4] for i in range(0, len(letters), 4))


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Shows that an entry is among those of a sealed day (RFC 9162, section 2.1.3). Hashes in hexadecimal."""

    entry_id: UUID
    entry_hash: str
    day: date
    index: int
    count: int
    path: tuple[str, ...]
    root: str
    prev_hash: str
    sealed_at: datetime
    seal_hash: str

    def holds(self) -> bool:
        """Whether the entry's hash leads to the root and the root to the seal's hash, which is public."""
        steps = [bytes.fromhex(step) for step in self.path]
        leads = verify_inclusion(
            bytes.fromhex(self.entry_hash), self.index, self.count, steps, bytes.fromhex(self.root)
        )
        seal = seal_hash(self.day, self.count, self.root, self.prev_hash, self.sealed_at)
        return leads and seal == self.seal_hash


def next_try(attempts: int, now: datetime) -> datetime:
    """When a witness is tried again after ``attempts`` (1 or more) without a yes. The last pause repeats for ever: a
    witness that comes back after a month still gets every seal."""
    return now + WITNESS_PAUSES[min(attempts, len(WITNESS_PAUSES)) - 1]


def seal_line(day: date, seal_hash_hex: str) -> str:
    """A seal as witnesses keep it and ``tongxin verify --seal`` takes it: ``2026-11-22:9f86…``."""
    return f"{day.isoformat()}:{seal_hash_hex}"


def parse_seal_line(line: str) -> tuple[date, str]:
    """Day and hash of a line like those of :func:`seal_line`. Raises ValueError for anything else."""
    day, _colon, kept = line.strip().partition(":")
    kept = kept.strip().lower()
    if len(kept) != 64 or not set(kept) <= set("0123456789abcdef"):
        raise ValueError(f"not a seal: {line.strip()!r}; write it like 2026-11-22:HASH with 64 hexadecimal digits")
    return date.fromisoformat(day.strip()), kept


def leaves(hashes: Sequence[str]) -> list[bytes]:
    """The leaves of a day's Merkle tree: the entries' hashes in the order of their ids."""
    return [bytes.fromhex(value) for value in hashes]


def made_after(entry_id: UUID, moment: datetime) -> bool:
    """Whether a UUIDv7 says that it was made after ``moment``: a hint, for ids can be made up."""
    return entry_id.int >> 80 > int(moment.timestamp() * 1000)
