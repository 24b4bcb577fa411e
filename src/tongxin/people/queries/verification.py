"""What waits at the door: requests to be known, family consents, and members who reported in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import (
    FamilyLink,
    FamilyRequest,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.queries.areas import address_of, current, day_of, path_of, within
from tongxin.people.queries.home_pages import HouseholdRow, households_of
from tongxin.people.queries.register import age_on, masked_phone
from tongxin.places.models import Home

PAGE = 30
SOURCES_THAT_PROVE = (Ownership.Source.REGISTER, Ownership.Source.DELIVERY)
_HOME = "home__unit__building__estate__parent"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Something for the grid worker's next round. ``kind``: resident, owner or family."""

    id: UUID
    kind: str
    name: str
    address: str
    phone: str
    created_at: datetime
    other_name: str = ""
    has_paper: bool = False


@dataclass(frozen=True, slots=True)
class MyRequest:
    """A request as the one who asked sees it."""

    id: UUID
    kind: str
    address: str
    state: str
    reason: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DoorPage:
    """One request at the door: what was said, and who the register has in that home."""

    id: UUID
    kind: str
    name: str
    phone: str
    address: str
    home_id: UUID | None
    created_at: datetime
    state: str
    evidence: UUID | None
    households: tuple[HouseholdRow, ...]
    child_name: str = ""
    parent_id: UUID | None = None
    known: tuple[tuple[UUID, str], ...] = ()
    """Whom the register has at the home in this quality, with what tells them apart."""


@dataclass(frozen=True, slots=True)
class ReportInRow:
    """A member who reported in."""

    id: UUID
    person_id: UUID
    name: str
    community: str
    home_unit: str
    skills: str
    since: date
    received: bool


def queue(actor: Actor, *, after: str = "", now: datetime) -> tuple[tuple[WaitingRow, ...], str]:
    """What waits for a visit in the actor's areas, the oldest first, and the key of the next page. Two queries."""
    start = _key(after)
    requests = (
        VerificationRequest.objects.filter(state=VerificationRequest.State.WAITING)
        .select_related("person", _HOME)
        .order_by("pk")
    )
    families = (
        FamilyRequest.objects.filter(
            state=FamilyRequest.State.WAITING, consent=FamilyLink.Consent.GRID_WORKER, home__isnull=False
        )
        .select_related("child", _HOME)
        .order_by("pk")
    )
    if not actor.is_system:
        mine = within(sorted(set(actor.areas_with("people.verify"))), "community__path")
        requests, families = requests.filter(mine), families.filter(mine)
    if start is not None:
        requests, families = requests.filter(pk__gt=start), families.filter(pk__gt=start)
    rows = [
        WaitingRow(
            r.pk,
            r.kind,
            r.claimed_name,
            address_of(r.home),
            masked_phone(r.person),
            r.created_at,
            has_paper=r.evidence is not None,
        )
        for r in requests[: PAGE + 1]
    ] + [
        WaitingRow(
            f.pk,
            "family",
            f.parent_name,
            address_of(f.home) if f.home else "",
            masked_phone(f.child),
            f.created_at,
            other_name=f.child.name,
        )
        for f in families[: PAGE + 1]
    ]
    rows.sort(key=lambda row: row.id)
    shown = rows[:PAGE]
    return tuple(shown), str(shown[-1].id) if len(rows) > PAGE else ""


def _key(after: str) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def waiting_count(actor: Actor, now: datetime) -> int:
    """How many requests wait in the actor's areas, for the menu; of each kind counted up to a hundred. Two queries."""
    known = VerificationRequest.objects.filter(state=VerificationRequest.State.WAITING).order_by()
    family = FamilyRequest.objects.filter(
        state=FamilyRequest.State.WAITING, consent=FamilyLink.Consent.GRID_WORKER, home__isnull=False
    ).order_by()
    if not actor.is_system:
        mine = within(sorted(set(actor.areas_with("people.verify"))), "community__path")
        known, family = known.filter(mine), family.filter(mine)
    return known.values("pk")[:100].count() + family.values("pk")[:100].count()


