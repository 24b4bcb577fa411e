"""A home as the desk sees it: who lives there, who owns it, who rents it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.people.models import Household, Ownership, Residence, Tenancy
from tongxin.people.queries.areas import (
    address_of,
    current,
    day_of,
    home_with_place,
    path_of,
)
from tongxin.people.queries.owning import ActsFor, acting_for
from tongxin.people.queries.register import age_on, masked_phone


@dataclass(frozen=True, slots=True)
class MemberRow:
    """Somebody of a household; ``phone`` is masked."""

    residence_id: UUID
    person_id: UUID
    name: str
    age: int | None
    phone: str
    relation: str
    is_head: bool
    since: date


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """People who live together now."""

    id: UUID
    traits: tuple[str, ...]
    since: date
    members: tuple[MemberRow, ...]


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """An owner now or before; the name of the person or organisation, and through whom the latter acts."""

    id: UUID
    name: str
    person_id: UUID | None
    organisation_id: UUID | None
    share: Fraction
    source: str
    since: date
    until: date | None
    acting: tuple[ActsFor, ...] = ()


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant now."""

    id: UUID
    person_id: UUID
    name: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class HomePage:
    """A home with those who live in it, rent it and own it."""

    id: UUID
    address: str
    floor_area: str
    estate_path: str
    households: tuple[HouseholdRow, ...]
    owners: tuple[OwnerRow, ...]
    former_owners: tuple[OwnerRow, ...]
    tenants: tuple[TenantRow, ...]
    may_manage: bool

    @property
    def owned(self) -> Fraction:
        """The part of the home that has an owner on the register."""
        return sum((row.share for row in self.owners), start=Fraction(0))


def home_page(actor: Actor, home_id: UUID, *, now: datetime) -> HomePage:
    """One home with its people. Needs ``people.read`` there. Five queries, one more for owners
    that are organisations."""
    home = home_with_place(home_id)
    path = path_of(home)
    if not (actor.may("people.read", path) or actor.may("people.manage", path)):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="people.read")
    today = day_of(now)
    owners = _owners(home_id, now)
    tenants = Tenancy.objects.filter(current(today), home=home_id).select_related("person").order_by("since", "pk")
    return HomePage(
        id=home.pk,
        address=address_of(home),
        floor_area=str(home.floor_area or ""),
        estate_path=path,
        households=tuple(households_of(home_id, today)),
        owners=tuple(row for row in owners if row.since <= today and (row.until is None or today < row.until)),
        former_owners=tuple(row for row in owners if row.until is not None and row.until <= today),
        tenants=tuple(TenantRow(t.pk, t.person_id, t.person.name, t.since, t.until) for t in tenants[:50]),
        may_manage=actor.may("people.manage", path),
    )


def households_of(home_id: UUID, today: date) -> Iterable[HouseholdRow]:
    """Households of a home on a day, the head first. Two queries."""
    households = list(Household.objects.filter(current(today), home=home_id).order_by("since", "pk")[:50])
    members: dict[UUID, list[MemberRow]] = defaultdict(list)
    living = (
        Residence.objects.filter(current(today), household__in=households)
        .select_related("person")
        .order_by("-is_head", "since", "pk")
    )
    for row in living[:400]:
        members[row.household_id].append(
            MemberRow(
                row.pk,
                row.person_id,
                row.person.name,
                age_on(row.person.birth_date, today),
                masked_phone(row.person),
                row.relation,
                row.is_head,
                row.since,
            )
        )
    for household in households:
        yield HouseholdRow(household.pk, tuple(household.traits), household.since, tuple(members.get(household.pk, ())))


def _owners(home_id: UUID, now: datetime) -> list[OwnerRow]:
    found = Ownership.objects.filter(home=home_id).select_related("person", "organisation").order_by("-since", "pk")
    rows = list(found[:200])
    acting = acting_for({row.organisation_id for row in rows if row.organisation_id is not None}, now)
    return [
        OwnerRow(
            row.pk,
            row.person.name if row.person else str(row.organisation),
            row.person_id,
            row.organisation_id,
            Fraction(row.share_numerator, row.share_denominator),
            row.source,
            row.since,
            row.until,
            acting.get(row.organisation_id, ()) if row.organisation_id else (),
        )
        for row in rows
    ]
