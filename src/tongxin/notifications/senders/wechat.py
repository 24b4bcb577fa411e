"""A template message of the office's WeChat official account 公众号, to somebody who linked their WeChat.

The account's ``access_token`` lives two hours and is one for all: it is kept in the database, encrypted, and fetched
anew shortly before its end, or once when WeChat says that it holds no more (40001, 40014, 42001). The template has
three places: ``first``, ``keyword1`` (the title) and ``remark``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import httpx
from django.conf import settings
from django.utils import timezone

from tongxin.notifications.models import ChannelState
from tongxin.notifications.senders.base import (
    TIMEOUT_SECONDS,
    Message,
    Refused,
    SlowDown,
    Unreachable,
    checked,
    post,
    told,
)
from tongxin.record.keys import field_cipher

TOKEN: Final = "channel.wechat.token"  # noqa: S105 - the name of a use of the key
KEY: Final = "wechat.token"
EARLY: Final = timedelta(minutes=5)
TOKEN_OVER: Final = frozenset({40001, 40014, 42001})
NOT_THEIRS: Final = frozenset({40003, 43004, 43019, 43101})
"""The openid is not one of ours, or its owner does not follow the account or refuses messages."""
TOO_MANY: Final = frozenset({45009, 45011})
BUSY: Final = -1


def _fetched(now: datetime) -> str:
    query = {
        "grant_type": "client_credential",
        "appid": settings.WECHAT_ACCOUNT_ID,
        "secret": settings.WECHAT_ACCOUNT_SECRET,
    }
    address = f"{settings.WECHAT_API_URL}/cgi-bin/token"
    answer = told(checked(lambda: httpx.get(address, params=query, timeout=TIMEOUT_SECONDS)))
    token, lives = answer.get("access_token"), answer.get("expires_in")
    if not isinstance(token, str) or not isinstance(lives, int):
        code = answer.get("errcode")
        if code in TOO_MANY:
            raise SlowDown(f"errcode {code}", 300)
        raise Unreachable(f"no access token: {code}")  # a wrong secret is mended by people, the message waits
    ChannelState.objects.update_or_create(
        key=KEY,
        defaults={"secret_cipher": field_cipher().encrypt(token, TOKEN), "until": now + timedelta(seconds=lives)},
    )
    return token


def access_token(now: datetime, *, not_this: str = "") -> str:
    """The token that holds now; ``not_this`` is one that WeChat has just refused. Several workers share it."""
    kept = ChannelState.objects.filter(key=KEY, until__gt=now + EARLY).first()
    if kept is not None and kept.secret_cipher:
        token = field_cipher().decrypt(bytes(kept.secret_cipher), TOKEN)
        if token != not_this:
            return token
    return _fetched(now)


class WeChatAccount:
    """A template message to an openid of the account."""

    keeps_text = False

    def send(self, message: Message) -> str:
        now = timezone.now()
        token = access_token(now)
        answer = self._sent(message, token)
        if answer.get("errcode") in TOKEN_OVER:
            answer = self._sent(message, access_token(now, not_this=token))
        code = answer.get("errcode")
        if code == 0:
            return f"wx{answer.get('msgid', '')}"
        if code in TOO_MANY:
            raise SlowDown(f"errcode {code}", 300)
        if code in NOT_THEIRS:
            raise Refused(f"errcode {code}")
        if code == BUSY or code in TOKEN_OVER:
            raise Unreachable(f"errcode {code}")
        raise Refused(f"errcode {code}")

    def _sent(self, message: Message, token: str) -> dict[str, Any]:
        body = {
            "touser": message.to,
            "template_id": settings.WECHAT_TEMPLATE,
            "url": message.link,
            "client_msg_id": str(message.id),
            "data": {
                "first": {"value": message.title or message.text[:20]},
                "keyword1": {"value": message.title or message.text[:20]},
                "remark": {"value": message.text[:200]},
            },
        }
        address = f"{settings.WECHAT_API_URL}/cgi-bin/message/template/send"
        return told(post(address, params={"access_token": token}, json=body))
