"""Reporters of whom a phone is all we know: how they are reached, and how the case becomes theirs.

Their number is encrypted; a keyed index of it lets the case be found by whoever proves that they hold the phone.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import Party
from tongxin.cases.queries.parties import is_person
from tongxin.cases.queries.state import party_state
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.kernel.identity import normalise_mobile
from tongxin.kernel.masking import mask_phone
from tongxin.record.keys import field_cipher
from tongxin.record.operations import Draft, append_entries

INDEX = "cases.party.contact"
MOST_CLAIMED = 200


def mobile(phone: str) -> str | None:
    """A mobile number that can be sent a text message; desks also note landlines."""
    try:
        return normalise_mobile(phone)
    except Invalid:
        return None


def index_of(number: str) -> bytes:
    """The index of a normalised mobile number."""
    return field_cipher().blind_index(number, INDEX)


def sealed_contact(phone: str, party_id: UUID) -> dict[str, bytes | None]:
    """The two fields of a party's phone: as it was noted, encrypted, and the index of a mobile."""
    number = mobile(phone) if phone else None
    return {
        "contact_cipher": field_cipher().encrypt(phone, f"party:{party_id}") if phone else None,
        "contact_index": index_of(number) if number else None,
    }


def number_of(party: Party) -> str:
    """The phone that was noted, in clear; empty without one. Only for sending to it and for readings on the record."""
    if party.contact_cipher is None:
        return ""
    return field_cipher().decrypt(bytes(party.contact_cipher), f"party:{party.id}")


@dataclass(frozen=True, slots=True)
class Slip:
    """Who reported by phone, for whoever holds the slip. ``shown`` is the masked number, empty without a mobile."""

    party: UUID
    mobile: str
    shown: str

    @property
    def actor(self) -> Actor:
        """They speak for themselves, and are nothing else."""
        return Actor(id=self.party, kind="slip")


def slip_of(case_id: UUID) -> Slip:
    """The reporter of a case who is not in the register. Raises :class:`NotFound` where the reporter signs in."""
    rows = Party.objects.filter(case_id=case_id, role=Party.Role.REPORTER, person=None, disowned_at=None)
    party = rows.exclude(contact_name="", contact_cipher=None).order_by("id").first()
    if party is None:
        raise NotFound("Whoever reported this signs in to answer.")
    number = mobile(number_of(party)) or ""
    return Slip(party.id, number, mask_phone(number) if number else "")


@transaction.atomic
def claim_by_phone(person_id: UUID, phone: str, now: datetime, *, others: Collection[str] = ()) -> list[str]:
    """Give a person the cases that were noted under the phone they have just proved; the names they were noted under.

    ``others``: names of further people with this phone, whose cases stay for them. At most two hundred, each with an
    entry of its own.
    """
    rows = Party.objects.select_for_update(of=("self",)).filter(
        contact_index=index_of(phone), person=None, disowned_at=None
    )
    drafts: list[Draft] = []
    names: list[str] = []
    for party in rows.select_related("case").order_by("id")[:MOST_CLAIMED]:
        if party.contact_name in others or party.case.parties.filter(is_person(person_id)).exists():
            continue
        party.person_id = person_id
        party.save(update_fields=["person"])
        names.append(party.contact_name)
        common: dict[str, Any] = {"actor": SYSTEM, "area_path": party.case.area_path}
        drafts.append(
            Draft(verb="party.claimed", subject=("party", party.id), data={"by": "phone"}, state=party_state(party),
                  **common)
        )  # fmt: skip
    append_entries(drafts, now=now)
    return names
