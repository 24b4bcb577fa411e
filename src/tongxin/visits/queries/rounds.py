"""Reads of visits: what waits for a visitor, the households of a place to share out, a visit, and the rhythm of an area."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.times import local_day
from tongxin.people.models import Appointment, Household, Organisation, Residence
from tongxin.people.queries.areas import address_of, current
from tongxin.people.queries.register import age_on, masked_phone
from tongxin.people.roles import ROLES
from tongxin.places.queries import below
from tongxin.places.rules import lineage_paths
from tongxin.visits.models import AreaRhythm, Assignment, Matter, Visit
from tongxin.visits.rules import Rhythm, with_age

PAGE: Final = 20
MOST_HOUSEHOLDS: Final = 600
"""Of one place on the page that shares them out; a larger one is shared out building by building."""
MOST_VISITORS: Final = 200
PLACE = "household__home__unit__building__estate"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a household. ``phone`` is masked."""

    person_id: UUID
    name: str
    age: int | None
    relation: str
    phone: str


@dataclass(frozen=True, slots=True)
class Round:
    """A household that somebody visits. ``last`` is what came of the last visit."""

    id: UUID
    household_id: UUID
    home_id: UUID
    estate_id: UUID
    estate_path: str
    address: str
    members: tuple[Member, ...]
    traits: frozenset[str]
    due_on: date
    last_met_on: date | None
    last: str
    tries: int
    special: bool

    @property
    def names(self) -> str:
        """Who lives there, the head first."""
        return "、".join(member.name for member in self.members[:6])


@dataclass(frozen=True, slots=True)
class Found:
    """A matter of a visit: its case, and in whose name."""

    case_id: UUID
    number: str
    person_id: UUID
    person: str


@dataclass(frozen=True, slots=True)
class Made:
    """A visit as it was written down."""

    id: UUID
    round: Round
    visitor_id: UUID
    visitor: str
    outcome: str
    text: str
    consent: bool
    same_day: bool
    signature: str
    occurred_at: datetime
    recorded_at: datetime
    matters: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class ToShare:
    """A household to share out, and who visits it now."""

    id: UUID
    address: str
    names: str
    visitor: str
    special: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may visit in an area, and how many households they have already."""

    id: UUID
    name: str
    role: str
    households: int


def rhythm_of(path: str) -> Rhythm:
    """The rhythm of the nearest area above a path that has one; the usual one where none has. One query."""
    rows = AreaRhythm.objects.filter(area__path__in=lineage_paths(path)).order_by("-area__depth")
    row = rows.first()
    return Rhythm(row.every_days, row.special_days, frozenset(row.special)) if row is not None else Rhythm()


def members_of(households: Iterable[UUID], today: date) -> dict[UUID, list[Member]]:
    """Who lives in each household on a day, the head first. One query."""
    found: dict[UUID, list[Member]] = defaultdict(list)
    rows = Residence.objects.filter(current(today), household__in=list(households), person__erased_at=None)
    for row in rows.select_related("person").order_by("-is_head", "since", "pk"):
        one = row.person
        found[row.household_id].append(
            Member(one.pk, one.name, age_on(one.birth_date, today), row.relation, masked_phone(one))
        )
    return found


def my_visits(actor: Actor, now: datetime, after: str = "") -> tuple[list[Round], str]:
    """The households of a visitor, those due first, and the key of the next page. Two queries."""
    rows = _running().filter(visitor=actor.person_id)
    if after:
        day, key = _key(after)
        rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=key))
    found = list(rows.order_by("due_on", "pk")[: PAGE + 1])
    shown = found[:PAGE]
    following = f"{shown[-1].due_on.isoformat()}.{shown[-1].pk}" if len(found) > PAGE else ""
    return _rounds(shown, local_day(now)), following


def due_count(actor: Actor, now: datetime) -> int:
    """How many households of a visitor are due by today. One query, over their own twenty or so."""
    return Assignment.objects.filter(visitor=actor.person_id, until=None, due_on__lte=local_day(now)).count()


def my_round(actor: Actor, assignment_id: UUID, now: datetime) -> Round:
    """One household of the visitor's own. Raises :class:`NotFound` for any other. Two queries."""
    row = _running().filter(pk=assignment_id, visitor=actor.person_id).first()
    if row is None or actor.person_id is None:
        raise NotFound("This household is not on your list.", code="no-round")
    return _rounds([row], local_day(now))[0]


def made_lately(actor: Actor) -> list[tuple[UUID, str, str, datetime, int]]:
    """(id, address, outcome, when, matters) of the visitor's last visits. One query."""
    rows = Visit.objects.filter(visitor=actor.person_id).annotate(found=Count("matters"))
    rows = rows.select_related("household__home__unit__building__estate").order_by("-pk")[:10]
    return [(row.pk, address_of(row.household.home), row.outcome, row.occurred_at, row.found) for row in rows]


