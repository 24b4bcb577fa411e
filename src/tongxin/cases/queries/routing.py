"""Where a case goes by the routes in force: the question that the desk's form and the operation both ask."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases import rules, rules_routing
from tongxin.cases.models import Case, Category, Route, RouteTurn
from tongxin.cases.queries.offices import staffed
from tongxin.kernel.times import local_day
from tongxin.people.models import Appointment, Organisation, Service
from tongxin.places.models import Area
from tongxin.record.kept import kept


def lineage(path: str) -> list[str]:
    """Paths of an area or category and of all above it, from the top."""
    codes = path.strip("/").split("/")
    return ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def choose(case: Case, now: datetime) -> rules_routing.RouteChoice:
    """Where the case goes by the routes in force now; where none fits, to the desk of its community."""
    today = local_day(now)
    routes, places = _set_up(case.area_path, case.category.path, today)
    if any(route.mode is rules.Mode.ROTATION for route in routes):
        routes = _with_turns(routes, today)
    excluded = {UUID(organisation) for organisation in case.complained_of}
    return rules_routing.choose_route(case.area_path, case.category.path, routes, places, excluded)


@kept(Route, Category, Area, Organisation, Service, Appointment)
def _set_up(
    area_path: str, category_path: str, today: date
) -> tuple[Sequence[rules_routing.Route], Sequence[rules_routing.Desk]]:
    """The routes in force for a place and a category, without whose turn it is, and the desks. Four queries, kept."""
    paths = lineage(area_path)
    rows = list(_routes(paths, lineage(category_path), today))
    serving = _serving(paths, today) if any(row.service for row in rows) else {}
    here = set(_existing({row.organisation_id for row in rows if row.organisation_id}, today))
    routes = [
        rules_routing.Route(
            area_path=row.area.path,
            category_path=row.category.path if row.category else "",
            organisation=row.organisation_id if row.organisation_id in here else serving.get(row.service),
            mode=rules.Mode(row.mode),
            automatic=row.automatic,
            id=row.id,
        )
        for row in rows
    ]
    return routes, desks(paths)


def _routes(paths: list[str], categories: list[str], today: date) -> QuerySet[Route]:
    in_force = Q(until=None) | Q(until__gt=today)
    return (
        Route.objects.filter(in_force, since__lte=today, area__path__in=paths)
        .filter(Q(category=None) | Q(category__path__in=categories))
        .select_related("area", "category")
        .defer("area__shape")
    )


def _with_turns(routes: Sequence[rules_routing.Route], today: date) -> list[rules_routing.Route]:
    """The routes with whose turn it is, which every case that is given changes. Two queries."""
    rows = list(RouteTurn.objects.filter(route_id__in=[route.id for route in routes]))
    here = set(_existing({row.organisation_id for row in rows}, today))
    turns: dict[Hashable, list[rules_routing.Turn]] = {}
    for row in rows:
        if row.organisation_id in here:
            turn = rules_routing.Turn(row.organisation_id, row.position, row.last_given_at)
            turns.setdefault(row.route_id, []).append(turn)
    return [replace(route, turns=tuple(turns.get(route.id, ()))) for route in routes]


def _existing(organisations: Iterable[UUID], today: date) -> Iterable[UUID]:
    """Which of the organisations that the routes name can take a case today: nothing is sent to one that has ended, or
    for which nobody handles cases."""
    named = list(organisations)
    found = Organisation.objects.filter(staffed(today), pk__in=named)
    return found.values_list("pk", flat=True) if named else ()


def _serving(paths: list[str], today: date) -> dict[str, UUID]:
    """Who serves the place, by kind of service: the nearest area's."""
    rows = (
        Service.objects.filter(Q(until=None) | Q(until__gt=today), since__lte=today, area__path__in=paths)
        .filter(organisation__in=Organisation.objects.filter(staffed(today)).values("pk"))
        .order_by("area__depth")
        .values_list("kind", "organisation_id")
    )
    return dict(rows)


_KINDS = (Organisation.Kind.COMMUNITY, Organisation.Kind.GOVERNMENT)


def desks(paths: Sequence[str]) -> list[rules_routing.Desk]:
    """The dispatch desks of an area, from the community upward: the bodies that govern each level."""
    rows = Organisation.objects.filter(area__path__in=paths, kind__in=_KINDS, until=None)
    found = rows.order_by("-area__depth", "id").values_list("area__path", "id")
    return [rules_routing.Desk(path, organisation) for path, organisation in found] or [
        rules_routing.Desk(paths[-1], None)
    ]
