"""What a verb changes in the facts of a case, beside its state. PURE. Called by ``rules.apply`` only."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final

from tongxin.cases.rules_facts import CaseFacts, Given, present
from tongxin.cases.rules_words import (
    CO_WORKABLE,
    TAKEN,
    WAITING_DESK,
    WITH_HANDLER,
    Mode,
    Outcome,
    State,
    Verb,
)

Change = Callable[[CaseFacts, Given, Hashable], dict[str, Any]]


def changes(
    case: CaseFacts, verb: Verb, state: State, given: Given, actor_id: Hashable, helper: bool
) -> dict[str, Any]:
    """Fields that the verb sets, once it is known to be lawful and to lead to ``state``."""
    new = _BY_VERB[verb](case, given, actor_id) if verb in _BY_VERB else {}
    if state is not case.state or verb is Verb.REDISPATCH:
        new = _left(state) | _entered(case, verb, state, helper) | new
    return new | {"state": state}


def _left(state: State) -> dict[str, Any]:
    """Requests lapse when the case leaves those who would have decided or answered them."""
    new: dict[str, Any] = {}
    if state not in TAKEN:
        new |= {"extension_pending": False, "suspension_pending": False}
    if state not in WITH_HANDLER:
        new["objection_pending"] = False
    if state not in WAITING_DESK | WITH_HANDLER:
        new["info_pending"] = False
    if state not in CO_WORKABLE:
        new["co_outstanding"] = frozenset()
    return new


def _entered(case: CaseFacts, verb: Verb, state: State, helper: bool) -> dict[str, Any]:
    match state:
        case State.ACCEPTED:
            return {"accepted_once": True}
        case State.AWAITING:
            return {"asked": 1, "accepted_once": True, "outcome": None}
        case State.REOPENED:
            return _reopened(case)
        case State.CLOSED:
            return {"outcome": _closing(case, verb), "confirmed_by_helper": verb is Verb.CONFIRM and helper}
        case State.DECLINED:
            return {"outcome": Outcome.DECLINED, "times_declined": case.times_declined + 1}
        case State.WITHDRAWN:
            return {"outcome": Outcome.WITHDRAWN}
        case State.MERGED:
            return {"outcome": Outcome.JOINED if case.state is State.SUBMITTED else Outcome.MERGED}
    return {}


def _reopened(case: CaseFacts) -> dict[str, Any]:
    """A fresh round. The second time, and after a refusal to accept, it stands one level higher; the second
    time under supervision (国办发〔2020〕53号; Baoding's regulation: still dissatisfied → supervised)."""
    times = case.times_reopened + 1
    higher = times >= 2 or case.state is State.DECLINED
    return {
        "times_reopened": times,
        "raised": min(case.top, case.raised + 1) if higher else case.raised,
        "supervised": case.supervised or times >= 2,
        "holder": None,
        "holder_name": "",
        "worker": None,
        "parent": None,
        "parent_state": None,
        "co_done": frozenset(),
        "extensions": 0,
        "info_requests": 0,
        "asked": 0,
        "outcome": None,
        "confirmed_by_helper": False,
    }


def _closing(case: CaseFacts, verb: Verb) -> Outcome:
    """Silence is never consent: only a resident's confirmation closes as solved or explained."""
    confirmed = verb is Verb.CONFIRM or (verb is Verb.CLOSE_COMMON and case.children_confirmed > 0)
    return case.answer_kind if confirmed else Outcome.UNANSWERED


_NOBODY: Final = {"holder": None, "holder_name": "", "worker": None}


def _dispatched(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    pool = present(given.get("pool"))
    return _NOBODY | {
        "mode": Mode.POOL if pool else Mode(given.get("mode", Mode.ASSIGNED)),
        "lead": None if pool else given["lead"],
        "co_outstanding": case.co_outstanding | frozenset(given.get("co_handlers") or ()),
        "whistled": _whistled(case, given),
        "objection_pending": False,
        "objection_rejected": False,
    }


def _claimed(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    lead = case.lead if case.lead is not None else given.get("lead")  # a person may take it for nobody but themselves
    return {"lead": lead, "holder": actor_id, "holder_name": given.get("name", "")}


def _handed_over(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    """To somebody, or to an organisation whose members take it anew; or a sub-task from one co-handler to the next."""
    if present(given.get("co_from")):
        return {"co_outstanding": (case.co_outstanding - {given["co_from"]}) | {given["co_to"]}}
    waits = case.state in TAKEN and not present(given.get("holder"))
    return {
        "mode": Mode.ASSIGNED if waits else case.mode,
        "lead": given.get("lead", case.lead),
        "holder": given.get("holder"),
        "holder_name": given.get("name", ""),
        "worker": None,
    }


def _withdrawn(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    return {"reporter_present": False}


def _disowned(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    """The report goes on in the helper's own name; a confirmation the helper recorded no longer counts."""
    void = case.state is State.CLOSED and case.confirmed_by_helper
    outcome = Outcome.UNANSWERED if void else case.outcome
    return {"filed_by_helper": False, "confirmed_by_helper": False, "outcome": outcome}


def _answered(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    return {"answer_kind": Outcome(given.get("outcome", Outcome.SOLVED))}


def _extended(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    return {"extension_pending": False, "extensions": case.extensions + 1}


def _co_answered(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    return _co_waived(case, given, actor_id) | {"co_done": case.co_done | {given["co_handler"]}}


def _co_waived(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    return {"co_outstanding": case.co_outstanding - {given["co_handler"]}}


def _gathered(case: CaseFacts, given: Given, actor_id: Hashable) -> dict[str, Any]:
    """What any of the gathered complains of, the common matter does: ``about`` names them all."""
    about = case.complained_of | frozenset(given.get("about") or ())
    return {"children_open": case.children_open + len(given["cases"]), "complained_of": about}


def _whistled(case: CaseFacts, given: Given) -> frozenset[Hashable]:
    """Sub-tasks to which a street called somebody in; they run against a clock of their own."""
    if not present(given.get("whistle")):
        return case.whistled
    called = {given["co_handler"]} if present(given.get("co_handler")) else set()
    return case.whistled | frozenset(given.get("co_handlers") or ()) | called


def _set(**fields: Any) -> Change:
    return lambda case, given, actor_id: dict(fields)


_BY_VERB: Final[dict[Verb, Change]] = {
    Verb.DISPATCH: _dispatched,
    Verb.REDISPATCH: _dispatched,
    Verb.CLAIM: _claimed,
    Verb.HAND_OVER: _handed_over,
    Verb.HAND_TO_WORKER: lambda case, given, actor_id: {"worker": given["worker"]},
    Verb.PUT_BACK: _set(lead=None, **_NOBODY),
    Verb.UPHOLD_OBJECTION: _set(lead=None, **_NOBODY),
    Verb.REJECT_OBJECTION: _set(objection_pending=False, objection_rejected=True),
    Verb.OBJECT: _set(objection_pending=True),
    Verb.ANSWER: _answered,
    Verb.ANSWER_DIRECTLY: _answered,
    Verb.REMIND: lambda case, given, actor_id: {"asked": case.asked + 1},
    Verb.REQUEST_INFO: lambda case, given, actor_id: {
        "info_pending": True,
        "info_requests": case.info_requests + 1,
    },
    Verb.PROVIDE_INFO: _set(info_pending=False),
    Verb.LAPSE_INFO: _set(info_pending=False),
    Verb.REQUEST_EXTENSION: _set(extension_pending=True),
    Verb.APPROVE_EXTENSION: _extended,
    Verb.REJECT_EXTENSION: _set(extension_pending=False),
    Verb.REQUEST_SUSPENSION: _set(suspension_pending=True),
    Verb.REJECT_SUSPENSION: _set(suspension_pending=False),
    Verb.ADD_CO_HANDLER: lambda case, given, actor_id: {
        "co_outstanding": case.co_outstanding | {given["co_handler"]},
        "whistled": _whistled(case, given),
    },
    Verb.CO_ANSWER: _co_answered,
    Verb.WAIVE_CO_HANDLER: _co_waived,
    Verb.JOIN: lambda case, given, actor_id: {"joiners": case.joiners + max(1, len(given.get("people") or ()))},
    Verb.REOPEN: lambda case, given, actor_id: {"joiners": case.joiners + 1} if present(given.get("joins")) else {},
    Verb.LEAVE: lambda case, given, actor_id: {"joiners": case.joiners - 1},
    Verb.WITHDRAW: _withdrawn,
    Verb.NOT_MINE: _disowned,
    Verb.SUPERVISE: _set(supervised=True),
    Verb.LIFT_SUPERVISION: _set(supervised=False),
    Verb.ESCALATE: lambda case, given, actor_id: {"raised": case.raised + 1},
    Verb.GATHER: _gathered,
    Verb.RECLASSIFY: lambda case, given, actor_id: (
        {"complained_of": frozenset(given["about"])} if "about" in given else {}
    ),
    Verb.MERGE: lambda case, given, actor_id: {"parent": given["into"]},
    Verb.SEPARATE: _set(parent=None, parent_state=None, outcome=None, lead=None, **_NOBODY),
}
