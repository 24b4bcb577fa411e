"""What a hotline's message must carry, what changed between two versions of a ticket, and where it lies. PURE."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

SKEW: Final = timedelta(minutes=5)
"""How far the sender's clock may be from ours."""


def signature(secret: bytes, time: str, nonce: str, body: bytes) -> str:
    """HMAC-SHA256 of ``time.nonce.body`` in hexadecimal."""
    return hmac.new(secret, f"{time}.{nonce}.".encode() + body, hashlib.sha256).hexdigest()


def is_signed(secret: bytes, time: str, nonce: str, body: bytes, given: str, now: datetime) -> bool:
    """Whether the message is its sender's and of now. ``time``: seconds since 1970. That a nonce is taken once is the
    caller's to see to."""
    if not (time.isascii() and time.isdigit() and len(time) <= 12 and 8 <= len(nonce) <= 64):
        return False
    near = abs(now.timestamp() - int(time)) <= SKEW.total_seconds()
    return near and hmac.compare_digest(signature(secret, time, nonce, body).encode(), given.encode(errors="replace"))


def difference(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Field → (as it was, as it is), for the fields that differ; one that is missing counts as empty."""
    fields = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in fields}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def place_named(address: str, names: Iterable[tuple[str, str]]) -> str | None:
    """Of (key, name), the key of the longest name that the address contains. None if none does, or if two places of
    that length do: then a person decides."""
    found = [(len(name), key) for key, name in names if name and name in address]
    longest = max((length for length, _ in found), default=0)
    keys = {key for length, key in found if length == longest}
    return keys.pop() if len(keys) == 1 else None
