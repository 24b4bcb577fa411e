"""Suggestions of deputies 代表建议: a case of a kind of its own, supervised from the start, judged by the deputy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import notices, resident
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.levels import open_for
from tongxin.cases.operations.people import make_parties
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.facts import practice_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_suggestions import MOST_PEOPLE, RATING, Grade, answer_by, is_done_anew
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.text import N_
from tongxin.places.models import Area
from tongxin.places.queries import current


@transaction.atomic
def file_suggestion(actor: Actor, report: Report, people: Mapping[UUID, bool], now: datetime) -> Case:
    """File a deputy's suggestion: with its own deadline, public, under supervision from the first moment.

    ``people``: whose opinions it gathers, each with whether they stay unnamed; they are told and asked like all who join.
    Needs ``deputy.act`` in the area. Raises what :func:`submit_case` raises, :class:`Invalid` for more than 500 people.
    """
    if len(people) > MOST_PEOPLE:
        raise Invalid("At most 500 people in one suggestion.", field="opinions")
    path = Area.objects.filter(current(now), pk=report.area_id).values_list("path", flat=True).first()
    if path is None:
        raise Invalid("Please choose where it is.", field="area")
    until = answer_by(now, practice_of(path).suggestion_months or 3)
    case = submit_case(actor, replace(report, suggestion=True, channel="deputy", resolve_by=until), now)
    opened = open_case(actor, case.pk, now, extra=[rules.Party.SUPERVISOR])
    step(opened, Verb.SUPERVISE, {"reason": "suggestion"}, Said(note="suggestion"), tallies=("supervised",))
    others = {key: hidden for key, hidden in people.items() if key != actor.person_id}
    if others:
        make_parties(opened, others, "")
    return opened.case


@transaction.atomic
def judge_complex(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """The level's office finds that a suggestion concerns many and is hard: the longer limit holds, told to the deputy.

    Errors: those of reclassifying; :class:`Conflict` if that was decided before.
    """
    opened = open_case(actor, case_id, now)
    case = opened.case
    if case.kind != Case.Kind.SUGGESTION:
        raise NotFound("There is no such case.")
    if case.urgency == rules.Urgency.COMPLEX:
        raise Conflict("The longer limit holds already.", code="complex-already")
    if not reason.strip():
        raise Invalid("Please say why.", field="reason")
    months = practice_of(case.area_path).suggestion_complex_months or 6
    case.urgency, case.resolve_by = rules.Urgency.COMPLEX, answer_by(case.created_at, months)
    case.clocks.filter(kind="resolve", stopped_at=None).update(by=case.resolve_by)
    data = {"urgency": str(case.urgency), "resolve_by": case.resolve_by.isoformat()}
    update = step(opened, Verb.RECLASSIFY, {"urgency": case.urgency}, Said(text=reason, data=data))
    message = N_("%(title)s is found to be complex: %(reason)s. It is answered by %(day)s.")
    notices.tell_parties(opened, update, message, reason=reason, day=case.resolve_by.date().isoformat())
    return case


@transaction.atomic
def judge_suggestion(actor: Actor, case_id: UUID, now: datetime, *, grade: str, reason: str = "") -> Case:
    """The deputy's word on the answer: satisfied, basically satisfied, not satisfied.

    Not satisfied sends it back once, with the reason; the second time the word is kept and the suggestion ends as explained.
    Raises :class:`Invalid` (fields ``grade``, ``reason``), :class:`NotAllowed` for whoever did not file it.
    """
    if grade not in set(Grade):
        raise Invalid("Choose one of the three.", field="grade")
    said = Grade(grade)
    opened = open_for("case.confirm", actor, case_id, now)
    if opened.case.kind != Case.Kind.SUGGESTION or rules.Party.REPORTER not in opened.parties:
        raise NotAllowed("This is for somebody else to do.")
    if said is not Grade.NOT_SATISFIED:
        return resident.confirm_solved(actor, case_id, now, rating=RATING[said], text=reason)
    if not reason.strip():
        raise Invalid("Please say what is still not right.", field="reason")
    if is_done_anew(said, opened.facts.times_reopened):
        return resident.say_not_solved(actor, case_id, now, reason=reason, rating=RATING[said])
    return _ends_as_explained(opened, reason)


def _ends_as_explained(opened: Opened, reason: str) -> Case:
    """Not satisfied a second time: the deputy's own word, kept as such, ends it."""
    party = resident.own_party(opened)
    rating = RATING[Grade.NOT_SATISFIED]
    rated = resident.speak(opened, party, Party.Word.NOT_SOLVED, rating=rating, text=reason)
    opened.facts = replace(opened.facts, answer_kind=rules.Outcome.EXPLAINED)
    update = step(
        opened, Verb.CONFIRM, {"rating": rating}, Said(text=reason, data={"rating": int(rating)}), party=party,
        tallies=rated,
    )  # fmt: skip
    message = N_("Not satisfied a second time, ended as explained: %(title)s (%(number)s)")
    notices.tell_desk(opened, update, message, levels_up=opened.case.raised)
    return opened.case
