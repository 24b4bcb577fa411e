"""任职: who holds which office, from when until when, and who stands in for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import Appointment, Organisation, Person
from tongxin.people.operations._support import load_person, note
from tongxin.people.queries.offices import office_state
from tongxin.people.roles import ROLES
from tongxin.people.rules.appointing import check_may_appoint, check_separation, check_successor
from tongxin.people.rules.dates import check_period, in_force, overlap
from tongxin.places.models import Area, Building, Grid
from tongxin.record.operations import append_entry
from tongxin.record.rules import REMOVED


@dataclass(frozen=True, slots=True)
class Office:
    """What an appointment is to: a role for an organisation in an area, perhaps of one grid or building."""

    role: str
    organisation_id: UUID
    area_id: UUID
    grid_id: UUID | None = None
    building_id: UUID | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An office that ended, for the journey that hands its open work over.

    ``successor`` is the appointment of who comes after, or ``None`` if nobody was named: the organisation then takes the work.
    """

    ended: Appointment
    successor: Appointment | None
    stand_ins_ended: int


def _office(office: Office) -> tuple[Area, Organisation]:
    if office.role not in ROLES:
        raise Invalid("There is no such role.", field="role", code="role-unknown")
    area = Area.objects.filter(pk=office.area_id, valid_until=None).first()
    if area is None:
        raise NotFound("There is no such area.", code="no-area")
    organisation = Organisation.objects.filter(pk=office.organisation_id).first()
    if organisation is None:
        raise NotFound("There is no such organisation.", code="no-organisation")
    if (
        office.grid_id is not None
        and not Grid.objects.filter(pk=office.grid_id, community__path__startswith=area.path, valid_until=None).exists()
    ):
        raise Invalid("This grid is not in the area.", field="grid", code="grid-elsewhere")
    if (
        office.building_id is not None
        and not Building.objects.filter(pk=office.building_id, estate__path__startswith=area.path).exists()
    ):
        raise Invalid("This building is not in the area.", field="building", code="building-elsewhere")
    return area, organisation


def _check(actor: Actor, person: Person, role: str, area: Area, since: date, until: date | None) -> None:
    """Policy, no more power than one's own, and the three administrators kept apart, over the whole period."""
    check_may_appoint(actor, person_id=person.pk, role=role, permissions=ROLES[role], area_path=area.path)
    held = [
        row.role
        for row in Appointment.objects.filter(person=person).filter(Q(until=None) | Q(until__gt=since))
        if overlap(since, until, row.since, row.until)
    ]
    check_separation(role, held)


def _held(person: Person, office: Office, area: Area, since: date, until: date | None) -> list[Appointment]:
    """The same office, held by the person on a day of the period."""
    rows = Appointment.objects.filter(
        person=person, organisation_id=office.organisation_id, role=office.role, area=area
    )
    part = (office.grid_id, office.building_id)
    return [r for r in rows if (r.grid_id, r.building_id) == part and overlap(since, until, r.since, r.until)]


def _insert(
    actor: Actor,
    person: Person,
    office: Office,
    area: Area,
    since: date,
    until: date | None,
    now: datetime,
    verb: str,
    stands_in_for: UUID | None = None,
) -> Appointment:
    if _held(person, office, area, since, until):
        raise Conflict("This person holds that office already.", code="office-held")
    appointment = Appointment.objects.create(
        person=person,
        organisation_id=office.organisation_id,
        role=office.role,
        area=area,
        grid_id=office.grid_id,
        building_id=office.building_id,
        title=clean_line(office.title, 40),
        stands_in_for_id=stands_in_for,
        since=since,
        until=until,
    )
    _commit(actor, verb, appointment.pk, office_state(appointment), area.path, now, new=True)
    note(
        actor,
        verb,
        ("person", person.pk),
        area.path,
        now,
        appointment=appointment.pk,
        role=office.role,
        organisation=office.organisation_id,
        grid=office.grid_id,
        building=office.building_id,
        stands_in_for=stands_in_for,
        since=since,
        until=until,
    )
    return appointment


def appoint(
    actor: Actor, person_id: UUID, office: Office, *, since: date, until: date | None = None, now: datetime
) -> Appointment:
    """Give a person an office from a day on; needs ``people.appoint`` in the area.

    Nobody appoints themselves; nobody gives a role that may do more there than they may (:mod:`rules.appointing`).
    ``Conflict`` if the person holds this office already, or would hold two of the three administrators' offices.
    """
    check_period(since, until)
    with transaction.atomic():
        area, organisation = _office(office)
        person = load_person(person_id, lock=True)
        _check(actor, person, office.role, area, since, until)
        if not in_force(organisation.since, organisation.until, since):
            raise Conflict("This organisation does not exist on that day.", code="organisation-ended")
        return _insert(actor, person, office, area, since, until, now, "office.given")


