"""Robots of groups: 企业微信 (WeCom) and 钉钉 (DingTalk). Both take twenty messages a minute and no more.

The address of a message is the robot's key alone, for DingTalk followed by a space and its secret: never a whole URL,
so that nobody can make this house call where they like.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Final
from urllib.parse import urlencode

from django.conf import settings

from tongxin.notifications.senders.base import Message, Refused, SlowDown, Unreachable, post, told

WECOM_TEXT_BYTES: Final = 2048
DINGTALK_BANS_SECONDS: Final = 600
"""For so long DingTalk takes nothing from a robot that was too fast."""
BUSY: Final = -1


def _shortened(text: str, most: int) -> str:
    """At most ``most`` bytes, cut between letters."""
    return text.encode()[:most].decode(errors="ignore")


class WeCom:
    """A WeCom group's robot, known by the ``key`` of its webhook."""

    keeps_text = False

    def send(self, message: Message) -> str:
        words = f"{message.title}\n{message.words}" if message.title else message.words
        body = {"msgtype": "text", "text": {"content": _shortened(words, WECOM_TEXT_BYTES)}}
        url = f"{settings.WECOM_URL}/cgi-bin/webhook/send?{urlencode({'key': message.to})}"
        answer = told(post(url, json=body))
        code = answer.get("errcode")
        if code == 0:
            return "wecom"
        if code == 45009:  # API freq out of limit
            raise SlowDown("45009", 60)
        if code == BUSY:
            raise Unreachable("busy")
        raise Refused(f"errcode {code}")


def dingtalk_sign(secret: str, milliseconds: int) -> str:
    """The signature that goes with a timestamp: HMAC-SHA-256 of both, base64."""
    said = f"{milliseconds}\n{secret}".encode()
    return base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()


class DingTalk:
    """A DingTalk group's robot, known by its access token; with a secret if it asks for signatures (加签)."""

    keeps_text = False

    def send(self, message: Message) -> str:
        token, _, secret = message.to.partition(" ")
        query = {"access_token": token}
        if secret:
            at = int(time.time() * 1000)
            query |= {"timestamp": str(at), "sign": dingtalk_sign(secret, at)}
        title = message.title or message.text[:20]
        link = f"\n\n[{message.link}]({message.link})" if message.link else ""
        body = {"msgtype": "markdown", "markdown": {"title": title, "text": f"### {title}\n\n{message.text}{link}"}}
        answer = told(post(f"{settings.DINGTALK_URL}/robot/send?{urlencode(query)}", json=body))
        code = answer.get("errcode")
        if code == 0:
            return "dingtalk"
        if code == 130101:  # send too fast
            raise SlowDown("130101", DINGTALK_BANS_SECONDS)
        if code == BUSY:
            raise Unreachable("busy")
        raise Refused(f"errcode {code}")
