"""Levels of trust: how well we know who somebody is, what each level allows, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.text import N_

# What a person without any office needs to be in order to act. Offices need an appointment, whatever the level.
NEEDED: Final[dict[str, Trust]] = {
    "case.submit": Trust.VISITOR,
    "case.follow": Trust.VISITOR,
    "case.join": Trust.VISITOR,
    "case.rate": Trust.VISITOR,
    "case.withdraw": Trust.VISITOR,
    "case.reopen": Trust.RESIDENT,
    "verification.request": Trust.VISITOR,
    "family.ask": Trust.VISITOR,
    "family.end": Trust.VISITOR,
    "report_in.ask": Trust.RESIDENT,
    "owner.see_shares": Trust.OWNER,
}

LEVEL_NAMES: Final[dict[Trust, str]] = {
    Trust.NOBODY: N_("not signed in"),
    Trust.VISITOR: N_("signed in by phone"),
    Trust.RESIDENT: N_("confirmed resident"),
    Trust.OWNER: N_("confirmed owner"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a level: a sentence for the person, and the page (a name that the shell knows) where it begins."""

    message: str
    page: str


WAYS: Final[dict[Trust, Way]] = {
    Trust.VISITOR: Way(N_("Sign in with a code sent to your phone."), "sign-in"),
    Trust.RESIDENT: Way(
        N_(
            "Tell us which home you live in. If the register knows you, you are confirmed at once; "
            "else your grid worker comes by."
        ),
        "verify-home",
    ),
    Trust.OWNER: Way(
        N_(
            "Ask to be confirmed as owner of your home: by the property register, or with a paper that shows "
            "that the home was handed over to you."
        ),
        "verify-ownership",
    ),
}


def level(*, signed_in: bool, lives: bool, owns: bool) -> Trust:
    """The level of a person, by what the register holds of the one who signed in.

    ``lives`` is a residence or tenancy in force, ``owns`` an ownership in force by the property register or by a proved
    delivery. Both come to an account only by a match with the register or a grid worker's visit, and go with the home:
    who has moved away is a visitor again.
    """
    if not signed_in:
        return Trust.NOBODY
    if owns:
        return Trust.OWNER
    return Trust.RESIDENT if lives else Trust.VISITOR


def way_to(needed: Trust, have: Trust) -> Way | None:
    """The next step for somebody on level ``have`` who needs ``needed``; ``None`` if they are there already."""
    if have >= needed:
        return None
    if have < Trust.VISITOR:
        return WAYS[Trust.VISITOR]
    return WAYS[needed]


def require_level(actor: Actor, action: str) -> None:
    """Raise :class:`NotAllowed` with the way to reach it, unless the actor's level allows the action.

    ``action`` is a key of :data:`NEEDED`. The system may do everything.
    """
    needed = NEEDED[action]
    if actor.is_system:
        return
    way = way_to(needed, actor.trust)
    if way is not None:
        raise NotAllowed(way.message, code="trust-too-low", needed=needed.name.lower(), page=way.page)
