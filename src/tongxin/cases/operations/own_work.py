"""Nobody judges their own work, and nobody speaks for somebody who is not known: checked before a word is recorded."""

from __future__ import annotations

from uuid import UUID

from tongxin.cases.models import CallBack, Party, Update
from tongxin.cases.operations.base import Opened
from tongxin.cases.operations.rows import stage
from tongxin.cases.rules import Verb
from tongxin.cases.rules_facts import Refusal
from tongxin.cases.rules_judging import PHONE, Speaker, why_not_judge, why_not_record
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line

_ANSWERS = (Verb.ANSWER, Verb.ANSWER_DIRECTLY)


def speaker_of(party: Party) -> Speaker:
    """The row of somebody concerned as the rules see it."""
    return Speaker(party.person_id is not None, party.contact_cipher is not None, bool(party.contact_name))


def check_not_own(opened: Opened) -> None:
    """Raise :class:`NotAllowed` if the actor wrote the latest answer, of the common matter too."""
    _refuse(why_not_judge({opened.actor.id, opened.actor.person_id} - {None}, _answered_by(opened)))


def _answered_by(opened: Opened) -> UUID | None:
    cases = [key for key in (opened.case.pk, opened.case.parent_id) if key is not None]
    rows = Update.objects.filter(case_id__in=cases, verb__in=_ANSWERS).order_by("-id")
    return rows.values_list("actor_id", flat=True).first()


def check_recordable(party: Party, way: str, *, paper: bool) -> None:
    """Raise unless a word given in this way can be recorded as that of the person concerned."""
    _refuse(why_not_record(speaker_of(party), way, paper=paper))


def _refuse(why: Refusal | None) -> None:
    if why is None:
        return
    if why.field:
        raise Invalid(why.message, field=why.field, code=why.code)
    raise NotAllowed(why.message, code=why.code)


def log_call(opened: Opened, party: Party, way: str, *, solved: bool | None, rating: int | None, note: str) -> None:
    """Note a call to somebody who is not on the register as a call-back that was made: their word rests on it. Before the
    step, whose entry tells of it."""
    if way != PHONE or party.person_id is not None:
        return
    row = party.call_backs.filter(done_at=None).first() or CallBack(
        id=uuid7(opened.now), case=opened.case, party=party, area_path=opened.case.area_path, because="word",
        due_at=opened.now,
    )  # fmt: skip
    row.result, row.solved, row.rating, row.note = CallBack.Result.REACHED, solved, rating, clean_line(note, 1000)
    row.attempts, row.done_by, row.done_at = row.attempts + 1, opened.actor.person_id, opened.now
    row.save()
    stage(opened, row)
