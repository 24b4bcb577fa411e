"""Who was visited when, by area, and who was missed. Of homes and estates, never of visitors.

The state (households, within the rhythm, missed) is kept by estate, what happened by estate and day: a county reads some
hundred rows, however many households and visits it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, Sum

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.times import local_day
from tongxin.people.queries.areas import address_of
from tongxin.places.models import Area
from tongxin.places.queries import below, children
from tongxin.visits.models import Assignment, EstateStanding, VisitTally
from tongxin.visits.queries.rounds import PLACE, members_of
from tongxin.visits.rules import Outcome

PAGE: Final = 30
WINDOW: Final = 30
"""Days over which what happened is told."""


@dataclass(frozen=True, slots=True)
class Figures:
    """An area's figures. ``households`` have a visitor; ``missed`` of them are due since before today."""

    code: str
    name: str
    households: int
    missed: int
    met: int
    nobody: int
    declined: int
    matters: int

    @property
    def within(self) -> int:
        """Households within their rhythm."""
        return self.households - self.missed


@dataclass(frozen=True, slots=True)
class Missed:
    """A home that is due. ``why`` is what came of the last try; empty: nobody has been there."""

    id: UUID
    address: str
    names: str
    due_on: date
    last_met_on: date | None
    tries: int
    why: str
    special: bool


def area_to_read(actor: Actor, code: str) -> Area:
    """The area of a code in which the actor reads visits; without a code the topmost of theirs. Raises NotFound."""
    rows = Area.objects.filter(valid_until=None)
    paths = sorted(set(actor.areas_with("visit.read")), key=len)
    found = rows.filter(code=code).first() if code else rows.filter(path__in=paths[:1]).first()
    if found is None and not code and actor.is_system:
        found = rows.filter(parent=None).first()
    if found is None or not actor.may("visit.read", found.path):
        raise NotFound("There is no such area.", code="no-area")
    return found


def figures(area: Area, now: datetime) -> tuple[Figures, list[Figures]]:
    """The figures of an area, and of each area right below it. Three queries."""
    today = local_day(now)
    state = EstateStanding.objects.filter(below(area.path, "estate__path"), households__gt=0)
    held = state.values_list("estate__path", "households", "missed")
    tally = VisitTally.objects.filter(below(area.path, "estate__path"), day__gt=today - timedelta(days=WINDOW))
    happened = tally.order_by().values("estate__path", "kind").annotate(n=Sum("amount"))
    sums: dict[str, dict[str, int]] = {}

    def add(path: str, kind: str, amount: int) -> None:
        for where in {area.path, _child(path, area.path)}:
            kinds = sums.setdefault(where, {})
            kinds[kind] = kinds.get(kind, 0) + amount

    for path, households, late in held:
        add(path, "all", households)
        add(path, "late", late)
    for one in happened:
        add(one["estate__path"], one["kind"], one["n"])
    parts = [part for part in children(area, now, limit=500) if part.path in sums]
    return _figures(area, sums.get(area.path, {})), [_figures(part, sums[part.path]) for part in parts]


def _child(path: str, parent: str) -> str:
    """The area right below ``parent`` in which ``path`` lies."""
    rest = path.removeprefix(parent)
    return parent + rest.partition("/")[0] + "/" if rest else parent


def _figures(area: Area, found: dict[str, int]) -> Figures:
    return Figures(
        code=area.code,
        name=area.name,
        households=found.get("all", 0),
        missed=found.get("late", 0),
        met=found.get(Outcome.MET, 0),
        nobody=found.get(Outcome.NOBODY, 0),
        declined=found.get(Outcome.DECLINED, 0),
        matters=found.get("matter", 0),
    )


def missed(area: Area, now: datetime, after: str = "", limit: int = PAGE) -> tuple[list[Missed], str]:
    """Homes that are due since before today, the longest first, and the next page's key. Two queries."""
    rows = Assignment.objects.filter(below(area.path, "estate__path"), until=None, due_on__lt=local_day(now))
    if after:
        day, _, key = after.partition(".")
        try:
            rows = rows.filter(Q(due_on__gt=day) | Q(due_on=day, pk__gt=UUID(key)))
        except ValueError:
            raise NotFound("This page does not exist.", code="no-page") from None
    found = list(rows.select_related(PLACE).order_by("due_on", "pk")[: limit + 1])
    shown = found[:limit]
    members = members_of([row.household_id for row in shown], local_day(now))
    lines = [
        Missed(
            row.pk,
            address_of(row.household.home),
            "、".join(one.name for one in members[row.household_id][:4]),
            row.due_on,
            row.last_met_on,
            row.tries,
            row.last_outcome if row.tries else "",
            row.special,
        )
        for row in shown
    ]
    return lines, f"{shown[-1].due_on.isoformat()}.{shown[-1].pk}" if len(found) > limit else ""
