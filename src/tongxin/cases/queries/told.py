"""What somebody was told in one office, and not of what else they are to anybody."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from tongxin.cases.models import Assignment, Case
from tongxin.kernel.actor import Actor
from tongxin.notifications.queries import PAGE, Told, notice_page
from tongxin.people.models import Appointment, Service
from tongxin.places.queries import below


def office_notices(actor: Actor, *, after: UUID | None = None, limit: int = PAGE) -> tuple[list[Told], UUID | None]:
    """What the person was told of cases as a handler or at a desk, as far as it concerns an office in which they act here:
    a case that was given to its organisation, an order near it, or a case of its desk. The newest first. One query.

    What they were told as a resident, or in another of their offices, is not among it. A case that passed to somebody else
    without a part left for the organisation is not theirs any more, nor are its notices.
    """
    if actor.person_id is None:
        return [], None
    return notice_page(actor.person_id, after=after, limit=limit, only=_at_work(actor) | _at_desk(actor))


def _at_work(actor: Actor) -> Q:
    ours = Q(organisation__in=actor.organisations_with("case.handle"))
    near = _within(actor.areas_with("case.handle")) & Q(mode="pool", organisation=None)
    given = Assignment.objects.filter(ours | near, case_id=OuterRef("subject_id"))
    # “Given to somebody else” leads to their list: it is for whom it was taken from.
    theirs = Q(Exists(given.filter(ended_at=None))) | Q(link="/work/") & Q(Exists(given))
    about = reduce(or_, [Q(complained_of__icontains=str(body)) for body in actor.organisations()], Q(pk__in=[]))
    about_us = Case.objects.filter(about, pk=OuterRef("subject_id"))
    of_cases = Q(subject_kind="case", link__startswith="/work/") & theirs & ~Q(Exists(about_us))
    # Many at once: what a colleague held whose office ended, or the company before.
    bodies = Q(organisation__in=actor.organisations_with("case.handle"), pk=OuterRef("subject_id"))
    ended = Q(subject_kind="appointment") & Q(Exists(Appointment.objects.filter(bodies)))
    took_over = Q(subject_kind="service") & Q(Exists(Service.objects.filter(bodies)))
    return of_cases | (Q(link="/work/") & (ended | took_over))


def _at_desk(actor: Actor) -> Q:
    areas = {*actor.areas_with("case.desk"), *actor.areas_with("case.supervise")}
    cases = Case.objects.filter(_within(areas), pk=OuterRef("subject_id"))
    for body in actor.organisations():  # members of a body complained of do not desk
        cases = cases.exclude(complained_of__icontains=str(body))
    return Q(subject_kind="case", link__startswith="/desk/cases/") & Q(Exists(cases))


def _within(paths: Iterable[str]) -> Q:
    """Rows whose ``area_path`` lies in one of the areas; none for no area."""
    return reduce(or_, [below(path, "area_path") for path in paths], Q(pk__in=[]))
