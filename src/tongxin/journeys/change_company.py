"""Another property company serves an estate: open cases go on with it, their clocks too, and reporters are told once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations.handover import carry_over
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.people.operations.organisations import change_property_company
from tongxin.people.queries.offices import changed_companies


def change_company(actor: Actor, estate_id: UUID, organisation_id: UUID, *, on: date, now: datetime) -> None:
    """Write down that another company serves the estate from ``on``, and carry its open cases over.

    In one transaction if the day has come; otherwise the ticker carries them over on that day. Errors: as for
    ``organisations.change_property_company``.
    """
    with transaction.atomic():
        change_property_company(actor, estate_id, organisation_id, on=on, now=now)
        for change in changed_companies(now, estate_id):
            carry_over(SYSTEM, change, now)


def run_due(now: datetime) -> int:
    """Carry over what is open with companies that were followed by another, one batch each. For the ticker."""
    return sum(carry_over(SYSTEM, change, now) for change in changed_companies(now))