def door_page(actor: Actor, request_id: UUID, *, now: datetime) -> DoorPage:
    """One request with the households of its home; ``NotFound`` outside of the actor's areas. Five queries."""
    today = day_of(now)
    request = VerificationRequest.objects.select_related("person", _HOME).filter(pk=request_id).first()
    if request is not None and actor.may("people.verify", path_of(request.home)):
        return DoorPage(
            id=request.pk,
            kind=request.kind,
            name=request.claimed_name,
            phone=masked_phone(request.person),
            address=address_of(request.home),
            home_id=request.home_id,
            created_at=request.created_at,
            state=request.state,
            evidence=request.evidence,
            households=tuple(households_of(request.home_id, today)),
            known=_known(request, now),
        )
    family = FamilyRequest.objects.select_related("child", _HOME).filter(pk=request_id).first()
    if family is None or family.home is None or not actor.may("people.verify", path_of(family.home)):
        raise NotFound("There is no such request, or it is not of your area.", code="no-request")
    return DoorPage(
        id=family.pk,
        kind="family",
        name=family.parent_name,
        phone=masked_phone(family.child),
        address=address_of(family.home),
        home_id=family.home_id,
        created_at=family.created_at,
        state=family.state,
        evidence=None,
        households=tuple(households_of(family.home.pk, today)),
        child_name=family.child.name,
        parent_id=family.parent_id,
    )


def _known(request: VerificationRequest, now: datetime) -> tuple[tuple[UUID, str], ...]:
    rows = Person.objects.filter(pk__in=holders_of(request.home, request.kind, now), erased_at=None, same_as=None)
    today = day_of(now)
    found = []
    for row in rows.exclude(pk=request.person_id).order_by("name", "pk")[:20]:
        age = age_on(row.birth_date, today)
        found.append((row.pk, " · ".join(part for part in (row.name, str(age or ""), masked_phone(row)) if part)))
    return tuple(found)


def holders_of(home: Home, kind: str, now: datetime) -> list[UUID]:
    """Persons whom the register has as residents or tenants of a home, or as its proven owners."""
    today = day_of(now)
    owners = Ownership.objects.filter(current(today), home=home, source__in=SOURCES_THAT_PROVE, person__isnull=False)
    if kind == VerificationRequest.Kind.OWNER:
        return list(owners.values_list("person_id", flat=True))
    live = Residence.objects.filter(current(today), household__home=home).values_list("person_id", flat=True)
    rent = Tenancy.objects.filter(current(today), home=home).values_list("person_id", flat=True)
    return [*live, *rent]


def my_requests(actor: Actor) -> tuple[MyRequest, ...]:
    """The actor's last requests to be known. One query."""
    rows = VerificationRequest.objects.filter(person=actor.person_id).select_related(_HOME).order_by("-pk")
    return tuple(
        MyRequest(row.pk, row.kind, address_of(row.home), row.state, row.reason, row.created_at) for row in rows[:10]
    )


def _report_in_row(row: ReportIn) -> ReportInRow:
    return ReportInRow(
        row.pk,
        row.person_id,
        row.person.name,
        row.community.name,
        row.home_unit,
        row.skills,
        row.since,
        row.received_by is not None,
    )


def my_report_in(actor: Actor, *, now: datetime) -> ReportInRow | None:
    """The actor's report-in that runs."""
    rows = ReportIn.objects.filter(current(day_of(now)), person=actor.person_id).select_related("person", "community")
    row = rows.order_by("-pk").first()
    return _report_in_row(row) if row else None


def report_ins(actor: Actor, *, after: str = "", now: datetime) -> tuple[tuple[ReportInRow, ...], str]:
    """Members who reported in to the actor's communities, and the key of the next page. One query."""
    rows = ReportIn.objects.filter(current(day_of(now))).select_related("person", "community").order_by("pk")
    if not actor.is_system:
        rows = rows.filter(within(sorted(set(actor.areas_with("party.report_in"))), "community__path"))
    if (start := _key(after)) is not None:
        rows = rows.filter(pk__gt=start)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return tuple(_report_in_row(row) for row in shown), str(shown[-1].pk) if len(found) > PAGE else ""


def homes_of_building(building_id: UUID) -> tuple[tuple[UUID, str], ...]:
    """The homes of a building for somebody who looks for their own: unit and room, nobody's name. One query."""
    rows = Home.objects.filter(unit__building=building_id).select_related("unit")
    rows = rows.order_by("unit__sort_key", "sort_key", "pk")
    return tuple((home.pk, " ".join(part for part in (home.unit.name, home.name) if part)) for home in rows[:1000])
