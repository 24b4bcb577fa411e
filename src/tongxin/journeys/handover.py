"""An office ends and its open work passes on; for a leave somebody stands in.

With the successor, else with the organisation, the resident's matter goes on: no case stays with somebody who has left.
A stand-in takes nothing over: what the person on leave holds stays theirs, and the stand-in sees it among their own
tasks and may go on with it as long as the leave lasts (``cases.operations.base``). What the stand-in took themselves
passes to the person back from leave when it ends, as from any office that ends.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations.handover import hand_over_office
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.text import N_
from tongxin.notifications.operations import tell
from tongxin.people.operations import appointments
from tongxin.people.operations.appointments import HandedOver
from tongxin.people.queries.offices import ended_office, ended_offices


def end_office(
    actor: Actor, appointment_id: UUID, *, on: date, reason: str, now: datetime, successor_id: UUID | None = None
) -> HandedOver:
    """End an office and hand over what is open in it, in one transaction; on a later day the ticker hands it over.

    Errors: as for ``appointments.end_appointment``.
    """
    with transaction.atomic():
        ended = appointments.end_appointment(
            actor, appointment_id, on=on, reason=reason, now=now, successor_id=successor_id
        )
        office = ended_office(appointment_id, now)
        if office is not None:
            # One batch at once; if there is more, the ticker goes on with it.
            hand_over_office(SYSTEM, office, now)
    return ended


def name_stand_in(
    actor: Actor, appointment_id: UUID, person_id: UUID, *, since: date, until: date, now: datetime
) -> None:
    """Name who stands in during a leave, and tell them. Errors: as for ``appointments.stand_in``."""
    with transaction.atomic():
        made = appointments.stand_in(actor, appointment_id, person_id, since=since, until=until, now=now)
        principal = made.stands_in_for.person.name if made.stands_in_for is not None else ""
        tell(
            [person_id],
            kind="office.stand_in",
            message=N_(
                "You stand in for %(who)s from %(since)s until %(until)s. Their open matters are among your tasks."
            ),
            params={"who": principal, "since": since.isoformat(), "until": until.isoformat()},
            subject=("appointment", made.pk),
            link="/work/",
            key=f"stand-in:{made.pk}",
            now=now,
        )


def run_due(now: datetime) -> int:
    """Hand over what still hangs on offices that ended, one batch of each; how many cases. For the ticker."""
    return sum(hand_over_office(SYSTEM, office, now) for office in ended_offices(now))
