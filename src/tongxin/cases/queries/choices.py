"""What the desk's forms offer to choose from. Each is one query unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Case as Either
from django.db.models import Q, Value, When

from tongxin.cases import rules
from tongxin.cases.models import AnswerTemplate, Case, Category, SavedFilter
from tongxin.cases.queries.bodies import bodies_about
from tongxin.cases.queries.offices import of_place, staffed
from tongxin.cases.queries.routing import choose, lineage
from tongxin.cases.queries.scope import LIVE, Scope, in_areas, of_scope, scope_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.text import clean_line
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation
from tongxin.places.heads import head_names
from tongxin.places.models import Area, Building
from tongxin.places.queries import below, current
from tongxin.record.statements import Statement

MOST: Final = 200
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CategoryChoice:
    """A category to choose. ``depth`` 0 is the top; ``leaf`` has none below it."""

    code: str
    path: str
    name: str
    hint: str
    icon: str
    depth: int
    leaf: bool
    questions: tuple[dict[str, Any], ...]


def categories() -> list[CategoryChoice]:
    """All active categories in the order of their tree."""
    rows = list(Category.objects.filter(is_active=True).order_by("position", "code"))
    parents = {row.parent_id for row in rows}
    by_parent: dict[UUID | None, list[Category]] = {}
    for row in rows:
        by_parent.setdefault(row.parent_id, []).append(row)
    ordered: list[CategoryChoice] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for row in by_parent.get(parent, ()):
            ordered.append(
                CategoryChoice(
                    row.code, row.path, row.name, row.hint, row.icon, depth, row.pk not in parents,
                    tuple(row.questions),
                )
            )  # fmt: skip
            walk(row.pk, depth + 1)

    walk(None, 0)
    return ordered


def place_names(scope: Scope) -> tuple[str, str]:
    """(name, name of the area above) of what a desk looks after, for its head."""
    if not scope.paths:
        return "", ""
    return head_names(scope.paths[0])


def sub_areas(scope: Scope, now: datetime) -> list[Choice]:
    """The desk's areas and what lies directly below them, as (path, name)."""
    if not scope.paths:
        return []
    rows = Area.objects.filter(current(now)).filter(Q(path__in=scope.paths) | Q(parent__path__in=scope.paths))
    return list(rows.order_by("path").values_list("path", "name")[:MOST])


_PARTY_CELLS: Final = ("party_branch", "party_group", "member_household")


@dataclass(frozen=True, slots=True)
class Taker:
    """An organisation that may take a case."""

    id: UUID
    name: str
    kind: str
    area_name: str
    phone: str


def organisations(
    area_path: str, now: datetime, text: str = "", *, excluded: Iterable[UUID] = (), limit: int = 40
) -> list[Choice]:
    """The same as :func:`takers`, as (id, name) for forms."""
    found = takers(area_path, now, text, excluded=excluded, limit=limit)
    return [(str(one.id), f"{one.name}（{one.area_name}）") for one in found]


def takers(
    area_path: str, now: datetime, text: str = "", *, excluded: Iterable[UUID] = (), limit: int = 40
) -> list[Taker]:
    """Organisations that can take a case at a place: those that have to do with it and for which somebody handles
    cases today; narrowed by a part of the name. The party's cells, of which there are many, come last. One query."""
    able = of_place(area_path) & staffed(local_day(now))
    rows = Organisation.objects.filter(able).exclude(pk__in=list(excluded))
    if text := clean_line(text, 60):
        rows = rows.filter(Q(name__contains=text) | Q(short_name__contains=text))
    cells = Q(kind__in=_PARTY_CELLS)
    rows = rows.annotate(last=Either(When(cells, then=Value(1)), default=Value(0)))
    found = rows.order_by("last", "-area__depth", "kind", "name")
    return [Taker(*row) for row in found.values_list("id", "name", "kind", "area__name", "phone")[:limit]]


