"""Home visits 走访: what a visit finds becomes cases in the household's name, and their answers come back to its form.

A visitor helps the households given to them and nobody else: whatever their office is, they file, read a number and record
a word within that one estate, for those who live in that one home.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations import resident
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import CaseView, case_by_id_masked, case_for
from tongxin.cases.rules import Verb
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor, Grant
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.text import clean_text
from tongxin.people.operations import register
from tongxin.visits import operations as visits
from tongxin.visits import rules
from tongxin.visits.operations import Filled
from tongxin.visits.queries import rounds
from tongxin.visits.queries.rounds import Found, Made, Round
from tongxin.visits.rules import Signature

_ANSWERS = {Verb.ANSWER, Verb.ANSWER_DIRECTLY}
OF_A_VISITOR = frozenset({"case.submit_for", "people.read_sensitive"})


@dataclass(frozen=True, slots=True)
class FoundHere:
    """A matter as the form says it. ``person_id``: in whose name. ``unit``: whom the visitor thinks fit, in words."""

    text: str
    category: str
    person_id: UUID | None
    unit: str = ""
    photos: Sequence[Upload] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A matter of a visit and where it stands. ``word``: what the household said; ``may_speak``: it can say it now."""

    matter: Found
    view: CaseView
    answer: str
    answered_by: str
    answered_at: datetime | None
    rating: int | None
    may_speak: bool


def at_the_door(actor: Actor, shown: Round) -> Actor:
    """The visitor as whoever helps this household; the round has been found among their own."""
    grant = Grant("visitor", OF_A_VISITOR, shown.estate_path)
    return replace(actor, grants=(*actor.grants, grant))


def make_visit(actor: Actor, filled: Filled, found: Sequence[FoundHere], now: datetime) -> UUID:
    """Write a visit down and file what it found, in one transaction; the visit's id.

    Each matter is a case of its own in the name of the member chosen, told to them by their own channel; where the same day
    was wished for, its answer is due by midnight. Sent twice it is there once. Errors: as for ``record_visit`` and
    ``submit_case``, with the field's row behind a dash.
    """
    with transaction.atomic():
        visit, made = visits.record_visit(actor, replace(filled, matters=len(found)), now)
        if not made or not found:
            return visit.pk
        shown = rounds.my_round(actor, filled.assignment_id, now)
        helper = at_the_door(actor, shown)
        cases = []
        for row, one in enumerate(found, start=1):
            if one.person_id not in {member.person_id for member in shown.members}:
                raise Invalid("Choose whose matter it is.", field=f"person-{row}", code="not-of-household")
            cases.append(_file(helper, shown, filled.once, row, one, visit, now))
        visits.tie_matters(actor, visit, cases, now)
    return visit.pk


def _file(
    helper: Actor, shown: Round, once: UUID, row: int, one: FoundHere, visit: Any, now: datetime
) -> tuple[UUID, UUID, str]:
    text = clean_text(one.text, 2000)
    if one.unit:
        text = f"{text}\n（走访人建议交办：{one.unit}）"
    report = Report(
        text=text,
        category=one.category,
        area_id=shown.estate_id,
        home_id=shown.home_id,
        for_person=one.person_id,
        channel="visit",
        leave_open=True,
        resolve_by=rules.end_of_day(now) if visit.same_day else None,
        once=rules.matter_key(once, row),
        photos=one.photos,
    )
    try:
        case = submit_case(helper, report, now, occurred_at=visit.occurred_at)
    except Invalid as error:
        error.field = f"{_FIELDS.get(error.field, error.field)}-{row}"
        raise
    return one.person_id or UUID(int=0), case.pk, case.number


_FIELDS = {"file": "photos", "for_person": "person"}


def reveal_phone(actor: Actor, assignment_id: UUID, person_id: UUID, reason: str, now: datetime) -> str:
    """A member's phone in clear, for who visits them, with the reason on the record. Errors: as for ``register.reveal``."""
    shown = rounds.my_round(actor, assignment_id, now)
    if person_id not in {member.person_id for member in shown.members}:
        raise NotFound("There is no such person.", code="no-person")
    found = register.reveal(at_the_door(actor, shown), person_id, ["phone"], reason, now=now)
    return found.get("phone", "")


def outcomes(actor: Actor, made: Made, now: datetime) -> list[Outcome]:
    """What became of a visit's matters, at most three."""
    own = actor.person_id == made.visitor_id
    return [_outcome(at_the_door(actor, made.round) if own else actor, one, now) for one in made.matters]


def _outcome(actor: Actor, matter: Found, now: datetime) -> Outcome:
    try:
        view = case_for(actor, matter.number, now)
    except NotFound:
        view = case_by_id_masked(matter.case_id, now)
    lines, _more = timeline(view, now)
    last = next((line for line in lines if line.verb in _ANSWERS), None)
    verbs = set(view.verbs)
    return Outcome(
        matter=matter,
        view=view,
        answer=last.text if last is not None else "",
        answered_by=last.organisation if last is not None else "",
        answered_at=last.at if last is not None else None,
        rating=next((line.data["rating"] for line in lines if line.data.get("rating")), None),
        may_speak=Verb.CONFIRM in verbs or Verb.NOT_SOLVED in verbs,
    )


@transaction.atomic
def sign_answer(
    actor: Actor,
    visit_id: UUID,
    number: str,
    *,
    solved: bool,
    rating: int | None,
    text: str,
    signature: Upload | None,
    on: Signature = Signature.SCREEN,
    now: datetime,
) -> None:
    """Record what the household says of the answer, with what it signed on the screen or on paper; without either, as said
    before the visitor. Errors: as for ``confirm_solved`` and ``say_not_solved``."""
    made = rounds.visit(actor, visit_id, now)
    matter = next((one for one in made.matters if one.number == number), None)
    if matter is None or made.visitor_id != actor.person_id:
        raise NotFound("There is no such visit.", code="no-visit")
    if not solved and not text.strip():
        raise Invalid("Say in their words what is not solved.", field="text", code="reason-missing")
    helper = at_the_door(actor, made.round)
    more: dict[str, Any] = {
        "rating": rating,
        "on_behalf_of": matter.person_id,
        "own_choice": "signed" if signature is not None else "in_person",
        "paper": [signature] if signature is not None else [],
    }
    if solved:
        resident.confirm_solved(helper, matter.case_id, now, text=text, **more)
    else:
        resident.say_not_solved(helper, matter.case_id, now, reason=text, **more)
    if signature is not None:
        signature.seek(0)
        visits.attach_form(actor, visit_id, signature, now, on=on)