def visit(actor: Actor, visit_id: UUID, now: datetime) -> Made:
    """A visit, for who made it and who reads visits there. Raises :class:`NotFound`. Three queries."""
    row = Visit.objects.select_related("visitor", "estate", f"assignment__{PLACE}").filter(pk=visit_id).first()
    own = row is not None and actor.person_id is not None and row.visitor_id == actor.person_id
    if row is None or not (own or actor.may("visit.read", row.estate.path)):
        raise NotFound("There is no such visit.", code="no-visit")
    found = Matter.objects.filter(visit=row).select_related("person").order_by("row")
    return Made(
        id=row.pk,
        round=_rounds([row.assignment], local_day(now))[0],
        visitor_id=row.visitor_id,
        visitor=row.visitor.name,
        outcome=row.outcome,
        text=row.text,
        consent=row.consent,
        same_day=row.same_day,
        signature=row.signature,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        matters=tuple(Found(one.case_id, one.number, one.person_id, one.person.name) for one in found),
    )


def households_of(place: str, key: UUID, now: datetime) -> list[ToShare]:
    """The households of an estate, a building or a grid, in the order of their addresses, to share out. Three queries."""
    building = "home__unit__building"
    field = {"area": f"{building}__estate", "building": building, "grid": f"{building}__grid"}[place]
    today = local_day(now)
    rows = Household.objects.filter(current(today), **{field: key}).select_related(f"{building}__estate")
    order = (f"{building}__sort_key", "home__unit__sort_key", "home__sort_key", "pk")
    households = list(rows.order_by(*order)[:MOST_HOUSEHOLDS])
    members = members_of([row.pk for row in households], today)
    taken = dict(
        Assignment.objects.filter(until=None, household__in=households).values_list("household_id", "visitor__name")
    )
    return [
        ToShare(
            row.pk,
            address_of(row.home),
            "、".join(member.name for member in members[row.pk][:4]),
            taken.get(row.pk, ""),
            bool(Rhythm().special & traits_of(row.traits, members[row.pk])),
        )
        for row in households
    ]


def traits_of(traits: Sequence[str], members: Sequence[Member]) -> frozenset[str]:
    """A household's traits, with that of age."""
    return with_age(traits, max((member.age for member in members if member.age is not None), default=None))


def visitors_at(path: str, now: datetime) -> list[Visitor]:
    """Who may visit at a place: whoever holds such an office there, above it or in a part of it. Two queries."""
    roles = [role for role, held in ROLES.items() if "visit.make" in held]
    offices = Appointment.objects.filter(
        current(local_day(now)), Q(area__path__in=lineage_paths(path)[2:]) | below(path, "area__path"),
        role__in=roles, area__valid_until=None, person__erased_at=None,
    )  # fmt: skip
    people: dict[UUID, tuple[str, str]] = {}
    for person_id, name, role in offices.order_by("-area__depth", "pk").values_list(
        "person_id", "person__name", "role"
    ):
        people.setdefault(person_id, (name, role))
        if len(people) == MOST_VISITORS:
            break
    loads = dict(
        Assignment.objects.filter(until=None, visitor__in=people)
        .values_list("visitor")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return [Visitor(key, name, role, loads.get(key, 0)) for key, (name, role) in people.items()]


def units_near(path: str, now: datetime) -> list[str]:
    """Names of the bodies of an area and those above it that could solve something, schools and hospitals too. One query."""
    kinds = ("school", "health", "department", "partner_unit", "utility", "police", "social", "property_company")
    rows = Organisation.objects.filter(
        current(local_day(now)), Q(area__path__in=lineage_paths(path)[1:]) | below(path, "area__path"), kind__in=kinds
    )
    return list(rows.order_by("-area__depth", "name").values_list("name", flat=True)[:80])


def _running() -> QuerySet[Assignment]:
    return Assignment.objects.filter(until=None).select_related(PLACE)


def _key(after: str) -> tuple[date, UUID]:
    day, _, key = after.partition(".")
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def _rounds(rows: Sequence[Assignment], today: date) -> list[Round]:
    members = members_of([row.household_id for row in rows], today)
    return [
        Round(
            id=row.pk,
            household_id=row.household_id,
            home_id=row.household.home_id,
            estate_id=row.household.home.unit.building.estate_id,
            estate_path=row.household.home.unit.building.estate.path,
            address=address_of(row.household.home),
            members=tuple(members[row.household_id]),
            traits=traits_of(row.household.traits, members[row.household_id]),
            due_on=row.due_on,
            last_met_on=row.last_met_on,
            last=row.last_outcome,
            tries=row.tries,
            special=row.special,
        )
        for row in rows
    ]
