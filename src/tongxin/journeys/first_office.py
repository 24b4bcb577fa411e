"""The way in: who may sign in for an office before anybody else can, and who is let in again from the server itself.

Whoever can run a command on the server can do this; it stands in the record as done by the system.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import local_day
from tongxin.people.operations.accounts import open_staff_account, reset_staff_account
from tongxin.people.operations.appointments import Office, appoint
from tongxin.people.operations.organisations import OrganisationData, add_organisation
from tongxin.people.operations.register import PersonData, add_person
from tongxin.people.queries.organisations import organisation_named
from tongxin.people.queries.signin import account_named
from tongxin.places.queries import area_by_code


@dataclass(frozen=True, slots=True)
class Opened:
    """An account for an office. ``password`` is for the first time only, and kept nowhere."""

    account_id: UUID
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who gets an office: name and perhaps phone, role, organisation (made if it is missing) and area by its code."""

    name: str
    username: str
    role: str
    organisation: str
    area: str
    kind: str = "government"
    phone: str = ""


def open_office(who: Newcomer, *, now: datetime) -> Opened:
    """Put a person on the register, give them an office from today on, and let them sign in for it.

    All or nothing. Errors: those of the operations, such as ``Conflict`` for a user name that is taken.
    """
    area, today = area_by_code(who.area), local_day(now)
    with transaction.atomic():
        organisation = organisation_named(who.organisation, area.path, on=today)
        if organisation is None:
            data = OrganisationData(kind=who.kind, name=who.organisation)
            organisation = add_organisation(SYSTEM, data, area.id, since=today, now=now).pk
        person = add_person(SYSTEM, PersonData(name=who.name, phone=who.phone), area.id, now=now)
        office = Office(role=who.role, organisation_id=organisation, area_id=area.id)
        appoint(SYSTEM, person.pk, office, since=today, now=now)
        account, password = open_staff_account(SYSTEM, person.pk, who.username, now=now)
    return Opened(account, who.username, password)


def let_in_again(username: str, *, now: datetime) -> Opened:
    """A new password for the next time, the authenticator to be set up anew, no session left. ``NotFound`` if unknown."""
    account = account_named(username)
    return Opened(account, username, reset_staff_account(SYSTEM, account, now=now))
