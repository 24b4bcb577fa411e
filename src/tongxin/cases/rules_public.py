"""What of a case everybody may see. PURE."""

from __future__ import annotations

from typing import Final

from tongxin.cases.rules_facts import Refusal
from tongxin.cases.rules_words import State, Verb

TAKES_BACK: Final = frozenset({Verb.WITHDRAW, Verb.NOT_MINE})
"""After these what was public is so no longer: whose words they were has taken them back. A case put into another
category is looked at anew as well."""


def why_not_public(state: State, *, category_public: bool, is_service: bool, reporter_hidden: bool) -> Refusal | None:
    """Why a case is not for everybody to see; None if the desk may publish it.

    Help at home and what its category keeps private concern nobody else; who hid their name from all but the desk did
    not mean the public to read their words.
    """
    if is_service or not category_public:
        return Refusal("private-category", "Matters of this kind are not made public.")
    if reporter_hidden:
        return Refusal("hidden-reporter", "The reporter hid their name from all but the desk; this stays among you.")
    if state is State.WITHDRAWN:
        return Refusal("withdrawn", "What was withdrawn is not made public.")
    return None
