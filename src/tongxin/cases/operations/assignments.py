"""Rows that say who has a case. They follow the rules' facts within the step that changes them."""

from __future__ import annotations

from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Assignment
from tongxin.cases.operations.base import Opened, check_person
from tongxin.cases.rules_texts import fit_line
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation


def assign(
    opened: Opened,
    organisation: UUID | None,
    *,
    person: UUID | None = None,
    mode: str = rules.Mode.ASSIGNED,
    by_route: bool = False,
) -> Assignment:
    """Give the case to a lead (or, without organisation, into the pool)."""
    if organisation is not None:
        check_organisation(organisation, opened)
    if person is not None:
        check_person(person)
    assignment = _new(opened, Assignment.Role.LEAD, organisation, mode=mode, person_id=person, by_route=by_route)
    opened.assignments.append(assignment)
    return assignment


def co_assignment(opened: Opened, organisation: UUID, task: str, *, whistle: bool = False) -> Assignment:
    """A sub-task for a co-handler."""
    check_organisation(organisation, opened)
    assignment = _new(
        opened,
        Assignment.Role.CO,
        organisation,
        mode=rules.Mode.ASSIGNED,
        task=fit_line(task, 500, "task"),
        whistle=whistle,
    )
    opened.assignments.append(assignment)
    return assignment


def end_lead(opened: Opened) -> None:
    """Take the case back from its lead, with the links to workers' phones."""
    lead = opened.lead
    if lead is None:
        return
    lead.state, lead.ended_at = Assignment.State.ENDED, opened.now
    lead.save(update_fields=["state", "ended_at"])
    lead.links.filter(ended_at=None).update(ended_at=opened.now)
    opened.assignments.remove(lead)


def wait_for_taker(opened: Opened) -> None:
    """The lead's row of a case that nobody has in hand any more: its members take it anew."""
    lead = opened.lead
    if lead is None or opened.facts.state is not rules.State.DISPATCHED:
        return
    lead.state, lead.person_id, lead.claimed_at = Assignment.State.WAITING, None, None
    lead.mode = opened.facts.mode
    lead.save(update_fields=["state", "person", "claimed_at", "mode"])


def check_organisation(organisation: UUID, opened: Opened) -> None:
    """Raise unless the organisation exists today and has no part in the case yet."""
    row = Organisation.objects.filter(pk=organisation).first()
    if row is None or (row.until is not None and row.until <= local_day(opened.now)):
        raise Invalid("This organisation does not exist any more.", field="lead")
    if any(assignment.organisation_id == organisation for assignment in opened.assignments):
        raise Conflict("This organisation already takes part.", code="takes-part")


def _new(opened: Opened, role: str, organisation: UUID | None, *, mode: str, task: str = "",
         person_id: UUID | None = None, by_route: bool = False, whistle: bool = False) -> Assignment:  # fmt: skip
    return Assignment.objects.create(
        id=uuid7(opened.now),
        case=opened.case,
        role=role,
        mode=mode,
        organisation_id=organisation,
        person_id=person_id,
        task=task,
        by_route=by_route,
        whistle=whistle,
        area_path=opened.case.area_path,
        given_by=opened.actor.person_id or opened.actor.id,
        given_at=opened.now,
    )
