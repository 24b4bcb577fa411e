"""Lines of lists for those who may not know who reported: without names, numbers and homes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tongxin.cases.models import Case
from tongxin.cases.queries.access import Access, strangers
from tongxin.cases.queries.view import position, public_place


@dataclass(frozen=True, slots=True)
class Veil:
    """What a line may say instead: words masked by ``access``, the place without a home, the position roughly."""

    access: Access
    place: str
    lat: float | None
    lng: float | None


def veils(case_ids: Collection[UUID]) -> dict[UUID, Veil]:
    """The veils of these cases. No query without any, else two."""
    if not case_ids:
        return {}
    readers = strangers(case_ids)
    rows = Case.objects.filter(pk__in=case_ids).select_related("area", "building", "unit")
    return {
        row.pk: Veil(readers[row.pk], public_place(row, readers[row.pk]), *position(row, exact=False)) for row in rows
    }
