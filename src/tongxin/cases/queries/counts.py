"""How many cases of a desk stand where: the figures on its chips."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from tongxin.cases.models import Case
from tongxin.cases.queries.queue import (
    CHECK_WAITS,
    CHIPS,
    COUNT_MOST,
    DESK_WAITS,
    HANDLER_WAITS,
    STATES,
    Filter,
    desks,
    level_of_desks,
)
from tongxin.cases.queries.raised import DEPTH_SQL, depths_of
from tongxin.cases.queries.scope import Scope, level_of, scope_of
from tongxin.kernel.actor import Actor

KEPT_SECONDS: Final = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """How many there are by chip, among the first thousand open cases by deadline. ``more``: there are further ones,
    so each is “at least”. ``late_since``: since when the longest overdue one is."""

    by_chip: dict[str, int]
    waiting: int
    late_since: datetime | None
    more: bool

    def words(self, chip: str) -> str:
        """“5”, “5+” or, at the end of counting, “999+”."""
        number = self.by_chip.get(chip, 0)
        if number >= COUNT_MOST:
            return f"{COUNT_MOST - 1}+"
        return f"{number}+" if self.more and number else str(number)


def counts(actor: Actor, wanted: Filter, now: datetime, *, kept: bool = False) -> Counts:
    """The figures on the chips. One query over at most :data:`COUNT_MOST` rows, by index.

    ``kept``: what was counted within :data:`KEPT_SECONDS` will do, for whoever did nothing in the meantime. The same
    figures serve all who look after the same.
    """
    scope, mine = scope_of(actor, wanted.area), sorted(actor.organisations_with("case.handle"))
    whose = (*scope.paths, *scope.leads, *scope.helps, "handle", *mine, desks(actor))
    key = "desk-counts:" + blake2b("|".join(map(str, whose)).encode(), digest_size=16).hexdigest()
    if kept:
        counted: tuple[datetime, Counts] | None = cache.get(key)
        if counted is not None and timedelta(0) <= now - counted[0] < timedelta(seconds=KEPT_SECONDS):
            return counted[1]
    found = _counted(_groups(scope, mine, now), desks(actor), depths_of(actor, now))
    cache.set(key, (now, found), KEPT_SECONDS)
    return found


def _groups(scope: Scope, mine: list[UUID], now: datetime) -> list[tuple[Any, ...]]:
    where, params = _where(scope)
    ours = ",".join(["%s"] * len(mine)) or "NULL"
    sql = (
        "SELECT state, kind, supervised, late, asked, own, decides, COUNT(*), MIN(due_at) FROM ("  # noqa: S608 - fixed words
        "SELECT state, kind, supervised, due_at, due_at < %s AND due_kind NOT IN ('resident_answer', 'info') AS late,"
        " objection_pending OR extension_pending OR suspension_pending AS asked,"
        f" COALESCE(lead_id IN ({ours}), FALSE) AS own,"
        f" CASE WHEN raised > 0 OR supervised THEN {DEPTH_SQL} ELSE 99 END AS decides"
        f" FROM cases_case WHERE ({where}) AND due_at IS NOT NULL ORDER BY due_at, id LIMIT {COUNT_MOST}"
        ") AS first GROUP BY state, kind, supervised, late, asked, own, decides"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [connection.ops.adapt_datetimefield_value(now), *map(_key_value, mine), *params])
        return cursor.fetchall()


def _where(scope: Scope) -> tuple[str, list[Any]]:
    """The condition of a scope as SQL. The count stands on every page of the desk and is not put together anew."""
    if scope.paths:
        return " OR ".join(f"{level_of(path)} = %s" for path in scope.paths), list(scope.codes)
    keys = [_key_value(key) for key in (*scope.leads, *scope.helps)]
    return " OR ".join([*["lead_id = %s"] * len(scope.leads), *["id = %s"] * len(scope.helps)]), keys


def _key_value(key: UUID) -> Any:
    return key if connection.features.has_native_uuid_field else key.hex


def waiting(actor: Actor, now: datetime) -> int | None:
    """How many cases wait for the actor, for the menu; None for who has nothing to do with cases. One query."""
    if not any(actor.may_somewhere(permission) for permission in ("case.read", "case.desk", "case.handle")):
        return None
    return counts(actor, Filter(), now).waiting


def _counted(groups: list[tuple[Any, ...]], desk: bool, levels: frozenset[int]) -> Counts:
    found = dict.fromkeys((*CHIPS, "petitions"), 0)
    waiting, late_since = 0, None
    for state, kind, supervised, late, asked, own, decides, n, due_at in groups:
        found[""] += n
        if state in _CHIP_OF:
            found[_CHIP_OF[state]] += n
        if late:
            found["overdue"] += n
            due = datetime.fromisoformat(due_at).replace(tzinfo=UTC) if isinstance(due_at, str) else due_at
            late_since = due if late_since is None else min(late_since, due)
        found["supervised"] += n * bool(supervised)
        found["raised"] += n * (max(0, decides) in levels)
        found["common"] += n * (kind == Case.Kind.COMMON)
        decided = decides >= level_of_desks(levels)
        found["petitions"] += n * bool(asked and decided)
        waits = own and state in HANDLER_WAITS
        if desk:
            waits = waits or state in DESK_WAITS or (decided and (state in CHECK_WAITS or asked))
        waiting += n * bool(waits)
    return Counts(found, waiting, late_since, found[""] >= COUNT_MOST)


_CHIP_OF: Final = {state: chip for chip, states in STATES.items() for state in states}
