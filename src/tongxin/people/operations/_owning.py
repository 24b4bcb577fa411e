"""Writing owners of a home with their shares checked: what the verbs of ownership and of verification share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.people.models import Organisation, Ownership, Person
from tongxin.people.operations._support import load_person
from tongxin.people.queries.areas import community_of, home_with_place
from tongxin.people.rules.dates import overlap
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
    elif owner.organisation_id is not None:
        _check_body(owner.organisation_id, since)
    return Ownership(
        home=home,
        person_id=owner.person_id,
        organisation_id=owner.organisation_id,
        share_numerator=owner.share.numerator,
        share_denominator=owner.share.denominator,
        source=source,
        since=since,
    )


def _check_body(organisation_id: UUID, since: date) -> None:
    """The organisation exists, and still does on the day on which it begins to own."""
    found = Organisation.objects.filter(pk=organisation_id).values_list("until", flat=True)
    if not found:
        raise NotFound("There is no such organisation.", code="no-organisation")
    if found[0] is not None and found[0] <= since:
        raise Conflict("This organisation no longer exists.", code="organisation-ended")


def check_home(home: Home, added: Sequence[Ownership], ended: dict[UUID, date]) -> None:
    """Check the whole home's shares over time, as they would be afterwards; nobody owns it twice at a time, so that a form
    sent again registers nothing again. Who buys a further share ends the first on that day and begins with the sum."""
    rows = [*Ownership.objects.filter(home=home), *added]
    for new in added:
        for row in rows:
            same = (row.person_id, row.organisation_id) == (new.person_id, new.organisation_id)
            until = ended.get(row.pk, row.until)
            if row is not new and same and overlap(new.since, new.until, row.since, until):
                raise Conflict("This owner is on the register with this home already.", code="owns-already")
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
