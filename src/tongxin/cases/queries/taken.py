"""The rows of a list that somebody takes away as a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from tongxin.cases.models import Party
from tongxin.cases.queries.queue import Filter, Row, queue
from tongxin.kernel.actor import Actor


def export_rows(
    actor: Actor, wanted: Filter, now: datetime, most: int, *, names: bool = False
) -> Iterator[tuple[Row, str]]:
    """Up to ``most`` rows of the filter in its order with the reporter's name (where ``names``), a page at a time."""
    after, left = "", most
    while left > 0:
        page = queue(actor, wanted, now, after=after, limit=min(500, left))
        reporters = _reporters([row.id for row in page.rows]) if names else {}
        for row in page.rows:
            yield row, reporters.get(row.id, "")
        left -= len(page.rows)
        after = page.after
        if not after:
            return


def _reporters(ids: list[UUID]) -> dict[UUID, str]:
    rows = Party.objects.filter(case_id__in=ids, role=Party.Role.REPORTER, disowned_at=None).order_by("-id")
    return {
        case: name or contact for case, name, contact in rows.values_list("case_id", "person__name", "contact_name")
    }
