"""Who lives where: whether a home is somebody's, and the households of an estate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.people.models import Ownership, Residence, Tenancy
from tongxin.people.queries.areas import current
from tongxin.record.statements import Statement


def lives_or_owns(person_id: UUID, home_id: UUID, today: date) -> bool:
    """True if the person lives in the home, rents or owns it on this day. One query."""
    return bool(_TIED(person_id, home_id, today))


def _tied(person_id: UUID, home_id: UUID, today: date) -> QuerySet[Any, tuple[UUID]]:
    mine = Q(person_id=person_id) & current(today)
    rows: tuple[QuerySet[Any], ...] = (
        Residence.objects.filter(mine, household__home_id=home_id),
        Tenancy.objects.filter(mine, home_id=home_id),
        Ownership.objects.filter(mine, home_id=home_id),
    )
    first, *others = (query.order_by().values_list("pk") for query in rows)
    return first.union(*others, all=True)


_TIED: Statement[tuple[UUID]] = Statement(_tied)


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a household and the home they live in."""

    person_id: UUID
    name: str
    home_id: UUID
    unit_id: UUID
    building_id: UUID
    building: str
    unit: str


def heads_of_households(estate_id: UUID, today: date, limit: int = 200) -> list[Head]:
    """Heads of the households that live in an estate on a day, in the order of their rows."""
    rows = (
        Residence.objects.filter(current(today), household__home__unit__building__estate_id=estate_id, is_head=True)
        .order_by("id")
        .values_list(
            "person_id",
            "person__name",
            "household__home_id",
            "household__home__unit_id",
            "household__home__unit__building_id",
            "household__home__unit__building__name",
            "household__home__unit__name",
        )[:limit]
    )
    return [Head(*row) for row in rows]
