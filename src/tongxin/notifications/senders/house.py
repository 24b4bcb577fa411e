"""The two senders with which nothing leaves the house."""

from __future__ import annotations

from tongxin.notifications.senders.base import Message, Refused


class Demo:
    """Nothing leaves the house: the text stays in the table, and the page of the demo shows it."""

    keeps_text = True

    def send(self, message: Message) -> str:
        return "demo"


class Nobody:
    """No sender is configured: what was put on its way under another setting is refused."""

    keeps_text = False

    def send(self, message: Message) -> str:
        raise Refused("no sender is configured for this channel")
