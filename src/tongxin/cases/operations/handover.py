"""Open work passes on by itself: to the successor when an office ends, to the next property company of an estate.

The house itself does it (``SYSTEM``), for who ended the office or changed the company had the permission for that, and
that entry says who it was. Each case is a step of its own; clocks go on, for the resident waits all the same.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.cases import rules
from tongxin.cases.models import Assignment
from tongxin.cases.operations import notices
from tongxin.cases.operations.assignments import check_organisation, end_links
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.rows import stage
from tongxin.cases.queries.offices import members
from tongxin.cases.rules import State, Verb
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import DomainError, NotAllowed
from tongxin.people.queries.offices import ChangedCompany, EndedOffice

BATCH = 100
_PASSING = sorted(rules.TRANSITIONS[Verb.HAND_OVER].sources)


def _only_the_house(actor: Actor) -> None:
    if not actor.is_system:
        raise NotAllowed("This is for somebody else to do.")


@transaction.atomic
def hand_over_office(actor: Actor, office: EndedOffice, now: datetime, *, limit: int = BATCH) -> int:
    """Pass on what somebody had in hand in an office that ended; how many cases. Call until it returns 0.

    To ``office.to_person``, who is told once of all; without one to the organisation's inbox, whose members are told.
    What the person goes on handling in another office of the organisation stays with them.
    """
    _only_the_house(actor)
    held = _leads(office.organisation_id).filter(person_id=office.person_id)
    for path in office.stays:
        own = Q(case__building_id=office.building_id, case__building__isnull=False)
        own |= Q(case__building__grid_id=office.grid_id, case__building__grid__isnull=False)
        held = held.exclude(Q(case__area_path__startswith=path) & ~own)
    opened = None
    done = 0
    for case_id in list(held.order_by("id").values_list("case_id", flat=True)[:limit]):
        opened = open_case(actor, case_id, now)
        _to_colleague(opened, office)
        done += 1
    if opened is not None:
        people = [office.to_person] if office.to_person else members(office.organisation_id, now)
        notices.tell_of_many(
            people, "%(count)s open matters of %(who)s have passed to you.", count=done, who=office.name,
            subject=("appointment", office.id), key=f"handover:{office.id}:{opened.case.id}", now=now,
        )  # fmt: skip
    return done


def _leads(organisation: UUID) -> Any:
    """Running lead assignments of an organisation in cases that can pass on."""
    return Assignment.objects.filter(
        organisation_id=organisation,
        role=Assignment.Role.LEAD,
        ended_at=None,
        case__open=True,
        case__state__in=_PASSING,
        case__lead_id=organisation,
    )


def _parts(organisation: UUID) -> Any:
    """Running assignments of an organisation, as lead or with a sub-task that waits, in cases that can pass on.

    A sub-task of a case that the desk has not dispatched yet cannot, and is put before the desk.
    """
    states = Assignment.State
    lead = Q(role=Assignment.Role.LEAD, case__state__in=_PASSING, case__lead_id=organisation)
    part = Q(role=Assignment.Role.CO, state__in=(states.WAITING, states.CLAIMED))
    part &= Q(case__state__in=sorted(rules.CO_WORKABLE))
    return Assignment.objects.filter(lead | part, organisation_id=organisation, ended_at=None, case__open=True)


def _to_colleague(opened: Opened, office: EndedOffice) -> None:
    # A case that nobody has taken yet is only named to somebody; they still take it themselves.
    taken = opened.facts.state is not State.DISPATCHED
    given: dict[str, Any] = {"lead": office.organisation_id}
    if office.to_person is not None and taken:
        given |= {"holder": office.to_person, "name": office.to_name}
    data = {"because": "office-ended", "office": str(office.id), "from": str(office.person_id)}
    data["to"] = str(office.to_person or office.organisation_id)
    if (lead := opened.lead) is not None:
        stage(opened, lead, person_id=office.to_person)
    step(opened, Verb.HAND_OVER, given, Said(data=data))
    if lead is not None:
        end_links(lead, opened)


@transaction.atomic
def carry_over(actor: Actor, change: ChangedCompany, now: datetime, *, limit: int = BATCH) -> int:
    """Carry the open cases of the old property company in an estate over to the new one; how many went.

    Those concerned are told once for each of their cases, the new company once of all. What cannot pass (the new
    company is complained of in it, or takes part in it already) stays and is put before the desk, once.
    Call until it returns 0.
    """
    _only_the_house(actor)
    rows = _parts(change.old_id).filter(case__area_path__startswith=change.area_path)
    stuck = Q(case__updates__verb=Verb.NOTE, case__updates__data__stays=str(change.service_id))
    rows = rows.exclude(case_id__in=_parts(change.old_id).filter(stuck).values("case_id"))
    opened, done, seen = None, 0, 0
    for case_id, role in list(rows.order_by("id").values_list("case_id", "role")[:limit]):
        opened, seen = open_case(actor, case_id, now), seen + 1
        try:
            with transaction.atomic():
                if role == Assignment.Role.LEAD:
                    _to_company(opened, change)
                else:
                    _sub_task_to_company(opened, change)
            done += 1
        except DomainError as error:
            _stays(open_case(actor, case_id, now), change, error)
    if opened is not None and done:
        notices.tell_of_many(
            members(change.new_id, now),
            "%(count)s open matters of the company before you have passed to you.", count=done,
            subject=("service", change.service_id), key=f"carried:{change.service_id}:{opened.case.id}", now=now,
        )  # fmt: skip
    return seen


def _to_company(opened: Opened, change: ChangedCompany) -> None:
    check_organisation(change.new_id, opened)
    data = {"because": "company-changed", "service": str(change.service_id), "lead": str(change.new_id)}
    if (lead := opened.lead) is not None:
        stage(opened, lead, organisation_id=change.new_id, person_id=None)
    update = step(opened, Verb.HAND_OVER, {"lead": change.new_id}, Said(data=data))
    if lead is not None:
        end_links(lead, opened)
    notices.tell_parties(
        opened, update, "%(who)s serves your estate now and goes on with it: %(title)s", who=change.new_name
    )


def _sub_task_to_company(opened: Opened, change: ChangedCompany) -> None:
    """A sub-task and its clock go on with the new company; the lead stays who it is."""
    check_organisation(change.new_id, opened)
    row = next(a for a in opened.assignments if a.organisation_id == change.old_id)
    given = {"lead": opened.facts.lead, "co_from": change.old_id, "co_to": change.new_id}
    data = {"because": "company-changed", "service": str(change.service_id), "co": str(change.new_id)}
    stage(opened, row, organisation_id=change.new_id, person_id=None)
    step(opened, Verb.HAND_OVER, given, Said(data=data))


def _stays(opened: Opened, change: ChangedCompany, error: DomainError) -> None:
    opened.parties |= {rules.Party.DESK}
    said = Said(note=str(error), audience="staff", data={"stays": str(change.service_id)})
    update = step(opened, Verb.NOTE, {"text": str(error)}, said)
    notices.tell_desk(opened, update, "The company changed; please dispatch anew: %(title)s (%(number)s)")
