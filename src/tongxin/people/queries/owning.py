"""Organisations as owners of homes: which they own, and the persons through whom they act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from django.db.models import Count, Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Appointment, Organisation, Ownership
from tongxin.people.queries.areas import address_of, current, day_of, within

PAGE = 40
_PATH = "home__unit__building__estate__path"
_MOST_ACTING = 500


@dataclass(frozen=True, slots=True)
class OwnedHome:
    """A home that an organisation owns, wholly or in part."""

    id: UUID
    home_id: UUID
    address: str
    share: Fraction
    source: str
    since: date


@dataclass(frozen=True, slots=True)
class ActsFor:
    """Somebody in office, through whom an organisation acts."""

    person_id: UUID
    name: str
    role: str
    title: str


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation that may be chosen as an owner."""

    id: UUID
    name: str


def _seen(actor: Actor) -> Q:
    """Ownerships in the areas whose register the actor reads."""
    if actor.is_system:
        return Q()
    return within(sorted({*actor.areas_with("people.read"), *actor.areas_with("people.manage")}), _PATH)


def homes_owned(
    actor: Actor, organisation_id: UUID, *, after: str = "", now: datetime
) -> tuple[tuple[OwnedHome, ...], str]:
    """The homes that an organisation owns today in the actor's areas, and the key of the next page. One query."""
    rows = Ownership.objects.filter(_seen(actor), current(day_of(now)), organisation=organisation_id)
    if after:
        try:
            rows = rows.filter(pk__gt=UUID(after))
        except ValueError:
            raise NotFound("This page does not exist.", code="no-page") from None
    found = list(rows.select_related("home__unit__building__estate").order_by("pk")[: PAGE + 1])
    shown = tuple(
        OwnedHome(
            row.pk,
            row.home_id,
            address_of(row.home),
            Fraction(row.share_numerator, row.share_denominator),
            row.source,
            row.since,
        )
        for row in found[:PAGE]
    )
    return shown, str(shown[-1].id) if len(found) > PAGE else ""


def owned_counts(actor: Actor, organisation_ids: Iterable[UUID], now: datetime) -> dict[UUID, int]:
    """In how many homes of the actor's areas each organisation has a share today. One query for a page of a list."""
    rows = Ownership.objects.filter(
        _seen(actor), current(day_of(now)), organisation__in=list(organisation_ids)
    ).order_by()
    counted = rows.values_list("organisation_id").annotate(n=Count("home", distinct=True))
    return {organisation_id: n for organisation_id, n in counted if organisation_id is not None}


def acting_for(organisation_ids: Iterable[UUID], now: datetime) -> dict[UUID, tuple[ActsFor, ...]]:
    """Who is in office today in each organisation: it acts through them alone. One query."""
    ids = list(organisation_ids)
    if not ids:
        return {}
    found: dict[UUID, list[ActsFor]] = defaultdict(list)
    rows = Appointment.objects.filter(current(day_of(now)), organisation__in=ids).select_related("person")
    for row in rows.order_by("since", "pk")[:_MOST_ACTING]:
        found[row.organisation_id].append(ActsFor(row.person_id, row.person.name, row.role, row.title))
    return {organisation_id: tuple(people) for organisation_id, people in found.items()}


def body_to_own(organisation_id: UUID) -> Body:
    """The organisation chosen as an owner. Raises :class:`NotFound`. Names of organisations are no secret in office."""
    name = Organisation.objects.filter(pk=organisation_id, until=None).values_list("name", flat=True).first()
    if name is None:
        raise NotFound("There is no such organisation.", code="no-organisation")
    return Body(organisation_id, name)
