"""Reads of organisations: lists by kind, one with its offices and services, the party's tree, who serves an estate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed, NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import Appointment, CommitteeMembership, Organisation, Service
from tongxin.people.queries.areas import current, day_of, within
from tongxin.people.roles import ROLES
from tongxin.people.rules.appointing import BY_SECURITY, OWN_WORK
from tongxin.people.rules.organisations import PARTY_KINDS

PAGE = 40
KINDS = tuple(Organisation.Kind.choices)
SERVICE_KINDS = tuple(Service.Kind.choices)
MOST_BODIES = 2000  # of one tree on one page
SEEN_WITH = ("organisations.manage", "people.read", "people.appoint", "case.desk", "security.administer")


def partner_units(area_path: str, now: datetime) -> frozenset[UUID]:
    """The units that are members today of a general party committee 大党委 whose area holds the place. One query."""
    today = day_of(now)
    codes = area_path.strip("/").split("/")
    above = ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
    rows = CommitteeMembership.objects.filter(current(today), current(today, "committee__"), current(today, "unit__"))
    return frozenset(rows.filter(committee__area__path__in=above).values_list("unit_id", flat=True))


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """A line of the list."""

    id: UUID
    name: str
    kind: str
    area: str
    phone: str
    ended: bool


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office that somebody holds, will hold or held. ``stands_in_for`` is the name of whose place they take."""

    id: UUID
    person_id: UUID
    person: str
    organisation_id: UUID
    organisation: str
    role: str
    title: str
    area: str
    part: str
    since: date
    until: date | None
    stands_in_for: str


@dataclass(frozen=True, slots=True)
class TiedRow:
    """A service or a membership: with what, since when."""

    id: UUID
    other_id: UUID
    name: str
    kind: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """One organisation with all that hangs on it, and what the reader may do."""

    id: UUID
    name: str
    short_name: str
    kind: str
    credit_code: str
    phone: str
    area_id: UUID
    area: str
    area_path: str
    parent_id: UUID | None
    parent: str
    since: date
    until: date | None
    offices: tuple[OfficeRow, ...]
    former_offices: tuple[OfficeRow, ...]
    services: tuple[TiedRow, ...]
    units: tuple[TiedRow, ...]
    committees: tuple[TiedRow, ...]
    children: tuple[OrganisationRow, ...]
    may_manage: bool
    may_appoint: bool

    @property
    def is_party(self) -> bool:
        return self.kind in PARTY_KINDS


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A body of the party's tree with those below it; ``holders`` are the names of those in office."""

    id: UUID
    name: str
    kind: str
    area: str
    holders: tuple[str, ...]
    below: tuple[TreeNode, ...]


def _seen_paths(actor: Actor) -> list[str]:
    return sorted({path for permission in SEEN_WITH for path in actor.areas_with(permission)})


def _row(organisation: Organisation, today: date) -> OrganisationRow:
    return OrganisationRow(
        organisation.pk,
        organisation.name,
        organisation.kind,
        organisation.area.name,
        organisation.phone,
        organisation.until is not None and organisation.until <= today,
    )


def list_organisations(
    actor: Actor, *, kind: str = "", text: str = "", after: str = "", now: datetime, limit: int = PAGE
) -> tuple[tuple[OrganisationRow, ...], str]:
    """Organisations of the actor's areas by kind and a part of their name, and the key of the next page. One query."""
    rows = Organisation.objects.select_related("area").filter(until=None).order_by("pk")
    if not actor.is_system:
        paths = _seen_paths(actor)
        if not paths:
            raise NotAllowed("This page is for people in office.", code="no-permission", permission="people.read")
        rows = rows.filter(within(paths, "area__path"))
    if kind in Organisation.Kind.values:
        rows = rows.filter(kind=kind)
    if text := clean_line(text, 60):
        rows = rows.filter(Q(name__contains=text) | Q(short_name__contains=text))
    if after:
        try:
            rows = rows.filter(pk__gt=UUID(after))
        except ValueError:
            raise NotFound("This page does not exist.", code="no-page") from None
    found = list(rows[: limit + 1])
    today = day_of(now)
    shown = found[:limit]
    return tuple(_row(row, today) for row in shown), str(shown[-1].pk) if len(found) > limit else ""


def _offices(wanted: Q) -> list[OfficeRow]:
    rows = (
        Appointment.objects.filter(wanted)
        .select_related("person", "organisation", "area", "grid", "building", "stands_in_for__person")
        .order_by("-since", "pk")
    )
    return [
        OfficeRow(
            row.pk,
            row.person_id,
            row.person.name,
            row.organisation_id,
            str(row.organisation),
            row.role,
            row.title,
            row.area.name,
            " ".join(str(part) for part in (row.grid, row.building) if part),
            row.since,
            row.until,
            row.stands_in_for.person.name if row.stands_in_for else "",
        )
        for row in rows[:200]
    ]


def offices_of_person(person_id: UUID) -> tuple[OfficeRow, ...]:
    """A person's offices, the newest first. One query."""
    return tuple(_offices(Q(person=person_id)))


def office(actor: Actor, appointment_id: UUID) -> OfficeRow:
    """One office, for those who may see its organisation's area."""
    path = Appointment.objects.filter(pk=appointment_id).values_list("area__path", flat=True).first()
    if path is None or not any(actor.may(permission, path) for permission in SEEN_WITH):
        raise NotFound("There is no such office.", code="no-appointment")
    return _offices(Q(pk=appointment_id))[0]


