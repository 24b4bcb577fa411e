"""Organisations of every kind: made, changed, ended; which units joined a general party committee, who serves where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.identity import valid_credit_code
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.people.models import Appointment, CommitteeMembership, Organisation, Ownership, Service
from tongxin.people.operations._support import load_organisation, note
from tongxin.people.queries.areas import current
from tongxin.people.rules.dates import check_end
from tongxin.people.rules.organisations import JOINABLE, check_parent
from tongxin.places.models import Area

MOST_LEVELS = 12  # of the tree above an organisation; more is a mistake


@dataclass(frozen=True, slots=True)
class OrganisationData:
    """What is known of an organisation. ``phone`` is its public service phone, in clear and of any form."""

    kind: str
    name: str
    short_name: str = ""
    credit_code: str = ""
    phone: str = ""
    parent_id: UUID | None = None


def _checked(data: OrganisationData) -> OrganisationData:
    if data.kind not in Organisation.Kind.values:
        raise Invalid("Choose what kind of organisation it is.", field="kind", code="kind-unknown")
    name = clean_line(data.name, 100)
    if not name:
        raise Invalid("Write the organisation's name.", field="name", code="name-missing")
    code = data.credit_code.strip().upper()
    if code and not valid_credit_code(code):
        raise Invalid("This is not a unified social credit code.", field="credit_code", code="invalid-credit-code")
    return OrganisationData(
        data.kind, name, clean_line(data.short_name, 40), code, clean_line(data.phone, 30), data.parent_id
    )


def _area(area_id: UUID) -> Area:
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise NotFound("There is no such area.", code="no-area")
    return area


def _check_code_free(code: str, but: UUID | None = None) -> None:
    taken = Organisation.objects.filter(credit_code=code, until=None).values_list("pk", flat=True).first()
    if code and taken is not None and taken != but:
        raise Conflict("An organisation with this credit code is on the register.", code="credit-code-taken")


def _check_tree(organisation_id: UUID | None, data: OrganisationData) -> None:
    """The parent exists, is of a fitting kind, and is not below the organisation itself."""
    above: UUID | None = data.parent_id
    kinds: list[str] = []
    while above is not None and len(kinds) <= MOST_LEVELS:
        row = Organisation.objects.filter(pk=above).values_list("kind", "parent_id").first()
        if row is None:
            raise NotFound("There is no such organisation.", code="no-organisation")
        if above == organisation_id:
            raise Invalid("An organisation cannot stand below itself.", field="parent_id", code="tree-loop")
        kinds.append(row[0])
        above = row[1]
    if len(kinds) > MOST_LEVELS:
        raise Invalid("The tree is too deep.", field="parent_id", code="tree-deep")
    if kinds:
        check_parent(data.kind, kinds[0])


def add_organisation(
    actor: Actor, data: OrganisationData, area_id: UUID, *, since: date, now: datetime, once: UUID | None = None
) -> Organisation:
    """Put an organisation on the register; needs ``organisations.manage`` in its area. The same ``once``: the same one.

    Errors: :class:`Invalid` by field, ``Conflict`` if its credit code (GB 32100) is taken.
    """
    area = _area(area_id)
    actor.require("organisations.manage", area.path)
    data = _checked(data)
    with transaction.atomic():
        if once is not None and (made := Organisation.objects.filter(pk=once).first()):
            if made.area_id != area.pk:
                raise Conflict("This form was sent before. Please begin again.", code="form-spent")
            return made
        _check_code_free(data.credit_code)
        _check_tree(None, data)
        values = {f.name: getattr(data, f.name) for f in fields(data)}
        organisation = Organisation.objects.create(pk=once or uuid7(), area=area, since=since, **values)
        note(
            actor,
            "organisation.added",
            ("organisation", organisation.pk),
            area.path,
            now,
            new=True,
            kind=data.kind,
            name=data.name,
            parent=data.parent_id,
        )
    return organisation


def edit_organisation(
    actor: Actor, organisation_id: UUID, changes: Mapping[str, Any], *, now: datetime
) -> Organisation:
    """Change fields of :class:`OrganisationData`; needs ``organisations.manage``. The record tells old and new."""
    known = {f.name for f in fields(OrganisationData)}
    if unknown := set(changes) - known:
        raise ValueError(f"no such field: {sorted(unknown)}")
    with transaction.atomic():
        organisation = load_organisation(organisation_id, lock=True)
        actor.require("organisations.manage", organisation.area.path)
        before = {name: getattr(organisation, name) for name in known}
        after = _checked(OrganisationData(**{**before, **changes}))
        changed = {name: getattr(after, name) for name in sorted(known) if getattr(after, name) != before[name]}
        if not changed:
            return organisation
        _check_code_free(after.credit_code, but=organisation_id)
        _check_tree(organisation_id, after)
        for name, value in changed.items():
            setattr(organisation, name, value)
        organisation.save()
        note(
            actor,
            "organisation.edited",
            ("organisation", organisation_id),
            organisation.area.path,
            now,
            before={name: before[name] for name in changed},
            after=changed,
        )
    return organisation


def end_organisation(actor: Actor, organisation_id: UUID, *, on: date, now: datetime) -> Organisation:
    """An organisation no longer exists from the day ``on``; needs ``organisations.manage``.

    ``Conflict`` while it still serves areas, owns homes, holds offices or has bodies below it: those are ended first, each with
    its own handing over.
    """
    with transaction.atomic():
        organisation = load_organisation(organisation_id, lock=True)
        actor.require("organisations.manage", organisation.area.path)
        if organisation.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        check_end(organisation.since, on)
        if (
            Service.objects.filter(current(on), organisation=organisation).exists()
            or Appointment.objects.filter(current(on), organisation=organisation).exists()
            or Organisation.objects.filter(current(on), parent=organisation).exists()
        ):
            raise Conflict(
                "End its services, its offices and the bodies below it first.", code="organisation-still-in-use"
            )
        if Ownership.objects.filter(current(on), organisation=organisation).exists():
            raise Conflict("It still owns homes. Register first who owns them now.", code="organisation-owns-homes")
        organisation.until = on
        organisation.save(update_fields=["until"])
        for membership in CommitteeMembership.objects.filter(unit=organisation, until=None, since__lt=on):
            membership.until = on
            membership.save(update_fields=["until"])
        note(actor, "organisation.ended", ("organisation", organisation_id), organisation.area.path, now, on=on)
    return organisation


# 大党委


def join_committee(
    actor: Actor, committee_id: UUID, unit_id: UUID, *, since: date, now: datetime
) -> CommitteeMembership:
    """A unit joins a community's general party committee 大党委; needs ``organisations.manage`` at the committee.

    Partner units, property companies, merchants and other bodies of :data:`rules.organisations.JOINABLE` may join.
    """
    with transaction.atomic():
        committee = load_organisation(committee_id, lock=True)
        actor.require("organisations.manage", committee.area.path)
        unit = load_organisation(unit_id)
        if committee.kind != Organisation.Kind.GENERAL_PARTY_COMMITTEE:
            raise Invalid("Units join a general party committee.", field="committee", code="not-a-general-committee")
        if unit.kind not in JOINABLE:
            raise Invalid("A body of this kind does not join a committee.", field="unit", code="unit-cannot-join")
        if CommitteeMembership.objects.filter(committee=committee, unit=unit, until=None).exists():
            raise Conflict("This unit is a member already.", code="member-already")
        membership = CommitteeMembership.objects.create(committee=committee, unit=unit, since=since)
        note(
            actor,
            "committee.joined",
            ("organisation", committee_id),
            committee.area.path,
            now,
            unit=unit_id,
            since=since,
        )
    return membership


def leave_committee(actor: Actor, membership_id: UUID, *, on: date, now: datetime) -> CommitteeMembership:
    """A unit leaves a general party committee on the day ``on``; needs ``organisations.manage`` at the committee."""
    with transaction.atomic():
        membership = CommitteeMembership.objects.select_for_update().filter(pk=membership_id).first()
        if membership is None:
            raise NotFound("There is no such membership.", code="no-membership")
        committee = load_organisation(membership.committee_id)
        actor.require("organisations.manage", committee.area.path)
        if membership.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        check_end(membership.since, on)
        membership.until = on
        membership.save(update_fields=["until"])
        note(
            actor,
            "committee.left",
            ("organisation", committee.pk),
            committee.area.path,
            now,
            unit=membership.unit_id,
            on=on,
        )
    return membership


# Who serves where


def start_service(
    actor: Actor, organisation_id: UUID, area_id: UUID, kind: str, *, since: date, now: datetime
) -> Service:
    """An organisation begins to serve an area; needs ``organisations.manage`` in the area served.

    An estate has one property company: ``Conflict`` if there is one (:func:`change_property_company` then).
    """
    if kind not in Service.Kind.values:
        raise Invalid("Choose what kind of service it is.", field="kind", code="kind-unknown")
    with transaction.atomic():
        area = _area(area_id)
        actor.require("organisations.manage", area.path)
        Area.objects.select_for_update().get(pk=area_id)
        organisation = load_organisation(organisation_id)
        if organisation.until is not None and organisation.until <= since:
            raise Conflict("This organisation no longer exists.", code="organisation-ended")
        running = Service.objects.filter(area=area, kind=kind, until=None)
        if running.filter(organisation=organisation).exists():
            raise Conflict("It serves this area already.", code="serves-already")
        if kind == Service.Kind.PROPERTY:
            if organisation.kind != Organisation.Kind.PROPERTY_COMPANY:
                raise Invalid("Choose a property company.", field="organisation", code="not-a-property-company")
            if Service.objects.filter(current(since), area=area, kind=kind).exists() or running.exists():
                raise Conflict("The estate has a property company. Change it instead.", code="has-company")
        service = Service.objects.create(organisation=organisation, area=area, kind=kind, since=since)
        note(
            actor,
            "service.started",
            ("organisation", organisation_id),
            area.path,
            now,
            service=service.pk,
            area=area_id,
            kind=kind,
            since=since,
        )
    return service


def end_service(actor: Actor, service_id: UUID, *, on: date, now: datetime) -> Service:
    """An organisation no longer serves an area from the day ``on``; needs ``organisations.manage`` in the area."""
    with transaction.atomic():
        service = Service.objects.select_for_update(of=("self",)).select_related("area").filter(pk=service_id).first()
        if service is None:
            raise NotFound("There is no such service.", code="no-service")
        actor.require("organisations.manage", service.area.path)
        if service.until is not None:
            raise Conflict("This has already ended.", code="already-ended")
        check_end(service.since, on)
        service.until = on
        service.save(update_fields=["until"])
        note(
            actor,
            "service.ended",
            ("organisation", service.organisation_id),
            service.area.path,
            now,
            service=service_id,
            area=service.area_id,
            on=on,
        )
    return service


def change_property_company(
    actor: Actor, estate_id: UUID, organisation_id: UUID, *, on: date, now: datetime
) -> tuple[Organisation | None, Organisation]:
    """From the day ``on`` another property company serves the estate; gives back the old one (if any) and the new.

    Needs ``organisations.manage`` in the estate. Hiring and dismissing is the owners' decision (民法典 278); this
    writes it down. The open cases of the old company are carried over by the journey that calls this.
    """
    with transaction.atomic():
        area = _area(estate_id)
        actor.require("organisations.manage", area.path)
        running = (
            Service.objects.select_for_update(of=("self",))
            .select_related("organisation")
            .filter(area=area, kind=Service.Kind.PROPERTY, until=None)
            .first()
        )
        if running is not None and running.organisation_id == organisation_id:
            raise Conflict("It serves this area already.", code="serves-already")
        if running is not None:
            end_service(actor, running.pk, on=on, now=now)
        started = start_service(actor, organisation_id, estate_id, Service.Kind.PROPERTY, since=on, now=now)
    return (running.organisation if running is not None else None), started.organisation
