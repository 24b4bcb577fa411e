"""Open cases like the one about to be reported, near it: so that neighbours join instead of reporting anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q

from tongxin.cases import rules
from tongxin.cases.models import LINEAGE, Case, SearchText
from tongxin.cases.queries.access import strangers
from tongxin.cases.queries.public import first_photos
from tongxin.cases.queries.timeline import Photo
from tongxin.cases.queries.view import public_place
from tongxin.cases.rules_similar import ALIKE, likeness
from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.geo import haversine_m
from tongxin.kernel.text import search_tokens

SHOWN: Final = 3
CANDIDATES: Final = 200
NOT_OLDER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Similar:
    """An open case like it, masked. ``joined``: the reader is concerned already."""

    id: UUID
    number: str
    title: str
    place: str
    state: rules.State
    lead_name: str
    created_at: datetime
    due_at: datetime | None
    due_kind: str
    joiners: int
    photo: Photo | None
    joined: bool


def similar_cases(
    actor: Actor,
    now: datetime,
    *,
    area_path: str,
    text: str,
    category: str = "",
    building_id: UUID | None = None,
    lat: float | None = None,
    lng: float | None = None,
) -> list[Similar]:
    """At most three open cases of the same community and the last ninety days that may be the same matter.

    Whoever lives there is shown those of public categories, others only what was made public; never one whose reporter
    hid their name. At most six queries; the newest 200 of the community are looked at.
    """
    codes = area_path.strip("/").split("/")
    level = min(len(codes), 4) - 1  # the community, or what was given above it
    rows = (
        Case.objects.filter(_visible(actor, area_path), **{LINEAGE[level]: codes[level]})
        .filter(open=True, reporter_hidden=False, created_at__gte=now - NOT_OLDER)
        .exclude(state=rules.State.MERGED)
        .select_related("category", "lead", "area", "building", "unit")
        .order_by("-id")[:CANDIDATES]
    )
    candidates = list(rows)
    bodies = dict(SearchText.objects.filter(case__in=[row.id for row in candidates]).values_list("case_id", "body"))
    words = set(search_tokens(text))
    scored = []
    for row in candidates:
        points = likeness(
            same_category=bool(category) and row.category.code == category,
            same_building=building_id is not None and row.building_id == building_id,
            same_estate=row.area_path == area_path,
            metres=_metres(row, lat, lng),
            words=words,
            other_words=set(bodies.get(row.id, "").split()),
        )
        if points >= ALIKE:
            scored.append((points, row))
    best = [row for _, row in sorted(scored, key=lambda pair: pair[0], reverse=True)[:SHOWN]]
    return _shown(actor, best, now)


def _visible(actor: Actor, area_path: str) -> Q:
    lives_here = actor.trust >= Trust.RESIDENT and any(
        home.startswith(area_path) or area_path.startswith(home) for home in actor.home_paths
    )
    public = Q(is_public=True)
    return public | Q(category__public=True, category__is_service=False) if lives_here else public


def _metres(row: Case, lat: float | None, lng: float | None) -> float | None:
    if lat is None or lng is None or row.lat is None or row.lng is None:
        return None
    return haversine_m(lat, lng, row.lat, row.lng)


def _shown(actor: Actor, rows: list[Case], now: datetime) -> list[Similar]:
    if not rows:
        return []
    photos = first_photos([row.id for row in rows], now)
    readers = strangers(row.id for row in rows)
    mine = set(
        Case.objects.filter(id__in=[row.id for row in rows], parties__person_id=actor.person_id).values_list(
            "id", flat=True
        )
        if actor.person_id
        else ()
    )
    return [
        Similar(
            id=row.id,
            number=row.number,
            title=readers[row.id].words(row.title),
            place=public_place(row, readers[row.id]),
            state=rules.State(row.state),
            lead_name=str(row.lead) if row.lead else "",
            created_at=row.created_at,
            due_at=row.due_at,
            due_kind=row.due_kind,
            joiners=row.joiners,
            photo=photos.get(row.id),
            joined=row.id in mine,
        )
        for row in rows
    ]
