"""Writing owners of a home with their shares checked: what the verbs of ownership and of verification share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import Invalid, NotFound
from tongxin.people.models import Organisation, Ownership, Person
from tongxin.people.operations._support import load_person
from tongxin.people.queries.areas import community_of, home_with_place
from tongxin.people.rules.ownership import OwnedPeriod, check_shares
from tongxin.places.models import Home


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or an organisation (exactly one) and their exact share of the home."""

    share: Fraction = Fraction(1)
    person_id: UUID | None = None
    organisation_id: UUID | None = None


def locked_home(home_id: UUID) -> Home:
    """The home, locked: two clerks who register owners of one home at the same time wait for one another."""
    home = home_with_place(home_id)
    Home.objects.select_for_update().get(pk=home_id)
    return home


def owner_row(home: Home, owner: Owner, source: str, since: date) -> Ownership:
    if (owner.person_id is None) == (owner.organisation_id is None):
        raise Invalid("An owner is a person or an organisation.", field="owner", code="owner-unclear")
    if owner.person_id is not None:
        load_person(owner.person_id)
    elif owner.organisation_id is None or not Organisation.objects.filter(pk=owner.organisation_id).exists():
        raise NotFound("There is no such organisation.", code="no-organisation")
    return Ownership(
        home=home,
        person_id=owner.person_id,
        organisation_id=owner.organisation_id,
        share_numerator=owner.share.numerator,
        share_denominator=owner.share.denominator,
        source=source,
        since=since,
    )


def check_home(home: Home, added: Sequence[Ownership], ended: dict[UUID, date]) -> None:
    """Check the whole home's shares over time, as they would be afterwards."""
    rows = [*Ownership.objects.filter(home=home), *added]
    check_shares(
        OwnedPeriod(Fraction(r.share_numerator, r.share_denominator), r.since, ended.get(r.pk, r.until)) for r in rows
    )


def told(rows: Sequence[Ownership]) -> list[dict[str, Any]]:
    return [
        {
            "ownership": row.pk,
            "person": row.person_id,
            "organisation": row.organisation_id,
            "share": Fraction(row.share_numerator, row.share_denominator),
            "since": row.since,
            "source": row.source,
        }
        for row in rows
    ]


def place_owners(rows: Sequence[Ownership], home: Home) -> None:
    """An owner who belongs to no community yet belongs to that of the home."""
    ids = [row.person_id for row in rows if row.person_id is not None]
    Person.objects.filter(pk__in=ids, community=None).update(community=community_of(home))


def own(home: Home, owners: Sequence[Owner], *, source: str, since: date) -> list[Ownership]:
    """Write the rows, shares checked. Only within an operation that asked its own permission and locked the home."""
    if not owners:
        raise Invalid("Name at least one owner.", field="owner", code="no-owner")
    rows = [owner_row(home, owner, source, since) for owner in owners]
    check_home(home, rows, {})
    Ownership.objects.bulk_create(rows)
    place_owners(rows, home)
    return rows
