"""Which level decides on a case that was raised or is under supervision, so that it finds what was raised to it."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.core.cache import cache
from django.db.models import IntegerField, Q
from django.db.models.expressions import RawSQL

from tongxin.cases.models import Case
from tongxin.cases.queries.offices import highest_desk_depth
from tongxin.cases.rules_clocks import first_desk_depth
from tongxin.kernel.actor import Actor

RAISED: Final = Q(raised__gt=0) | Q(supervised=True)
DEPTH_SQL: Final = (
    "CASE WHEN l3 <> '' THEN 3 WHEN l2 <> '' THEN 2 WHEN l1 <> '' THEN 1 ELSE 0 END"
    " - CASE WHEN supervised AND raised = 0 THEN 1 ELSE raised END"
)
"""Depth of the area that decides: that of the first desk (``rules_clocks.first_desk_depth``) less the levels raised."""
DEPTH: Final = RawSQL(DEPTH_SQL, (), output_field=IntegerField())  # noqa: S611 - fixed words
_KEPT_SECONDS: Final = 120


def decides_at(case: Case) -> int | None:
    """Depth of the area that decides on a case that was raised; None for one that was not."""
    levels = max(case.raised, int(case.supervised))
    return max(0, first_desk_depth(case.area_path) - levels) if levels else None


def depths_of(actor: Actor, now: datetime) -> frozenset[int]:
    """Depths of what is raised to the actor's desks; for the highest desk there is, of what went beyond it too."""
    paths = sorted(set(actor.areas_with("case.desk")), key=len)
    if not paths:
        return frozenset()
    found = {path.count("/") - 1 for path in paths}
    key = f"highest-desk:{paths[0]}"
    highest: int | None = cache.get(key)
    if highest is None:
        highest = highest_desk_depth(paths[0], now)
        cache.set(key, highest, _KEPT_SECONDS)
    own = paths[0].count("/") - 1
    return frozenset(found | set(range(own)) if highest >= own else found)
