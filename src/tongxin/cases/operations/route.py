"""Routing: what the tables of routes say happens to a case that has just come in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from tongxin.cases import rules
from tongxin.cases.models import Case, Route, RouteTurn
from tongxin.cases.queries.offices import staffed
from tongxin.cases.queries.routing import choose
from tongxin.cases.rules_routing import RouteChoice
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation
from tongxin.record.kept import forget
from tongxin.record.statements import Statement

if TYPE_CHECKING:
    from tongxin.cases.operations.base import Opened


def choice_for(case: Case, now: datetime) -> RouteChoice:
    """Where a new case goes. What is kept of the routes may be some seconds old: whoever is given the case must still
    exist, and somebody there must still take it."""
    choice = choose(case, now)
    lead = choice.organisation
    if choice.at_once and isinstance(lead, UUID) and not _ABLE(lead, local_day(now)):
        forget(Organisation)
        choice = choose(case, now)
    return choice


_ABLE: Statement[tuple[UUID]] = Statement(
    lambda key, today: Organisation.objects.filter(staffed(today), pk=key).values_list("pk")
)


def dispatch_at_once(opened: Opened, choice: RouteChoice) -> None:
    """Accept and dispatch as the automatic route of ``choice`` says."""
    from tongxin.cases.operations import base, desk

    if choice.mode is rules.Mode.ROTATION:
        choice = _chosen(opened.case, opened.now)
    parties = frozenset({rules.Party.SYSTEM})
    system = base.Opened(opened.case, opened.facts, parties, SYSTEM, opened.now, together=opened.together)
    lead = choice.organisation if isinstance(choice.organisation, UUID) else None
    if choice.mode is rules.Mode.ROTATION:
        _given(choice.route, lead, opened.now)
    desk.dispatch(system, lead=lead, pool=choice.mode is rules.Mode.POOL, mode=choice.mode, by_route=True)


def took_turn(case: Case, lead: UUID | None, now: datetime) -> None:
    """The desk gave it to whose turn it was: the next one is another's. A choice outside of the turns leaves them."""
    choice = _chosen(case, now)
    if lead is not None and choice.mode is rules.Mode.ROTATION and choice.organisation == lead:
        _given(choice.route, lead, now)


def _chosen(case: Case, now: datetime) -> RouteChoice:
    """What the routes say. A rotation is asked again under the lock of its route, so that of two cases that come at
    once the second sees whose turn the first one took."""
    choice = choose(case, now)
    if choice.mode is not rules.Mode.ROTATION or not isinstance(choice.route, UUID):
        return choice
    Route.objects.select_for_update().filter(pk=choice.route).first()
    return choose(case, now)


def _given(route: object, organisation: UUID | None, now: datetime) -> None:
    if isinstance(route, UUID) and organisation is not None:
        RouteTurn.objects.filter(route_id=route, organisation_id=organisation).update(last_given_at=now)
