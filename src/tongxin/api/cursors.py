"""Where a list goes on: opaque and signed, so that nobody builds on what is in it, or gropes about with it."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from tongxin.api import rules
from tongxin.kernel.crypto import BadSignature, sign, unsign
from tongxin.record.keys import derived_key

MAX_CHARACTERS = 400


def make(of: str, after: str) -> str:
    """The cursor of the list ``of`` after the key ``after``; none, if that is the end."""
    if not after:
        return ""
    signed = sign(after, derived_key("api cursors v1"), f"cursor {of}")
    return base64.urlsafe_b64encode(signed.encode()).decode().rstrip("=")


def read(of: str, cursor: str) -> str:
    """The key in a cursor of the same list; "" for the beginning. Raises :class:`rules.Unreadable`."""
    if not cursor:
        return ""
    try:
        signed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        return unsign(signed, derived_key("api cursors v1"), f"cursor {of}")
    except (binascii.Error, ValueError, BadSignature):
        raise rules.Unreadable("This cursor is not one of this list.", code="cursor") from None


def make_key(of: str, key: UUID | None) -> str:
    """The cursor of a list that goes on by ids."""
    return make(of, str(key or ""))


def read_key(of: str, cursor: str) -> UUID | None:
    """The id in such a cursor; None for the beginning. Raises :class:`rules.Unreadable`."""
    value = read(of, cursor)
    return UUID(value) if value else None
