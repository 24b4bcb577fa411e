"""The limits of a case's clocks, by category and urgency. PURE.

Defaults are those of Baoding's regulation (2 h, 24 h, 3 and 5 working days; extension at most 5 working
days); what varies by place is data (``ClockRule`` rows).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from tongxin.cases.rules_facts import ASKS
from tongxin.cases.rules_practice import DEFAULT, Practice
from tongxin.cases.rules_words import Urgency
from tongxin.kernel.worktime import Limit, Unit


class ClockKind(StrEnum):
    """What is waited for. All but RESIDENT_ANSWER and INFO are duties of an office."""

    ACCEPT = "accept"  # the desk accepts or declines
    DISPATCH = "dispatch"  # the desk gives it to somebody, also again after an objection or a reopening
    CLAIM = "claim"  # the lead or a taker takes it
    RESOLVE = "resolve"  # from acceptance to the answer, whoever has it meanwhile
    CO_TASK = "co_task"  # one per co-handler
    WHISTLE = "whistle"  # the same, for whom a street called in
    VERIFY = "verify"  # the desk looks, and asks the resident
    RESIDENT_ANSWER = "resident_answer"
    INFO = "info"  # the resident adds what was asked for
    OBJECTION = "objection"  # the desk decides on an objection
    REVIEW = "review"  # of a suspension


_K = ClockKind


@dataclass(frozen=True, slots=True)
class ClockPolicy:
    """The limits of one category and urgency. ``warn_percent`` of a clock's time has passed when it warns."""

    limits: Mapping[ClockKind, Limit]
    asks: int = ASKS  # how often a silent resident is asked in all
    reopen_window: Limit = field(default_factory=lambda: Limit(30, Unit.CALENDAR_DAYS))
    escalate_every: Limit = field(default_factory=lambda: Limit(1, Unit.WORK_DAYS))
    longest_extension_days: int = 5
    warn_percent: int = 75


@dataclass(frozen=True, slots=True)
class LimitRule:
    """A local limit. ``category_path`` "" holds for all categories."""

    category_path: str
    urgency: Urgency
    kind: ClockKind
    limit: Limit


def _limits(*rows: tuple[ClockKind, int, Unit]) -> dict[ClockKind, Limit]:
    return {kind: Limit(amount, unit) for kind, amount, unit in rows}


_FOR_ALL: Final = _limits(
    (_K.RESIDENT_ANSWER, 7, Unit.CALENDAR_DAYS),
    (_K.INFO, 3, Unit.CALENDAR_DAYS),
    (_K.REVIEW, 90, Unit.CALENDAR_DAYS),
    (_K.VERIFY, 1, Unit.WORK_DAYS),
)

DEFAULTS: Final[dict[Urgency, ClockPolicy]] = {
    Urgency.EMERGENCY: ClockPolicy(
        _FOR_ALL
        | _limits(
            (_K.ACCEPT, 1, Unit.URGENT_HOURS),
            (_K.DISPATCH, 1, Unit.URGENT_HOURS),
            (_K.CLAIM, 1, Unit.URGENT_HOURS),
            (_K.RESOLVE, 2, Unit.URGENT_HOURS),
            (_K.CO_TASK, 2, Unit.URGENT_HOURS),
            (_K.WHISTLE, 1, Unit.URGENT_HOURS),
            (_K.OBJECTION, 1, Unit.URGENT_HOURS),
        ),
        escalate_every=Limit(2, Unit.URGENT_HOURS),
    ),
    Urgency.URGENT: ClockPolicy(
        _FOR_ALL
        | _limits(
            (_K.ACCEPT, 2, Unit.URGENT_HOURS),
            (_K.DISPATCH, 2, Unit.URGENT_HOURS),
            (_K.CLAIM, 4, Unit.URGENT_HOURS),
            (_K.RESOLVE, 24, Unit.URGENT_HOURS),
            (_K.CO_TASK, 12, Unit.URGENT_HOURS),
            (_K.WHISTLE, 4, Unit.URGENT_HOURS),
            (_K.OBJECTION, 2, Unit.URGENT_HOURS),
        ),
        escalate_every=Limit(12, Unit.URGENT_HOURS),
    ),
    Urgency.NORMAL: ClockPolicy(
        _FOR_ALL
        | _limits(
            (_K.ACCEPT, 4, Unit.WORK_HOURS),
            (_K.DISPATCH, 4, Unit.WORK_HOURS),
            (_K.CLAIM, 6, Unit.WORK_HOURS),
            (_K.RESOLVE, 3, Unit.WORK_DAYS),
            (_K.CO_TASK, 2, Unit.WORK_DAYS),
            (_K.WHISTLE, 1, Unit.WORK_DAYS),
            (_K.OBJECTION, 4, Unit.WORK_HOURS),
        )
    ),
    Urgency.COMPLEX: ClockPolicy(
        _FOR_ALL
        | _limits(
            (_K.ACCEPT, 4, Unit.WORK_HOURS),
            (_K.DISPATCH, 6, Unit.WORK_HOURS),
            (_K.CLAIM, 1, Unit.WORK_DAYS),
            (_K.RESOLVE, 5, Unit.WORK_DAYS),
            (_K.CO_TASK, 3, Unit.WORK_DAYS),
            (_K.WHISTLE, 2, Unit.WORK_DAYS),
            (_K.OBJECTION, 6, Unit.WORK_HOURS),
        )
    ),
}


def policy_for(
    category_path: str, urgency: Urgency, rules: Iterable[LimitRule] = (), practice: Practice = DEFAULT
) -> ClockPolicy:
    """The limits in force: for each kind the rule of the nearest category, else the default of the
    urgency; ``practice``: what the area settled for itself, every field of it given."""
    base = DEFAULTS[urgency]
    fitting = [r for r in rules if r.urgency == urgency and category_path.startswith(r.category_path)]
    fitting.sort(key=lambda rule: len(rule.category_path))
    return replace(
        base,
        limits={**base.limits, **{rule.kind: rule.limit for rule in fitting}},
        asks=practice.asks or base.asks,
        reopen_window=Limit(practice.reopen_days, Unit.CALENDAR_DAYS) if practice.reopen_days else base.reopen_window,
        longest_extension_days=practice.extension_days or base.longest_extension_days,
        warn_percent=practice.warn_percent or base.warn_percent,
    )
