"""Who is told that somebody waits: at a home, or in the branch."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from tongxin.people.models import Appointment
from tongxin.people.queries.areas import address_of, current, day_of, home_with_place
from tongxin.people.roles import ROLES
from tongxin.places.models import Area

MOST = 20


def _holding(permission: str, path: str, now: datetime) -> QuerySet[Appointment]:
    """Offices that allow something in the area of a path, those of the smallest area first."""
    codes = path.strip("/").split("/")
    paths = ["/".join(codes[:n]) + "/" for n in range(1, len(codes) + 1)]
    roles = [role for role, permissions in ROLES.items() if permission in permissions]
    rows = Appointment.objects.filter(
        current(day_of(now)), role__in=roles, area__path__in=paths, person__erased_at=None
    )
    return rows.order_by("-area__depth", "pk")


def _nearest(rows: list[tuple[UUID, int]]) -> list[UUID]:
    """Those of the smallest area that has any."""
    return [person for person, depth in rows if depth == rows[0][1]][:MOST]


def keepers_of(home_id: UUID, now: datetime) -> list[UUID]:
    """Who goes to the door: the worker of the building's grid, else who verifies in the smallest area. Two queries."""
    home = home_with_place(home_id)
    building = home.unit.building
    rows = list(
        _holding("people.verify", building.estate.path, now).values_list("person_id", "area__depth", "grid_id")[:200]
    )
    of_grid = [person for person, _, grid in rows if grid is not None and grid == building.grid_id]
    return list(dict.fromkeys(of_grid or _nearest([(person, depth) for person, depth, _ in rows])))


def branch_of(community_id: UUID, now: datetime) -> list[UUID]:
    """Who receives members who report in to a community. Two queries."""
    path = Area.objects.values_list("path", flat=True).get(pk=community_id)
    rows = list(_holding("party.report_in", path, now).values_list("person_id", "area__depth")[:200])
    return list(dict.fromkeys(_nearest(rows)))


def home_address(home_id: UUID) -> str:
    """The home as people say it."""
    return address_of(home_with_place(home_id))
