"""A deadline that somebody outside gave a case, such as a hotline, and moved afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules_clocks
from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations import clocks
from tongxin.cases.operations.base import OFFICES, Said, open_case, step
from tongxin.cases.queries.facts import policy_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_limits import ClockKind
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, NotAllowed
from tongxin.places.queries import work_calendar


@transaction.atomic
def move_deadline(actor: Actor, case_id: UUID, by: datetime, now: datetime, *, note: str = "") -> Case:
    """The answer is due ``by`` then, as somebody outside decided: on the case, on its running clock, on the record.

    An extension of ours ends with it, for the new deadline is the whole of it. For the desk. Raises
    :class:`Conflict` once the case has ended.
    """
    opened = open_case(actor, case_id, now)
    if not opened.parties & OFFICES:
        raise NotAllowed("This is for somebody else to do.")
    case = opened.case
    if not case.open:
        raise Conflict("This matter has ended.", code="ended")
    before, case.resolve_by = case.resolve_by, by
    row = CaseClock.objects.filter(case=case, kind=ClockKind.RESOLVE, stopped_at=None).first()
    if row is not None and not case.times_reopened:
        moved = replace(clocks.to_rule(row), by=by, extension=0)
        clocks.put(row, rules_clocks.recounted(moved, now, policy_of(case), work_calendar(now)), case, now)
    data = {"resolve_by": by.isoformat(), "before": before.isoformat() if before else ""}
    step(opened, Verb.NOTE, {"text": "deadline"}, Said(note=note, data=data, audience="staff"))
    return case
