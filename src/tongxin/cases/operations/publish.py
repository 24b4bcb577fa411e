"""Showing a case to everybody: by the desk, in words that the desk has read, and no longer once they are taken back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import Case
from tongxin.cases.operations.base import OFFICES, Opened, Said, open_case, step
from tongxin.cases.queries.view import released_words
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.cases.rules_public import why_not_public
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, NotAllowed
from tongxin.kernel.text import clean_line, clean_text


@transaction.atomic
def publish_case(
    actor: Actor, case_id: UUID, now: datetime, *, public: bool, title: str = "", text: str = "", place: str = ""
) -> Case:
    """Show the case to everybody in these words, or take it back. Left empty, the words are masked by the program.

    Raises :class:`Conflict` for what is nobody else's matter (``rules_public``), :class:`NotAllowed`.
    """
    opened = open_case(actor, case_id, now)
    case = opened.case
    actor.require("case.desk", case.area_path)
    if not opened.parties & OFFICES:
        raise NotAllowed("This is for somebody else to do.")  # a body complained of has no say in it
    if public:
        why = why_not_public(
            opened.facts.state,
            category_public=case.category.public,
            is_service=case.category.is_service,
            reporter_hidden=case.reporter_hidden or case.parties.filter(role="reporter", hidden=True).exists(),
        )
        if why is not None:
            raise Conflict(why.message, code=why.code)
        masked = released_words(case)
        case.public_title = clean_line(title, 80) or masked.title
        case.public_text = clean_text(text, MAX_TEXT) or masked.text
        case.public_place = clean_line(place, 200) or masked.place
    case.is_public = public
    step(opened, Verb.NOTE, {"text": "public"}, Said(data={"public": public}, audience="staff"))
    return case


def no_longer_public(opened: Opened) -> None:
    """Take back what was public (unsaved), before the step after which it is not for everybody any more."""
    opened.case.is_public = False
