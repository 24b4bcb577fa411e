"""What an office has set up, for the pages on which it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from tongxin.cases import rules
from tongxin.cases.models import AnswerTemplate, Category, ClockRule, Route
from tongxin.cases.rules_limits import DEFAULTS, ClockKind
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Service
from tongxin.places.models import Area
from tongxin.places.queries import below

MOST = 300
SERVICES = tuple(Service.Kind.values)


def configures_everywhere(actor: Actor) -> bool:
    """True if the actor may set up what holds for the whole installation. One query."""
    paths = Area.objects.filter(parent=None, valid_until=None).values_list("path", flat=True)
    return any(actor.may("case.configure", path) for path in paths)


def all_categories() -> list[Category]:
    """Every category, also those no longer in use, parents before children."""
    rows = list(Category.objects.order_by("position", "code"))
    by_parent: dict[UUID | None, list[Category]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_id, []).append(row)
    ordered: list[Category] = []

    def walk(parent: UUID | None) -> None:
        for row in by_parent.get(parent, ()):
            ordered.append(row)
            walk(row.pk)

    walk(None)
    return ordered


def category(code: str) -> Category:
    """One category. Raises :class:`NotFound`."""
    row = Category.objects.select_related("parent").filter(code=code).first()
    if row is None:
        raise NotFound("There is no such category.")
    return row


@dataclass(frozen=True, slots=True)
class LimitRow:
    """A time limit in force. ``own``: set here rather than the default or inherited."""

    kind: str
    urgency: str
    amount: int
    unit: str
    own: bool


def limits(category_code: str = "") -> list[LimitRow]:
    """All time limits of a category ("" for all of them), the defaults filled in. Two queries."""
    chosen = category(category_code) if category_code else None
    rows = ClockRule.objects.filter(Q(category=None) | Q(category=chosen)).values_list(
        "category_id", "urgency", "kind", "amount", "unit"
    )
    found: dict[tuple[UUID | None, str, str], tuple[int, str]] = {
        (c, urgency, kind): (amount, unit) for c, urgency, kind, amount, unit in rows
    }
    own_key = chosen.pk if chosen else None
    listed = []
    for kind in ClockKind:
        for urgency in rules.Urgency:
            own = found.get((own_key, str(urgency), str(kind)))
            limit = DEFAULTS[urgency].limits[kind]
            amount, unit = own or found.get((None, str(urgency), str(kind))) or (limit.amount, str(limit.unit))
            listed.append(LimitRow(kind, urgency, amount, unit, own is not None))
    return listed


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A route in force."""

    id: UUID
    area: str
    category: str
    organisation: str
    service: str
    mode: str
    automatic: bool
    since: date
    members: tuple[str, ...]


def _below_any(paths: Iterable[str], field: str) -> Q:
    where = Q(pk__in=[])
    for path in paths:
        where |= below(path, field)
    return where


def routes(actor: Actor) -> list[RouteRow]:
    """Routes in force in the areas that the actor sets up. Two queries."""
    paths = list(actor.areas_with("case.configure"))
    rows = (
        Route.objects.filter(_below_any(paths, "area__path"), until=None)
        .select_related("area", "category", "organisation")
        .prefetch_related("turns__organisation")
        .order_by("area__path", "category__path")[:MOST]
    )
    return [
        RouteRow(
            row.id, row.area.name, row.category.name if row.category else "",
            str(row.organisation) if row.organisation else "", row.service, row.mode, row.automatic, row.since,
            tuple(str(turn.organisation) for turn in row.turns.all()),
        )
        for row in rows
    ]  # fmt: skip


def areas_to_configure(actor: Actor) -> list[tuple[str, str]]:
    """(id, name) of the areas in which the actor sets up routes, down to the estate."""
    paths = [*actor.areas_with("case.configure"), *actor.areas_with("case.desk")]
    rows = Area.objects.filter(_below_any(paths, "path"), valid_until=None).order_by("path")
    found = list(rows.values_list("id", "name", "depth")[:MOST])
    first = min((depth for _, _, depth in found), default=0)
    return [(str(key), "　" * (depth - first) + name) for key, name, depth in found]


def templates(actor: Actor) -> list[AnswerTemplate]:
    """Ready answers of the actor's areas. One query."""
    paths = [*actor.areas_with("case.configure"), *actor.areas_with("case.desk")]
    rows = AnswerTemplate.objects.filter(_below_any(paths, "area__path")).select_related("area", "category")
    return list(rows.order_by("area__path", "name")[:MOST])


def template(actor: Actor, template_id: UUID) -> AnswerTemplate:
    """One of them. Raises :class:`NotFound`."""
    row = AnswerTemplate.objects.select_related("area", "category").filter(pk=template_id).first()
    allowed = row is not None and any(actor.may(p, row.area.path) for p in ("case.configure", "case.desk"))
    if row is None or not allowed:
        raise NotFound("There is no such answer.")
    return row
