"""The handler's phone: what waits for my organisations, what I have, and what is in the pool near me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Final
from uuid import UUID

from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, When

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
_OF_CO_HANDLERS: Final = (ClockKind.CO_TASK, ClockKind.WHISTLE)
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
    """My organisations' tasks of one kind, what is due first to them, and the next page's key. Two queries."""
    rows = _dated(_rows(actor, which))
    if after is not None:
        rows = _after(rows, after)
    found = list(rows.order_by(F("due").asc(nulls_last=True), "id")[: limit + 1])
    following = found[limit - 1].id if len(found) > limit else None
    readers = strangers(row.case_id for row in found[:limit])
    return [_task(row, readers[row.case_id]) for row in found[:limit]], following


def counts(actor: Actor) -> dict[str, int]:
    """How many there are of each kind that waits; each is counted up to a hundred. Four queries, five where skills are wanted."""
    return {which: _rows(actor, which).order_by()[:100].count() for which in ("waiting", "mine", "pool")}


def _after(rows: QuerySet[Any], after: UUID) -> QuerySet[Any]:
    """Behind the last line of the page before, by its due time."""
    last = _dated(Assignment.objects.filter(pk=after)).values_list("due", flat=True).first()
    if last is None:
        return rows.filter(due=None, id__gt=after)
    return rows.filter(Q(due__gt=last) | Q(due=last, id__gt=after) | Q(due=None))


def _dated(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what is due: the case to its lead, their own part to a co-handler. Who has answered their part, or waits until
    a suspended case goes on, has nothing that is due."""
    clock = CaseClock.objects.filter(
        case=OuterRef("case_id"), kind__in=_OF_CO_HANDLERS, subject=OuterRef("organisation_id"), stopped_at=None,
        paused_at=None,
    ).order_by("due_at")  # fmt: skip
    co = Q(role=Assignment.Role.CO)
    return rows.annotate(
        due=models.Case(When(co, then=Subquery(clock.values("due_at")[:1])), default=F("case__due_at")),
        kind_of_due=models.Case(When(co, then=Subquery(clock.values("kind")[:1])), default=F("case__due_kind")),
    )


def _rows(actor: Actor, which: str) -> QuerySet[Assignment]:
    if actor.person_id is None or not actor.may_somewhere("case.handle"):
        return Assignment.objects.none()
    states = Assignment.State
    rows = Assignment.objects.filter(ended_at=None, case__open=True).select_related(
        "case__category", "case__area", "case__building", "case__unit", "organisation"
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
        co=row.role == Assignment.Role.CO,
        pool=row.mode == "pool",
        due_at=row.due,  # type: ignore[attr-defined]  # annotated
        due_kind=row.kind_of_due or "",  # type: ignore[attr-defined]  # annotated
        joiners=case.joiners,
        supervised=case.supervised,
    )
