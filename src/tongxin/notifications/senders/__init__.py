"""Those who carry messages out of the house: one class for each channel, chosen by the settings.

=========  =============================  ===========================================================================
channel    setting                        values
=========  =============================  ===========================================================================
sms        ``TONGXIN_SMS_SENDER``         ``none``, ``demo``, ``http`` (a bridge of the office's own), ``aliyun``
wechat     ``TONGXIN_WECHAT_MESSAGES``    ``none``, ``demo``, ``account`` (template messages of an official account)
wecom      ``TONGXIN_ROBOTS``             ``none``, ``demo``, ``http`` (robots of WeCom groups)
dingtalk   ``TONGXIN_ROBOTS``             ``none``, ``demo``, ``http`` (robots of DingTalk groups)
email      ``TONGXIN_MAIL_SENDER``        ``none``, ``demo``, ``smtp``
=========  =============================  ===========================================================================

A further channel is a class with one method and a line in :data:`CHANNELS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.conf import settings

from tongxin.notifications.rules import Pace
from tongxin.notifications.senders.aliyun import Aliyun
from tongxin.notifications.senders.base import Message, Refused, Sender, SlowDown, Unreachable
from tongxin.notifications.senders.bridge import Http
from tongxin.notifications.senders.house import Demo, Nobody
from tongxin.notifications.senders.mail import Mail
from tongxin.notifications.senders.robots import DingTalk, WeCom
from tongxin.notifications.senders.wechat import WeChatAccount

__all__ = [
    "CHANNELS", "PACES", "Demo", "Http", "Message", "Nobody", "Refused", "Sender", "SlowDown", "Unreachable",
    "channel_ready", "sender", "sms_ready",
]  # fmt: skip

CHANNELS: Final[Mapping[str, tuple[str, Mapping[str, type[Sender]]]]] = {
    "sms": ("SMS_SENDER", {"http": Http, "aliyun": Aliyun}),
    "wechat": ("WECHAT_MESSAGES", {"account": WeChatAccount}),
    "wecom": ("ROBOTS", {"http": WeCom}),
    "dingtalk": ("ROBOTS", {"http": DingTalk}),
    "email": ("MAIL_SENDER", {"smtp": Mail}),
}
"""Channel → the setting that chooses, and what there is to choose from beside ``none`` and ``demo``."""

PACES: Final[Mapping[str, Pace]] = {
    "wecom": Pace(every=timedelta(seconds=4), burst=5, per_address=True),
    "dingtalk": Pace(every=timedelta(seconds=4), burst=5, per_address=True),
    "email": Pace(every=timedelta(seconds=0.2), burst=20),
}
"""How fast we send by ourselves. Robots: at most 5 + 60 / 4 = 20 in any minute, which is what their groups take."""


def sender(channel: str = "sms") -> Sender:
    """The configured sender of a channel."""
    setting, known = CHANNELS[channel]
    chosen = getattr(settings, setting)
    return (known | {"none": Nobody, "demo": Demo})[chosen]()  # type: ignore[operator]


def channel_ready(channel: str) -> bool:
    """True if this installation sends by this channel."""
    return bool(getattr(settings, CHANNELS[channel][0]) != "none")


def sms_ready() -> bool:
    """True if this installation sends text messages. Without, people are told in the app alone."""
    return channel_ready("sms")
