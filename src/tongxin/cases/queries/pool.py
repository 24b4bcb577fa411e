"""The pool 点单: what it takes to take an order, and who is near and fit for one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import Assignment, Case, Category, Party
from tongxin.cases.queries.routing import lineage
from tongxin.cases.rules import OPEN
from tongxin.cases.rules_routing import MOST_ORDERS, SERVES, Order, Taker, why_not_take
from tongxin.kernel.actor import Actor
from tongxin.people.models import Appointment, ReportIn
from tongxin.people.roles import ROLES

__all__ = ["fit_for", "order_of", "taker_of", "unfit_categories", "why_not_take"]

COMMUNITY_DEPTH = 4  # city, county, street, community: further up nobody is near
LOOKED_AT = 200
_HANDLING = frozenset(role for role, permissions in ROLES.items() if "case.handle" in permissions)


def order_of(case: Case) -> Order:
    """A case in the pool as an order. One query."""
    rows = Party.objects.filter(case=case, role=Party.Role.REPORTER, disowned_at=None)
    return Order(
        area_path=case.area_path,
        skills=frozenset(case.category.skills),
        complained_of=frozenset(UUID(body) for body in case.complained_of),
        reporter=rows.values_list("person_id", flat=True).first(),
        service=case.category.is_service,
    )


def taker_of(actor: Actor, order: Order) -> Taker:
    """Somebody who wants to take it. Two queries at most."""
    mine = Assignment.objects.filter(
        person=actor.person_id, mode="pool", state=Assignment.State.CLAIMED, ended_at=None, case__state__in=OPEN
    )
    return Taker(
        person=actor.person_id,
        area_paths=tuple(actor.areas_with("case.handle")),
        skills=_skills([actor.person_id], order.skills).get(actor.person_id, frozenset()),
        organisations=frozenset(actor.organisations()),
        roles=_roles(actor, order.area_path),
        open_orders=mine[: MOST_ORDERS + 1].count(),
    )


def _roles(actor: Actor, area_path: str) -> frozenset[str]:
    return frozenset(grant.role for grant in actor.grants if grant.covers("case.handle", area_path))


def _skills(people: Iterable[UUID | None], wanted: frozenset[str]) -> dict[UUID | None, frozenset[str]]:
    """Which of the wanted skills each registered when they reported in. No query where none is wanted."""
    if not wanted:
        return {}
    rows = ReportIn.objects.filter(person_id__in=[p for p in people if p], until=None, received_by__isnull=False)
    found: dict[UUID | None, frozenset[str]] = {}
    for person, text in rows.values_list("person_id", "skills"):
        found[person] = frozenset(skill for skill in wanted if skill in text)
    return found


def unfit_categories(actor: Actor) -> list[UUID]:
    """Categories whose orders the actor cannot take anywhere: those of other roles, and those that take a skill that
    they have not registered. One query, two where skills are wanted."""
    serves = any(grant.role in SERVES for grant in actor.grants if "case.handle" in grant.permissions)
    rows = Category.objects.filter(Q(is_service=True) | ~Q(skills=[])).values_list("id", "is_service", "skills")
    wanted = frozenset(skill for _key, _service, skills in rows for skill in skills)
    mine = _skills([actor.person_id], wanted).get(actor.person_id, frozenset())
    return [key for key, service, skills in rows if (service and not serves) or set(skills) - mine]


def fit_for(order: Order, today: date, limit: int) -> list[UUID]:
    """Those near and fit for an order, the nearest first: who may be told of it. Two queries at most."""
    paths = lineage(order.area_path)
    near = paths[COMMUNITY_DEPTH - 1 :] or paths[-1:]
    rows = _appointed(near, today, SERVES if order.service else _HANDLING)
    people = [
        (person, role)
        for person, role, body in rows.values_list("person_id", "role", "organisation_id")[:LOOKED_AT]
        if person != order.reporter and body not in order.complained_of
    ]
    able = _skills([person for person, _role in people], order.skills)
    found = [person for person, _role in people if not order.skills - able.get(person, frozenset())]
    return list(dict.fromkeys(found))[:limit]


def _appointed(paths: list[str], today: date, roles: Iterable[str]) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(Q(until=None) | Q(until__gt=today), since__lte=today, area__path__in=paths)
    return rows.filter(role__in=[role for role in roles if role in _HANDLING]).order_by("-area__depth", "id")
