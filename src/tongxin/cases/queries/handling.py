"""The handler's phone: what waits for my organisations, what I have, and what is in the pool near me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from tongxin.cases.models import Assignment, CaseClock
from tongxin.cases.queries.access import Access, strangers
from tongxin.cases.queries.pool import unfit_categories
from tongxin.cases.queries.view import public_place
from tongxin.cases.rules import State
from tongxin.cases.rules_limits import ClockKind
from tongxin.kernel.actor import Actor
from tongxin.people.queries.offices import principals_of
from tongxin.places.queries import below

PAGE = 20
FILTERS: Final = ("waiting", "mine", "ours", "pool", "done")


@dataclass(frozen=True, slots=True)
class Task:
    """A line of the list. ``co``: a sub-task beside somebody else's lead, with its own deadline."""

    key: UUID
    number: str
    title: str
    place: str
    state: State
    category_name: str
    category_name_en: str
    urgency: str
    organisation: str
    holder_name: str
    task: str
    co: bool
    pool: bool
    due_at: datetime | None
    due_kind: str
    joiners: int
    supervised: bool


def tasks(actor: Actor, which: str, *, after: UUID | None = None, limit: int = PAGE) -> tuple[list[Task], UUID | None]:
    """My organisations' tasks of one kind, what is due first, and the next page's key. Two queries."""
    rows = _rows(actor, which)
    if after is not None:
        rows = _after(rows, after)
    found = list(rows.order_by(F("case__due_at").asc(nulls_last=True), "id")[: limit + 1])
    following = found[limit - 1].id if len(found) > limit else None
    readers = strangers(row.case_id for row in found[:limit])
    return [_task(row, readers[row.case_id]) for row in found[:limit]], following


def sub_task_due(case_id: UUID, organisation_id: UUID) -> datetime | None:
    """Until when a co-handler's own part is due. One query."""
    rows = CaseClock.objects.filter(case=case_id, kind=ClockKind.CO_TASK, subject=organisation_id, stopped_at=None)
    return rows.values_list("due_at", flat=True).first()


def counts(actor: Actor) -> dict[str, int]:
    """How many there are of each kind that waits; each is counted up to a hundred. Four queries, five where skills are wanted."""
    return {which: _rows(actor, which).order_by()[:100].count() for which in ("waiting", "mine", "pool")}


def _after(rows: QuerySet[Assignment], after: UUID) -> QuerySet[Assignment]:
    """Behind the last line of the page before, by its due time."""
    last = Assignment.objects.filter(pk=after).values_list("case__due_at", flat=True).first()
    if last is None:
        return rows.filter(case__due_at=None, id__gt=after)
    return rows.filter(Q(case__due_at__gt=last) | Q(case__due_at=last, id__gt=after) | Q(case__due_at=None))


def _rows(actor: Actor, which: str) -> QuerySet[Assignment]:
    if actor.person_id is None or not actor.may_somewhere("case.handle"):
        return Assignment.objects.none()
    states = Assignment.State
    own = CaseClock.objects.filter(
        case=OuterRef("case_id"), kind=ClockKind.CO_TASK, subject=OuterRef("organisation_id"), stopped_at=None
    )
    rows = (
        Assignment.objects.filter(ended_at=None, case__open=True)
        .select_related("case__category", "case__area", "case__building", "case__unit", "organisation")
        .annotate(co_due=Subquery(own.values("due_at")[:1]))
    )
    if which == "pool":
        near = [below(path, "area_path") for path in set(actor.areas_with("case.handle"))]
        where = reduce(or_, near, Q(pk__in=[]))
        bodies = actor.organisations()
        free = rows.filter(where, mode="pool", state=states.WAITING, case__state=State.DISPATCHED)
        free = free.exclude(case__category_id__in=unfit_categories(actor))
        for body in bodies:  # a body complained of does not take it
            free = free.exclude(case__complained_of__icontains=str(body))
        return free
    mine = Q(person_id=actor.person_id) | Q(
        person_id__in=principals_of(actor)
    )  # a stand-in has what they hold on leave
    ours = Q(organisation__in=actor.organisations_with("case.handle")) | Q(person_id=actor.person_id)
    rows = rows.filter(ours)
    if which == "waiting":
        return rows.filter(state=states.WAITING)
    if which == "mine":
        return rows.filter(mine, state=states.CLAIMED)
    if which == "done":
        return rows.filter(state=states.DONE)
    return rows.filter(state=states.CLAIMED).exclude(mine)


def _task(row: Assignment, access: Access) -> Task:
    case = row.case
    co = row.role == Assignment.Role.CO
    co_due: datetime | None = row.co_due if co else None  # type: ignore[attr-defined]  # annotated
    return Task(
        key=row.id,
        number=case.number,
        title=access.words(case.title),
        place=public_place(case, access),
        state=State(case.state),
        category_name=case.category.name,
        category_name_en=case.category.name_en,
        urgency=case.urgency,
        organisation=str(row.organisation) if row.organisation else "",
        holder_name=case.holder_name,
        task=row.task,
        co=co,
        pool=row.mode == "pool",
        due_at=co_due or case.due_at,
        due_kind=ClockKind.CO_TASK if co_due else case.due_kind,
        joiners=case.joiners,
        supervised=case.supervised,
    )
