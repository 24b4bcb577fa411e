"""From the numbers that people see to the ids that operations take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from tongxin.cases.models import Case
from tongxin.kernel.errors import NotFound


def case_id(number: str) -> UUID:
    """The id of the case with this number. Raises :class:`NotFound`, in the words of one that may not be known."""
    return case_ids([number])[0]


def case_ids(numbers: Sequence[str]) -> list[UUID]:
    """The ids of these cases, in their order. One query. Raises :class:`NotFound` if one is missing."""
    found = dict(Case.objects.filter(number__in=numbers).values_list("number", "id"))
    if len(found) < len(set(numbers)):
        raise NotFound("There is no such case.")
    return [found[number] for number in numbers]


def numbers_of(ids: Iterable[UUID]) -> dict[UUID, str]:
    """Numbers of cases by their ids, for lists of whoever knows of the ids already. One query."""
    return dict(Case.objects.filter(pk__in=set(ids)).values_list("id", "number"))


def current_state(case_id: UUID) -> Case:
    """The row as it is now, for whoever has just done something to it."""
    return Case.objects.get(pk=case_id)
