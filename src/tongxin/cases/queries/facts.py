"""A case as the rules see it: its row, its limits and whether it may still be reopened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime
from typing import Final
from uuid import UUID

from tongxin.cases import rules, rules_clocks
from tongxin.cases.models import AreaPractice, Assignment, Case, Category, ClockRule
from tongxin.cases.rules import CaseFacts
from tongxin.cases.rules_limits import ClockKind, ClockPolicy, LimitRule, policy_for
from tongxin.cases.rules_practice import NAMES, Practice, in_force
from tongxin.kernel.worktime import Limit, Unit
from tongxin.places.models import Area
from tongxin.places.queries import work_calendar
from tongxin.record.kept import kept

_ROW = {
    "mode", "holder_name", "worker", "joiners", "children_open", "children_confirmed", "reporter_present",
    "filed_by_helper", "objection_pending", "objection_rejected", "info_pending", "extension_pending",
    "suspension_pending", "accepted_once", "times_declined", "times_reopened", "asked", "extensions",
    "info_requests", "answer_kind", "confirmed_by_helper", "raised", "supervised",
}  # fmt: skip
ROW_FIELDS: Final = frozenset(f.name for f in fields(CaseFacts) if f.name in _ROW)
"""Facts that stand in the row under the same name."""


def facts_of(case: Case, assignments: Iterable[Assignment], now: datetime, parent: Case | None = None) -> CaseFacts:
    """The case as the rules see it. ``assignments``: those not taken back."""
    states = Assignment.State
    co = [a for a in assignments if a.role == Assignment.Role.CO]
    return CaseFacts(
        state=rules.State(case.state),
        id=case.id,
        needs_verification=case.category.needs_verification,
        complained_of=frozenset(UUID(organisation) for organisation in case.complained_of),
        lead=case.lead_id,
        holder=case.holder_id,
        co_outstanding=frozenset(a.organisation_id for a in co if a.state in {states.WAITING, states.CLAIMED}),
        co_done=frozenset(a.organisation_id for a in co if a.state == states.DONE),
        whistled=frozenset(a.organisation_id for a in co if a.whistle),
        is_suggestion=case.kind == Case.Kind.SUGGESTION,
        is_common=case.kind == Case.Kind.COMMON,
        parent=case.parent_id,
        parent_state=rules.State(parent.state) if parent else None,
        outcome=rules.Outcome(case.outcome) if case.outcome else None,
        window_open=window_open(case, now),
        asks=practice_of(case.area_path).asks or rules.ASKS,
        top=rules_clocks.first_desk_depth(case.area_path),
        mode=rules.Mode(case.mode),
        answer_kind=rules.Outcome(case.answer_kind),
        **{name: getattr(case, name) for name in ROW_FIELDS - {"mode", "answer_kind"}},
    )


def policy_of(case: Case) -> ClockPolicy:
    """The limits of the case's category and urgency, with the local rules."""
    return policy_for(case.category.path, rules.Urgency(case.urgency), _local_limits(), practice_of(case.area_path))


def practice_of(area_path: str) -> Practice:
    """What the offices of a place settled for themselves; what nobody settled, by default."""
    return in_force(area_path, _practices())


@kept(AreaPractice, Area)
def _practices() -> list[tuple[str, Practice]]:
    """What every area settled; kept, like the limits."""
    rows = AreaPractice.objects.values_list("area__path", *NAMES)
    return [(path, Practice(*values)) for path, *values in rows]


@kept(ClockRule, Category)
def _local_limits() -> list[LimitRule]:
    """All local limits; kept, since every step of every case asks for them."""
    rows = ClockRule.objects.values_list("category__path", "urgency", "kind", "amount", "unit")
    return [
        LimitRule(path or "", rules.Urgency(urgency), ClockKind(kind), Limit(amount, Unit(unit)))
        for path, urgency, kind, amount, unit in rows
    ]


def reopen_until(case: Case, now: datetime) -> datetime | None:
    """Until when anyone affected may reopen a case that has ended; None while it has not."""
    if case.closed_at is None:
        return None
    return rules_clocks.reopen_until(case.closed_at, policy_of(case), work_calendar(now)).at


def window_open(case: Case, now: datetime) -> bool:
    """True while anyone affected may still reopen the case."""
    until = reopen_until(case, now)
    return until is None or now <= until
