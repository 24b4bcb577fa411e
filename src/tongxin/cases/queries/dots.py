"""The queue's cases as points on a map."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tongxin.cases.models import Case
from tongxin.cases.queries.queue import Filter, found_rows, narrowed
from tongxin.cases.queries.scope import of_scope, scope_of
from tongxin.cases.queries.veil import veils
from tongxin.kernel.actor import Actor

MAP_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Point:
    """A case on the map."""

    number: str
    title: str
    lat: float
    lng: float
    late: bool


def points(actor: Actor, wanted: Filter, now: datetime) -> list[Point]:
    """At most :data:`MAP_MOST` places of the filter's cases, in its order. One query, two for a search."""
    scope = scope_of(actor, wanted.area, helps=True)
    if wanted.q:
        rows = found_rows(actor, scope, wanted, now, "", 200).rows
        return [_point(row.number, row.title, row.lat, row.lng, row.due_at, now) for row in rows if row.lat is not None]
    cases = narrowed(Case.objects.filter(of_scope(scope), lat__isnull=False), actor, wanted, now)
    cases = cases.order_by("-id") if wanted.newest_first else cases.order_by("due_at", "id")
    columns = ("id", "number", "title", "lat", "lng", "due_at", "reporter_hidden", "complained_of")
    found = [row for row in cases.values_list(*columns)[:MAP_MOST] if not (row[7] and scope.barred(row[7]))]
    secret = veils([row[0] for row in found if scope.veiled(row[6], row[7])])
    dots = []
    for key, number, title, lat, lng, due, _hidden, _complained in found:
        if veil := secret.get(key):
            title, lat, lng = veil.access.words(title), veil.lat, veil.lng
        if lat is not None:
            dots.append(_point(number, title, lat, lng, due, now))
    return dots


def _point(number: str, title: str, lat: Any, lng: Any, due: datetime | None, now: datetime) -> Point:
    return Point(number, title, lat, lng, due is not None and due < now)
