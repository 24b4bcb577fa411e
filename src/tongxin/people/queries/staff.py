"""Accounts of staff as those see them who look after them: by area, without anything by which one could sign in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import Account, Appointment, SecondFactor
from tongxin.people.queries.areas import current, day_of, within
from tongxin.people.queries.signin import Session, sessions_of
from tongxin.people.roles import ROLE_NAMES

PAGE = 40
SECURITY, APPOINT = "security.administer", "people.appoint"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody in office. ``account_id`` and ``username`` are empty for who cannot sign in for work yet."""

    person_id: UUID
    name: str
    offices: tuple[str, ...]
    account_id: UUID | None
    username: str
    second_factor: bool
    temporary: bool
    sessions: int


@dataclass(frozen=True, slots=True)
class StaffPage:
    """One of them, with the sessions for whoever may end them."""

    row: StaffRow
    sessions: tuple[Session, ...]
    may_open: bool
    may_secure: bool


def _paths(actor: Actor) -> list[str]:
    return sorted({*actor.areas_with(SECURITY), *actor.areas_with(APPOINT)})


def _in_office(actor: Actor, now: datetime) -> Q:
    today = day_of(now)
    seen = Q() if actor.is_system else within(_paths(actor), "area__path")
    return current(today) & seen & Q(person__erased_at=None)


def staff(actor: Actor, *, text: str = "", after: str = "", now: datetime) -> tuple[list[StaffRow], str]:
    """People in office in the actor's areas, by a part of name or user name, and the next page's key. Three queries."""
    if not actor.is_system and not _paths(actor):
        raise NotAllowed("This page is for people in office.", code="no-permission", permission=SECURITY)
    rows = Appointment.objects.filter(_in_office(actor, now))
    if text := clean_line(text, 60):
        rows = rows.filter(Q(person__name__contains=text) | Q(person__account__username__startswith=text.lower()))
    if after:
        try:
            rows = rows.filter(person_id__gt=UUID(after))
        except ValueError:
            raise NotFound("This page does not exist.", code="no-page") from None
    ids = list(rows.order_by("person_id").values_list("person_id", flat=True).distinct()[: PAGE + 1])
    shown = ids[:PAGE]
    return _rows(actor, shown, now), str(shown[-1]) if len(ids) > PAGE else ""


def staff_page(actor: Actor, person_id: UUID, *, now: datetime) -> StaffPage:
    """One person in office; :class:`NotFound` outside of the actor's areas. Four queries at most."""
    rows = _rows(actor, [person_id], now) if actor.is_system or _paths(actor) else []
    if not rows:
        raise NotFound("There is no such office.", code="no-appointment")
    paths = list(
        Appointment.objects.filter(current(day_of(now)), person=person_id).values_list("area__path", flat=True)
    )
    # Over every office: whoever has somebody's password can act in all of them.
    secures = bool(paths) and all(actor.may(SECURITY, path) for path in paths) and person_id != actor.person_id
    row = rows[0]
    return StaffPage(
        row=row,
        sessions=tuple(sessions_of(row.account_id, now)) if secures and row.account_id else (),
        may_open=not row.username and bool(paths) and all(actor.may(APPOINT, path) for path in paths),
        may_secure=secures and bool(row.username),
    )


def _rows(actor: Actor, ids: list[UUID], now: datetime) -> list[StaffRow]:
    held: dict[UUID, list[str]] = defaultdict(list)
    names: dict[UUID, str] = {}
    offices = Appointment.objects.filter(_in_office(actor, now), person__in=ids).select_related(
        "person", "organisation"
    )
    for office in offices.order_by("since", "pk"):
        names[office.person_id] = office.person.name
        title = office.title or str(ROLE_NAMES.get(office.role, office.role))
        held[office.person_id].append(f"{office.organisation} {title}")
    factor = SecondFactor.objects.filter(account=OuterRef("pk"), confirmed_at__isnull=False)
    found = Account.objects.filter(person__in=ids, is_active=True).annotate(
        second=Exists(factor), open_sessions=Count("sessions", filter=Q(sessions__expire_date__gt=now))
    )
    accounts = {account.person_id: account for account in found}
    rows = []
    for person_id in ids:
        if person_id not in names:
            continue
        account = accounts.get(person_id)
        rows.append(
            StaffRow(
                person_id=person_id,
                name=names[person_id],
                offices=tuple(held[person_id]),
                account_id=account.pk if account else None,
                username=(account.username or "") if account else "",
                second_factor=bool(account and account.second),
                temporary=bool(account and account.username and account.password_is_temporary),
                sessions=account.open_sessions if account else 0,
            )
        )
    return rows
