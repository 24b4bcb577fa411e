"""A helper records the person's own choice and never chooses for them: how it was given, with the paper they signed.

Where the person has a row in the register they are told of what was recorded, and by whom.
"""

from __future__ import annotations

from collections.abc import Sequence

from tongxin.cases import rules
from tongxin.cases.models import Party, Update
from tongxin.cases.operations import notices, own_work
from tongxin.cases.operations.base import Opened, Photos
from tongxin.cases.rules_judging import IN_PERSON, PHONE, SIGNED, WAYS
from tongxin.files.operations import Upload
from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import N_
from tongxin.people.rules.choices import check_choice

__all__ = ["IN_PERSON", "PHONE", "SIGNED", "WAYS", "evidence", "helps", "tell_person"]


def helps(opened: Opened) -> bool:
    """True if the actor speaks for somebody else by their office. A family account was consented to: it speaks itself."""
    return rules.Party.HELPER in opened.parties and not opened.parties & {rules.Party.REPORTER, rules.Party.JOINER}


def evidence(opened: Opened, party: Party, way: str, paper: Sequence[Upload]) -> Photos:
    """The picture of the paper that goes with a helper's step, after checking that the choice is the person's own.

    Nothing for those who speak for themselves; a missing way is the rules' to refuse. Raises :class:`Invalid` (field
    ``own_choice``) for a way that is not known, ``NotAllowed`` where it is not the person's choice.
    """
    if not helps(opened) or not way:
        return []
    if way not in WAYS:
        raise Invalid("Say how the person's choice was given.", field="own_choice")
    if way == PHONE:  # only who rings on behalf of the desk can have heard it there
        opened.actor.require("case.callback", opened.case.area_path)
    own_work.check_recordable(party, way, paper=bool(paper))
    check_choice(
        chooser=party.person_id or party.id,
        recorded_by=opened.actor.person_id or opened.actor.id,
        signed_paper=way == SIGNED and bool(paper),
        spoken=way != SIGNED,
    )
    return [("evidence", picture) for picture in paper]


def tell_person(opened: Opened, update: Update, party: Party) -> None:
    """Tell the person whose choice a helper recorded, by their own channel."""
    if party.person_id is not None:
        notices.tell_one(
            opened,
            update,
            party.person_id,
            N_("%(who)s has recorded your word on: %(title)s. If you did not say so, tell your community's desk."),
            who=opened.actor.name,
        )
