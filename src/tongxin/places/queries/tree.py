"""Reads of the area tree: levels, areas, what they were called before, and which one a point lies in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.geo import contains
from tongxin.kernel.text import clean_line
from tongxin.places import rules
from tongxin.places.models import Area, AreaPast, Level
from tongxin.record.statements import Statement

PAGE = 100
SEARCH_LIMIT = 20
_SHAPES_LOOKED_AT = 50
CURRENT_CHILD = Q(children__valid_until=None)


def below(path: str, field: str = "path") -> Q:
    """Rows whose path is ``path`` or lies below it, by index on both databases."""
    if connection.vendor == "sqlite":
        # LIKE ignores case on SQLite and with it the index; its collation is binary, so a range says the same.
        return Q(**{f"{field}__gte": path, f"{field}__lt": rules.after_prefix(path)})
    return Q(**{f"{field}__startswith": path})


def current(now: datetime) -> Q:
    """Areas or grids that exist today in Shanghai."""
    return _on(rules.local_day(now))


def _on(today: date) -> Q:
    return Q(valid_from__lte=today) & (Q(valid_until=None) | Q(valid_until__gt=today))


def levels() -> Sequence[Level]:
    """All levels, the top first."""
    return list(Level.objects.all())


def area(area_id: UUID) -> Area:
    """An area with its level. Raises NotFound."""
    found = Area.objects.select_related("level", "parent").filter(id=area_id).first()
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


def area_by_code(code: str) -> Area:
    """The area that has this code now, else the last one that had it. Raises NotFound."""
    found = _BY_CODE.first(code)
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


_BY_CODE: Statement[Area] = Statement(
    lambda code: Area.objects.select_related("level", "parent").filter(code=code).order_by("-valid_from")[:1]
)


def area_by_path(path: str) -> Area:
    """The area with this path now. Raises NotFound."""
    found = Area.objects.select_related("level", "parent").filter(path=path).order_by("-valid_from").first()
    if found is None:
        raise NotFound("There is no such area.", code="no-area")
    return found


def managed_area(actor: Actor, code: str, permission: str = "places.manage") -> Area:
    """The area with this code, if the actor holds the permission there. Raises NotFound or NotAllowed."""
    found = area_by_code(code)
    actor.require(permission, found.path)
    return found


def managed_roots(actor: Actor, now: datetime, permission: str = "places.manage") -> Sequence[Area]:
    """The topmost areas in which the actor holds the permission."""
    if actor.is_system:
        return top_areas(now)
    held = sorted(set(actor.areas_with(permission)))
    topmost = [path for path in held if not any(path != other and rules.is_within(path, other) for other in held)]
    return list(Area.objects.filter(current(now), path__in=topmost).select_related("level").order_by("path"))


def keeps_all_places(actor: Actor, now: datetime) -> bool:
    """Whether the actor manages places at the top of the tree, and so what holds for the whole installation."""
    return any(actor.may("places.manage", top.path) for top in top_areas(now))


def top_areas(now: datetime) -> Sequence[Area]:
    """Areas without a parent: usually one, the city or the county of this installation."""
    return _TOP(rules.local_day(now))


_TOP: Statement[Area] = Statement(
    lambda today: Area.objects.filter(_on(today), parent=None).select_related("level").order_by("code")
)


def lineage(path: str) -> Sequence[Area]:
    """The areas from the top down to this path, itself included, in one query."""
    paths = rules.lineage_paths(path)
    return _LINEAGE(paths) if paths else []


_LINEAGE: Statement[Area] = Statement(
    lambda paths: Area.objects.filter(path__in=paths).select_related("level").order_by("depth")
)


def names_by_path(paths: Iterable[str]) -> dict[str, str]:
    """Names of areas for lists, in one query."""
    return dict(Area.objects.filter(path__in=set(paths)).values_list("path", "name"))


def children(parent: Area, now: datetime, after: str = "", limit: int = PAGE) -> Sequence[Area]:
    """Areas directly below, by code, each with ``child_count``; ``after`` is the last code of the page before."""
    return _children(limit)(rules.local_day(now), parent.pk, after)


@lru_cache(maxsize=16)
def _children(limit: int) -> Statement[Area]:
    def build(today: date, parent: UUID, after: str) -> QuerySet[Area]:
        rows = Area.objects.filter(_on(today), parent_id=parent, code__gt=after).select_related("level")
        return rows.annotate(child_count=Count("children", filter=CURRENT_CHILD)).order_by("code")[:limit]

    return Statement(build)


def estates(community: Area, now: datetime) -> Sequence[Area]:
    """The estates of a community by name, each with ``building_count``."""
    rows = Area.objects.filter(current(now), parent=community, level=rules.ESTATE_LEVEL)
    return sorted(rows.annotate(building_count=Count("buildings")), key=lambda e: rules.natural_key(e.name))


def parents_to_choose(actor: Actor, found: Area, now: datetime, limit: int = 500) -> Sequence[Area]:
    """Areas as high as the parent of ``found``, within the area two levels above that, under which the actor may hang it:
    for an estate the communities of its county. By path."""
    if found.parent is None:
        return []
    beside = Area.objects.filter(current(now), level=found.parent.level_id, depth=found.parent.depth)
    for path in rules.lineage_paths(found.path)[:-3][-1:]:
        beside = beside.filter(below(path))
    held = Q() if actor.is_system else Q(pk__in=[])
    for path in set(actor.areas_with("places.manage")):
        held |= below(path)
    rows = beside.filter(held).exclude(pk=found.parent.pk).select_related("parent")
    return list(rows.defer("shape", "parent__shape").order_by("path")[:limit])  # an outline may be many kB


def communities(within: str, now: datetime) -> Sequence[Area]:
    """The communities in an area, by path."""
    return list(Area.objects.filter(current(now), below(within), level=rules.COMMUNITY_LEVEL).order_by("path"))


def names_below(path: str, now: datetime, limit: int = 20_000) -> list[tuple[UUID, str]]:
    """(id, name) of the area and of the communities and estates in it, to find the place that words name. One query."""
    rows = Area.objects.filter(
        current(now), below(path), level__rank__gte=Level.objects.filter(code=rules.COMMUNITY_LEVEL).values("rank")
    )
    return list(rows.order_by("path").values_list("id", "name")[:limit])


def community_of(path: str) -> Area | None:
    """The community on a path, if it reaches that far down."""
    return Area.objects.filter(path__in=rules.lineage_paths(path), level=rules.COMMUNITY_LEVEL).first()


def search(text: str, now: datetime, within: Iterable[str] = ("",), limit: int = SEARCH_LIMIT) -> Sequence[Area]:
    """Areas whose name or code holds the text, the nearest to the top first. ``within``: paths; ``""``: all."""
    wanted = clean_line(text, 40)
    if not wanted:
        return []
    paths = list(within)
    where = Q() if "" in paths else Q(pk__in=[])
    for path in filter(None, paths):
        where |= below(path)
    found = Q(name__contains=wanted) | Q(official_name__contains=wanted) | Q(code__startswith=wanted)
    rows = Area.objects.filter(current(now), where, found).select_related("level", "parent")
    return list(rows.order_by("depth", "path")[:limit])


def area_options(parent: Area | None, now: datetime) -> list[tuple[str, str, bool]]:
    """For the area picker, one level at a time: (code, name, whether there is more below)."""
    rows = (
        Area.objects.filter(current(now), parent=parent)
        .annotate(more=Count("children", filter=CURRENT_CHILD))
        .order_by("code")
    )
    return [(row.code, row.name, row.more > 0) for row in rows[:500]]


def as_id(text: str) -> UUID:
    """An id out of an address or a form. Raises NotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such place.", code="no-place") from None


