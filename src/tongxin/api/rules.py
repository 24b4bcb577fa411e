"""The bounds of what is sent. PURE."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

from tongxin.kernel.errors import DomainError

CALLS_KEPT: Final = timedelta(days=7)
COUNTS_KEPT_MINUTES: Final = 60
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
