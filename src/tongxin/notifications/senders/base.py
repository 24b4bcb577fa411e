"""What every channel agrees on: a message, its receipt, and the three ways in which it may not be taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import httpx

TIMEOUT_SECONDS = 5.0
RECEIPT_CHARACTERS: Final = 100
TRY_AGAIN: Final = frozenset({408, 425, 429})
GONE: Final = frozenset({404, 410})


class Refused(Exception):
    """The message will not be taken, now or later."""


class Gone(Refused):
    """There is no such address any more (404, 410)."""


class Unreachable(Exception):
    """Nobody took the message; it may be tried again."""


class SlowDown(Exception):
    """Too many at once: everything of this channel and address waits ``retry_after`` seconds. No failed attempt."""

    def __init__(self, said: str, retry_after: float = 60.0) -> None:
        super().__init__(said)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. ``id`` stays the same when it is tried again: receivers know it by that.

    ``to`` is what the channel calls an address: a phone, an openid, a robot's key, a mailbox. ``title`` may be empty,
    ``link`` is an address of our own pages, or empty; channels that know no links have it at the end of the text.
    """

    id: UUID
    to: str
    text: str
    title: str = ""
    link: str = ""

    @property
    def words(self) -> str:
        """The text with its link, for channels that carry nothing but text."""
        return f"{self.text} {self.link}" if self.link else self.text


class Sender(Protocol):
    """Carries one message; gives back a receipt, possibly empty. Raises the three above."""

    keeps_text: bool

    def send(self, message: Message) -> str: ...


def post(url: str, **given: Any) -> httpx.Response:
    """A POST whose refusals are told apart: :class:`SlowDown`, :class:`Unreachable`, :class:`Refused`."""
    return checked(lambda: httpx.post(url, timeout=TIMEOUT_SECONDS, **given))


def checked(ask: Any) -> httpx.Response:
    """The answer of a provider, if its status is one of success."""
    try:
        answer: httpx.Response = ask()
    except httpx.HTTPError as error:
        raise Unreachable(type(error).__name__) from error
    if answer.is_success:
        return answer
    if answer.status_code == 429:
        raise SlowDown("status 429", seconds_of(answer.headers.get("Retry-After", "")))
    if answer.status_code in TRY_AGAIN or answer.status_code >= 500:
        raise Unreachable(f"status {answer.status_code}")
    raise (Gone if answer.status_code in GONE else Refused)(f"status {answer.status_code}")


def seconds_of(said: str) -> float:
    """What a ``Retry-After`` says in seconds, between one second and an hour; a minute if it says nothing usable."""
    return float(min(max(int(said), 1), 3600)) if said.isdecimal() else 60.0


def told(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object of an answer. :class:`Unreachable` if it is none: nobody can say whether the message was taken."""
    try:
        found = answer.json()
    except ValueError:
        raise Unreachable("an answer that is no JSON") from None
    if not isinstance(found, dict):
        raise Unreachable("an answer that is no JSON object")
    return found
