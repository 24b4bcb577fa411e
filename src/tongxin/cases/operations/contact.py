"""To ring the reporter: whoever may see them reads the number, and the reading is on the record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import Party
from tongxin.cases.operations.base import SUBJECT
from tongxin.cases.queries.view import case_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.people.fields import PHONE
from tongxin.record.keys import field_cipher
from tongxin.record.operations import log_reading


@transaction.atomic
def read_contact(actor: Actor, case_id: UUID, now: datetime, *, reason: str) -> str:
    """The reporter's telephone number. Needs a part in the case that may see the reporter.

    Raises :class:`NotAllowed` for a body complained of and where the name is hidden, :class:`NotFound` without number.
    """
    view = case_of(actor, case_id, now)
    if view.reporter is None or not view.access.notes:
        raise NotAllowed("Who reported this is not for you to see.")
    party = (
        Party.objects.filter(case_id=case_id, role=Party.Role.REPORTER, disowned_at=None)
        .select_related("person")
        .order_by("id")
        .first()
    )
    number = _number(party) if party is not None else ""
    if not number:
        raise NotFound("No telephone number is known.")
    log_reading(
        actor=actor,
        subject=(SUBJECT, case_id),
        area_path=view.area_path,
        fields=["reporter_phone"],
        reason=reason,
        now=now,
    )
    return number


def _number(party: Party) -> str:
    cipher = field_cipher()
    if party.contact_cipher is not None:
        return cipher.decrypt(bytes(party.contact_cipher), f"party:{party.id}")
    if party.person is not None and party.person.phone_cipher is not None:
        return cipher.decrypt(bytes(party.person.phone_cipher), PHONE)
    return ""
