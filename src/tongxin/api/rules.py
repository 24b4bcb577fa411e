"""What tokens may be for, how long they live, and the bounds of what is sent. PURE."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import datetime, timedelta
from typing import Any, Final

from tongxin.kernel.errors import DomainError, Invalid, NotAllowed

OWN_READ: Final = "own.read"
OWN_WRITE: Final = "own.write"
OWN_SCOPES: Final = frozenset({OWN_READ, OWN_WRITE})
"""Scopes of a personal token: the resident's own matters, and never an office."""

OFFICE_SCOPES: Final = frozenset(
    {"case.read", "case.desk", "case.handle", "case.supervise", "case.submit_for", "case.see_reporter"}
)
"""Scopes of a token that acts for an appointment: permissions of people in office that the interface has a use for."""

SCOPES: Final = OWN_SCOPES | OFFICE_SCOPES

SECRET_PREFIX: Final = "txn_"  # noqa: S105 - by which a leaked one is found; no secret itself
LONGEST_LIFE: Final = timedelta(days=366)
MOST_TOKENS: Final = 20
"""Valid tokens at once, per person or per appointment."""

CALLS_KEPT: Final = timedelta(days=7)
KEY_PATTERN: Final = r"[!-~]{8,100}"
"""An idempotency key: 8 to 100 visible ASCII characters; a UUID is best."""

MAX_JSON_BYTES: Final = 256 * 1024
MAX_DEPTH: Final = 6
MAX_VALUES: Final = 3000


class Unreadable(DomainError):
    """The body is not what the interface reads."""

    status = 400
    code = "unreadable"


class TooLarge(DomainError):
    """The body is larger than can be taken."""

    status = 413
    code = "too-large"


def check_scopes(scopes: Set[str], *, office: bool) -> None:
    """Raise :class:`Invalid` for no scope at all, or for one that such a token cannot have."""
    allowed = OFFICE_SCOPES if office else OWN_SCOPES
    if not scopes or not scopes <= allowed:
        raise Invalid("Choose what the token may do.", field="scopes", code="scopes")


def check_life(now: datetime, expires_at: datetime) -> None:
    """A token ends within a year: one that is forgotten must not stay open for ever."""
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid("A token ends within a year.", field="expires_at", code="token-life")


def check_not_more_than_own(asked: Set[str], held: Set[str], own: Set[str], given_freely: Set[str]) -> None:
    """Raise :class:`NotAllowed` unless the appointment holds the scopes and the maker could use them too.

    ``held``: permissions of the appointment; ``own``: the maker's in its area. ``given_freely`` reaches only what is
    given to the organisation itself, so handing it on gives no power over the area.
    """
    if not asked <= held:
        raise NotAllowed("This office does not have these permissions.", code="scopes-not-held")
    if not asked - given_freely <= own:
        raise NotAllowed("You cannot make a token that may do more than you may.", code="token-more-than-own")


def check_key(key: str) -> str:
    """The idempotency key of a write. Raises :class:`Unreadable`."""
    if not key:
        raise Unreadable("Send a header Idempotency-Key with every write.", code="idempotency-key-missing")
    if not re.fullmatch(KEY_PATTERN, key):
        raise Unreadable("An Idempotency-Key has 8 to 100 visible ASCII characters.", code="idempotency-key-malformed")
    return key


def check_json(value: Any) -> None:
    """Raise for what is nested too deeply, has too many values, or holds text that no database keeps.

    Walks without recursion: the depth is what is doubted.
    """
    seen, todo = 0, [(value, 1)]
    while todo:
        item, depth = todo.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_VALUES:
            raise Unreadable("This is nested too deeply or has too many parts.", code="too-complex")
        if isinstance(item, dict):
            todo += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            todo += [(part, depth + 1) for part in item]
        elif isinstance(item, str) and (("\0" in item) or any("\ud800" <= c <= "\udfff" for c in item)):
            raise Unreadable("The text holds characters that are none.", code="not-text")
