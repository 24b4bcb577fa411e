"""Where a case goes by the routes in force: the question that the desk's form and the operation both ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet, prefetch_related_objects

from tongxin.cases import rules, rules_routing
from tongxin.cases.models import Case, Route
from tongxin.cases.queries.offices import staffed
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation, Service
from tongxin.record.statements import Statement


def lineage(path: str) -> list[str]:
    """Paths of an area or category and of all above it, from the top."""
    codes = path.strip("/").split("/")
    return ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def _routes(paths: list[str], categories: list[str], today: date) -> QuerySet[Route]:
    in_force = Q(until=None) | Q(until__gt=today)
    return (
        Route.objects.filter(in_force, since__lte=today, area__path__in=paths)
        .filter(Q(category=None) | Q(category__path__in=categories))
        .select_related("area", "category")
        .defer("area__shape")
    )


_ROUTES: Statement[Route] = Statement(_routes)


def _turns(route: Route) -> tuple[rules_routing.Turn, ...]:
    if route.mode != rules.Mode.ROTATION:
        return ()
    return tuple(rules_routing.Turn(t.organisation_id, t.position, t.last_given_at) for t in route.turns.all())


def choose(case: Case, now: datetime) -> rules_routing.RouteChoice:
    """Where the case goes by the routes in force now; where none fits, to the desk of its community."""
    today, paths = local_day(now), lineage(case.area_path)
    rows = _ROUTES(paths, lineage(case.category.path), today)
    prefetch_related_objects([row for row in rows if row.mode == rules.Mode.ROTATION], "turns")
    serving = _serving(paths, today) if any(row.service for row in rows) else {}
    here = _existing(rows, today)
    routes = [
        rules_routing.Route(
            area_path=row.area.path,
            category_path=row.category.path if row.category else "",
            organisation=row.organisation_id if row.organisation_id in here else serving.get(row.service),
            mode=rules.Mode(row.mode),
            automatic=row.automatic,
            turns=tuple(turn for turn in _turns(row) if turn.organisation in here),
            id=row.id,
        )
        for row in rows
    ]
    excluded = {UUID(organisation) for organisation in case.complained_of}
    return rules_routing.choose_route(case.area_path, case.category.path, routes, desks(paths), excluded)


def _existing(routes: Sequence[Route], today: date) -> frozenset[UUID]:
    """Which of the organisations that the routes name can take a case today: nothing is sent to one that has ended, or
    for which nobody handles cases."""
    keys = {row.organisation_id for row in routes} | {turn.organisation for row in routes for turn in _turns(row)}
    named = {key for key in keys if isinstance(key, UUID)}
    if not named:
        return frozenset()
    found = Organisation.objects.filter(staffed(today), pk__in=named)
    return frozenset(found.values_list("pk", flat=True))


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
_BODIES: Statement[tuple[str, UUID]] = Statement(
    lambda paths: (
        Organisation.objects.filter(area__path__in=paths, kind__in=_KINDS, until=None)
        .order_by("-area__depth", "id")
        .values_list("area__path", "id")
    )
)


def desks(paths: list[str]) -> list[rules_routing.Desk]:
    """The dispatch desks of an area, from the community upward: the bodies that govern each level."""
    found = [rules_routing.Desk(path, organisation) for path, organisation in _BODIES(list(paths))]
    return found or [rules_routing.Desk(paths[-1], None)]