def handlers(scope: Scope) -> list[Choice]:
    """Organisations that have open cases in the scope, as (id, name)."""
    if not scope.paths:
        return []
    rows = Case.objects.filter(in_areas(scope.paths), LIVE, lead__isnull=False).order_by()
    leads = rows.values_list("lead_id", flat=True)[:1000]
    found = Organisation.objects.filter(pk__in=set(leads)).order_by("name").values_list("id", "name")
    return [(str(key), name) for key, name in found[:MOST]]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whom the routes name for a case. ``because`` is a message id; ``desk``: no route fits, the desk decides."""

    organisation: str
    name: str
    pool: bool
    mode: str
    because: str
    desk: bool


def suggestion(case: Case, now: datetime) -> Suggestion:
    """What the routes in force say of the case. Five queries at most."""
    choice = choose(case, now)
    name = ""
    if isinstance(choice.organisation, UUID) and not choice.fallback:
        name = Organisation.objects.filter(pk=choice.organisation).values_list("name", flat=True).first() or ""
    return Suggestion(
        organisation=str(choice.organisation) if name else "",
        name=name,
        pool=choice.mode is rules.Mode.POOL and not choice.fallback,
        mode=choice.mode,
        because=choice.because,
        desk=choice.fallback,
    )


def templates(area_path: str, category_path: str) -> list[tuple[str, str, str]]:
    """Answer templates for a place and a category, as (id, name, text): the nearest first."""
    rows = AnswerTemplate.objects.filter(area__path__in=lineage(area_path))
    rows = rows.filter(Q(category=None) | Q(category__path__in=lineage(category_path)))
    found = rows.order_by("-area__depth", "name").values_list("id", "name", "text")
    return [(str(key), name, text) for key, name, text in found[:30]]


@dataclass(frozen=True, slots=True)
class Similar:
    """A case of the same kind nearby."""

    id: UUID
    number: str
    title: str
    place: str
    state: str
    kind: str
    created_at: datetime


def similar(case: Case, scope: Scope, limit: int = 30) -> list[Similar]:
    """Open cases of the same category in the same community, those of the same estate first."""
    rows = Case.objects.filter(LIVE, l3=case.l3, category_id=case.category_id, parent=None).exclude(pk=case.pk)
    columns = ("id", "number", "title", "place", "state", "kind", "created_at", "l4", "complained_of")
    found = rows.order_by("-id").values_list(*columns)
    listed = sorted(found[:100], key=lambda row: row[7] != case.l4)
    return [Similar(*row[:7]) for row in listed if not scope.barred(row[8])][:limit]


def common_matters(case: Case, scope: Scope, limit: int = 30) -> list[Similar]:
    """Open common matters of the case's street, the newest first."""
    rows = Case.objects.filter(LIVE, kind=Case.Kind.COMMON, l2=case.l2).exclude(pk=case.pk).order_by("-id")
    columns = ("id", "number", "title", "place", "state", "kind", "created_at", "complained_of")
    return [Similar(*row[:7]) for row in rows.values_list(*columns)[:limit] if not scope.barred(row[7])]


def selection(actor: Actor, ids: Sequence[UUID], limit: int = 500) -> list[Similar]:
    """The chosen cases as far as the actor may see them, in the order of their numbers."""
    scope = scope_of(actor, helps=True)
    rows = Case.objects.filter(pk__in=ids).filter(of_scope(scope))
    columns = ("id", "number", "title", "place", "state", "kind", "created_at", "complained_of")
    found = rows.order_by("number").values_list(*columns)[:limit]
    return [Similar(*row[:7]) for row in found if not (row[7] and scope.barred(row[7]))]


def common_area(ids: Sequence[UUID]) -> tuple[UUID, str, str] | None:
    """(id, path, name) of the smallest area that holds all the cases. Two queries."""
    paths = list(Case.objects.filter(pk__in=ids).values_list("area_path", flat=True).distinct())
    if not paths:
        return None
    shared = lineage(paths[0])
    for path in paths[1:]:
        shared = [area for area in shared if path.startswith(area)]
    rows = Area.objects.filter(path__in=shared, valid_until=None).order_by("-depth").values_list("id", "path", "name")
    return rows.first()


