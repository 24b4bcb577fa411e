"""Who owns and who rents a home, since when, on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.people.models import Organisation, Ownership, Person, Tenancy
from tongxin.people.operations.support import load_person, note
from tongxin.people.queries.areas import community_of, home_with_place, path_of
from tongxin.people.rules.dates import check_end, check_period, overlap
from tongxin.people.rules.ownership import OwnedPeriod, check_shares
from tongxin.places.models import Home


@dataclass(frozen=True, slots=True)
class Owner:
    """A person or an organisation (exactly one) and their exact share of the home."""

    share: Fraction = Fraction(1)
    person_id: UUID | None = None
    organisation_id: UUID | None = None


def _locked_home(home_id: UUID) -> Home:
    """The home, locked: two clerks who register owners of one home at the same time wait for one another."""
    home = home_with_place(home_id)
    Home.objects.select_for_update().get(pk=home_id)
    return home


def _row(home: Home, owner: Owner, source: str, since: date) -> Ownership:
    if (owner.person_id is None) == (owner.organisation_id is None):
        raise Invalid("An owner is a person or an organisation.", field="owner", code="owner-unclear")
    if owner.person_id is not None:
        load_person(owner.person_id)
    elif not Organisation.objects.filter(pk=owner.organisation_id).exists():
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


def _check_all(home: Home, added: Sequence[Ownership], ended: dict[UUID, date]) -> None:
    """Check the whole home's shares over time, as they would be afterwards."""
    rows = [*Ownership.objects.filter(home=home), *added]
    check_shares(
        OwnedPeriod(Fraction(r.share_numerator, r.share_denominator), r.since, ended.get(r.pk, r.until)) for r in rows
    )


def _told(rows: Sequence[Ownership]) -> list[dict[str, Any]]:
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


def _place_owners(rows: Sequence[Ownership], home: Home) -> None:
    """An owner who belongs to no community yet belongs to that of the home."""
    ids = [row.person_id for row in rows if row.person_id is not None]
    Person.objects.filter(pk__in=ids, community=None).update(community=community_of(home))


def register_ownership(
    actor: Actor, home_id: UUID, owners: Sequence[Owner], *, source: str, since: date, now: datetime
) -> list[Ownership]:
    """Put owners of a home on the register; needs ``people.manage`` there.

    ``source`` is one of :class:`Ownership.Source` (register before survey before contract: judicial interpretation on
    建筑物区分所有权, art. 8). Errors: :class:`Invalid` if on any day more than the whole would be owned.
    """
    if source not in Ownership.Source.values:
        raise Invalid("Say where this is known from.", field="source", code="source-unknown")
    with transaction.atomic():
        home = _locked_home(home_id)
        actor.require("people.manage", path_of(home))
        rows = own(home, owners, source=source, since=since)
        note(actor, "ownership.registered", ("home", home_id), path_of(home), now, owners=_told(rows))
    return rows


def own(home: Home, owners: Sequence[Owner], *, source: str, since: date) -> list[Ownership]:
    """Write the rows, shares checked. Only within an operation that asked its own permission and locked the home."""
    if not owners:
        raise Invalid("Name at least one owner.", field="owner", code="no-owner")
    rows = [_row(home, owner, source, since) for owner in owners]
    _check_all(home, rows, {})
    Ownership.objects.bulk_create(rows)
    _place_owners(rows, home)
    return rows


def transfer_ownership(
    actor: Actor,
    home_id: UUID,
    *,
    ending: Sequence[UUID],
    owners: Sequence[Owner],
    source: str,
    on: date,
    now: datetime,
) -> list[Ownership]:
    """On one day the ownerships ``ending`` end and those of ``owners`` begin: a sale, an inheritance. ``people.manage``.

    Errors: :class:`Conflict` if one of the old has ended already, :class:`Invalid` for dates and shares.
    """
    if source not in Ownership.Source.values:
        raise Invalid("Say where this is known from.", field="source", code="source-unknown")
    with transaction.atomic():
        home = _locked_home(home_id)
        actor.require("people.manage", path_of(home))
        old = list(Ownership.objects.filter(home=home, pk__in=ending, until=None))
        if not old or len(old) != len(set(ending)):
            raise Conflict("Somebody has already changed the owners of this home.", code="owners-changed")
        for row in old:
            check_end(row.since, on)
        rows = [_row(home, owner, source, on) for owner in owners]
        _check_all(home, rows, {row.pk: on for row in old})
        Ownership.objects.filter(pk__in=[row.pk for row in old]).update(until=on)
        Ownership.objects.bulk_create(rows)
        _place_owners(rows, home)
        note(
            actor,
            "ownership.transferred",
            ("home", home_id),
            path_of(home),
            now,
            ended=[row.pk for row in old],
            on=on,
            owners=_told(rows),
        )
    return rows


def add_tenancy(
    actor: Actor, home_id: UUID, person_id: UUID, *, since: date, until: date | None = None, now: datetime
) -> Tenancy:
    """A person rents a home; needs ``people.manage``. ``Conflict`` if they do so already in that period."""
    check_period(since, until)
    with transaction.atomic():
        home = _locked_home(home_id)
        actor.require("people.manage", path_of(home))
        person = load_person(person_id, lock=True)
        if any(overlap(since, until, t.since, t.until) for t in Tenancy.objects.filter(home=home, person=person)):
            raise Conflict("This person already rents the home in that period.", code="rents-already")
        tenancy = Tenancy.objects.create(home=home, person=person, since=since, until=until)
        if person.community_id is None:
            person.community = community_of(home)
            person.save(update_fields=["community"])
        note(
            actor,
            "tenancy.added",
            ("home", home_id),
            path_of(home),
            now,
            tenancy=tenancy.pk,
            person=person_id,
            since=since,
            until=until,
        )
    return tenancy


def end_tenancy(actor: Actor, tenancy_id: UUID, *, on: date, now: datetime) -> Tenancy:
    """A tenancy ends on the day ``on``, at the latest when it would have ended anyway; needs ``people.manage``."""
    with transaction.atomic():
        tenancy = Tenancy.objects.select_for_update().filter(pk=tenancy_id).first()
        if tenancy is None:
            raise NotFound("There is no such tenancy.", code="no-tenancy")
        home = home_with_place(tenancy.home_id)
        actor.require("people.manage", path_of(home))
        check_end(tenancy.since, on)
        if tenancy.until is not None and tenancy.until <= on:
            raise Conflict("This has already ended.", code="already-ended")
        tenancy.until = on
        tenancy.save(update_fields=["until"])
        note(actor, "tenancy.ended", ("home", tenancy.home_id), path_of(home), now, tenancy=tenancy_id, on=on)
    return tenancy
