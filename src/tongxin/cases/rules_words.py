"""The vocabulary of a case: states, parties, verbs, outcomes, and their named groups. PURE.

``rules`` (the state machine), ``rules_facts``, ``rules_clocks`` and ``rules_routing`` speak these words, and
so do the models, the API and the pages. The Chinese terms are those of the glossary.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"  # 已反映: with the desk, not yet accepted
    ACCEPTED = "accepted"  # 已受理: the desk is responsible, to be dispatched
    DECLINED = "declined"  # 不予受理: with reason, and where to go instead
    DISPATCHED = "dispatched"  # 已派单: given to a lead, or offered in the pool
    CLAIMED = "claimed"  # 已接单: somebody has it
    IN_PROGRESS = "in_progress"  # 办理中
    ANSWERED = "answered"  # 已答复: the lead says it is done, nobody has looked yet
    VERIFIED = "verified"  # 已核查: the desk has looked, the resident is not asked yet
    AWAITING = "awaiting"  # 待确认: the resident is asked
    CLOSED = "closed"  # 已办结
    REOPENED = "reopened"  # 重新办理: with the desk again
    SUSPENDED = "suspended"  # 挂账: cannot be solved now; approved, with a review date
    WITHDRAWN = "withdrawn"  # 已撤回
    MERGED = "merged"  # 已并案: goes the way of the case it was gathered into


class Party(StrEnum):
    """What somebody is to one case. One actor may be several at once; nobody is a party by a role alone."""

    REPORTER = "reporter"  # in whose name it was reported; a family account with consent counts as the person
    HELPER = "helper"  # records the reporter's own choice (on behalf of 代报) and never chooses
    JOINER = "joiner"  # said “me too” 附议
    AFFECTED = "affected"  # lives or owns in the area of the case, or is gathered into the same common matter
    HANDLER = "handler"  # member of the lead organisation 牵头, or the named person or worker with a link
    TAKER = "taker"  # near and fit: may take it from the pool
    CO_HANDLER = "co_handler"  # member of an organisation with a sub-task 协办
    DESK = "desk"  # dispatch desk of the area, or of one above it
    LOWER_DESK = "lower_desk"  # a desk below the level to which the case was raised: it works on and decides nothing
    SUPERVISOR = "supervisor"  # an office above the first desk 督办
    SYSTEM = "system"  # the clock and the automatic routes


class Verb(StrEnum):
    """What can be done with a case. The first group changes the state, the second keeps it."""

    SUBMIT = "submit"
    ACCEPT = "accept"
    ANSWER_DIRECTLY = "answer_directly"  # 即办: the desk answers at first contact
    DISPATCH = "dispatch"
    CLAIM = "claim"
    START = "start"
    ANSWER = "answer"
    UPHOLD_OBJECTION = "uphold_objection"
    VERIFY = "verify"
    ASK_RESIDENT = "ask_resident"
    CONFIRM = "confirm"
    NOT_SOLVED = "not_solved"
    SEND_BACK = "send_back"
    CLOSE_UNANSWERED = "close_unanswered"
    CLOSE_COMMON = "close_common"  # the common matter ends when each gathered reporter has been asked
    REOPEN = "reopen"
    REDISPATCH = "redispatch"
    PUT_BACK = "put_back"  # a taker gives the task back into the pool or rotation
    APPROVE_SUSPENSION = "approve_suspension"
    RESUME = "resume"
    MERGE = "merge"
    SEPARATE = "separate"  # undo a merge: the case goes on by itself
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LEAVE = "leave"  # a joiner takes the “me too” back

    REJECT_OBJECTION = "reject_objection"
    OBJECT = "object"  # 派单异议: the lead says it is not theirs
    PROVIDE_INFO = "provide_info"
    REQUEST_INFO = "request_info"
    LAPSE_INFO = "lapse_info"
    REQUEST_EXTENSION = "request_extension"
    APPROVE_EXTENSION = "approve_extension"
    REJECT_EXTENSION = "reject_extension"
    REQUEST_SUSPENSION = "request_suspension"
    REJECT_SUSPENSION = "reject_suspension"
    ADD_CO_HANDLER = "add_co_handler"  # 吹哨
    CO_ANSWER = "co_answer"
    WAIVE_CO_HANDLER = "waive_co_handler"
    HAND_OVER = "hand_over"  # to a colleague, a stand-in, or the next property company
    HAND_TO_WORKER = "hand_to_worker"  # without an account, by a link to their phone
    JOIN = "join"
    URGE = "urge"
    RATE = "rate"
    REMIND = "remind"
    CALL_BACK = "call_back"
    SUPERVISE = "supervise"
    LIFT_SUPERVISION = "lift_supervision"
    ESCALATE = "escalate"
    GATHER = "gather"  # make it the common matter for others
    RECLASSIFY = "reclassify"
    RELEASE_PHOTO = "release_photo"
    HIDE_PHOTO = "hide_photo"
    NOTE = "note"
    NOT_MINE = "not_mine"  # the person disowns a report filed in their name


class Outcome(StrEnum):
    """How a case ended. ``SOLVED`` and ``EXPLAINED`` only ever come from the resident's own word."""

    SOLVED = "solved"
    EXPLAINED = "explained"  # the resident accepts an explanation where nothing could be done
    UNANSWERED = "unanswered"  # asked, reminded, silent: never counted as satisfied
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    JOINED = "joined"  # folded into a running case before it was accepted: it counts as a “me too”


