"""The same step for many cases: each by itself, so that one that cannot be done holds up no other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from tongxin.cases.models import Case
from tongxin.cases.operations.desk import accept_case, dispatch_case
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import DomainError, Invalid

MOST = 200


@dataclass(slots=True)
class Outcome:
    """What came of it: numbers done, and (number, title, error) of what was refused."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str, DomainError]] = field(default_factory=list)


def dispatch_many(
    actor: Actor, case_ids: Sequence[UUID], now: datetime, *, lead: UUID | None = None, pool: bool = False,
    note: str = "",
) -> Outcome:  # fmt: skip
    """Give all of them to one organisation, or into the pool."""
    return _each(
        case_ids, lambda case_id: dispatch_case(actor, case_id, now, lead=lead, pool=pool, note=note, reason=note)
    )


def accept_many(actor: Actor, case_ids: Sequence[UUID], now: datetime) -> Outcome:
    """Accept all of them."""
    return _each(case_ids, lambda case_id: accept_case(actor, case_id, now))


def _each(case_ids: Sequence[UUID], act: Callable[[UUID], Case]) -> Outcome:
    wanted = list(dict.fromkeys(case_ids))
    if not 0 < len(wanted) <= MOST:
        raise Invalid("Choose from one to 200 matters.", field="pick")
    names = {row[0]: row[1:] for row in Case.objects.filter(pk__in=wanted).values_list("id", "number", "title")}
    outcome = Outcome()
    for case_id in wanted:
        number, title = names.get(case_id, ("", ""))
        try:
            act(case_id)
        except DomainError as error:
            # What one may not know of stays unnamed.
            known = error.status != 404
            outcome.refused.append((number if known else "—", title if known else "", error))
        else:
            outcome.done.append(number)
    return outcome
