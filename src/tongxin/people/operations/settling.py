"""Whole estates of people at once: for imports and for the first filling of a register."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict
from tongxin.people.operations._bulk import Plan, ResidentRow
from tongxin.people.queries.areas import day_of
from tongxin.record.operations import append_entry

__all__ = ["ResidentRow", "bulk_settle"]

BATCH = 4_000  # rows of one transaction: others wait for well under two seconds


def _batches(rows: Iterable[ResidentRow]) -> Iterator[list[ResidentRow]]:
    """The rows of a home stay together: its owners are counted together."""
    homes: dict[UUID, list[ResidentRow]] = defaultdict(list)
    for row in rows:
        homes[row.home_id].append(row)
    batch: list[ResidentRow] = []
    for together in homes.values():
        if batch and len(batch) + len(together) > BATCH:
            yield batch
            batch = []
        batch += together
    if batch:
        yield batch


def bulk_settle(
    actor: Actor, rows: Iterable[ResidentRow], *, now: datetime, since: date | None = None
) -> dict[str, int]:
    """Put many residents, their households and owners on the register; gives back how many of each were made.

    Needs ``people.manage`` in every estate. Whoever is known (by ID number, else by name in the same home) is not made
    again, so the same rows twice make nothing twice. Rows are written four thousand to a transaction; one batch
    is written whole or not at all, with **one entry per batch and community**: counts and a digest of the rows' ids,
    for an entry per person would make the history of a whole city unreadable. Errors: ``Conflict`` names the first row
    that does not fit; earlier batches stay.
    """
    today = day_of(now)
    made: Counter[str] = Counter()
    for batch in _batches(rows):
        plan = Plan(batch, since=since or today, today=today, now=now)
        if plan.problems:
            number, message = plan.problems[0]
            raise Conflict("Row %(row)s: %(why)s", code="row-unfit", row=number, why=message)
        for path in {facts.area_path for facts in plan.facts.values()}:
            actor.require("people.manage", path)
        with transaction.atomic():
            counts = plan.write(now)
            _note(actor, plan, batch, dict(counts), now)
        made.update(counts)
    return dict(made)


def _note(actor: Actor, plan: Plan, batch: Sequence[ResidentRow], counts: dict[str, int], now: datetime) -> None:
    """One entry for each community of the batch; the digest tells which homes and names it was about."""
    rows: dict[tuple[UUID, str], list[ResidentRow]] = defaultdict(list)
    for row in batch:
        facts = plan.facts[row.home_id]
        rows[facts.community_id, facts.area_path.rpartition("/")[0].rpartition("/")[0] + "/"].append(row)
    told = plan.told()  # of the whole batch, with the first entry
    for (community_id, path), lines in rows.items():
        homes = sorted({str(row.home_id) for row in lines})
        append_entry(
            actor=actor,
            verb="people.settled",
            subject=("area", community_id),
            area_path=path,
            now=now,
            data={
                "rows": len(lines),
                "homes": len(homes),
                "homes_digest": hashlib.sha256("\n".join(homes).encode()).hexdigest(),
                "batch": counts,
                **told,
            },
        )
        told = {}
