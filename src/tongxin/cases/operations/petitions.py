"""What is asked for within a case, and who decides it: objections, extensions, suspensions, more information."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import Case, Petition
from tongxin.cases.operations import notices
from tongxin.cases.operations.assignments import let_go, take_back
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.levels import open_for
from tongxin.cases.operations.rows import stage
from tongxin.cases.rules import Verb
from tongxin.cases.rules_texts import fit_line
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.kernel.times import local_day

_APPROVE = {
    Petition.Kind.OBJECTION: Verb.UPHOLD_OBJECTION,
    Petition.Kind.EXTENSION: Verb.APPROVE_EXTENSION,
    Petition.Kind.SUSPENSION: Verb.APPROVE_SUSPENSION,
}
_REFUSE = {
    Petition.Kind.OBJECTION: Verb.REJECT_OBJECTION,
    Petition.Kind.EXTENSION: Verb.REJECT_EXTENSION,
    Petition.Kind.SUSPENSION: Verb.REJECT_SUSPENSION,
}


def ask(opened: Opened, kind: str, reason: str, *, days: int | None = None, review_on: date | None = None) -> None:
    """Let the next step note what it asks for."""
    row = Petition(
        id=uuid7(opened.now),
        case=opened.case,
        kind=kind,
        reason=fit_line(reason, 1000, "reason"),
        days=days,
        review_on=review_on,
        asked_by=opened.actor.person_id or opened.actor.id,
        asked_at=opened.now,
    )
    stage(opened, row, make=True)


def review_date(value: date | None, now: datetime) -> date:
    """A review date of a suspension: a day to come on the local calendar, within a year. Raises :class:`Invalid`."""
    if value is None or not 0 < (value - local_day(now)).days <= 366:
        raise Invalid("Choose a day within the coming year.", field="review_on")
    return value


def _pending(opened: Opened, kind: str) -> Petition:
    petition = opened.case.petitions.filter(kind=kind, state=Petition.State.PENDING).first()
    if petition is None:
        raise NotFound("There is no request to decide or to answer.")
    return petition


def _decide(opened: Opened, petition: Petition, granted: bool, text: str) -> None:
    stage(
        opened,
        petition,
        state=Petition.State.GRANTED if granted else Petition.State.REFUSED,
        decided_by=opened.actor.person_id or opened.actor.id,
        decided_at=opened.now,
        decision=fit_line(text, 1000),
        review_on=petition.review_on,
    )


@transaction.atomic
def decide_petition(
    actor: Actor, case_id: UUID, now: datetime, *, kind: str, grant: bool, reason: str = "",
    review_on: date | None = None,
) -> Case:  # fmt: skip
    """Decide an objection, an extension or a suspension that was asked for. Nobody decides their own.

    ``review_on``: another day for a suspension to be looked at again than was asked for.
    """
    if kind not in _APPROVE:
        raise NotFound("There is no request to decide or to answer.")
    opened = open_case(actor, case_id, now)
    petition = _pending(opened, kind)
    if petition.asked_by in {actor.person_id, actor.id}:
        raise NotAllowed("You asked for this yourself; somebody else decides.")
    given: dict[str, Any] = {"reason": reason}
    if grant and kind == Petition.Kind.EXTENSION:
        given["extra"] = petition.days
    if grant and kind == Petition.Kind.SUSPENSION:
        petition.review_on = review_date(review_on or petition.review_on, now)
        given["review_on"] = opened.case.review_on = petition.review_on
    verb = (_APPROVE if grant else _REFUSE)[Petition.Kind(kind)]
    lead = opened.case.lead_id
    _decide(opened, petition, grant, reason)
    taken = take_back(opened) if verb is Verb.UPHOLD_OBJECTION else []
    update = step(opened, verb, given, Said(note=reason))
    let_go(opened, taken)
    where: dict[str, Any] = {"link": "/work/"} if verb is Verb.UPHOLD_OBJECTION else {}  # it is theirs no longer
    notices.tell_organisation(opened, update, lead, _TOLD[verb], reason=reason, **where)
    if verb is Verb.APPROVE_SUSPENSION:
        notices.tell_parties(
            opened, update, N_("%(title)s cannot be solved now; it will be looked at again on %(day)s."),
            day=f"{petition.review_on:%Y-%m-%d}",
        )  # fmt: skip
    return opened.case


_TOLD = {
    Verb.UPHOLD_OBJECTION: N_("The objection was upheld: %(title)s"),
    Verb.REJECT_OBJECTION: N_("The objection was rejected: %(title)s. %(reason)s"),
    Verb.APPROVE_EXTENSION: N_("More time was given: %(title)s"),
    Verb.REJECT_EXTENSION: N_("No more time was given: %(title)s. %(reason)s"),
    Verb.APPROVE_SUSPENSION: N_("Suspended: %(title)s"),
    Verb.REJECT_SUSPENSION: N_("Not suspended: %(title)s. %(reason)s"),
}


@transaction.atomic
def resume_case(actor: Actor, case_id: UUID, now: datetime, *, note: str = "") -> Case:
    """Take a suspended case up again, on the review date or before."""
    opened = open_case(actor, case_id, now)
    opened.case.review_on = None
    update = step(opened, Verb.RESUME, said=Said(note=note))
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("Taken up again: %(title)s (%(number)s)"))
    return opened.case


@transaction.atomic
def request_information(actor: Actor, case_id: UUID, now: datetime, *, text: str) -> Case:
    """Ask the reporter for what is missing; the offices' clocks stand still meanwhile."""
    opened = open_case(actor, case_id, now)
    ask(opened, Petition.Kind.INFORMATION, text)
    update = step(opened, Verb.REQUEST_INFO, {"text": text}, Said(text=text))
    notices.tell_parties(opened, update, N_("A question about %(title)s: %(text)s"), asks=True, text=text)
    return opened.case


@transaction.atomic
def provide_information(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    text: str,
    photos: Sequence[Upload] = (),
    on_behalf_of: UUID | None = None,
) -> Case:
    """The reporter adds what was asked for; the clocks go on."""
    opened = open_for("case.add", actor, case_id, now, on_behalf_of=on_behalf_of)
    _decide(opened, _pending(opened, Petition.Kind.INFORMATION), True, text)
    update = step(
        opened, Verb.PROVIDE_INFO, {"text": text}, Said(text=text), photos=[("report", photo) for photo in photos]
    )
    notices.tell_organisation(opened, update, opened.case.lead_id, N_("The reporter has added: %(title)s"))
    notices.tell_desk(opened, update, N_("The reporter has added: %(title)s"))
    return opened.case
