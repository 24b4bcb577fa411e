"""Common matters 共性问题: several reports of one cause, gathered without losing any reporter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case
from tongxin.cases.operations import notices
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.rows import stage
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.rules import Verb
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import N_
from tongxin.places.models import Area
from tongxin.places.queries import current

MAX_GATHERED = 500


@transaction.atomic
def make_common_matter(
    actor: Actor, report: Report, case_ids: Sequence[UUID], now: datetime, *, reason: str = ""
) -> Case:
    """Make a common matter of several cases: one case of its own that the desk leads, into which they are gathered.

    Its area must hold all of them, and the actor must desk it. Every reporter stays the reporter of their own
    case and is asked there in the end.
    """
    actor.require("case.desk", _area_path(report, now))
    # Nobody's own: whoever makes it is not asked whether it is solved.
    common = submit_case(actor, replace(report, common=True, for_person=None, contact_name=""), now, quiet=True)
    opened = open_case(actor, common.pk, now)
    step(opened, Verb.ACCEPT)
    _gather(opened, case_ids, reason)
    return opened.case


def _area_path(report: Report, now: datetime) -> str:
    path = Area.objects.filter(current(now), pk=report.area_id).values_list("path", flat=True).first()
    if path is None:
        raise Invalid("Please choose where it is.", field="area")
    return path


@transaction.atomic
def gather_cases(actor: Actor, into: UUID, case_ids: Sequence[UUID], now: datetime, *, reason: str = "") -> Case:
    """Gather further cases into one that already runs."""
    opened = open_case(actor, into, now)
    _gather(opened, case_ids, reason)
    return opened.case


def _gather(opened: Opened, case_ids: Sequence[UUID], reason: str) -> None:
    wanted = [case_id for case_id in dict.fromkeys(case_ids) if case_id != opened.case.pk]
    if not 0 < len(wanted) <= MAX_GATHERED:
        raise Invalid("Choose from one to 500 cases to gather.", field="cases")
    data = {"cases": [str(case_id) for case_id in wanted]}
    given = {"cases": wanted, "about": _take_over(opened, wanted)}
    step(opened, Verb.GATHER, given, Said(text=reason, data=data), tallies=("gathered",))
    for case_id in sorted(wanted):
        child = open_case(opened.actor, case_id, opened.now)
        for row in child.assignments:
            stage(child, row, state=Assignment.State.ENDED, ended_at=opened.now)
        update = step(child, Verb.MERGE, {"into": opened.case.pk}, Said(text=reason, data={"into": opened.case.number}))
        message = N_("Dealt with in a common matter from here on: %(title)s (%(number)s)")
        notices.tell_organisation(child, update, child.case.lead_id, message, link="/work/")
        notices.tell_co_handlers(child, update, message, link="/work/")
        notices.tell_parties(
            child, update, N_("%(title)s is dealt with together with others of its kind: %(common)s"),
            common=opened.case.title,
        )  # fmt: skip


def _take_over(opened: Opened, wanted: Sequence[UUID]) -> frozenset[UUID]:
    """A common matter keeps its reporters' protection: it is about whomever any of them complains of, and as discreet
    as the most discreet of them (unsaved). Returns whom it is about; it stays so when one goes its own way again."""
    common = opened.case
    for about, hidden in Case.objects.filter(pk__in=wanted).values_list("complained_of", "reporter_hidden"):
        common.complained_of = sorted({*common.complained_of, *about})
        common.reporter_hidden = common.reporter_hidden or hidden
    if common.reporter_hidden or common.complained_of:
        common.is_public = common.is_public and not common.reporter_hidden
    return frozenset(UUID(body) for body in common.complained_of)


@transaction.atomic
def separate_case(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> Case:
    """Take a case out of the common matter again: it goes on by itself."""
    opened = open_case(actor, case_id, now)
    step(opened, Verb.SEPARATE, {"reason": reason}, Said(text=reason))
    return opened.case


def ask_gathered(opened: Opened) -> None:
    """When the common matter is answered, everyone gathered into it is asked in their own case."""
    from tongxin.cases.operations import desk  # desk asks us for the gathered: they belong together

    for case_id in opened.case.gathered.filter(state=rules.State.MERGED).values_list("id", flat=True):
        child = open_case(SYSTEM, case_id, opened.now)
        desk.ask(child)
