"""Who acts: the account behind a session becomes an :class:`Actor` with the grants of this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, QuerySet, Value

from tongxin.kernel.actor import Actor, Grant, Trust
from tongxin.people.models import Account, Appointment, Ownership, Residence, Tenancy
from tongxin.people.queries.areas import current, day_of
from tongxin.people.roles import ROLES
from tongxin.people.rules.trust import level
from tongxin.record.statements import Statement

_COLUMNS = ("tie_kind", "tie_id", "tie_what", "tie_body", "tie_path")
_PROOFS_OF_OWNERSHIP = (Ownership.Source.REGISTER, Ownership.Source.DELIVERY)

_Row = tuple[str, UUID, str, UUID, str]


def _columns(rows: QuerySet[Any], kind: str, what: str | F, organisation: str, path: str) -> QuerySet[Any]:
    named = what if isinstance(what, F) else Value(what, output_field=CharField())
    return (
        rows.order_by()
        .annotate(
            tie_kind=Value(kind, output_field=CharField()),
            tie_id=F("pk"),
            tie_what=named,
            tie_body=F(organisation),
            tie_path=F(path),
        )
        .values_list(*_COLUMNS)
    )


def _ties(person_id: UUID, today: date, offices: bool) -> QuerySet[Any, _Row]:
    """Everything that ties a person to a place today, in one query: homes, and offices if asked."""
    estate = "unit__building__estate__path"
    parts = [
        _columns(
            Residence.objects.filter(current(today), current(today, "household__"), person_id=person_id),
            "residence",
            "",
            "household__home_id",
            f"household__home__{estate}",
        ),
        _columns(
            Tenancy.objects.filter(current(today), person_id=person_id), "tenancy", "", "home_id", f"home__{estate}"
        ),
        _columns(
            Ownership.objects.filter(current(today), person_id=person_id),
            "ownership",
            F("source"),
            "home_id",
            f"home__{estate}",
        ),
    ]
    if offices:
        parts.append(
            _columns(
                Appointment.objects.filter(
                    current(today), current(today, "organisation__"), person_id=person_id, area__valid_until=None
                ),
                "appointment",
                F("role"),
                "organisation_id",
                "area__path",
            )
        )
    return parts[0].union(*parts[1:], all=True)


# They stand before every page, and putting the query together costs more than asking it.
_OWN_TIES: Statement[_Row] = Statement(lambda person_id, today: _ties(person_id, today, offices=False))
_ALL_TIES: Statement[_Row] = Statement(lambda person_id, today: _ties(person_id, today, offices=True))


def _trust(ties: list[_Row]) -> Trust:
    owns = any(kind == "ownership" and what in _PROOFS_OF_OWNERSHIP for kind, _, what, *_ in ties)
    lives = any(kind in {"residence", "tenancy"} for kind, *_ in ties)
    return level(signed_in=True, lives=lives, owns=owns)


def actor_for(account: Account, strong: bool, now: datetime) -> Actor:
    """The actor behind an account at this moment. One query.

    ``strong`` says that the session passed the second factor: only then do appointments act. Roles that the table
    does not know give nothing. The account comes with its person and the person's community.
    """
    person = account.person
    ties = (_ALL_TIES if strong else _OWN_TIES)(person.pk, day_of(now))
    homes = [path for kind, _, _, _, path in ties if kind != "appointment"]
    home_ids = frozenset(home for kind, _, _, home, _ in ties if kind != "appointment")
    if person.community is not None:
        homes.append(person.community.path)
    grants = tuple(
        Grant(role, ROLES[role], path, organisation, appointment)
        for kind, appointment, role, organisation, path in ties
        if kind == "appointment" and role in ROLES
    )
    return Actor(
        id=person.pk,
        person_id=person.pk,
        name=person.name,
        trust=_trust(ties),
        home_paths=tuple(dict.fromkeys(homes)),
        grants=grants,
        home_ids=home_ids,
    )


def actor_of_person(person_id: UUID, now: datetime) -> Actor | None:
    """Somebody as a resident alone, as a program acts for them; None if their account does not work any more."""
    accounts = Account.objects.select_related("person__community")
    account = accounts.filter(person_id=person_id, is_active=True, person__erased_at=None).first()
    return actor_for(account, False, now) if account is not None else None


@dataclass(frozen=True, slots=True)
class AppointedTo:
    """An appointment: who, for whom, where, and what it allows."""

    id: UUID
    person_id: UUID
    name: str
    role: str
    permissions: frozenset[str]
    organisation_id: UUID
    area_path: str


def appointed_to(appointment_id: UUID, now: datetime, *, ended: bool = False) -> AppointedTo | None:
    """The appointment if it is in force today and its holder's account works; ``ended``: at any time. One query."""
    today = day_of(now)
    rows = Appointment.objects.select_related("person", "area").filter(pk=appointment_id)
    if not ended:
        rows = rows.filter(
            current(today), current(today, "organisation__"), area__valid_until=None, person__erased_at=None
        ).exclude(person__account__is_active=False)
    row = rows.first()
    if row is None:
        return None
    permissions = ROLES.get(row.role, frozenset())
    return AppointedTo(
        row.pk, row.person_id, row.person.name, row.role, permissions, row.organisation_id, row.area.path
    )


def actor_of_appointment(appointment_id: UUID, now: datetime) -> Actor | None:
    """Somebody in one office and in nothing else, not even as a resident; None if the office has ended."""
    office = appointed_to(appointment_id, now)
    if office is None:
        return None
    grant = Grant(office.role, office.permissions, office.area_path, office.organisation_id, office.id)
    return Actor(id=office.person_id, person_id=office.person_id, name=office.name, grants=(grant,))