def organisation_page(actor: Actor, organisation_id: UUID, *, now: datetime) -> OrganisationPage:
    """One organisation; ``NotFound`` if it is not of the actor's areas. Six queries."""
    row = Organisation.objects.select_related("area", "parent").filter(pk=organisation_id).first()
    if row is None or not _may_see(actor, row):
        raise NotFound("There is no such organisation, or it is not of your area.", code="no-organisation")
    today = day_of(now)
    offices = _offices(Q(organisation=row))
    services = Service.objects.filter(organisation=row).select_related("area").order_by("until", "area__path", "pk")
    units = CommitteeMembership.objects.filter(committee=row, until=None).select_related("unit").order_by("since", "pk")
    joined = CommitteeMembership.objects.filter(unit=row, until=None).select_related("committee").order_by("since")
    below = Organisation.objects.filter(current(today), parent=row).select_related("area")[:200]
    return OrganisationPage(
        id=row.pk,
        name=row.name,
        short_name=row.short_name,
        kind=row.kind,
        credit_code=row.credit_code,
        phone=row.phone,
        area_id=row.area_id,
        area=row.area.name,
        area_path=row.area.path,
        parent_id=row.parent_id,
        parent=str(row.parent) if row.parent else "",
        since=row.since,
        until=row.until,
        offices=tuple(o for o in offices if o.until is None or o.until > today),
        former_offices=tuple(o for o in offices if o.until is not None and o.until <= today),
        services=tuple(TiedRow(s.pk, s.area_id, s.area.name, s.kind, s.since, s.until) for s in services[:200]),
        units=tuple(TiedRow(m.pk, m.unit_id, str(m.unit), m.unit.kind, m.since, m.until) for m in units[:500]),
        committees=tuple(
            TiedRow(m.pk, m.committee_id, str(m.committee), m.committee.kind, m.since, m.until) for m in joined[:50]
        ),
        children=tuple(_row(child, today) for child in below),
        may_manage=actor.may("organisations.manage", row.area.path),
        may_appoint=actor.may("people.appoint", row.area.path) or actor.may("security.administer", row.area.path),
    )


def _may_see(actor: Actor, row: Organisation) -> bool:
    """By area; partner units and companies of elsewhere that serve or joined in the actor's areas as well."""
    if actor.is_system or any(actor.may(permission, row.area.path) for permission in SEEN_WITH):
        return True
    paths = _seen_paths(actor)
    return (
        Service.objects.filter(within(paths, "area__path"), organisation=row).exists()
        or CommitteeMembership.objects.filter(within(paths, "committee__area__path"), unit=row).exists()
    )


def party_tree(actor: Actor, root_id: UUID, *, now: datetime) -> TreeNode:
    """The party's tree under a body. As many queries as it has levels, and one for those in office."""
    today = day_of(now)
    root = Organisation.objects.select_related("area").filter(pk=root_id).first()
    if root is None or not _may_see(actor, root):
        raise NotFound("There is no such organisation, or it is not of your area.", code="no-organisation")
    bodies, level = [root], [root]
    while level and len(bodies) < MOST_BODIES:
        level = list(
            Organisation.objects.filter(current(today), parent__in=level, kind__in=PARTY_KINDS).select_related("area")[
                : MOST_BODIES - len(bodies)
            ]
        )
        bodies += level
    holders: dict[UUID, list[str]] = defaultdict(list)
    in_office = Appointment.objects.filter(current(today), organisation__in=bodies, stands_in_for=None)
    for organisation_id, name in in_office.order_by("since", "pk").values_list("organisation_id", "person__name"):
        holders[organisation_id].append(name)
    below: dict[UUID | None, list[Organisation]] = defaultdict(list)
    for body in bodies[1:]:
        below[body.parent_id].append(body)

    def node(body: Organisation) -> TreeNode:
        return TreeNode(
            body.pk,
            str(body),
            body.kind,
            body.area.name,
            tuple(holders.get(body.pk, ())),
            tuple(node(child) for child in below.get(body.pk, ())),
        )

    return node(root)


def organisation_named(name: str, area_path: str, *, on: date) -> UUID | None:
    """The organisation of that very name in an area, if there is one on that day."""
    return (
        Organisation.objects.filter(current(on), area__path=area_path, name=clean_line(name, 100))
        .values_list("pk", flat=True)
        .first()
    )


def property_company_of(estate_id: UUID, on: date) -> UUID | None:
    """The property company that serves an estate on a day."""
    return (
        Service.objects.filter(current(on), area=estate_id, kind=Service.Kind.PROPERTY)
        .values_list("organisation_id", flat=True)
        .first()
    )


def roles_to_give(actor: Actor, area_path: str) -> tuple[str, ...]:
    """The roles that the actor may give in an area, for the form; the operation asks again."""
    security = actor.may("security.administer", area_path)
    appoints = actor.may("people.appoint", area_path)

    def may_give(role: str) -> bool:
        if actor.is_system:
            return True
        if role in BY_SECURITY:
            return security
        return appoints and all(actor.may(p, area_path) for p in ROLES[role] - OWN_WORK)

    return tuple(role for role in ROLES if may_give(role))


def find_for_choice(actor: Actor, text: str, *, kinds: Iterable[str] = ()) -> tuple[tuple[UUID, str], ...]:
    """Organisations whose name holds the text, to choose one of: names are no secret among those in office."""
    if not actor.is_system and not any(actor.may_somewhere(permission) for permission in SEEN_WITH):
        raise NotAllowed("This page is for people in office.", code="no-permission", permission="people.read")
    if not (text := clean_line(text, 60)):
        return ()
    rows = Organisation.objects.filter(Q(name__contains=text) | Q(short_name__contains=text), until=None)
    if kinds := list(kinds):
        rows = rows.filter(kind__in=kinds)
    return tuple((row.pk, f"{row.name}（{row.area.name}）") for row in rows.select_related("area").order_by("pk")[:20])
