"""Those who carry text messages. ``TONGXIN_SMS_SENDER`` chooses one: ``none``, ``demo`` or ``http``.

``http`` posts signed JSON to ``TONGXIN_SMS_URL``, a small bridge that each office writes to its own provider::

    POST  {"id": "…", "to": "13800000000", "text": "…"}
    X-Tongxin-Time: 1763769600                     seconds since 1970
    X-Tongxin-Signature: hex HMAC-SHA-256 of "<time>.<body>" under TONGXIN_SMS_SECRET

2xx means taken, ``{"receipt": "…"}`` may follow; the same ``id`` again is the same message and must not be sent twice.
408, 425, 429 and 5xx are tried again later, other answers are final.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Protocol
from uuid import UUID

import httpx
from django.conf import settings

TIMEOUT_SECONDS = 5.0
TRY_AGAIN = frozenset({408, 425, 429})
RECEIPT_CHARACTERS = 100


class Refused(Exception):
    """The message will not be taken, now or later."""


class Unreachable(Exception):
    """Nobody took the message; it may be tried again."""


class Sender(Protocol):
    """Carries one text to one phone; gives back a receipt, possibly empty."""

    keeps_text: bool

    def send(self, message_id: UUID, phone: str, text: str) -> str: ...


class Demo:
    """Nothing leaves the house: the text stays in the table, and the page of the demo shows it."""

    keeps_text = True

    def send(self, message_id: UUID, phone: str, text: str) -> str:
        return "demo"


class Nobody:
    """No sender is configured: what was put on its way under another setting is refused."""

    keeps_text = False

    def send(self, message_id: UUID, phone: str, text: str) -> str:
        raise Refused("no sender of text messages is configured")


class Http:
    """The generic bridge described above."""

    keeps_text = False

    def send(self, message_id: UUID, phone: str, text: str) -> str:
        body = json.dumps({"id": str(message_id), "to": phone, "text": text}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        signature = hmac.new(settings.SMS_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Tongxin-Time": at,
            "X-Tongxin-Signature": signature,
        }
        try:
            answer = httpx.post(settings.SMS_URL, content=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except httpx.HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        if answer.is_success:
            return _receipt(answer)
        if answer.status_code in TRY_AGAIN or answer.status_code >= 500:
            raise Unreachable(f"status {answer.status_code}")
        raise Refused(f"status {answer.status_code}")


def _receipt(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("receipt", ""))[:RECEIPT_CHARACTERS] if isinstance(told, dict) else ""


_SENDERS: dict[str, type[Sender]] = {"none": Nobody, "demo": Demo, "http": Http}


def sender() -> Sender:
    """The configured sender."""
    return _SENDERS[settings.SMS_SENDER]()


def sms_ready() -> bool:
    """True if this installation sends text messages. Without, people are told in the app alone."""
    return bool(settings.SMS_SENDER != "none")
