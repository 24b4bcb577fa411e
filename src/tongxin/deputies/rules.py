"""What holds of deputies, of opinions and of sessions. PURE."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.text import clean_line, clean_text
from tongxin.kernel.times import SHANGHAI

MAX_TEXT: Final = 2_000
MOST_OPINIONS: Final = 200
"""Opinions that one suggestion gathers."""


class Kind(StrEnum):
    """What somebody is a deputy of."""

    CONGRESS = "congress"  # 人大代表
    CONSULTATIVE = "consultative"  # 政协委员
    PARTY = "party"  # 党代表


class Way(StrEnum):
    """How an opinion reached the deputy."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    MEETING = "meeting"
    PAGE = "page"  # written by the resident on the deputy's public page


def kind_of(title: str) -> Kind:
    """The kind, from the title on the door: 区政协委员, 市党代表; whatever else it says, a deputy of the congress."""
    if "政协" in title:
        return Kind.CONSULTATIVE
    return Kind.PARTY if "党代表" in title or "党代会" in title else Kind.CONGRESS


def session_of(filed_at: datetime) -> str:
    """The year by which suggestions are filed and counted, in Shanghai: “2026”."""
    return str(filed_at.astimezone(SHANGHAI).year)


def opinion_text(text: str) -> str:
    """The words as they are kept; raises :class:`Invalid` (field ``text``) for none or too many."""
    if len(text) > MAX_TEXT:
        raise Invalid("Please say it in fewer words: at most %(most)s characters.", field="text", most=MAX_TEXT)
    kept = clean_text(text, MAX_TEXT)
    if not kept:
        raise Invalid("Please say what it is about.", field="text")
    return kept


def heard_way(way: str) -> Way:
    """How a deputy says that they heard it; raises :class:`Invalid` for what is not theirs to say."""
    if way not in {Way.IN_PERSON, Way.PHONE, Way.MEETING}:
        raise Invalid("Say how you heard it.", field="way")
    return Way(way)


def check_open(*, gathered: bool, set_aside: bool) -> None:
    """An opinion goes one way, once."""
    if gathered:
        raise Conflict("This opinion is in a suggestion already.", code="opinion-gathered")
    if set_aside:
        raise Conflict("This opinion was set aside.", code="opinion-set-aside")


def why(reason: str) -> str:
    """A reason that the resident reads; raises :class:`Invalid`."""
    kept = clean_line(reason, 200)
    if not kept:
        raise Invalid("Write the reason: the person will read it.", field="reason", code="reason-missing")
    return kept
