"""Text messages by Aliyun 短信服务: ``SendSms`` (version 2017-05-25), signed by ``ACS3-HMAC-SHA256``.

In China a text message is a registered template under a registered signature (``TONGXIN_ALIYUN_SIGN_NAME``,
``TONGXIN_ALIYUN_TEMPLATE``); the template has one place, ``${text}``. Our own id travels as ``OutId`` and comes back
with the delivery report (``SmsReport``), as does the ``BizId`` that is kept as receipt.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urlsplit
from uuid import uuid4

from django.conf import settings

from tongxin.notifications.senders.base import Message, Refused, SlowDown, Unreachable, post, told

ALGORITHM: Final = "ACS3-HMAC-SHA256"
VERSION: Final = "2017-05-25"
MINUTE_LIMITS: Final = frozenset({"isv.BUSINESS_LIMIT_CONTROL", "Throttling", "Throttling.User", "Throttling.Api"})
PASSING: Final = frozenset({"isp.RAM_PERMISSION_DENY", "isp.SYSTEM_ERROR", "ServiceUnavailable", "InternalError"})


def canonical_query(parameters: dict[str, str]) -> str:
    """Parameters as they are signed: sorted, percent-encoded after RFC 3986."""
    return "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in sorted(parameters.items()))


def signed_headers(host: str, query: str, *, key_id: str, secret: str, at: datetime, nonce: str) -> dict[str, str]:
    """The headers of a signed request without a body. ``at`` in any zone; Aliyun takes it for fifteen minutes."""
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host,
        "x-acs-action": "SendSms",
        "x-acs-content-sha256": empty,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{empty}"
    to_sign = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return {**headers, "Authorization": f"{ALGORITHM} Credential={key_id},SignedHeaders={names},Signature={signature}"}


class Aliyun:
    """``SendSms`` to one phone."""

    keeps_text = False

    def send(self, message: Message) -> str:
        query = canonical_query(
            {
                "PhoneNumbers": message.to,
                "SignName": settings.ALIYUN_SIGN_NAME,
                "TemplateCode": settings.ALIYUN_TEMPLATE,
                "TemplateParam": json.dumps({"text": message.words}, ensure_ascii=False),
                "OutId": str(message.id),
            }
        )
        headers = signed_headers(
            urlsplit(settings.ALIYUN_SMS_URL).netloc,
            query,
            key_id=settings.ALIYUN_KEY_ID,
            secret=settings.ALIYUN_KEY_SECRET,
            at=datetime.now(UTC),
            nonce=uuid4().hex,
        )
        answer = told(post(f"{settings.ALIYUN_SMS_URL}/?{query}", headers=headers))
        code = str(answer.get("Code", ""))
        if code == "OK":
            return str(answer.get("BizId", ""))
        if code in MINUTE_LIMITS:
            raise SlowDown(code, 60)
        if code in PASSING:
            raise Unreachable(code)
        raise Refused(code or "an answer without a code")
