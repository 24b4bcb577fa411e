"""What tokens for programs may be for, how long they live, and who may make them."""

from __future__ import annotations

from collections.abc import Set
from datetime import datetime, timedelta
from typing import Final

from tongxin.kernel.errors import Invalid, NotAllowed

OWN_READ: Final = "own.read"
OWN_WRITE: Final = "own.write"
OWN_SCOPES: Final = frozenset({OWN_READ, OWN_WRITE})
"""Scopes of a personal token: the resident's own matters, and never an office."""

OFFICE_SCOPES: Final = frozenset(
    {
        "case.read", "case.desk", "case.handle", "case.supervise", "case.submit_for", "case.see_reporter",
        "case.callback", "file.release", "people.read_sensitive",
    }
)  # fmt: skip
"""Scopes of a token that acts for an appointment: permissions of people in office that the interface has a use for."""

SCOPES: Final = OWN_SCOPES | OFFICE_SCOPES

SECRET_PREFIX: Final = "txn_"  # noqa: S105 - by which a leaked one is found; no secret itself
LONGEST_LIFE: Final = timedelta(days=366)
MOST_TOKENS: Final = 20
"""Valid tokens at once, per person or per appointment."""


def check_scopes(scopes: Set[str], *, office: bool) -> None:
    """Raise :class:`Invalid` for no scope at all, or for one that such a token cannot have."""
    allowed = OFFICE_SCOPES if office else OWN_SCOPES
    if not scopes or not scopes <= allowed:
        raise Invalid("Choose what the token may do.", field="scopes", code="scopes")


def check_life(now: datetime, expires_at: datetime) -> None:
    """A token ends within a year: one that is forgotten must not stay open for ever."""
    if not now < expires_at <= now + LONGEST_LIFE:
        raise Invalid("A token ends within a year.", field="expires_at", code="token-life")


def check_not_more_than_own(asked: Set[str], held: Set[str], own: Set[str], given_freely: Set[str]) -> None:
    """Raise :class:`NotAllowed` unless the appointment holds the scopes and the maker could use them too.

    ``held``: permissions of the appointment; ``own``: the maker's in its area. ``given_freely`` reaches only what is
    given to the organisation itself, so handing it on gives no power over the area.
    """
    if not asked <= held:
        raise NotAllowed("This office does not have these permissions.", code="scopes-not-held")
    if not asked - given_freely <= own:
        raise NotAllowed("You cannot make a token that may do more than you may.", code="token-more-than-own")
