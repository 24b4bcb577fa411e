"""Who lives where: for lists of an estate's households."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tongxin.people.models import Residence
from tongxin.people.queries.areas import current


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
