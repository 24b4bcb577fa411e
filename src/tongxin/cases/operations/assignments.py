"""Rows that say who has a case. They follow the rules' facts within the step that changes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Assignment
from tongxin.cases.operations.base import Opened, write
from tongxin.cases.operations.rows import stage
from tongxin.cases.queries.offices import handler_of, standing
from tongxin.cases.rules_texts import fit_line
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.ids import uuid7


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
        check_organisation(organisation, opened, named_by_route=by_route)
    if person is not None:
        colleague(organisation, person, opened.now, field="person")
    assignment = _new(opened, Assignment.Role.LEAD, organisation, mode=mode, person_id=person, by_route=by_route)
    opened.assignments.append(assignment)
    return assignment


def co_assignment(opened: Opened, organisation: UUID, task: str, *, whistle: bool = False) -> Assignment:
    """A sub-task for a co-handler."""
    check_organisation(organisation, opened, field="co_handler")
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
    """Take the case back from its lead before the step that gives it to the next one."""
    lead = opened.lead
    if lead is None:
        return
    lead.state, lead.ended_at = Assignment.State.ENDED, opened.now
    lead.save(update_fields=["state", "ended_at"])
    stage(opened, lead)
    end_links(lead, opened)
    opened.assignments.remove(lead)


def take_back(opened: Opened, *, helpers: bool = False) -> list[Assignment]:
    """Let the next step take the case back from its lead, and from the co-handlers if ``helpers``; :func:`let_go`
    after it."""
    taken = [row for row in opened.assignments if helpers or row.role == Assignment.Role.LEAD]
    for row in taken:
        ends: dict[str, Any] = {"state": Assignment.State.ENDED} if row.role == Assignment.Role.LEAD else {}
        stage(opened, row, ended_at=opened.now, **ends)
    return taken


def let_go(opened: Opened, taken: list[Assignment]) -> None:
    """After the step: the links to workers' phones end with what was taken back."""
    for row in taken:
        opened.assignments.remove(row)
        if row.role == Assignment.Role.LEAD:
            end_links(row, opened)


def end_links(lead: Assignment, opened: Opened) -> None:
    """The links to workers' phones end."""
    lead.links.filter(ended_at=None).update(ended_at=opened.now)


def colleague(organisation: UUID | None, person: UUID, now: datetime, *, field: str) -> str:
    """The name of somebody who handles cases for the organisation today, from the register; raises :class:`Invalid`
    for anybody else."""
    name = handler_of(organisation, person, now) if organisation is not None else None
    if name is None:
        raise Invalid("This person handles no matters for the organisation.", field=field, code="not-a-colleague")
    return name


def check_organisation(
    organisation: UUID, opened: Opened, *, field: str = "lead", named_by_route: bool = False
) -> None:
    """Raise unless the organisation exists today, somebody handles cases for it, it has to do with the place, and it
    has no part in the case yet. ``named_by_route``: a route named it, wherever it sits."""
    if named_by_route and opened.together is not None:
        return  # the route was asked a moment ago: see route.choice_for
    found = standing(organisation, opened.case.area_path, opened.now)
    if found is None:
        raise Invalid("This organisation does not exist any more.", field=field)
    if any(assignment.organisation_id == organisation for assignment in opened.assignments):
        raise Conflict("This organisation already takes part.", code="takes-part")
    if not found.near and not named_by_route:
        raise Invalid("This organisation has nothing to do with this place.", field=field, code="elsewhere")
    if not found.staffed:
        raise Invalid(
            "Nobody handles matters for this organisation yet. Give somebody an office there first.",
            field=field,
            code="nobody-there",
        )


def _new(opened: Opened, role: str, organisation: UUID | None, *, mode: str, task: str = "",
         person_id: UUID | None = None, by_route: bool = False, whistle: bool = False) -> Assignment:  # fmt: skip
    row = Assignment(
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
    write(opened, [], [row])
    stage(opened, row)
    return row
