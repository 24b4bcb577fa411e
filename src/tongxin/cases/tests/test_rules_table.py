"""Every verb in every state by every party, against a table written down a second time.

The table below is what was agreed. It is not derived from ``rules.TRANSITIONS``: whoever changes the machine
has to change it here as well, and to mean it.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from tongxin.cases import rules
from tongxin.cases.rules import CaseFacts, Mode, NotLawful, NotYours, Party, State, Verb

# verb | from | by | to ("=": stays) | needs
AGREED = """
accept             | submitted                          | OFFICE system                      | accepted    |
decline            | submitted                          | DECIDING                           | declined    | reason elsewhere
decline            | reopened                           | supervisor                         | declined    | reason elsewhere
answer_directly    | submitted accepted                 | OFFICE                             | awaiting    | text
dispatch           | accepted reopened                  | OFFICE system                      | dispatched  | lead|pool
redispatch         | HANDED                             | OFFICE system                      | dispatched  | lead|pool reason
claim              | dispatched                         | handler taker                      | claimed     |
start              | claimed                            | handler                            | in_progress |
answer             | TAKEN                              | handler                            | answered    | text
put_back           | TAKEN                              | handler                            | dispatched  | reason
verify             | answered                           | DECIDING                           | verified    |
send_back          | answered verified                  | DECIDING                           | in_progress | reason
ask_resident       | answered verified merged           | OFFICE system                      | awaiting    |
confirm            | awaiting                           | RESIDENT                           | closed      |
not_solved         | awaiting                           | RESIDENT                           | reopened    | reason
close_unanswered   | awaiting                           | system                             | closed      |
close_common       | awaiting                           | system                             | closed      |
reopen             | closed declined                    | RESIDENT affected OFFICE           | reopened    | reason
uphold_objection   | HANDED                             | DECIDING                           | accepted    | reason
reject_objection   | HANDED                             | DECIDING                           | =           | reason
object             | HANDED                             | handler                            | =           | reason
approve_suspension | TAKEN                              | DECIDING                           | suspended   | review_on
reject_suspension  | TAKEN                              | DECIDING                           | =           | reason
request_suspension | TAKEN                              | handler                            | =           | reason review_on
resume             | suspended                          | handler OFFICE system              | in_progress |
request_extension  | TAKEN                              | handler                            | =           | reason extra
approve_extension  | TAKEN                              | DECIDING                           | =           |
reject_extension   | TAKEN                              | DECIDING                           | =           | reason
request_info       | TAKEN                              | handler OFFICE                     | =           | text
request_info       | submitted accepted reopened        | OFFICE                             | =           | text
provide_info       | submitted accepted reopened HANDED | RESIDENT                           | =           | text
lapse_info         | submitted accepted reopened HANDED | system                             | =           |
add_co_handler     | accepted HANDED                    | handler OFFICE system              | =           | co_handler task
co_answer          | accepted HANDED suspended          | co_handler                         | =           | co_handler text
waive_co_handler   | accepted HANDED suspended          | DECIDING                           | =           | co_handler reason
hand_to_worker     | TAKEN                              | handler                            | =           | worker
hand_over          | HANDED answered verified suspended | handler OFFICE system              | =           | holder|lead
merge              | UNANSWERED                         | DECIDING                           | merged      | into
gather             | UNANSWERED -submitted answered verified | OFFICE                             | =           | cases
separate           | merged                             | OFFICE system                      | accepted    | reason
reclassify         | UNANSWERED                         | DECIDING                           | =           | category|urgency|about
withdraw           | UNANSWERED merged                  | reporter helper                    | withdrawn   |
leave              | UNANSWERED merged                  | joiner                             | =           |
join               | RUNNING                            | affected helper                    | =           |
urge               | RUNNING -awaiting                  | RESIDENT OFFICE                    | =           |
supervise          | RUNNING                            | supervisor                         | =           | reason
lift_supervision   | RUNNING                            | supervisor                         | =           | reason
escalate           | RUNNING                            | desk lower_desk system             | =           | reason
remind             | awaiting                           | desk lower_desk system             | =           |
rate               | awaiting closed                    | RESIDENT                           | =           | rating
call_back          | awaiting closed                    | OFFICE                             | =           | result
release_photo      | ANY                                | OFFICE                             | =           | photo
hide_photo         | ANY                                | OFFICE                             | =           | photo
note               | ANY                                | RESIDENT handler co_handler OFFICE | =           | text
not_mine           | ANY                                | reporter                           | =           |
"""

# who may not, although they also are somebody who may: nobody decides on what they asked for themselves
AGREED_BARRED = """
uphold_objection reject_objection verify approve_extension reject_extension | desk+handler supervisor+handler
approve_suspension reject_suspension waive_co_handler call_back | desk+handler supervisor+handler
confirm not_solved rate | reporter+handler reporter+co_handler reporter+desk reporter+lower_desk reporter+supervisor
confirm not_solved rate | joiner+handler joiner+co_handler joiner+desk joiner+lower_desk joiner+supervisor
confirm not_solved reopen withdraw | helper+handler helper+co_handler
join              | affected+reporter affected+joiner
not_mine          | reporter+helper
"""

ANY = "submitted accepted declined dispatched claimed in_progress answered verified awaiting closed reopened suspended"
ANY += " withdrawn merged"
UNANSWERED = "submitted accepted dispatched claimed in_progress reopened suspended"
HANDED = "dispatched claimed in_progress"
TAKEN = "claimed in_progress"
RESIDENT = "reporter helper joiner"
DECIDING = "desk supervisor"
OFFICE = DECIDING + " lower_desk"
RUNNING = "submitted accepted dispatched claimed in_progress answered verified awaiting reopened suspended"
GROUPS = {
    "ANY": ANY,
    "DECIDING": DECIDING,
    "HANDED": HANDED,
    "OFFICE": OFFICE,
    "RESIDENT": RESIDENT,
    "RUNNING": RUNNING,
    "TAKEN": TAKEN,
    "UNANSWERED": UNANSWERED,
}

GIVEN: dict[str, Any] = {
    "reason": "灯又灭了",
    "elsewhere": "请向供电公司反映",
    "text": "换了声控灯头",
    "lead": "国瑞物业",
    "co_handler": "城管局",
    "task": "拆除地锁",
    "worker": "小王",
    "review_on": "2027-03-01",
    "extra": 2,
    "into": "WW-20261120-0001",
    "cases": ["WW-20261120-0002"],
    "rating": 5,
    "result": "reached",
    "photo": "p1",
    "holder": "陈师傅",
    "category": "lights",
    "own_choice": "signed sheet",
}


def words(text: str) -> list[str]:
    minus = [w[1:] for w in text.split() if w.startswith("-")]
    plain = [w for w in text.split() if not w.startswith("-")]
    spread = " ".join(GROUPS.get(word, word) for word in plain).split()
    return [w for w in spread if w not in minus]


def agreed() -> dict[tuple[str, str, str], tuple[str, list[str]]]:
    table = {}
    for line in AGREED.strip().splitlines():
        # the needs column may itself hold "a|b"
        verb, sources, parties, target, needs = (cell.strip() for cell in line.split("|", 4))
        for state in words(sources):
            for party in words(parties):
                table[verb, state, party] = (state if target == "=" else target, needs.split())
    return table


TABLE = agreed()


def fit(verb: Verb, state: State, party: Party) -> CaseFacts:
    """A case in that state on which nothing but the table can refuse the verb to that party."""
    case = CaseFacts(state=state, id="WW-20261122-0042", lead="国瑞物业", joiners=1, filed_by_helper=True)
    case = replace(case, asked=2, info_pending=True, objection_pending=True, extension_pending=True)
    case = replace(case, suspension_pending=True, co_outstanding=frozenset({"城管局"}))
    match verb:
        case Verb.CLAIM | Verb.PUT_BACK:
            return replace(case, mode=Mode.POOL, lead=None, objection_pending=False)
        case Verb.START | Verb.OBJECT:
            return replace(case, objection_pending=False)
        case Verb.RESUME | Verb.SEND_BACK:
            return replace(case, holder="李师傅")
        case Verb.ANSWER | Verb.ANSWER_DIRECTLY | Verb.ADD_CO_HANDLER:
            return replace(case, objection_pending=False, co_outstanding=frozenset())
        case Verb.REQUEST_INFO:
            return replace(case, info_pending=False)
        case Verb.REQUEST_EXTENSION | Verb.REQUEST_SUSPENSION:
            return replace(case, extension_pending=False, suspension_pending=False)
        case Verb.ASK_RESIDENT:
            return replace(case, parent="common", parent_state=State.AWAITING)
        case Verb.CONFIRM | Verb.NOT_SOLVED if party is Party.JOINER:
            return replace(case, reporter_present=False)
        case Verb.CLOSE_COMMON:
            return replace(case, is_common=True)
        case Verb.REMIND:
            return replace(case, asked=1)
        case Verb.LIFT_SUPERVISION:
            return replace(case, supervised=True)
        case Verb.WITHDRAW:
            return replace(case, joiners=0)
    return case


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb is not Verb.SUBMIT])
def test_every_verb_in_every_state_by_every_party(verb: Verb) -> None:
    for state, party in product(State, Party):
        case = fit(verb, state, party)
        wanted = TABLE.get((verb, state, party))
        if wanted is None:
            assert verb not in rules.lawful(case, {party}), f"{party} may {verb} a case that is {state}"
            with pytest.raises((NotLawful, NotYours)):
                rules.apply(case, verb, {party}, GIVEN)
            continue
        target, needs = wanted
        assert verb in rules.lawful(case, {party}), f"{party} may not {verb} a case that is {state}"
        assert rules.next_state(case, verb, {party}, GIVEN) == target
        assert rules.apply(case, verb, {party}, GIVEN).state == target
        for need in needs:
            without = {key: value for key, value in GIVEN.items() if key not in need.split("|")}
            with pytest.raises(rules.Incomplete) as refused:
                rules.next_state(case, verb, {party}, without)
            assert refused.value.field == need.split("|")[0]


def test_the_agreed_table_names_every_verb_and_every_need() -> None:
    assert {verb for verb, _, _ in TABLE} == set(Verb) - {Verb.SUBMIT}
    for verb, row in rules.TRANSITIONS.items():
        needed = {tuple(needs) for (name, _, _), (_, needs) in TABLE.items() if name == verb}
        assert needed <= {row.needs}, verb


NOBODYS: list[tuple[Verb, State, dict[str, Any]]] = [
    (Verb.HAND_OVER, State.CLAIMED, {"lead": "城东物业"}),
    (Verb.HAND_OVER, State.IN_PROGRESS, {"lead": "城东物业"}),
    (Verb.RESUME, State.SUSPENDED, {}),
    (Verb.SEND_BACK, State.ANSWERED, {"reason": "没亮"}),
    (Verb.SEND_BACK, State.VERIFIED, {"reason": "没亮"}),
]


@pytest.mark.parametrize(("verb", "state", "given"), NOBODYS)
def test_what_nobody_has_in_hand_waits_to_be_taken(verb: Verb, state: State, given: dict[str, Any]) -> None:
    case = CaseFacts(state=state, id="WW-20261122-0042", lead="国瑞物业", mode=Mode.POOL)
    after = rules.apply(case, verb, {Party.DESK}, given)
    assert (after.state, after.holder) == (State.DISPATCHED, None)
    if verb is Verb.HAND_OVER:
        assert (after.lead, after.mode) == ("城东物业", Mode.ASSIGNED)


def test_a_sub_task_passes_to_the_next_company_and_the_lead_stays() -> None:
    case = CaseFacts(state=State.IN_PROGRESS, lead="城管局", holder="郑队长", co_outstanding=frozenset({"国瑞物业"}))
    given = {"lead": "城管局", "co_from": "国瑞物业", "co_to": "城东物业"}
    after = rules.apply(case, Verb.HAND_OVER, {Party.SYSTEM}, given)
    assert (after.state, after.lead, after.holder) == (State.IN_PROGRESS, "城管局", "郑队长")
    assert after.co_outstanding == {"城东物业"}
    for wrong in ({"co_to": "城管局"}, {"co_from": "派出所"}):
        with pytest.raises(rules.Incomplete):
            rules.apply(case, Verb.HAND_OVER, {Party.SYSTEM}, given | wrong)


def barred_pairs() -> list[tuple[Verb, frozenset[Party]]]:
    pairs = []
    for line in AGREED_BARRED.strip().splitlines():
        verbs, whom = line.split("|")
        for pair in whom.split():
            pairs += [(Verb(verb), frozenset(Party(name) for name in pair.split("+"))) for verb in verbs.split()]
    return pairs


@pytest.mark.parametrize(("verb", "parties"), barred_pairs())
def test_nobody_decides_on_what_they_asked_for_themselves(verb: Verb, parties: frozenset[Party]) -> None:
    for state in rules.TRANSITIONS[verb].sources:
        alone = [party for party in parties if (verb, state, party) in TABLE]
        assert alone, "one of the two would be entitled"
        assert verb not in rules.lawful(fit(verb, state, alone[0]), parties)
        with pytest.raises(NotYours):
            rules.next_state(fit(verb, state, alone[0]), verb, parties, GIVEN)


def test_being_several_parties_otherwise_only_adds() -> None:
    barred = set(barred_pairs())
    for verb in set(Verb) - {Verb.SUBMIT}:
        for state in rules.TRANSITIONS[verb].sources:
            for one in Party:
                if (verb, state, one) not in TABLE:
                    continue
                case = fit(verb, state, one)
                for other in Party:
                    if not any(verb == name and pair <= {one, other} for name, pair in barred):
                        blocked = rules.TRANSITIONS[verb].barred & {one, other}
                        assert blocked or verb in rules.lawful(case, {one, other}), (verb, state, one, other)


def test_every_state_is_reachable_and_none_but_the_final_is_a_dead_end() -> None:
    reached, border = {State.SUBMITTED}, [State.SUBMITTED]
    while border:
        here = border.pop()
        for (_, source, _), (target, _) in TABLE.items():
            if source == here and State(target) not in reached:
                reached.add(State(target))
                border.append(State(target))
    assert reached == set(State)
    for state in rules.OPEN:
        assert any(source == state and target != state for (_, source, _), (target, _) in TABLE.items()), state


def test_nothing_leads_out_of_a_withdrawn_case_and_only_reopening_out_of_the_other_ends() -> None:
    out = {(verb, source) for (verb, source, _), (target, _) in TABLE.items() if target != source}
    assert {row for row in out if State(row[1]) in rules.FINAL} == {("reopen", "closed"), ("reopen", "declined")}


def test_a_case_closes_only_by_the_residents_word_or_by_the_clock() -> None:
    closing = {key for key, (target, _) in TABLE.items() if target == "closed" and key[1] != "closed"}
    assert {party for _, _, party in closing} == {"reporter", "helper", "joiner", "system"}


def test_submitting_is_the_only_way_in() -> None:
    row = rules.TRANSITIONS[Verb.SUBMIT]
    assert not row.sources and row.target is State.SUBMITTED
    assert row.by == {Party.REPORTER, Party.HELPER, Party.DESK, Party.SYSTEM}


def test_every_state_has_its_step_and_its_sentence() -> None:
    assert set(rules.STEP_OF) == set(rules.WHERE_IT_STANDS) == set(State)
    assert [rules.steps_done(State(s)) for s in ("submitted", "accepted", "claimed", "awaiting", "closed")] == [
        1,
        2,
        3,
        4,
        5,
    ]
