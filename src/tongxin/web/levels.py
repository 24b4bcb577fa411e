"""What level of trust something takes, said on the page: before it is pressed, and where it was refused."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext

from tongxin.kernel.actor import Actor, Trust
from tongxin.people.rules.trust import ACTIONS, LEVEL_NAMES, NEEDED, WAYS, TrustTooLow, way_to


@dataclass(frozen=True, slots=True)
class Lacking:
    """In words: which level it takes, which there is, and where the way there begins."""

    needs: str
    have: str
    how: str
    href: str
    label: str


def lacking(actor: Actor, action: str, back: str = "") -> Lacking | None:
    """What the actor lacks for one of the actions that residents take; None if nothing. ``back``: where they are."""
    return _words(ACTIONS[action].needs, actor.trust, back)


def lacked(error: Exception) -> Lacking | None:
    """What was lacking, if that is why something was refused."""
    return _words(error.needed, error.have) if isinstance(error, TrustTooLow) else None


def _words(needed: Trust, have: Trust, back: str = "") -> Lacking | None:
    way = way_to(needed, have)
    if way is None:
        return None
    signs_in = way is WAYS[Trust.VISITOR]
    href = f"{way.href}?{urlencode({'next': back})}" if signs_in and back else way.href
    label = {Trust.RESIDENT: gettext("Tell us your home"), Trust.OWNER: gettext("Ask to be confirmed")}.get(needed, "")
    return Lacking(
        needs=gettext(NEEDED[needed]),
        have=gettext(LEVEL_NAMES[have]),
        how=gettext(way.message),
        href=href,
        label=gettext("Sign in") if signs_in else label,
    )


def allowed_at(level: Trust) -> list[str]:
    """What a level allows that the one below does not."""
    return [gettext(action.words) for action in ACTIONS.values() if action.needs is level]
