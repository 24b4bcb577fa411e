"""When the register alone confirms somebody, and how often one may try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tongxin.kernel.errors import TooMany

TRIES_A_DAY: Final = 5
LAST_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What the register knows of one person at the home in question. ``phone`` and ID number as stored, in clear."""

    name: str
    phone: str = ""
    id_number: str = ""


@dataclass(frozen=True, slots=True)
class Claimed:
    """What somebody says of themselves. ``phone`` is the one they proved by a code, not one they typed."""

    name: str
    phone: str = ""
    id_last_six: str = ""


def same_person(known: Known, claimed: Claimed) -> bool:
    """True if the name is the same and, beside it, the proven phone or the ID number's last six characters.

    The name alone never suffices: neighbours know it.
    """
    if known.name.replace(" ", "") != claimed.name.replace(" ", ""):
        return False
    if known.phone and known.phone == claimed.phone:
        return True
    last = claimed.id_last_six.strip().upper()
    return len(last) == LAST_DIGITS and known.id_number.upper().endswith(last)


def check_tries(tries_today: int) -> None:
    """Raise :class:`TooMany` if somebody has asked too often within a day: six digits must not be guessed."""
    if tries_today >= TRIES_A_DAY:
        raise TooMany("You have asked too often today. Please go to your community's desk.", code="verify-too-often")
