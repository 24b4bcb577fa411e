"""Names of verbs as the addresses have them, and of operations as the document has them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tongxin.cases.rules import Verb

VERBS: Final[dict[Verb, str]] = {
    Verb.CONFIRM: "confirm",
    Verb.NOT_SOLVED: "not-solved",
    Verb.RATE: "rate",
    Verb.REMIND: "remind",
    Verb.CALL_BACK: "call-back",
    Verb.REOPEN: "reopen",
    Verb.WITHDRAW: "withdraw",
    Verb.LEAVE: "withdraw",
    Verb.JOIN: "join",
    Verb.URGE: "urge",
    Verb.PROVIDE_INFO: "provide-information",
    Verb.NOT_MINE: "not-mine",
    Verb.CLAIM: "claim",
    Verb.START: "start",
    Verb.ANSWER: "answer",
    Verb.CO_ANSWER: "answer-sub-task",
    Verb.OBJECT: "object",
    Verb.REQUEST_EXTENSION: "request-extension",
    Verb.REQUEST_SUSPENSION: "request-suspension",
    Verb.PUT_BACK: "put-back",
    Verb.HAND_OVER: "hand-over",
    Verb.HAND_TO_WORKER: "hand-to-worker",
    Verb.REQUEST_INFO: "request-information",
    Verb.RESUME: "resume",
    Verb.NOTE: "note",
    Verb.ACCEPT: "accept",
    Verb.DECLINE: "decline",
    Verb.ANSWER_DIRECTLY: "answer-directly",
    Verb.DISPATCH: "dispatch",
    Verb.REDISPATCH: "dispatch",
    Verb.ADD_CO_HANDLER: "add-co-handler",
    Verb.WAIVE_CO_HANDLER: "waive-co-handler",
    Verb.VERIFY: "verify",
    Verb.ASK_RESIDENT: "ask-resident",
    Verb.SEND_BACK: "send-back",
    Verb.RECLASSIFY: "reclassify",
    Verb.UPHOLD_OBJECTION: "decide",
    Verb.REJECT_OBJECTION: "decide",
    Verb.APPROVE_EXTENSION: "decide",
    Verb.REJECT_EXTENSION: "decide",
    Verb.APPROVE_SUSPENSION: "decide",
    Verb.REJECT_SUSPENSION: "decide",
    Verb.SUPERVISE: "supervise",
    Verb.LIFT_SUPERVISION: "lift-supervision",
    Verb.ESCALATE: "escalate",
    Verb.RELEASE_PHOTO: "release-photo",
    Verb.HIDE_PHOTO: "hide-photo",
    Verb.GATHER: "gather",
    Verb.SEPARATE: "separate",
}
"""Rules' verbs by the name with which they are called here; several may share one call."""

ELSEWHERE: Final[dict[Verb, str]] = {
    Verb.SUBMIT: "submitCase",
    Verb.MERGE: "gather",  # a call on the matter into which the case goes
}
"""Verbs that are called, but not on the case itself."""


def callable_names(verbs: Iterable[Verb]) -> list[str]:
    """What may be called for these verbs, in their order, each once."""
    return list(dict.fromkeys(VERBS[verb] for verb in verbs if verb in VERBS))


def said(verb: str) -> str:
    """A verb of a timeline: the name of its call, or its own in the same spelling."""
    return verb.replace("_", "-")


def operation_id(name: str) -> str:
    """`not-solved` as `notSolved`."""
    first, *others = name.split("-")
    return first + "".join(other.capitalize() for other in others)