@dataclass(frozen=True, slots=True)
class Guess:
    """A place found in a text. ``value`` is what a form sends: ``area:ID`` or ``building:ID``."""

    value: str
    name: str


def guess_places(actor: Actor, text: str, now: datetime, limit: int = 6) -> list[Guess]:
    """Estates of the actor's areas whose name, or a part of at least two letters of it, stands in the text, and their
    buildings that do. Two queries over the estates of the actor's areas (at most 2,000)."""
    scope = scope_of(actor)
    folded = clean_line(text, 2000)
    rows = Area.objects.filter(current(now), level="estate").filter(_within(scope))
    estates = [
        (score, key, name) for key, name in rows.values_list("id", "name")[:2000] if (score := _score(name, folded)) > 0
    ]
    estates.sort(key=lambda row: (-row[0], row[2]))
    best = [row for row in estates if row[0] == estates[0][0]][:limit]
    guesses: list[Guess] = []
    names = {key: name for _, key, name in best}
    buildings = Building.objects.filter(estate_id__in=names).values_list("id", "name", "estate_id", "sort_key")
    for key, name, estate, _ in sorted(buildings[:500], key=lambda row: -len(row[1])):
        if _spoken(name) in _spoken(folded):
            guesses.append(Guess(f"building:{key}", f"{names[estate]} {name}"))
    guesses += [Guess(f"area:{key}", name) for key, name in names.items()]
    return guesses[:limit]


def _within(scope: Scope) -> Q:
    where = Q(pk__in=[])
    for path in scope.paths:
        where |= below(path)
    return where


_TAILS: Final = ("小区", "花园", "家园", "社区", "新村", "村", "苑")


def _score(name: str, text: str) -> int:
    """How much of a name stands in the text: all of it, or its beginning without what every estate is called."""
    if name in text:
        return 2 * len(name)
    for tail in _TAILS:
        stem = name.removesuffix(tail)
        if stem != name and len(stem) >= 2 and stem in text:
            return 2 * len(stem) - 1
    return len(name[:2]) if len(name) > 3 and name[:2] in text else 0


_DIGITS: Final = str.maketrans("一二三四五六七八九", "123456789")


def _spoken(text: str) -> str:
    """A building as people write it: “3 号楼”, “三号楼”, “3栋” and “3号楼” are one."""
    plain = "".join(text.split()).translate(_DIGITS).replace("#", "号").replace("幢", "栋").replace("号栋", "栋")
    return plain.replace("号楼", "栋").replace("楼栋", "栋")


def areas_for_entry(actor: Actor, now: datetime) -> list[Choice]:
    """Where a desk may file a report: its communities and estates, as (``area:ID``, name)."""
    scope = scope_of(actor)
    rows = Area.objects.filter(current(now), depth__gte=2).filter(_within(scope)).select_related("parent")
    found = rows.order_by("path").values_list("id", "name", "depth")[:MOST]
    first = min((depth for _, _, depth in found), default=0)
    return [(f"area:{key}", "　" * (depth - first) + name) for key, name, depth in found]


def bodies_for_entry(actor: Actor, now: datetime) -> list[Choice]:
    """Whom a report that a desk files may be about, as (id, name): whoever serves its areas, and their offices."""
    found: dict[str, str] = {}
    for path in scope_of(actor).paths:
        found |= {str(body.id): body.name for body in bodies_about(path, now)}
    return sorted(found.items(), key=lambda row: row[1])[:MOST]


def saved_filters(actor: Actor) -> list[tuple[str, str, str]]:
    """(id, name, parameters) of the filters that the actor keeps."""
    if actor.person_id is None:
        return []
    return [(str(key), name, query) for key, name, query in _SAVED(actor.person_id)]


_SAVED: Statement[tuple[UUID, str, str]] = Statement(
    lambda person_id: SavedFilter.objects.filter(person_id=person_id).values_list("id", "name", "query")[:20]
)
