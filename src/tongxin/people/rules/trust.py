"""Levels of trust: how well we know who somebody is, what each level allows, and how to reach it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Action:
    """Something that people do in their own matters: the level it takes, and what it is called."""

    needs: Trust
    words: str


def _visitor(words: str) -> Action:
    return Action(Trust.VISITOR, words)


def _resident(words: str) -> Action:
    return Action(Trust.RESIDENT, words)


ACTIONS: Final[dict[str, Action]] = {
    "case.submit": _visitor(N_("report something")),
    "case.confirm": _visitor(N_("say whether it is solved")),
    "case.rate": _visitor(N_("rate how it was dealt with")),
    "case.reopen": _visitor(N_("open one's own matter again")),
    "case.urge": _visitor(N_("urge")),
    "case.add": _visitor(N_("add something, or answer a question")),
    "case.withdraw": _visitor(N_("take back what one reported")),
    "case.disown": _visitor(N_("say that a report in one's name is not one's own")),
    "case.join": _resident(N_("say “me too” to a neighbour's matter")),
    "case.reopen_as_neighbour": _resident(N_("open a neighbour's ended matter again")),
    "verification.request": _visitor(N_("ask to be confirmed for one's home")),
    "family.ask": _visitor(N_("ask to act for one's parents")),
    "family.end": _visitor(N_("end a family account")),
    "opinion.tell": _visitor(N_("tell one's deputy something")),
    "settlement.word": _visitor(N_("say whether one agrees to a settlement")),
    "report_in.ask": _resident(N_("report in as a party member")),
    "report_in.end": _visitor(N_("end one's report-in")),
    "account.keep": _visitor(N_("look after one's own account")),
    "token.make": _visitor(N_("make and revoke tokens for programs")),
}
"""What somebody without any office needs to be in order to act: one row for each thing that residents do. An office needs
an appointment, whatever the level. Each operation asks for its row (:func:`require_level`), each page says it before."""

LEVEL_NAMES: Final[dict[Trust, str]] = {
    Trust.NOBODY: N_("not signed in"),
    Trust.VISITOR: N_("signed in by phone"),
    Trust.RESIDENT: N_("confirmed resident"),
    Trust.OWNER: N_("confirmed owner"),
}

NEEDED: Final[dict[Trust, str]] = {
    Trust.VISITOR: N_("This is for people who have signed in."),
    Trust.RESIDENT: N_("This is for confirmed residents."),
    Trust.OWNER: N_("This is for confirmed owners."),
}
"""Which level something takes, as a sentence."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to reach a level: a sentence for the person, and the address of the page on which it begins."""

    message: str
    href: str


WAYS: Final[dict[Trust, Way]] = {
    Trust.VISITOR: Way(N_("Sign in with a code sent to your phone."), "/sign-in/"),
    Trust.RESIDENT: Way(
        N_(
            "Tell us which home you live in. If the register knows you, you are confirmed at once; "
            "else your grid worker comes by."
        ),
        "/me/home/",
    ),
    Trust.OWNER: Way(
        N_(
            "Ask to be confirmed as owner of your home: by the property register, or with a paper that shows "
            "that the home was handed over to you."
        ),
        "/me/home/?as=owner",
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


class TrustTooLow(NotAllowed):
    """The level is missing: ``needed`` is the one it takes, ``have`` the one there is, ``way`` the next step."""

    code = "trust-too-low"

    def __init__(self, needed: Trust, have: Trust) -> None:
        super().__init__(NEEDED[needed], needed=needed.name.lower())
        self.needed, self.have, self.way = needed, have, way_to(needed, have)


def check_level(needed: Trust, have: Trust) -> None:
    """Raise :class:`TrustTooLow`, which knows the way, unless ``have`` is enough."""
    if have < needed:
        raise TrustTooLow(needed, have)


def require_level(actor: Actor, action: str) -> None:
    """Raise :class:`TrustTooLow` unless the actor's level allows the action, a key of :data:`ACTIONS`.

    The system may do everything.
    """
    if not actor.is_system:
        check_level(ACTIONS[action].needs, actor.trust)
