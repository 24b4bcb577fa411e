"""What announcements are called on the pages."""

from __future__ import annotations

from typing import Final

from tongxin.web.people.words import TRAITS
from tongxin.web.speech import gettext_lazy as _

KINDS: Final = {"notice": _("notice"), "reminder": _("reminder"), "emergency": _("emergency")}
KIND_HELP: Final = {
    "notice": _("leaves by day, with the day's others in one message"),
    "reminder": _("leaves by day, with the day's others in one message"),
    "emergency": _("leaves at once, also at night, by every channel chosen"),
}
TONES: Final = {"notice": "plain", "reminder": "plain", "emergency": "late"}
STATES: Final = {
    "draft": _("not sent"),
    "waiting": _("waits for its release"),
    "scheduled": _("goes out at its time"),
    "publishing": _("on its way"),
    "published": _("published"),
    "withdrawn": _("withdrawn"),
}
STATE_TONES: Final = {"draft": "plain", "waiting": "turn", "published": "done", "withdrawn": "late"}
ROLES: Final = {
    "residents": _("residents"),
    "owners": _("owners"),
    "tenants": _("tenants"),
    "building_heads": _("building heads"),
    "party_members": _("party members who reported in"),
    "bodies": _("people of organisations that serve here"),
    "staff": _("staff"),
}
CHANNELS: Final = {
    "sms": _("text message"),
    "wechat": _("WeChat official account"),
    "wecom": _("WeCom group"),
    "dingtalk": _("DingTalk group"),
    "email": _("mailbox"),
}
DOOR: Final = {"told": _("told at the door"), "nobody": _("nobody home")}
MESSAGE_STATES: Final = {
    "waiting": _("waits"),
    "sent": _("sent"),
    "delivered": _("arrived"),
    "failed": _("failed"),
}
HOUSEHOLD: Final = TRAITS


def trait_words(text: str) -> str:
    """A trait as one says it."""
    code, _mark, years = text.partition(":")
    if code == "elder":
        return str(_("somebody of {n} or older").format(n=years))
    if code == "child":
        return str(_("a child under {n}").format(n=years))
    return str(HOUSEHOLD.get(code, code))
