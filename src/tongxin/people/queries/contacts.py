"""How people are reached. Read by the outbox alone, never shown: showing is :func:`operations.register.reveal`."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tongxin.people.fields import PHONE
from tongxin.people.models import Person
from tongxin.record.keys import field_cipher


def mobiles_of(people: Sequence[UUID]) -> dict[UUID, str]:
    """Mobile numbers of those who have one."""
    cipher = field_cipher()
    rows = Person.objects.filter(id__in=people, phone_cipher__isnull=False).values_list("id", "phone_cipher")
    return {person: cipher.decrypt(bytes(blob), PHONE) for person, blob in rows if blob}