def _locked(appointment_id: UUID) -> Appointment:
    row = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("area", "person")
        .filter(pk=appointment_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such office.", code="no-appointment")
    return row


def _office_of(row: Appointment) -> Office:
    return Office(row.role, row.organisation_id, row.area_id, row.grid_id, row.building_id, row.title)


def end_appointment(
    actor: Actor,
    appointment_id: UUID,
    *,
    on: date,
    reason: str,
    now: datetime,
    successor_id: UUID | None = None,
) -> HandedOver:
    """An office ends on the day ``on``; its stand-ins end with it. The successor, if named, begins on that day, for as
    long as the office was to last; a colleague who holds the same office already only takes over the work.

    Ended on its first day or before, it was never in force. Needs the same rights as giving the office. What the person
    had open is handed over by the journey that calls this. ``Conflict`` if it has ended already.
    """
    reason = clean_line(reason, 200)
    if not reason:
        raise Invalid("Write why the office ends.", field="reason", code="reason-missing")
    with transaction.atomic():
        row = _locked(appointment_id)
        check_may_appoint(
            actor,
            person_id=row.person_id,
            role=row.role,
            permissions=ROLES.get(row.role, frozenset()),
            area_path=row.area.path,
        )
        on = max(on, row.since)  # one yet to come never begins
        if row.until is not None and row.until <= on:
            raise Conflict("This has already ended.", code="already-ended")
        check_successor(leaving=row.person_id, successor=successor_id, stand_in=row.stands_in_for_id is not None)
        stand_ins = _end_stand_ins(actor, row, on, now)
        planned, row.until = row.until, on
        successor = _succeeded(actor, row, successor_id, planned, now) if successor_id is not None else None
        row.successor_id = successor_id
        row.save(update_fields=["until", "successor"])
        _commit(actor, "office.ended", row.pk, office_state(row), row.area.path, now)
        note(
            actor,
            "office.ended",
            ("person", row.person_id),
            row.area.path,
            now,
            personal={"reason": reason},
            appointment=row.pk,
            on=on,
            successor=successor_id,
            stand_ins_ended=stand_ins,
        )
    return HandedOver(row, successor, stand_ins)


def _succeeded(actor: Actor, row: Appointment, person_id: UUID, until: date | None, now: datetime) -> Appointment:
    """The successor's office from the day on which the other one ends."""
    person, office, begins = load_person(person_id, lock=True), _office_of(row), row.until or row.since
    held = _held(person, office, row.area, begins, begins + timedelta(days=1))
    if held:
        return held[0]
    _check(actor, person, row.role, row.area, begins, until)
    return _insert(actor, person, office, row.area, begins, until, now, "office.given")


def _end_stand_ins(actor: Actor, row: Appointment, on: date, now: datetime) -> int:
    """Stand-ins do not outlast the office: those running end with it, those still to come never begin."""
    rows = Appointment.objects.filter(stands_in_for=row).filter(Q(until=None) | Q(until__gt=on))
    ending = list(rows.select_for_update())
    for one in ending:
        key, state = one.pk, REMOVED
        if one.since >= on:
            one.delete()
        else:
            one.until = on
            one.save(update_fields=["until"])
            state = office_state(one)
        _commit(actor, "office.ended", key, state, row.area.path, now)
    return len(ending)


def _commit(
    actor: Actor, verb: str, key: UUID, state: Mapping[str, Any], area_path: str, now: datetime, *, new: bool = False
) -> None:
    """Commit to the row of an office: one slipped in or widened behind the record's back is then found."""
    append_entry(
        actor=actor, verb=verb, subject=("appointment", key), area_path=area_path, now=now, state=state, new=new
    )


def stand_in(
    actor: Actor, appointment_id: UUID, person_id: UUID, *, since: date, until: date, now: datetime
) -> Appointment:
    """For the days of a leave somebody else holds the same office: same role, area and organisation, until ``until``.

    Needs the same rights as giving the office; the period lies within it. The record and every page tell whose place
    they take.
    """
    check_period(since, until)
    with transaction.atomic():
        row = _locked(appointment_id)
        if row.stands_in_for_id is not None:
            raise Invalid("A stand-in has no stand-in.", field="person", code="stand-in-of-stand-in")
        if row.person_id == person_id:
            raise Invalid("Choose somebody else.", field="person", code="own-stand-in")
        if since < row.since or (row.until is not None and until > row.until):
            raise Invalid("The leave must lie within the office.", field="since", code="leave-outside-office")
        person = load_person(person_id, lock=True)
        _check(actor, person, row.role, row.area, since, until)
        return _insert(
            actor, person, _office_of(row), row.area, since, until, now, "office.stand_in", stands_in_for=row.pk
        )
