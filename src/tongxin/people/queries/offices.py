"""Offices as the work that hangs on them sees them: whose ended, who comes after, who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Appointment, Organisation, Service
from tongxin.people.queries.areas import current, day_of
from tongxin.people.roles import ROLES

LOOKED_BACK = timedelta(days=31)  # an outage longer than this is looked after by hand
MOST_HANDLERS = 50
HANDLING = tuple(role for role, permissions in ROLES.items() if "case.handle" in permissions)


@dataclass(frozen=True, slots=True)
class EndedOffice:
    """An office that ended. ``to_person``: who takes the work, the successor or, after a leave, whose place was taken;
    ``None``: the organisation. ``stays``: area paths in which the person still handles cases for it; there only what
    lies in the office's own ``grid_id`` or ``building_id`` passes on."""

    id: UUID
    person_id: UUID
    name: str
    organisation_id: UUID
    to_person: UUID | None
    to_name: str
    stays: tuple[str, ...]
    grid_id: UUID | None
    building_id: UUID | None


@dataclass(frozen=True, slots=True)
class ChangedCompany:
    """A property company that took an estate over from another one."""

    service_id: UUID
    old_id: UUID
    new_id: UUID
    new_name: str
    area_path: str


def ended_office(appointment_id: UUID, now: datetime) -> EndedOffice | None:
    """An office in which cases were handled, once it has ended; ``None`` before that day. Three queries."""
    return next(iter(_ended(Q(pk=appointment_id), day_of(now))), None)


def ended_offices(now: datetime) -> list[EndedOffice]:
    """Offices that ended within the last month, for the ticker: what hangs on them may still have to pass on."""
    today = day_of(now)
    return list(_ended(Q(until__gt=today - LOOKED_BACK), today))


def _ended(wanted: Q, today: date) -> Iterable[EndedOffice]:
    rows = Appointment.objects.filter(wanted, until__lte=today, role__in=HANDLING).select_related("person")
    for row in rows.order_by("until", "pk"):
        taker = _taker(row, today)
        still = Appointment.objects.filter(
            current(today), person=row.person_id, organisation=row.organisation_id, role__in=HANDLING
        )
        yield EndedOffice(
            id=row.pk,
            person_id=row.person_id,
            name=row.person.name,
            organisation_id=row.organisation_id,
            to_person=taker.person_id if taker else None,
            to_name=taker.person.name if taker else "",
            stays=tuple(still.values_list("area__path", flat=True)),
            grid_id=row.grid_id,
            building_id=row.building_id,
        )


def _taker(row: Appointment, today: date) -> Appointment | None:
    """Who takes the work now: after a leave whose place was taken, otherwise the successor, if they are in office."""
    rows = Appointment.objects.filter(current(today), person__erased_at=None).select_related("person")
    if row.stands_in_for_id is not None:
        return rows.filter(pk=row.stands_in_for_id).first()
    if row.successor_id is None:
        return None
    mine = rows.filter(person=row.successor_id, organisation=row.organisation_id, role__in=HANDLING)
    return mine.order_by("pk").first()


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who handles cases for an organisation. ``key``: of the office, for the next page."""

    key: UUID
    person_id: UUID
    name: str
    role: str
    title: str
    area_code: str


def colleagues(
    actor: Actor, organisation_id: UUID, now: datetime, *, after: UUID | None = None, limit: int = 50
) -> tuple[list[Colleague], UUID | None]:
    """Those in office who handle cases for an organisation, and the next page's key: for its own members, and for the
    desk of its area. Two queries; :class:`NotFound` for everybody else."""
    body = Organisation.objects.select_related("area").filter(pk=organisation_id, until=None).first()
    if body is None or not (
        organisation_id in actor.organisations_with("case.handle")
        or any(actor.may(permission, body.area.path) for permission in ("case.desk", "case.supervise"))
    ):
        raise NotFound("There is no such organisation, or it is not of your area.", code="no-organisation")
    rows = Appointment.objects.filter(
        current(day_of(now)), organisation=body, role__in=HANDLING, person__erased_at=None, area__valid_until=None
    )
    if after is not None:
        rows = rows.filter(pk__gt=after)
    columns = ("pk", "person_id", "person__name", "role", "title", "area__code")
    found = [Colleague(*row) for row in rows.order_by("pk").values_list(*columns)[: limit + 1]]
    return found[:limit], found[limit - 1].key if len(found) > limit else None


def stands_in(actor: Actor, person_id: UUID, organisation_id: UUID | None) -> bool:
    """True if one of the offices with which the actor acts is held in this person's place. One query, or none."""
    mine = [grant.appointment_id for grant in actor.grants if grant.organisation_id == organisation_id]
    return (
        bool(mine)
        and Appointment.objects.filter(pk__in=[one for one in mine if one], stands_in_for__person=person_id).exists()
    )


def handlers_of(organisation_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
    """Who handles cases for an organisation today, as (person, name), fifty at most. One query."""
    rows = Appointment.objects.filter(
        current(day_of(now)), organisation_id=organisation_id, role__in=HANDLING, person__erased_at=None
    )
    found = rows.order_by("person__name", "person_id").values_list("person_id", "person__name").distinct()
    return list(found[:MOST_HANDLERS])


def principals_of(actor: Actor) -> QuerySet[Appointment, UUID]:
    """The persons in whose place the actor holds an office now, for use inside another query."""
    mine = [grant.appointment_id for grant in actor.grants if grant.appointment_id]
    rows = Appointment.objects.filter(pk__in=mine, stands_in_for__isnull=False)
    return rows.values_list("stands_in_for__person_id", flat=True)


def changed_companies(now: datetime, area_id: UUID | None = None) -> list[ChangedCompany]:
    """Estates whose property company changed within the last month, or the one of ``area_id``. One query."""
    today = day_of(now)
    rows = Service.objects.filter(
        current(today),
        kind=Service.Kind.PROPERTY,
        since__gt=today - LOOKED_BACK,
        area__services__kind=Service.Kind.PROPERTY,
        area__services__until=F("since"),
    )
    if area_id is not None:
        rows = rows.filter(area=area_id)
    columns = ("pk", "area__services__organisation_id", "organisation_id", "organisation__name", "area__path")
    return [ChangedCompany(*row) for row in rows.order_by("since", "pk").values_list(*columns)]


def office_state(row: Appointment) -> dict[str, Any]:
    """What the record commits to: who may do what, for whom, where and how long."""
    names = (
        "person_id",
        "organisation_id",
        "role",
        "area_id",
        "grid_id",
        "building_id",
        "stands_in_for_id",
        "since",
        "until",
    )
    return {name: getattr(row, name) for name in names}


def office_states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The committed fields of the given offices."""
    return {row.pk: office_state(row) for row in Appointment.objects.filter(pk__in=ids)}


def office_ids() -> Iterator[UUID]:
    """Ids of all offices, in bounded memory."""
    return Appointment.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=2000)
