"""Whom somebody may act for, and on what ground: family accounts, and the grid worker's help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import FamilyLink, FamilyRequest, Person
from tongxin.people.queries.areas import areas_of_person, day_of, permitted_path
from tongxin.people.queries.register import age_on, search_people, ties_of

MOST_FOUND = 10
LEAST_TYPED = 2  # letters; nobody leafs through the register with this

Ground = Literal["family", "worker"]


@dataclass(frozen=True, slots=True)
class Helped:
    """Somebody whom the actor may act for by a family account."""

    person_id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Somebody to report for: as much of the register as it takes to know that it is them. ``homes``: id, address."""

    person_id: UUID
    name: str
    age: int | None
    homes: tuple[tuple[UUID, str], ...]

    @property
    def address(self) -> str:
        """Where they live."""
        return self.homes[0][1] if self.homes else ""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A family account as its two people see it. ``as_child``: the reader is the one who acts."""

    id: UUID
    other_id: UUID
    other_name: str
    as_child: bool
    consent: str
    since: datetime


@dataclass(frozen=True, slots=True)
class FamilyRequestRow:
    """A request of the child's own, as the child sees it; whether the register knows the parent is not shown."""

    id: UUID
    parent_name: str
    consent: str
    state: str
    reason: str
    created_at: datetime


def on_behalf_options(actor: Actor) -> tuple[Helped, ...]:
    """The family members whom the actor may act for. Workers help whoever is in their area: see :func:`may_act_for`."""
    if actor.person_id is None:
        return ()
    links = FamilyLink.objects.filter(child=actor.person_id, until=None).select_related("parent").order_by("pk")
    return tuple(Helped(link.parent_id, link.parent.name) for link in links[:20])


def may_act_for(actor: Actor, person_id: UUID, *, now: datetime, permission: str = "case.submit_for") -> Ground | None:
    """Why the actor may act for the person: a family account in force, or an office with ``permission`` where they
    belong; ``None`` if they may not. Acting for oneself is no acting for somebody: ``None``.
    """
    if actor.person_id == person_id:
        return None
    in_force = Q(until=None) | Q(until__gt=now)
    if (
        actor.person_id is not None
        and FamilyLink.objects.filter(in_force, child=actor.person_id, parent=person_id, since__lte=now).exists()
    ):
        return "family"
    if not actor.may_somewhere(permission):
        return None
    path = permitted_path(actor, permission, areas_of_person(person_id, day_of(now)))
    return "worker" if path is not None else None


def people_to_help(actor: Actor, *, name: str = "", address: str = "", now: datetime) -> tuple[Neighbour, ...]:
    """Whom a helper means: by the beginning of the name or the address, within the areas where they may help.

    At most ten, and nobody for less than two letters. A bounded number of queries.
    """
    name, address = clean_line(name, 60), clean_line(address, 120)
    if max(len(name), len(address)) < LEAST_TYPED:
        return ()
    found = search_people(actor, text=name, address=address, now=now, permission="case.submit_for").rows
    return tuple(
        Neighbour(row.id, row.name, row.age, ((row.home_id, row.address),) if row.home_id else ())
        for row in found[:MOST_FOUND]
        if row.id != actor.person_id
    )


def helped_person(actor: Actor, person_id: UUID, *, now: datetime) -> Neighbour:
    """The person whom the actor reports for, with their homes. Raises :class:`NotFound` for whom they may not help."""
    person = Person.objects.filter(pk=person_id, erased_at=None, same_as=None).first()
    if person is None or may_act_for(actor, person_id, now=now) is None:
        raise NotFound("There is no such person, or they are not of your area.", code="no-person")
    today = day_of(now)
    ties = sorted(
        ties_of([person_id], today, only_current=True).get(person_id, []),
        key=lambda tie: ("lives", "rents", "owns").index(tie.kind),
    )
    homes = {tie.home_id: tie.address for tie in ties}
    return Neighbour(person_id, person.name, age_on(person.birth_date, today), tuple(homes.items()))


def my_family(actor: Actor) -> tuple[tuple[LinkRow, ...], tuple[FamilyRequestRow, ...]]:
    """The actor's family accounts in force, on either side, and their last requests. Two queries."""
    me = actor.person_id
    links = FamilyLink.objects.filter(Q(child=me) | Q(parent=me), until=None).select_related("child", "parent")
    rows = []
    for link in links.order_by("pk")[:40]:
        other = link.parent if link.child_id == me else link.child
        rows.append(LinkRow(link.pk, other.pk, other.name, link.child_id == me, link.consent, link.since))
    requests = FamilyRequest.objects.filter(child=me).exclude(state=FamilyRequest.State.LINKED).order_by("-pk")
    asked = [FamilyRequestRow(r.pk, r.parent_name, r.consent, r.state, r.reason, r.created_at) for r in requests[:5]]
    return tuple(rows), tuple(asked)


def family_of(person_id: UUID) -> tuple[LinkRow, ...]:
    """A person's family accounts in force, for the desk's page of them. One query."""
    links = (
        FamilyLink.objects.filter(Q(child=person_id) | Q(parent=person_id), until=None)
        .select_related("child", "parent")
        .order_by("pk")
    )
    rows = []
    for link in links[:40]:
        other = link.parent if link.child_id == person_id else link.child
        rows.append(LinkRow(link.pk, other.pk, other.name, link.child_id == person_id, link.consent, link.since))
    return tuple(rows)
