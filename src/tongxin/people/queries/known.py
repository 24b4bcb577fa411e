"""Browsers that have proved a phone before: they keep an allowance of codes that no stranger uses up.

The cookie holds a random name of the browser and, for each phone that was proved in it, a mark that only we can make. It
opens nothing: a code still goes to the phone, and must come back.
"""

from __future__ import annotations

import hmac
import secrets

from tongxin.kernel.crypto import keyed_digest
from tongxin.record.keys import derived_key

MOST_PHONES = 6  # a family at one computer
_NAME_BYTES, _MARK_CHARACTERS = 16, 32
LONGEST = 2 * _NAME_BYTES + MOST_PHONES * (1 + _MARK_CHARACTERS)


def _mark(name: str, phone: str) -> str:
    return keyed_digest(derived_key("known browser v1"), f"{name}:{phone}".encode()).hex()[:_MARK_CHARACTERS]


def _parts(cookie: str) -> tuple[str, list[str]]:
    name, *marks = cookie[:LONGEST].split(".")
    return name, marks[:MOST_PHONES]


def browser_that_proved(cookie: str, phone: str) -> str:
    """The browser's name if it has proved the phone before, else empty."""
    name, marks = _parts(cookie)
    wanted = _mark(name, phone)
    return name if any(hmac.compare_digest(mark.encode(), wanted.encode()) for mark in marks) else ""


def cookie_with(cookie: str, phone: str) -> str:
    """What the browser keeps from now on: this phone first, then those proved before.

    What somebody else made up is taken as a name at most, and counts beside our mark and the phone alone.
    """
    name, marks = _parts(cookie)
    if len(name) != 2 * _NAME_BYTES or not name.isascii() or not name.isalnum():
        name, marks = secrets.token_hex(_NAME_BYTES), []
    mine = _mark(name, phone)
    return ".".join([name, mine, *(mark for mark in marks if mark != mine)][: 1 + MOST_PHONES])