def name_on(found: Area, day: date) -> str:
    """What an area was called on a day."""
    past = AreaPast.objects.filter(area=found, valid_from__lte=day, valid_until__gt=day).first()
    return past.name if past else found.name


@dataclass(frozen=True, slots=True)
class Past:
    """What an area was called, and under what it hung if that was something else than now."""

    name: str
    above: str
    valid_from: date
    valid_until: date


def past_of(found: Area) -> Sequence[Past]:
    """Earlier names and parents of an area, the latest first. Two queries."""
    rows = list(AreaPast.objects.filter(area=found).order_by("-valid_until", "-id"))
    above = {row.pk: "".join(rules.codes_of(row.path)[-2:-1]) for row in rows}
    # By code: the area above may have moved itself since.
    names = dict(Area.objects.filter(code__in=above.values()).order_by("valid_from").values_list("code", "name"))
    now = rules.codes_of(found.path)[-2:-1]
    return [
        Past(row.name, "" if [above[row.pk]] == now else names.get(above[row.pk], ""), row.valid_from, row.valid_until)
        for row in rows
    ]


def area_at(lat: float, lng: float) -> Area | None:
    """The lowest area whose outline holds the point; None where no outline does."""
    rows = Area.objects.filter(valid_until=None, south__lte=lat, north__gte=lat, west__lte=lng, east__gte=lng).order_by(
        "-depth", "path"
    )
    return next((row for row in rows[:_SHAPES_LOOKED_AT] if row.shape and contains(row.shape, lat, lng)), None)
