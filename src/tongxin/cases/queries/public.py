"""What the offices made public, masked, as a list and as a map, by area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases import rules
from tongxin.cases.models import LINEAGE, Case, Update
from tongxin.cases.queries.access import PUBLIC, Access, strangers
from tongxin.cases.queries.timeline import Photo, shown
from tongxin.cases.queries.view import position, public_place, public_title
from tongxin.cases.rules import State, Verb
from tongxin.files import queries as files
from tongxin.places.models import Area
from tongxin.places.queries import below
from tongxin.record.statements import Statement

PAGE = 20
ON_MAP = 400
SHAPES_ON_MAP = 120
FILTERS: Final = ("all", "open", "ended")


@dataclass(frozen=True, slots=True)
class PublicCase:
    """A line of the public list."""

    key: UUID
    number: str
    title: str
    place: str
    state: State
    outcome: str
    category_name: str
    category_name_en: str
    lead_name: str
    due_at: datetime | None
    due_kind: str
    created_at: datetime
    closed_at: datetime | None
    joiners: int
    photo: Photo | None = None
    lat: float | None = None
    lng: float | None = None

    @property
    def steps_done(self) -> int:
        """How many of the five steps are done."""
        return rules.steps_done(self.state)


def public_cases(
    area_path: str,
    now: datetime,
    *,
    which: str = "all",
    category: str = "",
    before: UUID | None = None,
    limit: int = PAGE,
) -> tuple[list[PublicCase], UUID | None]:
    """Public cases of an area and of all below it, the newest first, and the next page's key. Four queries."""
    values: list[Any] = [*_codes(area_path)[-1:], *([category] if category else []), *([before] if before else [])]
    shape = _Shape(len(_codes(area_path)), which, bool(category), before is not None, limit + 1)
    found = _statement(shape)(*values)
    following = found[limit - 1].id if len(found) > limit else None
    found = found[:limit]
    photos = first_photos([row.id for row in found], now)
    readers = strangers(row.id for row in found)
    return [_public(row, readers[row.id], photos.get(row.id)) for row in found], following


def public_points(area_path: str, *, which: str = "all", category: str = "") -> list[PublicCase]:
    """Public cases with a place on the map, the newest 400."""
    codes = _codes(area_path)
    found = _rows(len(codes), codes[-1] if codes else "", which, category).filter(lat__isnull=False)
    rows = list(found.order_by("-id")[:ON_MAP])
    readers = strangers(row.id for row in rows)
    return [_public(row, readers[row.id], None) for row in rows]


def shapes_below(area_path: str) -> list[dict[str, Any]]:
    """Outlines of the area and of those one level below it, as GeoJSON features: the ground where no tiles are."""
    rows = Area.objects.filter(valid_until=None, shape__isnull=False).order_by("depth", "path")
    rows = rows.filter(below(area_path)) if area_path else rows
    return [
        {"type": "Feature", "geometry": row.shape, "properties": {"name": row.name, "kind": row.level_id}}
        for row in rows[:SHAPES_ON_MAP]
    ]


def first_photos(case_ids: list[UUID], now: datetime) -> dict[UUID, Photo]:
    """The latest released photo of each case, that of the answer before that of the report. Two queries."""
    if not case_ids:
        return {}
    updates = dict(_WITH_FILES(case_ids))
    pictures = files.of_owners("update", updates, public_only=True)
    found: dict[UUID, Photo] = {}
    for update, case in updates.items():
        for picture in pictures.get(update, ()):
            photo = shown(picture, PUBLIC, now)
            if photo is not None and photo.src:
                found[case] = photo
                break
    return found


_SPOKEN: Final = (Verb.SUBMIT, Verb.ANSWER, Verb.ANSWER_DIRECTLY)
_WITH_FILES: Statement[tuple[UUID, UUID]] = Statement(
    lambda case_ids: (
        Update.objects.filter(case_id__in=case_ids, verb__in=_SPOKEN, files_count__gt=0)
        .order_by("id")
        .values_list("id", "case_id")
    )
)


class _Shape(NamedTuple):
    """What decides the SQL of a page: everything but the values themselves."""

    levels: int
    which: str
    category: bool
    before: bool
    limit: int


@lru_cache(maxsize=128)
def _statement(shape: _Shape) -> Statement[Case]:
    def build(*values: Any) -> QuerySet[Case]:
        left = list(values)
        code = left.pop(0) if shape.levels else ""
        category = left.pop(0) if shape.category else ""
        rows = _rows(shape.levels, code, shape.which, category)
        return (rows.filter(id__lt=left[0]) if shape.before else rows).order_by("-id")[: shape.limit]

    return Statement(build)


def _codes(area_path: str) -> list[str]:
    """The codes of an area and of those above it, as far as a case has columns for them."""
    return [code for code in area_path.split("/") if code][: len(LINEAGE)]


_RELATED: Final = ("category", "lead", "area", "building", "unit")
_COLUMNS: Final = (
    "id", "number", "title", "place", "state", "outcome", "due_at", "due_kind", "created_at", "closed_at", "joiners",
    "is_public", "public_title", "public_place", "lat", "lng", "home", "category__name", "category__name_en", "lead__name",
    "lead__short_name", "area__name", "building__name", "building__lat", "building__lng", "unit__name",
)  # fmt: skip
"""A list shows a few columns of whole rows."""


def _rows(levels: int, code: str, which: str, category: str) -> QuerySet[Case]:
    rows = Case.objects.filter(is_public=True).select_related(*_RELATED).only(*_COLUMNS)
    if levels:
        rows = rows.filter(**{LINEAGE[levels - 1]: code})
    if which == "open":
        rows = rows.filter(open=True)
    elif which == "ended":
        rows = rows.filter(open=False)
    if category:
        rows = rows.filter(Q(category__code=category) | Q(category__parent__code=category))
    return rows


def _public(case: Case, access: Access, photo: Photo | None) -> PublicCase:
    lat, lng = position(case, exact=False)
    return PublicCase(
        key=case.id,
        number=case.number,
        title=public_title(case, access),
        place=public_place(case, access),
        state=State(case.state),
        outcome=case.outcome,
        category_name=case.category.name,
        category_name_en=case.category.name_en,
        lead_name=str(case.lead) if case.lead else "",
        due_at=case.due_at,
        due_kind=case.due_kind,
        created_at=case.created_at,
        closed_at=case.closed_at,
        joiners=case.joiners,
        photo=photo,
        lat=lat,
        lng=lng,
    )
