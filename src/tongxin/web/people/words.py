"""Words of the register on screen. Codes stand in the database, words only here and in the catalogue."""

from __future__ import annotations

from typing import Final

from tongxin.people.queries.organisations import KINDS, SERVICE_KINDS
from tongxin.people.queries.register import SOURCES
from tongxin.people.roles import ROLE_NAMES
from tongxin.web.speech import gettext_lazy as _

TRAITS: Final = {
    "lives_alone": _("lives alone"),
    "low_income": _("low income"),
    "disabled": _("with a disability"),
    "left_behind_child": _("left-behind child"),
    "lost_only_child": _("lost their only child"),
    "veteran": _("veteran"),
    "in_care": _("in care"),
}
GENDERS: Final = {"f": _("female"), "m": _("male"), "": ""}
TIES: Final = {"lives": _("lives there"), "rents": _("rents"), "owns": _("owns")}
REQUESTS: Final = {
    "resident": _("wants to be known as resident"),
    "owner": _("wants to be known as owner"),
    "family": _("family account: consent of a parent"),
}
STATES: Final = {
    "waiting": _("waiting for the visit"),
    "confirmed": _("confirmed"),
    "refused": _("not confirmed"),
    "linked": _("linked"),
}
CONFIRMED_BY: Final = {"register": _("by the register"), "visit": _("by a visit")}

KIND_NAMES: Final = dict(KINDS)

WORDS: Final = {
    "traits": TRAITS,
    "genders": GENDERS,
    "ties": TIES,
    "requests": REQUESTS,
    "states": STATES,
    "confirmed_by": CONFIRMED_BY,
    "kinds": KIND_NAMES,
    "service_kinds": dict(SERVICE_KINDS),
    "sources": dict(SOURCES),
    "roles": ROLE_NAMES,
}
