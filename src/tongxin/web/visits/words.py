"""Words of visits on screen and on the form."""

from __future__ import annotations

from typing import Any, Final

from tongxin.people.operations.register import TRAITS as CODES
from tongxin.visits.rules import OVER_80
from tongxin.web.people.words import TRAITS as OF_REGISTER
from tongxin.web.speech import gettext_lazy as _

OUTCOMES: Final[dict[str, Any]] = {
    "met": _("Somebody was met"),
    "nobody": _("Nobody home"),
    "declined": _("They did not want a visit"),
}
SIGNATURES: Final[dict[str, Any]] = {
    "none": _("not signed yet"),
    "screen": _("signed on the screen"),
    "paper": _("signed on paper"),
}
TRAITS: Final[dict[str, Any]] = {**{code: OF_REGISTER[code] for code in CODES}, OVER_80: _("somebody over 80")}
