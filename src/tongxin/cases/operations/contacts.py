"""Reading the phone of somebody whom a case concerns: with a reason, on the record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Party
from tongxin.cases.operations.base import SUBJECT, open_case
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.operations import register
from tongxin.record.keys import field_cipher
from tongxin.record.operations import log_reading


@transaction.atomic
def reveal_phone(actor: Actor, party_id: UUID, reason: str, now: datetime) -> str:
    """The phone of somebody concerned, for who may see them and may read phones there.

    Raises :class:`Invalid` without a reason, :class:`NotAllowed`, :class:`NotFound` where no phone is kept.
    """
    reason = clean_line(reason, 200)
    if len(reason) < 2:
        raise Invalid("Say in a few words what you need it for.", field="reason", code="reason-missing")
    party = Party.objects.select_related("case").filter(pk=party_id).first()
    if party is None:
        raise NotFound("There is no such case.")
    opened = open_case(actor, party.case_id, now)
    hidden = party.hidden or opened.case.reporter_hidden
    if not rules.may_see_reporter(opened.parties, actor.organisations(), opened.facts, name_hidden=hidden):
        raise NotAllowed("This is for somebody else to do.", code="hidden")
    actor.require("people.read_sensitive", opened.case.area_path)
    if party.person_id is not None:
        phone = register.reveal(actor, party.person_id, ["phone"], reason, now=now)["phone"]
    elif party.contact_cipher is not None:
        phone = field_cipher().decrypt(bytes(party.contact_cipher), f"party:{party.id}")
        log_reading(
            actor=actor, subject=(SUBJECT, party.case_id), area_path=opened.case.area_path, fields=["phone"],
            reason=reason, now=now,
        )  # fmt: skip
    else:
        phone = ""
    if not phone:
        raise NotFound("No phone is kept of this person.", code="no-phone")
    return phone
