"""Identifiers: UUIDv7 keys, query codes for slips, and case numbers that people can read out on the
telephone."""

from __future__ import annotations

import os
import re
import secrets
import threading
import time
import unicodedata
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime

# Without 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V, G (looks like 6): what is left survives handwriting and a bad
# telephone line.
QUERY_CODE_ALPHABET = "34679ACDEFHJKMNPQRTVWXY"
QUERY_CODE_LENGTH = 8

CASE_NUMBER_PATTERN = r"[A-Z][A-Z0-9]{0,7}-(?:19|20)\d{6}-\d{4,6}"

_COUNTER_BITS = 42
_COUNTER_START_BITS = 41  # the top bit starts at 0, so that a counter has room to grow within its millisecond
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Sequence:
    """The last (millisecond, counter) handed out; `strict` never goes back in time."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.millisecond = -1
        self.counter = 0

    def following(self, millisecond: int) -> tuple[int, int]:
        stays = millisecond == self.millisecond or (self.strict and millisecond < self.millisecond)
        if stays and self.counter + 1 < 1 << _COUNTER_BITS:
            self.counter += 1
        else:
            self.millisecond = self.millisecond + 1 if stays else millisecond
            self.counter = secrets.randbits(_COUNTER_START_BITS)
        return self.millisecond, self.counter


_lock = threading.Lock()
_by_clock = _Sequence(strict=True)
_by_argument = _Sequence(strict=False)


def _start_afresh() -> None:
    """A forked worker must neither share its parent's counter nor inherit a lock that another thread held."""
    global _lock, _by_clock, _by_argument
    _lock = threading.Lock()
    _by_clock = _Sequence(strict=True)
    _by_argument = _Sequence(strict=False)


os.register_at_fork(after_in_child=_start_afresh)


def uuid7(now: datetime | None = None) -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7; 42-bit counter as in section 6.2, method 1).

    Without `now` the system clock is read and the ids of one process strictly increase, also across threads
    and when the clock steps back. With an aware `now` its millisecond is kept as given: ids increase as long
    as `now` does not decrease, and an id for a past or a coming day does not disturb the others. Raises
    ValueError for a naive `now` or one before 1970.
    """
    if now is None:
        sequence_is_clock = True
        millisecond = time.time_ns() // 1_000_000
    else:
        if now.tzinfo is None:
            raise ValueError("uuid7 needs an aware datetime")
        sequence_is_clock = False
        # Integer arithmetic: a float timestamp may be off by a millisecond.
        since = now - _EPOCH
        millisecond = (since.days * 86_400 + since.seconds) * 1000 + since.microseconds // 1000
        if millisecond < 0:
            raise ValueError("uuid7 cannot express a time before 1970")
    with _lock:
        sequence = _by_clock if sequence_is_clock else _by_argument
        millisecond, counter = sequence.following(millisecond)
    value = (millisecond & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (counter >> 30) << 64
    value |= 0b10 << 62
    value |= (counter & 0x3FFF_FFFF) << 32
    value |= secrets.randbits(32)
    return uuid.UUID(int=value)


def uuid7_series(now: datetime | None = None) -> Iterator[uuid.UUID]:
    """Up to 16,777,216 UUIDs version 7 that follow one another by one: the first and their number name them all.

    As unique as :func:`uuid7`: what a single one has as chance of its own, they share.
    """
    first = uuid7(now).int & ~0xFF_FFFF
    return (uuid.UUID(int=first + n) for n in range(1 << 24))


def query_code() -> str:
    """A random code of eight characters for the slip; it opens the progress page and is secret, not an
    identifier.

    About 36 bits: the page that takes it must limit the number of attempts.
    """
    return "".join(secrets.choice(QUERY_CODE_ALPHABET) for _ in range(QUERY_CODE_LENGTH))


def normalise_query_code(typed: str) -> str:
    """What somebody typed from a slip, in the form in which it is stored: upper case, half width, no spaces
    or dashes."""
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(character for character in folded if character.isalnum())


def case_number(prefix: str, day: date, n: int) -> str:
    """The number people see: `case_number("WW", date(2026, 11, 22), 42)` is `WW-20261122-0042`.

    `prefix` is the community's (a capital letter, then up to seven capitals or digits), `day` the local day,
    `n` counts from 1 per community and day; beyond 9,999 the number grows to at most six digits. Raises
    ValueError otherwise.
    """
    if not re.fullmatch(r"[A-Z][A-Z0-9]{0,7}", prefix):
        raise ValueError(f"not a case number prefix: {prefix!r}")
    if not 1 <= n <= 999_999:
        raise ValueError(f"case count out of range: {n}")
    return f"{prefix}-{day:%Y%m%d}-{n:04d}"
