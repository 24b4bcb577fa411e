"""How people are reached. Never shown: showing is :func:`operations.register.reveal`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tongxin.kernel.identity import normalise_mobile
from tongxin.people.fields import OPENID, PHONE, phone_index
from tongxin.people.models import Account, Person, WeChatLink
from tongxin.record.keys import field_cipher


def mobiles_of(people: Sequence[UUID]) -> dict[UUID, str]:
    """Mobile numbers of those who have one."""
    cipher = field_cipher()
    rows = Person.objects.filter(id__in=people, phone_cipher__isnull=False).values_list("id", "phone_cipher")
    return {person: cipher.decrypt(bytes(blob), PHONE) for person, blob in rows if blob}


def known_by_name_and_phone(name: str, phone: str) -> UUID | None:
    """The person of the register with this name and this number, if there is exactly one."""
    rows = Person.objects.filter(
        name=name.strip(), phone_index=phone_index(normalise_mobile(phone)), same_as=None, erased_at=None
    )
    found = list(rows.values_list("pk", flat=True)[:2])
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class Reach:
    """How one person can be told: ``mobile`` and ``openid`` are addresses, empty without."""

    account: bool = False
    mobile: str = ""
    openid: str = ""


def reach_of(people: Sequence[UUID]) -> dict[UUID, Reach]:
    """How each of these people can be told, also those who cannot. Three queries, for some hundred people at a time."""
    mobiles = mobiles_of(people)
    accounts = set(Account.objects.filter(person__in=people, is_active=True).values_list("person_id", flat=True))
    cipher = field_cipher()
    linked = WeChatLink.objects.filter(account__person__in=people, openid_cipher__isnull=False)
    openids = {
        person: cipher.decrypt(bytes(blob), OPENID)
        for person, blob in linked.values_list("account__person_id", "openid_cipher")
        if blob
    }
    return {person: Reach(person in accounts, mobiles.get(person, ""), openids.get(person, "")) for person in people}
