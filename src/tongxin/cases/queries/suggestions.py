"""Suggestions of deputies: where each stands, until when it is answered, what was answered and what the deputy said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tongxin.cases.models import Case, Party, Update
from tongxin.cases.queries.access import PUBLIC
from tongxin.cases.rules import State, Verb
from tongxin.cases.rules_suggestions import RATING
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict
from tongxin.kernel.times import SHANGHAI
from tongxin.places.queries import below

PAGE: Final = 20
FILTERS: Final = ("all", "open", "late", "answered", "ended")
_ANSWERED: Final = (State.ANSWERED, State.VERIFIED, State.AWAITING)
_WORDS: Final = {int(rating): str(grade) for grade, rating in RATING.items()}


@dataclass(frozen=True, slots=True)
class Standing:
    """A suggestion as everybody may see it. ``late``: not answered in time, or answered after it."""

    id: UUID
    number: str
    title: str
    state: State
    outcome: str
    open: bool
    lead: str
    answer_by: datetime | None
    answered_at: datetime | None
    late: bool
    is_complex: bool
    times_reopened: int
    heard: int
    grade: str = ""
    reason: str = ""
    answer: str = ""


def suggestion_page(
    paths: Sequence[str] | None, now: datetime, *, which: str = "all", year: str = "", before: UUID | None = None
) -> tuple[list[Standing], UUID | None]:
    """Suggestions of areas (None: of all), the newest first, and the key of the next page. Four queries at most."""
    rows = Case.objects.filter(_which(which, now), kind=Case.Kind.SUGGESTION, is_public=True)
    if paths is not None:
        within = Q(pk__in=[])
        for path in paths:
            within |= below(path, "area_path")
        rows = rows.filter(within)
    if year.isdigit() and len(year) == 4:
        first = datetime(int(year), 1, 1, tzinfo=SHANGHAI)
        rows = rows.filter(created_at__gte=first, created_at__lt=first.replace(year=int(year) + 1))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(_whole(rows).order_by("-id")[: PAGE + 1])
    return _standing(found[:PAGE], now), found[PAGE - 1].pk if len(found) > PAGE else None


def suggestions_by_id(ids: Sequence[UUID], now: datetime) -> dict[UUID, Standing]:
    """The given ones. Four queries."""
    rows = list(_whole(Case.objects.filter(pk__in=ids, kind=Case.Kind.SUGGESTION))) if ids else []
    return {one.id: one for one in _standing(rows, now)}


def _whole(rows: QuerySet[Case]) -> QuerySet[Case]:
    return rows.select_related("lead")


def _which(which: str, now: datetime) -> Q:
    overdue = Q(resolve_by__lt=F("answered_at")) | Q(resolve_by__lt=now, answered_at=None, open=True)
    return {
        "open": Q(open=True) & ~Q(state__in=_ANSWERED),
        "late": overdue,
        "answered": Q(state__in=_ANSWERED),
        "ended": Q(open=False),
    }.get(which, Q())


def _standing(rows: Sequence[Case], now: datetime) -> list[Standing]:
    ids = [row.pk for row in rows]
    words = {party.case_id: party for party in Party.objects.filter(case_id__in=ids, role=Party.Role.REPORTER)}
    answers = dict(
        Update.objects.filter(case_id__in=ids, verb__in=(Verb.ANSWER, Verb.ANSWER_DIRECTLY))
        .order_by("id")
        .values_list("case_id", "text")
    )
    found = []
    for row in rows:
        party: Any = words.get(row.pk)
        told = row.state == State.AWAITING or not row.open  # an answer that nobody has checked yet is not one
        by, at = row.resolve_by, row.answered_at
        late = by is not None and (at > by if at is not None else row.open and now > by)
        found.append(
            Standing(
                row.pk, row.number, PUBLIC.words(row.public_title or row.title), State(row.state), row.outcome, row.open,
                str(row.lead) if row.lead else "", by, at, late, row.urgency == "complex", row.times_reopened, row.joiners,
                _WORDS.get(party.rating or 0, "") if party else "",
                PUBLIC.words(party.reason or party.rating_text) if party else "",
                PUBLIC.words(answers.get(row.pk, "")) if told else "",
            )
        )  # fmt: skip
    return found


def filed_already(actor: Actor, once: UUID | None) -> str:
    """The number of the suggestion that the same key filed before; empty for none. Raises Conflict for somebody else's."""
    made = Case.objects.filter(once=once).first() if once is not None else None
    if made is None:
        return ""
    first = made.updates.order_by("id").values_list("actor_id", flat=True).first()
    if first != (actor.person_id or actor.id):
        raise Conflict("This was sent before. Please begin a new report.", code="sent-before")
    return str(made.number)
