"""What the offices made public, masked, as a list and as a map, by area."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
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
    rows = _rows(area_path, which, category)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: limit + 1])
    following = found[limit - 1].id if len(found) > limit else None
    found = found[:limit]
    photos = first_photos([row.id for row in found], now)
    readers = strangers(row.id for row in found)
    return [_public(row, readers[row.id], photos.get(row.id)) for row in found], following


def public_points(area_path: str, *, which: str = "all", category: str = "") -> list[PublicCase]:
    """Public cases with a place on the map, the newest 400."""
    rows = list(_rows(area_path, which, category).filter(lat__isnull=False).order_by("-id")[:ON_MAP])
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
    spoken = (Verb.SUBMIT, Verb.ANSWER, Verb.ANSWER_DIRECTLY)
    updates = dict(
        Update.objects.filter(case_id__in=case_ids, verb__in=spoken, files_count__gt=0)
        .order_by("id")
        .values_list("id", "case_id")
    )
    pictures = files.of_owners("update", updates, public_only=True)
    found: dict[UUID, Photo] = {}
    for update, case in updates.items():
        for picture in pictures.get(update, ()):
            photo = shown(picture, PUBLIC, now)
            if photo is not None and photo.src:
                found[case] = photo
                break
    return found


def _rows(area_path: str, which: str, category: str) -> QuerySet[Case]:
    codes = area_path.strip("/").split("/") if area_path.strip("/") else []
    rows = Case.objects.filter(is_public=True).select_related("category", "lead", "area", "building", "unit")
    if codes:
        rows = rows.filter(**{LINEAGE[min(len(codes), len(LINEAGE)) - 1]: codes[min(len(codes), len(LINEAGE)) - 1]})
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
