"""Who owns and who rents a home, since when, on what evidence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.people.models import Ownership, Tenancy
from tongxin.people.operations._owning import (
    Owner,
    check_home,
    locked_home,
    own,
    owner_row,
    place_owners,
    told,
)
from tongxin.people.operations._support import load_person, note
from tongxin.people.queries.areas import community_of, home_with_place, path_of
from tongxin.people.rules.dates import check_end, check_period, overlap

__all__ = ["Owner", "add_tenancy", "end_tenancy", "register_ownership", "transfer_ownership"]


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
        home = locked_home(home_id)
        actor.require("people.manage", path_of(home))
        rows = own(home, owners, source=source, since=since)
        subject = ("home", home_id)
        note(actor, "ownership.registered", subject, path_of(home), now, rows=rows, owners=told(rows))
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
    """On one day the ownerships ``ending`` end and those of ``owners`` begin: a sale, an inheritance.

    Needs ``people.manage``.

    Errors: :class:`Conflict` if one of the old has ended already, :class:`Invalid` for dates and shares.
    """
    if source not in Ownership.Source.values:
        raise Invalid("Say where this is known from.", field="source", code="source-unknown")
    with transaction.atomic():
        home = locked_home(home_id)
        actor.require("people.manage", path_of(home))
        old = list(Ownership.objects.filter(home=home, pk__in=ending, until=None))
        if not old or len(old) != len(set(ending)):
            raise Conflict("Somebody has already changed the owners of this home.", code="owners-changed")
        for row in old:
            check_end(row.since, on)
        rows = [owner_row(home, owner, source, on) for owner in owners]
        check_home(home, rows, {row.pk: on for row in old})
        for row in old:
            row.until = on
        Ownership.objects.bulk_update(old, ["until"])
        Ownership.objects.bulk_create(rows)
        place_owners(rows, home)
        note(
            actor,
            "ownership.transferred",
            ("home", home_id),
            path_of(home),
            now,
            rows=[*old, *rows],
            ended=[row.pk for row in old],
            on=on,
            owners=told(rows),
        )
    return rows


def add_tenancy(
    actor: Actor, home_id: UUID, person_id: UUID, *, since: date, until: date | None = None, now: datetime
) -> Tenancy:
    """A person rents a home; needs ``people.manage``. ``Conflict`` if they do so already in that period."""
    check_period(since, until)
    with transaction.atomic():
        home = locked_home(home_id)
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
