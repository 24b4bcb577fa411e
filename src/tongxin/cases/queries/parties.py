"""What somebody is to a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from tongxin.cases import rules, rules_clocks
from tongxin.cases.models import Assignment, Case
from tongxin.cases.models import Party as Concerned
from tongxin.cases.queries.offices import deciding_path
from tongxin.cases.rules import CaseFacts, Party
from tongxin.kernel.actor import Actor, Trust
from tongxin.people.models import FamilyLink
from tongxin.people.queries.helping import may_act_for


def is_person(person_id: UUID | None) -> Q:
    """Party rows of one human being, those of a row made at sign-in before the register knew them included.

    Of nobody, for who is no person: a worker's link, an office's programme.
    """
    if person_id is None:  # else everybody who was never merged with another row would be meant
        return Q(pk__in=())
    return Q(person_id=person_id) | Q(person__same_as_id=person_id)


def rows_of(actor: Actor, on_behalf_of: UUID | None = None) -> Q:
    """Party rows of whoever acts, or of whom they act for."""
    if actor.kind == "slip":
        return Q(pk=actor.id)
    return is_person(on_behalf_of or actor.person_id)


def concerned_people(case: Case) -> frozenset[UUID]:
    """Ids of the people who have, or had, a part in the case, with those of rows made before the register knew them."""
    rows = case.parties.filter(person__isnull=False).values_list("person_id", "person__same_as_id")
    return frozenset(key for row in rows for key in row if key is not None)


def word_now(word: str, said_at: datetime | None, answered_at: datetime | None) -> str:
    """What somebody concerned has said of the latest answer; what they said of an earlier one is history."""
    return word if said_at is not None and answered_at is not None and said_at >= answered_at else ""


def unspoken(answered_at: Any) -> Q:
    """Party rows of those who have not said anything of the answer given at ``answered_at`` (a time or an expression)."""
    return Q(word="") | Q(answered_at=None) | Q(answered_at__lt=answered_at)


def parties_of(
    actor: Actor,
    case: Case,
    facts: CaseFacts,
    assignments: Iterable[Assignment],
    now: datetime,
    *,
    on_behalf_of: UUID | None = None,
    roles: Iterable[str] | None = None,
) -> frozenset[Party]:
    """The parties that the actor is to the case, also for ``on_behalf_of``; empty for whoever has no part in it.

    ``roles``: the actor's own among those concerned, for whom has read them already.
    Members of a body complained of lose what would let them decide on it or see the reporter.
    """
    if actor.is_system:
        return frozenset({Party.SYSTEM})
    mine = _as_resident(actor, case, on_behalf_of, roles, now) | _as_worker(actor, case, facts, assignments)
    mine |= _as_office(actor, case, facts, now)
    if on_behalf_of is None and actor.may("case.submit_for", case.area_path) and case.filed_by_helper:
        mine.add(Party.HELPER)
    return rules.without_conflict(mine, actor.organisations(), facts)


def _as_office(actor: Actor, case: Case, facts: CaseFacts, now: datetime) -> frozenset[Party]:
    """Desk of the area or above it; supervisor only from above the first desk; once the case was raised or supervised,
    less below that level. One query then."""
    mine: set[Party] = set()
    if actor.may("case.desk", case.area_path):
        mine.add(Party.DESK)
    if actor.may("case.supervise", rules_clocks.path_above_first_desk(case.area_path)):
        mine.add(Party.SUPERVISOR)
    needed = rules.level_needed(facts)
    if not mine or not needed:
        return frozenset(mine)
    level = deciding_path(case, needed, now)
    decides = actor.may("case.desk", level) or actor.may("case.supervise", level)
    return frozenset(mine) if decides else rules.below_its_level(mine)


def helping_role(actor: Actor, area_path: str) -> str:
    """The office in which the actor helps others in the area; empty for family."""
    return next((grant.role for grant in actor.grants if grant.covers("case.submit_for", area_path)), "")


def _helps(actor: Actor, case: Case, person: UUID, now: datetime) -> bool:
    """True if the actor helps people here, and this one: somebody the case concerns already, or of their own areas."""
    if not actor.may("case.submit_for", case.area_path):
        return False
    return case.parties.filter(is_person(person)).exists() or may_act_for(actor, person, now=now) is not None


def _as_resident(
    actor: Actor, case: Case, on_behalf_of: UUID | None, roles: Iterable[str] | None, now: datetime
) -> set[Party]:
    if actor.kind == "slip":  # who reported by phone, and has proved as much
        own = case.parties.filter(pk=actor.id, role=Concerned.Role.REPORTER, person=None, disowned_at=None)
        return {Party.REPORTER} if own.exists() else set()
    if actor.person_id is None:
        return set()
    mine: set[Party] = set()
    whose = actor.person_id
    if actor.kind == "token" and actor.grants:  # an office's program is nothing else of its holder, nor of their family
        return {Party.HELPER} if on_behalf_of is not None and _helps(actor, case, on_behalf_of, now) else mine
    if on_behalf_of is not None and on_behalf_of != actor.person_id:
        if FamilyLink.objects.filter(child_id=actor.person_id, parent_id=on_behalf_of, until=None).exists():
            whose = on_behalf_of
        elif _helps(actor, case, on_behalf_of, now):
            return {Party.HELPER}
        else:
            return set()
    if roles is None or whose != actor.person_id:
        roles = case.parties.filter(is_person(whose), disowned_at=None).values_list("role", flat=True)
    for role in roles:
        mine.add(Party.REPORTER if role == Concerned.Role.REPORTER else Party.JOINER)
    if is_near(actor, case.area_path) and open_to_neighbours(case):
        mine.add(Party.AFFECTED)
    return mine


def is_near(actor: Actor, area_path: str) -> bool:
    """True for who is known to live or own in the area, or in a part of it."""
    return actor.trust >= Trust.RESIDENT and any(_overlap(home, area_path) for home in actor.home_paths)


def open_to_neighbours(case: Case) -> bool:
    """True for what concerns the neighbourhood; an order for help, or a report by somebody hidden, is nobody else's."""
    return case.is_public or (case.category.public and not case.category.is_service and not case.reporter_hidden)


def _overlap(one: str, other: str) -> bool:
    """True if one area lies in the other, or they are the same."""
    return one.startswith(other) or other.startswith(one)


def _as_worker(actor: Actor, case: Case, facts: CaseFacts, assignments: Iterable[Assignment]) -> set[Party]:
    mine: set[Party] = set()
    if actor.kind == "link":
        return {Party.HANDLER} if case.worker == actor.id else mine
    organisations = actor.organisations_with("case.handle")
    works = actor.may_somewhere("case.handle")  # an office acts only in a session that passed the second factor
    for assignment in assignments:
        named = works and assignment.person_id is not None and assignment.person_id == actor.person_id
        if not named and assignment.organisation_id not in organisations:
            continue
        mine.add(Party.HANDLER if assignment.role == Assignment.Role.LEAD else Party.CO_HANDLER)
    # Also once somebody has it, so that the second to take it is told who was first.
    in_pool = facts.mode is rules.Mode.POOL and facts.state in rules.WITH_HANDLER
    # The pool is for those near and fit; who sits at the desk gives it to their own body if they want it.
    if in_pool and actor.may("case.handle", case.area_path) and not actor.may("case.desk", case.area_path):
        mine.add(Party.TAKER)
    return mine
