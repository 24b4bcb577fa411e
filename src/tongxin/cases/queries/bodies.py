"""Whom a report may be about: who serves a place, and the office of its community."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q, QuerySet

from tongxin.cases.queries.view import Body
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation, Service
from tongxin.places.queries import below
from tongxin.places.rules import lineage_paths
from tongxin.record.statements import Statement

MOST_INSIDE = 200


def bodies_of(paths: Sequence[str], now: datetime) -> list[Body]:
    """Organisations that serve one of the areas now, the smallest area first, then the community's office, then schools and
    health institutions there. Three queries.

    ``paths``: those of the place and of all areas above it.
    """
    today = local_day(now)
    rows = [*(service.organisation for service in _SERVING(list(paths), today)), *_OFFICES(list(paths), today)]
    rows += _INSTITUTIONS(list(paths), today)
    return list({row.id: Body(row.id, str(row), row.phone) for row in rows}.values())


def bodies_about(area_path: str, now: datetime) -> list[Body]:
    """Whom a case at a place may be about: :func:`bodies_of` it, and whoever serves a part of it. Three queries."""
    inside = (
        Service.objects.filter(below(area_path, "area__path"), since__lte=local_day(now), until=None)
        .select_related("organisation")
        .order_by("area__path", "id")[:MOST_INSIDE]
    )
    rows = [service.organisation for service in inside]
    found = [*bodies_of(lineage_paths(area_path), now), *(Body(row.id, str(row), row.phone) for row in rows)]
    return list({body.id: body for body in found}.values())


def _serving(paths: list[str], today: date) -> QuerySet[Service]:
    in_force = Q(until=None) | Q(until__gt=today)
    return (
        Service.objects.filter(in_force, since__lte=today, area__path__in=paths)
        .select_related("organisation")
        .order_by("-area__depth", "kind", "id")[:20]
    )


def _offices(paths: list[str], today: date) -> QuerySet[Organisation]:
    in_force = Q(until=None) | Q(until__gt=today)
    offices = Organisation.objects.filter(in_force, kind=Organisation.Kind.COMMUNITY, area__path__in=paths)
    return offices.order_by("-area__depth", "id")[:3]


def _institutions(paths: list[str], today: date) -> QuerySet[Organisation]:
    in_force = Q(until=None) | Q(until__gt=today)
    kinds = (Organisation.Kind.SCHOOL, Organisation.Kind.HEALTH)
    return Organisation.objects.filter(in_force, kind__in=kinds, area__path__in=paths).order_by("-area__depth", "id")[
        :20
    ]


_INSTITUTIONS: Statement[Organisation] = Statement(_institutions)
_SERVING: Statement[Service] = Statement(_serving)
_OFFICES: Statement[Organisation] = Statement(_offices)
