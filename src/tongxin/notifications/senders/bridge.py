"""The generic bridge for text messages: signed JSON to ``TONGXIN_SMS_URL``, which each office writes to its own provider::

    POST  {"id": "…", "to": "13800000000", "text": "…"}
    X-Tongxin-Time: 1763769600                     seconds since 1970
    X-Tongxin-Signature: hex HMAC-SHA-256 of "<time>.<body>" under TONGXIN_SMS_SECRET

2xx means taken, ``{"receipt": "…"}`` may follow; the same ``id`` again is the same message and must not be sent twice.
429 with ``Retry-After`` slows us down, 408, 425 and 5xx are tried again later, other answers are final.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time

import httpx
from django.conf import settings

from tongxin.notifications.senders.base import RECEIPT_CHARACTERS, Message, post


class Http:
    """The generic bridge described above."""

    keeps_text = False

    def send(self, message: Message) -> str:
        body = json.dumps({"id": str(message.id), "to": message.to, "text": message.words}, ensure_ascii=False).encode()
        at = str(int(time.time()))
        signature = hmac.new(settings.SMS_SECRET.encode(), at.encode() + b"." + body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Tongxin-Time": at,
            "X-Tongxin-Signature": signature,
        }
        return _receipt(post(settings.SMS_URL, content=body, headers=headers))


def _receipt(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    return str(told.get("receipt", ""))[:RECEIPT_CHARACTERS] if isinstance(told, dict) else ""