class Mode(StrEnum):
    """How a dispatched case finds its handler."""

    ASSIGNED = "assigned"  # 派单
    POOL = "pool"  # 点单/接单: those near and fit may take it
    ROTATION = "rotation"  # 轮派


class Urgency(StrEnum):
    """紧急程度, four grades as in the hotline ordinances (2 h, 24 h, 3 and 5 working days)."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    NORMAL = "normal"
    COMPLEX = "complex"


class Rating(IntEnum):
    """五级评价."""

    VERY_DISSATISFIED = 1  # 非常不满意
    DISSATISFIED = 2  # 不满意
    FAIR = 3  # 基本满意
    SATISFIED = 4  # 满意
    VERY_SATISFIED = 5  # 非常满意


class Step(IntEnum):
    """The five steps a resident sees."""

    REPORTED = 1  # 反映
    ACCEPTED = 2  # 受理
    TAKEN = 3  # 接单
    HANDLED = 4  # 处理
    CONFIRMED = 5  # 确认


_S = State

FINAL: Final = frozenset({_S.CLOSED, _S.DECLINED, _S.WITHDRAWN})
OPEN: Final = frozenset(State) - FINAL
WAITING_DESK: Final = frozenset({_S.SUBMITTED, _S.ACCEPTED, _S.REOPENED})
WITH_HANDLER: Final = frozenset({_S.DISPATCHED, _S.CLAIMED, _S.IN_PROGRESS})
TAKEN: Final = frozenset({_S.CLAIMED, _S.IN_PROGRESS})
WAITING_CHECK: Final = frozenset({_S.ANSWERED, _S.VERIFIED})
WAITING_RESIDENT: Final = frozenset({_S.AWAITING})
UNANSWERED_YET: Final = WAITING_DESK | WITH_HANDLER | {_S.SUSPENDED}
RUNNING: Final = OPEN - {_S.MERGED}
CO_WORKABLE: Final = WITH_HANDLER | {_S.ACCEPTED, _S.SUSPENDED}

STEP_OF: Final[dict[State, Step]] = {
    _S.SUBMITTED: Step.ACCEPTED,
    _S.ACCEPTED: Step.TAKEN,
    _S.DECLINED: Step.ACCEPTED,
    _S.DISPATCHED: Step.TAKEN,
    _S.CLAIMED: Step.HANDLED,
    _S.IN_PROGRESS: Step.HANDLED,
    _S.ANSWERED: Step.HANDLED,
    _S.VERIFIED: Step.HANDLED,
    _S.AWAITING: Step.CONFIRMED,
    _S.CLOSED: Step.CONFIRMED,
    _S.REOPENED: Step.TAKEN,
    _S.SUSPENDED: Step.HANDLED,
    _S.WITHDRAWN: Step.REPORTED,
    _S.MERGED: Step.HANDLED,
}
"""The step a case stands at: those before it are done. At ``closed`` the last one is done as well."""

WHERE_IT_STANDS: Final[dict[State, str]] = {
    _S.SUBMITTED: "The case has not been accepted yet.",
    _S.ACCEPTED: "The case is accepted and waits to be dispatched.",
    _S.DECLINED: "The case was declined.",
    _S.DISPATCHED: "The case is dispatched and nobody has taken it yet.",
    _S.CLAIMED: "The case is already taken.",
    _S.IN_PROGRESS: "The case is being worked on.",
    _S.ANSWERED: "The case is already answered and waits to be verified.",
    _S.VERIFIED: "The answer is verified; the resident will be asked next.",
    _S.AWAITING: "The case waits for the resident's word.",
    _S.CLOSED: "The case is closed.",
    _S.REOPENED: "The case was reopened and waits to be dispatched again.",
    _S.SUSPENDED: "The case is suspended until its review date.",
    _S.WITHDRAWN: "The case was withdrawn.",
    _S.MERGED: "The case was gathered into another one; go on there.",
}
"""Message ids: one plain sentence per state, told to whoever asks for what the state does not allow."""

DECIDES: Final = frozenset({Verb.CONFIRM, Verb.NOT_SOLVED, Verb.RATE, Verb.REOPEN, Verb.WITHDRAW})
"""Choices that belong to the resident alone: a helper needs ``own_choice``, the person's signed or recorded
word."""


def steps_done(state: State) -> int:
    """How many of the resident's five steps are done (0 to 5)."""
    return 5 if state is State.CLOSED else STEP_OF[state] - 1
