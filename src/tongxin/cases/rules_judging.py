"""Whose word on an answer counts, and how somebody's word reaches the record through another. PURE.

Nobody judges their own work (Beijing hotline ordinance, art. 23, 32: the call-back is not the handler's): neither as the
person who reported it, nor for somebody else, nor by ringing them.
"""

from __future__ import annotations

from collections.abc import Hashable, Set
from dataclasses import dataclass
from typing import Final

from tongxin.cases.rules_facts import Refusal

SIGNED: Final = "signed"
IN_PERSON: Final = "in_person"
PHONE: Final = "phone"
WAYS: Final = (SIGNED, IN_PERSON, PHONE)
"""How a choice reaches a helper: signed on paper (with its picture), spoken before them, or by telephone (the desk)."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """In whose name something is said: on the register, so that they can be told of it; or by a name and a phone that
    were given; or nobody known at all."""

    registered: bool
    has_phone: bool = False
    named: bool = False

    @property
    def known(self) -> bool:
        """False where a report came from nobody in particular: there is nobody whose word it could be."""
        return self.registered or self.has_phone or self.named


_OWN_ANSWER: Final = Refusal(
    "own-answer", "You wrote the answer yourself. Somebody else records what is said of it, or rings."
)
_NOBODY: Final = Refusal(
    "nobody-known", "Nobody is known who reported this: nobody can be asked, and it closes as unanswered."
)
_PROVED: Final = Refusal(
    "paper-or-call",
    "Who is not on the register cannot be told what you record: add the paper that they signed, or ring their number.",
    "own_choice",
)


def why_not_judge(who: Set[Hashable], answered_by: Hashable) -> Refusal | None:
    """Why somebody, known under the ids ``who``, may not say or record whether an answer solves it; None if they may.

    ``answered_by`` wrote the latest answer, the desk's own included; None while there is none.
    """
    return _OWN_ANSWER if answered_by is not None and answered_by in who else None


def why_not_record(speaker: Speaker, way: str, *, paper: bool) -> Refusal | None:
    """Why a helper may not record a word as the speaker's own, given in this ``way``; None if they may.

    Who is on the register is told of what was recorded in their name, and can contradict. For anybody else it takes
    what can be shown later: the paper, or a call to the number they gave, which is noted as a call-back.
    """
    if not speaker.known:
        return _NOBODY
    if speaker.registered or (way == SIGNED and paper) or (way == PHONE and speaker.has_phone):
        return None
    return _PROVED
