"""How the tests of the rules play a case, in few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tongxin.cases import rules
from tongxin.cases.rules import CaseFacts, Party, Verb

REPORTER, HELPER, JOINER = frozenset({Party.REPORTER}), frozenset({Party.HELPER}), frozenset({Party.JOINER})
DESK, STREET, CLOCK = frozenset({Party.DESK}), frozenset({Party.SUPERVISOR}), frozenset({Party.SYSTEM})
HANDLER, CO_HANDLER = frozenset({Party.HANDLER}), frozenset({Party.CO_HANDLER})

Step = tuple[Verb, frozenset[Party], dict[str, Any]]


def play(case: CaseFacts, steps: Iterable[Step], actor_id: str | None = None) -> CaseFacts:
    for verb, parties, given in steps:
        case = rules.apply(case, verb, parties, given, actor_id=actor_id)
    return case


def dispatched(**facts: Any) -> CaseFacts:
    steps: list[Step] = [(Verb.ACCEPT, DESK, {}), (Verb.DISPATCH, DESK, {"lead": "国瑞物业"})]
    return play(CaseFacts(id="WW-20261122-0042", **facts), steps)


def in_hand(**facts: Any) -> CaseFacts:
    return play(dispatched(**facts), [(Verb.CLAIM, HANDLER, {"name": "李师傅"}), (Verb.START, HANDLER, {})], "李师傅")


def asked(**facts: Any) -> CaseFacts:
    return play(
        in_hand(**facts), [(Verb.ANSWER, HANDLER, {"text": "换了声控灯头"}), (Verb.ASK_RESIDENT, CLOCK, {})], "李师傅"
    )
