"""What an office has set up, for the pages on which it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from tongxin.cases import rules
from tongxin.cases.models import AnswerTemplate, AreaPractice, Category, ClockRule, Route
from tongxin.cases.queries.routing import lineage
from tongxin.cases.rules_limits import DEFAULTS, ClockKind
from tongxin.cases.rules_practice import NAMES, Practice, in_force
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import Service
from tongxin.places.models import Area
from tongxin.places.queries import below

MOST = 300
PAGE = 100
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


def practice(actor: Actor, area_id: UUID) -> tuple[Area, Practice, Practice]:
    """(area, what it settled itself, what holds there) for who sets it up. Raises :class:`NotFound`. Three queries."""
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None or not actor.may("case.configure", area.path):
        raise NotFound("There is no such area.")
    rows = AreaPractice.objects.filter(area__path__in=lineage(area.path)).values_list("area__path", *NAMES)
    found = [(path, Practice(*values)) for path, *values in rows]
    own = next((values for path, values in found if path == area.path), Practice())
    return area, own, in_force(area.path, [row for row in found if row[0] != area.path])


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


def routes(actor: Actor, text: str = "", after: str = "") -> tuple[list[RouteRow], str]:
    """Routes in force in the areas that the actor sets up, a hundred at a time, and the key of the next ones (empty on
    the last). ``text``: part of an area's, category's or organisation's name. Two queries."""
    paths = list(actor.areas_with("case.configure"))
    wanted = _below_any(paths, "area__path") & _named(text, "area__name", "category__name", "organisation__name")
    if after:
        path, _bar, key = after.rpartition("|")
        wanted &= Q(area__path__gt=path) | Q(area__path=path, id__gt=_uuid(key))
    rows = list(
        Route.objects.filter(wanted, until=None)
        .select_related("area", "category", "organisation")
        .prefetch_related("turns__organisation")
        .order_by("area__path", "id")[: PAGE + 1]
    )
    following = f"{rows[PAGE - 1].area.path}|{rows[PAGE - 1].id}" if len(rows) > PAGE else ""
    return _route_rows(rows[:PAGE]), following


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such page.") from None


def _named(text: str, *fields: str) -> Q:
    """Rows of which one of the fields holds the text; all for none."""
    where = Q()
    for field in fields if (text := clean_line(text, 60)) else ():
        where |= Q(**{f"{field}__contains": text})
    return where


def _route_rows(rows: list[Route]) -> list[RouteRow]:
    return [
        RouteRow(
            row.id, row.area.name, row.category.name if row.category else "",
            str(row.organisation) if row.organisation else "", row.service, row.mode, row.automatic, row.since,
            tuple(str(turn.organisation) for turn in row.turns.all()),
        )
        for row in rows
    ]  # fmt: skip


def areas_to_configure(actor: Actor, text: str = "") -> list[tuple[str, str]]:
    """(id, name) of the areas in which the actor sets up routes, down to the estate: the first of them, or those whose
    name or code holds ``text``, so that each can be reached."""
    paths = [*actor.areas_with("case.configure"), *actor.areas_with("case.desk")]
    rows = Area.objects.filter(_below_any(paths, "path"), _named(text, "name", "code"), valid_until=None)
    rows = rows.order_by("path")
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
