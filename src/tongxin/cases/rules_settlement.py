"""One settlement for many parties: what counts as a party's own word. PURE.

Nobody agrees for another: a word is given by the party's own account, or signed on paper, recorded by one and checked by
another (民法典 art. 143, 165; the four eyes are the house's own rule).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from tongxin.kernel.errors import Conflict, Invalid, NotAllowed

MOST_ON_A_SHEET: Final = 200
FILTERS: Final = ("all", "open", "accepted", "refused", "check")
WORDS: Final = frozenset({"accepted", "refused"})


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of all parties agree, do not agree, have said nothing; ``to_check``: on paper, not counted before a second
    person has looked."""

    parties: int
    accepted: int
    refused: int
    to_check: int

    @property
    def silent(self) -> int:
        """Parties of whom there is no word, on screen or paper."""
        return self.parties - self.accepted - self.refused - self.to_check


def check_word(word: str, reason: str) -> None:
    """Raise :class:`Invalid` for what is no word; who does not agree says why."""
    if word not in WORDS:
        raise Invalid("Choose one of the two.", field="word")
    if word == "refused" and not reason.strip():
        raise Invalid("Please say what you do not agree to.", field="reason")


def check_four_eyes(checker: Hashable, recorder: Hashable) -> None:
    """Who recorded a sheet does not check it."""
    if checker == recorder:
        raise NotAllowed("You recorded this sheet yourself. Somebody else checks it.", code="own-sheet")


def check_not_said(word: str) -> None:
    """A word once given stands, until there is another settlement."""
    if word:
        raise Conflict("Your word on this settlement is on the record already.", code="settlement-said")
