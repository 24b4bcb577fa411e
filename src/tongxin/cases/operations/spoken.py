"""Writing down what somebody said on a recording: the recording stays as it is, its words become the matter's."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import Case, SearchText
from tongxin.cases.operations.base import OFFICES, Said, open_case, step
from tongxin.cases.operations.submit import search_body, title_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.kernel.masking import mask_text
from tongxin.kernel.text import clean_text

SPOKEN: Final = "请听录音。"
"""The text of a report that was spoken and not yet written down."""


@transaction.atomic
def write_down(actor: Actor, case_id: UUID, now: datetime, *, text: str) -> Case:
    """Put what was said on a recording into words. They stand beside what was written, and become the title of a matter
    that had no words of its own; those concerned read them and can object. Needs ``case.desk`` where the case lies.

    Raises :class:`Invalid` without words, :class:`NotAllowed` for who is not its desk.
    """
    opened = open_case(actor, case_id, now)
    case = opened.case
    actor.require("case.desk", case.area_path)
    if not opened.parties & OFFICES:
        raise NotAllowed("This is for somebody else to do.")
    words = clean_text(text, MAX_TEXT)
    if not words:
        raise Invalid("Write down what was said.", field="text")
    if case.text.strip() == SPOKEN:
        case.title, case.text = title_of(words), words
    else:
        case.text = clean_text(f"{case.text}\n{words}", MAX_TEXT)
    if not case.is_public:  # what everybody reads was released by somebody, in these words and no others
        case.public_text = mask_text(case.text)
    step(opened, Verb.NOTE, {"text": words}, Said(text=words, data={"written_down": True}))
    SearchText.objects.filter(case=case).update(body=search_body(case))
    return case
