"""Whom a place belongs to: the workers of grids, and the telephone of the community's desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from tongxin.people.models import Appointment, Organisation
from tongxin.people.queries.areas import current, day_of
from tongxin.places.rules import lineage_paths


def workers_of_grids(grid_ids: Iterable[UUID], now: datetime) -> dict[UUID, list[str]]:
    """Names of the grid workers in office, by grid. One query."""
    rows = Appointment.objects.filter(current(day_of(now)), grid__in=list(grid_ids), role="grid_worker")
    workers: dict[UUID, list[str]] = {}
    for grid_id, name in rows.order_by("since").values_list("grid_id", "person__name"):
        if grid_id is not None:
            workers.setdefault(grid_id, []).append(name)
    return workers


def community_phone(path: str) -> str:
    """The public telephone of the community (or, failing that, of the street) around a path; empty if none is known."""
    rows = Organisation.objects.filter(
        area__path__in=lineage_paths(path), kind__in=["community", "government"], until=None
    ).exclude(phone="")
    return rows.order_by("-area__depth").values_list("phone", flat=True).first() or ""
