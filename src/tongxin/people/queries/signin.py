"""Reads for signing in: who holds a phone, where somebody is signed in, and the people of the demo."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from tongxin.kernel.errors import NotFound
from tongxin.people import fields as stored
from tongxin.people.models import (
    Account,
    Appointment,
    Ownership,
    Person,
    Residence,
    SecondFactor,
    SignInSession,
    Tenancy,
    WeChatLink,
)
from tongxin.people.queries.areas import current, day_of
from tongxin.people.roles import ROLE_NAMES
from tongxin.people.rules.signin import shown_of_shared_phone

MOST_OF_ONE_PHONE = 12


@dataclass(frozen=True, slots=True)
class Holder:
    """One of those whose phone this is. ``registered``: more than a row made at sign-in. ``provable``: by ID number."""

    person_id: UUID
    shown: str
    registered: bool
    provable: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One place where somebody is signed in."""

    id: UUID
    way: str
    strong: bool
    device: str
    address_prefix: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Office:
    """An office that somebody holds."""

    title: str
    organisation: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as its owner sees it. ``registered``: the name is the register's. ``phone_tail``: four digits."""

    registered: bool
    wechat_linked: bool
    phone_tail: str
    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the people of the demo: who they are, and what a visitor may try as them."""

    account_id: UUID
    name: str
    role: str
    title: str
    what_to_try: str
    strong: bool


def _registered() -> Q:
    mine = {"person_id": OuterRef("pk")}
    return (
        Q(id_number_index__isnull=False)
        | Exists(Residence.objects.filter(**mine))
        | Exists(Tenancy.objects.filter(**mine))
        | Exists(Ownership.objects.filter(**mine))
        | Exists(Appointment.objects.filter(**mine))
    )


def holders_of(phone: str) -> list[Holder]:
    """Everybody who has this (normalised) phone, those of the register first. At most twelve."""
    people = (
        Person.objects.filter(phone_index=stored.phone_index(phone), erased_at=None, same_as=None)
        .annotate(registered=Exists(Person.objects.filter(_registered(), pk=OuterRef("pk"))))
        .order_by("-registered", "pk")
    )
    return [
        Holder(row.pk, shown_of_shared_phone(row.name), row.registered, row.id_number_index is not None)
        for row in people[:MOST_OF_ONE_PHONE]
    ]


def others_with_phone(phone: str, but: UUID) -> frozenset[str]:
    """Names of the others who have this (normalised) phone. One query."""
    rows = Person.objects.filter(phone_index=stored.phone_index(phone), erased_at=None, same_as=None).exclude(pk=but)
    return frozenset(rows.values_list("name", flat=True)[:MOST_OF_ONE_PHONE])


def sessions_of(account_id: UUID, now: datetime) -> list[Session]:
    """Where an account is signed in, the one seen last first. At most fifty."""
    rows = SignInSession.objects.filter(account_id=account_id, expire_date__gt=now).order_by("-seen_at")
    return [
        Session(
            row.id,
            row.way,
            row.strong,
            row.device,
            row.address_prefix,
            row.started_at or row.expire_date,
            row.seen_at or row.expire_date,
        )
        for row in rows[:50]
    ]


def account_named(username: str) -> UUID:
    """The account that signs in with this user name. Raises NotFound."""
    found = Account.objects.filter(username=username.strip().lower()).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound("There is no such account.", code="no-account")
    return found


def staff_account_of(person_id: UUID) -> tuple[UUID, str] | None:
    """Account and user name with which a person signs in for work; None if they have none."""
    rows = Account.objects.filter(person_id=person_id, username__isnull=False).values_list("pk", "username")
    found = rows.first()
    return (found[0], found[1]) if found and found[1] else None


def account_of(account_id: UUID) -> Any:
    """An account that may sign in, with its person and community; None if it is closed or the person is erased."""
    return (
        Account.objects.select_related("person__community")
        .filter(pk=account_id, is_active=True, person__erased_at=None)
        .first()
    )


def has_second_factor(account_id: UUID) -> bool:
    """True if the account has a confirmed authenticator."""
    return SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


def account_view(account_id: UUID, now: datetime) -> AccountView:
    """What somebody sees of their own account. Two queries."""
    person = (
        Person.objects.filter(account=account_id)
        .annotate(
            registered=Exists(Person.objects.filter(_registered(), pk=OuterRef("pk"))),
            wechat_linked=Exists(WeChatLink.objects.filter(account=account_id)),
        )
        .get()
    )
    return AccountView(
        registered=person.registered,
        wechat_linked=person.wechat_linked,
        phone_tail=stored.opened(person.phone_cipher, stored.PHONE)[-4:],
        sessions=tuple(sessions_of(account_id, now)),
    )


def offices_of(person_id: UUID, now: datetime) -> list[Office]:
    """The offices that somebody holds today, as on the door or else by the name of the role. One query."""
    rows = Appointment.objects.filter(current(day_of(now)), person_id=person_id).select_related("organisation")
    return [
        Office(row.title or str(ROLE_NAMES.get(row.role, row.role)), row.organisation.name)
        for row in rows.order_by("since", "pk")
    ]


def _listed() -> list[dict[str, Any]]:
    file = settings.DATA / "demo.json"
    if not settings.DEMO or not file.exists():
        return []
    rows = json.loads(file.read_text(encoding="utf-8"))
    return rows if isinstance(rows, list) else []


def demo_people() -> list[DemoPerson]:
    """The people of ``demo.json`` in the data folder, which the demo's builder writes. Nobody outside of a demo.

    Rows are ``{"account_id", "role", "title", "what_to_try"}``; who has an office signs in with it.
    """
    rows = _listed()
    accounts = _by_id(UUID(row["account_id"]) for row in rows)
    return [
        DemoPerson(
            account.pk,
            account.person.name,
            str(row.get("role", "")),
            str(row.get("title", "")),
            str(row.get("what_to_try", "")),
            account.username is not None,
        )
        for row in rows
        if (account := accounts.get(UUID(row["account_id"]))) is not None
    ]


def _by_id(account_ids: Iterable[UUID]) -> dict[UUID, Account]:
    rows = Account.objects.select_related("person").filter(pk__in=list(account_ids), is_active=True)
    return {row.pk: row for row in rows}


def account_of_wechat(index: bytes) -> UUID | None:
    """The account that a WeChat user is linked with, by the hash of the openid."""
    return WeChatLink.objects.filter(pk=index).values_list("account_id", flat=True).first()


def live_sessions(ids: Sequence[UUID], now: datetime) -> set[UUID]:
    """Which of these sessions of somebody signed in are not over."""
    rows = SignInSession.objects.filter(id__in=ids, expire_date__gt=now, account__isnull=False)
    return set(rows.values_list("id", flat=True))
