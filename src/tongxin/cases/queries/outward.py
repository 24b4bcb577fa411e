"""What became of cases, for those outside who sent them and wait for an answer, such as a hotline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tongxin.cases.models import Case, Party, Update
from tongxin.cases.rules import State, Verb
from tongxin.kernel.text import N_

TELLS: Final[dict[str, str]] = {
    Verb.ASK_RESIDENT: "answered",
    Verb.ANSWER_DIRECTLY: "answered",
    Verb.DECLINE: "declined",
    Verb.WITHDRAW: "withdrawn",
    Verb.APPROVE_EXTENSION: "extended",
    Verb.APPROVE_SUSPENSION: "suspended",
    Verb.CONFIRM: "closed",
    Verb.CLOSE_UNANSWERED: "closed",
    Verb.NOT_SOLVED: "reopened",
    Verb.REOPEN: "reopened",
}
"""The steps that somebody outside is told of, and what they are to them."""
KINDS: Final[dict[str, str]] = {
    "answered": N_("answered"), "declined": N_("declined"), "withdrawn": N_("withdrawn"), "extended": N_("extended"),
    "suspended": N_("suspended"), "closed": N_("closed"), "reopened": N_("taken up again"),
}  # fmt: skip
_ANSWERS: Final = frozenset({Verb.ANSWER, Verb.ANSWER_DIRECTLY, Verb.ASK_RESIDENT, Verb.DECLINE})


@dataclass(frozen=True, slots=True)
class Outward:
    """A case as its sender is told of it; ``told`` by the step's id."""

    version: int
    open: bool
    answered: bool
    told: Mapping[UUID, Mapping[str, Any]]


def versions(case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How often each of the cases was changed. One query."""
    return dict(Case.objects.filter(pk__in=case_ids).values_list("pk", "version"))


def outward(case_id: UUID) -> Outward:
    """All that the sender of a case is told of it. Staff's notes and who did it stay here. Three queries."""
    case = Case.objects.select_related("lead").get(pk=case_id)
    party = Party.objects.filter(case=case, role=Party.Role.REPORTER).order_by("id").first()
    told: dict[UUID, Mapping[str, Any]] = {}
    answer = ""
    for row in Update.objects.filter(case=case).select_related("organisation").order_by("id"):
        if row.verb in _ANSWERS and row.text and row.audience != Update.Audience.STAFF:
            answer = row.text
        if row.verb in TELLS:
            unit = case.lead.name if case.lead is not None else row.organisation.name if row.organisation else ""
            told[row.id] = _body(case, row, answer, unit, party)
    answered = case.state in {State.AWAITING, State.CLOSED, State.DECLINED, State.WITHDRAWN}
    return Outward(case.version, case.open, answered, told)


def _body(case: Case, row: Update, answer: str, unit: str, party: Party | None) -> dict[str, Any]:
    kind = TELLS[row.verb]
    closed = kind == "closed" and party is not None
    return {
        "kind": kind,
        "case": case.number,
        "at": row.recorded_at.isoformat(),
        "text": answer if kind in {"answered", "closed", "declined"} else "",
        "unit": unit,
        "due": _iso(case.due_at or case.resolve_by) if kind == "extended" else "",
        "word": party.word if closed and party is not None else "",
        "rating": party.rating if closed and party is not None else None,
    }


def _iso(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def standing(case_id: UUID) -> tuple[str, str, datetime | None, datetime | None]:
    """(number, state, the deadline given from outside, what our clocks say) of a case."""
    case = Case.objects.filter(pk=case_id).first()
    return (case.number, case.state, case.resolve_by, case.due_at) if case is not None else ("", "", None, None)
