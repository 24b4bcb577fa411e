"""What stands on the hotline's pages, in words."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = dict[str, str | Promise]
SHOW: Final[Words] = {
    "all": _("All"), "new": _("New"), "in_hand": _("In hand"), "changed": _("Changed by the hotline"),
    "answered": _("Answered"), "failed": _("Answer not taken"), "refused": _("No matter made"),
}  # fmt: skip
STAGES: Final[Words] = {
    "new": _("new"), "in_hand": _("in hand"), "answered": _("answered"), "refused": _("could not become a matter"),
}  # fmt: skip
STAGE_TONES: Final = {"new": "plain", "in_hand": "running", "answered": "done", "refused": "late"}
ANSWERS: Final[Words] = {
    "waiting": _("waiting to be sent"), "sent": _("sent"), "failed": _("not taken by the hotline"),
}  # fmt: skip
ANSWER_TONES: Final = {"waiting": "plain", "sent": "done", "failed": "late"}
FIELDS: Final[Words] = {
    "number": _("Number"), "name": _("Caller"), "phone": _("Phone"), "received": _("Rang at"), "address": _("Address"),
    "text": _("What was said"), "category": _("Kind, in the hotline's words"), "deadline": _("Deadline of the hotline"),
    "confidential": _("Confidential"), "reply": _("Wants a reply"), "withdrawn": _("Withdrawn"),
}  # fmt: skip
KINDS: Final[Words] = {
    "answered": _("answered"), "declined": _("declined"), "withdrawn": _("withdrawn"), "extended": _("extended"),
    "suspended": _("suspended"), "closed": _("closed"), "reopened": _("taken up again"),
}  # fmt: skip
# What goes back stands in the words of the hotlines' own sheets, whatever language the desk reads.
SHEET_KINDS: Final = {
    "answered": "已答复", "declined": "不予受理", "withdrawn": "已撤回", "extended": "已延期", "suspended": "挂账",
    "closed": "已办结", "reopened": "重新办理",
}  # fmt: skip
SHEET_WORD: Final = {"solved": "是", "not_solved": "否"}
SHEET_RATING: Final = {5: "非常满意", 4: "满意", 3: "基本满意", 2: "不满意", 1: "非常不满意"}
