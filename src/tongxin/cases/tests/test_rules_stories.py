"""The state machine played as the stories happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tongxin.cases import rules
from tongxin.cases.rules import (
    CaseFacts,
    HeldByAnother,
    Incomplete,
    Mode,
    NotLawful,
    NotYours,
    Outcome,
    Party,
    State,
    Verb,
)
from tongxin.cases.tests.plays import (
    CLOCK,
    CO_HANDLER,
    DESK,
    HANDLER,
    HELPER,
    JOINER,
    REPORTER,
    STREET,
    Step,
    asked,
    dispatched,
    in_hand,
    play,
)


class TestStory1OneCauseFiveReporters:
    """Street lights are out at five estates; a council member gathers the five reports into one common matter."""

    def gathered(self) -> tuple[CaseFacts, list[CaseFacts]]:
        common = CaseFacts(id="common", is_common=True, reporter_present=False)
        common = play(common, [(Verb.ACCEPT, DESK, {}), (Verb.GATHER, DESK, {"cases": ["1", "2", "3", "4", "5"]})])
        steps: list[Step] = [(Verb.MERGE, DESK, {"into": "common"})]
        return common, [play(CaseFacts(id=str(n)), steps) for n in range(1, 6)]

    def test_all_five_are_asked_and_the_matter_ends_when_each_has_ended(self) -> None:
        common, five = self.gathered()
        assert common.children_open == 5
        assert {case.state for case in five} == {State.MERGED}
        common = play(
            common,
            [
                (Verb.DISPATCH, DESK, {"lead": "市政维护中心"}),
                (Verb.CLAIM, HANDLER, {}),
                (Verb.ANSWER, HANDLER, {"text": "路灯全部更换"}),
                (Verb.ASK_RESIDENT, CLOCK, {}),
            ],
        )
        for case in five:
            case = replace(case, parent_state=common.state)
            case = play(case, [(Verb.ASK_RESIDENT, CLOCK, {}), (Verb.CONFIRM, REPORTER, {"rating": 5})])
            assert case.outcome is Outcome.SOLVED
            assert Verb.CLOSE_COMMON not in rules.lawful(common, CLOCK)
            common = rules.gathered_ended(common, confirmed=True)
        common = play(common, [(Verb.CLOSE_COMMON, CLOCK, {})])
        assert (common.state, common.outcome) == (State.CLOSED, Outcome.SOLVED)

    def test_nobody_is_asked_before_the_common_matter_has_a_result(self) -> None:
        _, five = self.gathered()
        with pytest.raises(NotLawful) as refused:
            rules.next_state(replace(five[0], parent_state=State.IN_PROGRESS), Verb.ASK_RESIDENT, CLOCK)
        assert refused.value.code == "parent-not-done"

    def test_the_desk_cannot_confirm_in_the_name_of_all(self) -> None:
        common, _ = self.gathered()
        for parties in (REPORTER, JOINER, DESK):
            assert Verb.CONFIRM not in rules.lawful(replace(common, state=State.AWAITING), parties)

    def test_whoever_says_it_is_not_solved_goes_on_alone_and_stays_found(self) -> None:
        _, five = self.gathered()
        case = replace(five[2], parent_state=State.AWAITING)
        case = play(case, [(Verb.ASK_RESIDENT, CLOCK, {}), (Verb.NOT_SOLVED, REPORTER, {"reason": "5 号楼还黑着"})])
        assert case.state is State.REOPENED
        assert case.parent is None and case.reporter_present
        assert not rules.goes_with_common(case)

    def test_a_common_matter_is_not_gathered_into_another(self) -> None:
        common, _ = self.gathered()
        assert Verb.MERGE not in rules.lawful(common, DESK)

    def test_a_case_is_not_gathered_into_itself(self) -> None:
        with pytest.raises(Incomplete):
            rules.next_state(CaseFacts(id="1"), Verb.MERGE, DESK, {"into": "1"})

    def test_a_report_folded_in_before_acceptance_counts_as_a_me_too(self) -> None:
        assert play(CaseFacts(id="1"), [(Verb.MERGE, DESK, {"into": "2"})]).outcome is Outcome.JOINED
        assert play(dispatched(), [(Verb.MERGE, DESK, {"into": "2"})]).outcome is Outcome.MERGED

    def test_a_case_gathered_by_mistake_goes_on_with_the_desk(self) -> None:
        _, five = self.gathered()
        case = play(five[0], [(Verb.SEPARATE, DESK, {"reason": "另一处的灯"})])
        assert (case.state, case.parent, case.outcome) == (State.ACCEPTED, None, None)


class TestStory2TheStairLight:
    """张阿姨 says a stair light is out; the route gives it to the property company; 李师傅 mends it the same day."""

    def test_by_the_route_to_a_thumb_up(self) -> None:
        case = CaseFacts(id="WW-20261122-0042")
        states = [case.state]
        way: list[Step] = [
            (Verb.ACCEPT, CLOCK, {}),
            (Verb.DISPATCH, CLOCK, {"lead": "国瑞物业"}),
            (Verb.CLAIM, HANDLER, {"name": "李师傅"}),
            (Verb.START, HANDLER, {}),
            (Verb.ANSWER, HANDLER, {"text": "换了声控灯头", "photos": ["before", "after"]}),
            (Verb.ASK_RESIDENT, CLOCK, {}),
            (Verb.CONFIRM, REPORTER, {"rating": 5}),
        ]
        for verb, parties, given in way:
            case = rules.apply(case, verb, parties, given, actor_id="李师傅")
            states.append(case.state)
        assert states == [
            "submitted",
            "accepted",
            "dispatched",
            "claimed",
            "in_progress",
            "answered",
            "awaiting",
            "closed",
        ]
        assert case.outcome is Outcome.SOLVED
        assert rules.steps_done(case.state) == 5

    def test_the_most_likely_button_comes_first(self) -> None:
        assert rules.lawful(CaseFacts(), DESK)[0] is Verb.ACCEPT
        assert rules.lawful(dispatched(), HANDLER)[0] is Verb.CLAIM
        assert rules.lawful(in_hand(), HANDLER)[0] is Verb.ANSWER
        assert rules.lawful(asked(), REPORTER)[:2] == (Verb.CONFIRM, Verb.NOT_SOLVED)

    def test_a_category_that_needs_it_is_verified_before_she_is_asked(self) -> None:
        case = play(in_hand(needs_verification=True), [(Verb.ANSWER, HANDLER, {"text": "换了"})])
        with pytest.raises(NotLawful) as refused:
            rules.next_state(case, Verb.ASK_RESIDENT, CLOCK)
        assert refused.value.code == "verify-first"
        assert Verb.VERIFY not in rules.lawful(case, DESK | HANDLER), "who did the work does not check it"
        case = play(case, [(Verb.VERIFY, DESK, {}), (Verb.ASK_RESIDENT, DESK, {})])
        assert case.state is State.AWAITING

    def test_the_desk_sends_back_what_it_found_dark(self) -> None:
        case = play(in_hand(needs_verification=True), [(Verb.ANSWER, HANDLER, {"text": "换了"})])
        assert play(case, [(Verb.SEND_BACK, DESK, {"reason": "三层还不亮"})]).state is State.IN_PROGRESS

    def test_the_second_to_take_it_is_told_who_has_it(self) -> None:
        with pytest.raises(HeldByAnother) as refused:
            rules.next_state(in_hand(), Verb.CLAIM, HANDLER, actor_id="陈师傅")
        assert str(refused.value) == "李师傅 already has this case."
        assert refused.value.status == 409

    @pytest.mark.parametrize("made", [in_hand, asked])
    def test_the_second_to_answer_it_is_told_who_has_it(self, made: Any) -> None:
        with pytest.raises(HeldByAnother):
            rules.next_state(made(), Verb.ANSWER, HANDLER, {"text": "也修好了"}, actor_id="陈师傅")

    def test_who_nothing_of_it_concerns_is_not_told_who_has_it(self) -> None:
        with pytest.raises(NotYours):
            rules.next_state(in_hand(), Verb.ANSWER, JOINER, {"text": "也修好了"}, actor_id="王大爷")

    def test_it_is_handed_over_to_a_colleague_or_to_a_worker_by_link(self) -> None:
        case = play(in_hand(), [(Verb.HAND_OVER, HANDLER, {"holder": "陈师傅", "name": "陈师傅"})])
        assert rules.next_state(case, Verb.ANSWER, HANDLER, {"text": "好了"}, actor_id="陈师傅") is State.ANSWERED
        case = play(in_hand(), [(Verb.HAND_TO_WORKER, HANDLER, {"worker": "link-7"})], "李师傅")
        assert rules.next_state(case, Verb.ANSWER, HANDLER, {"text": "好了"}, actor_id="link-7") is State.ANSWERED

    def test_a_change_of_property_company_carries_it_over(self) -> None:
        case = play(in_hand(), [(Verb.HAND_OVER, CLOCK, {"lead": "新风物业"})])
        assert (case.state, case.lead, case.holder) == (State.DISPATCHED, "新风物业", None)
        case = play(case, [(Verb.CLAIM, HANDLER, {"name": "新来的师傅"})], "新来的师傅")
        assert rules.next_state(case, Verb.ANSWER, HANDLER, {"text": "好了"}, actor_id="新来的师傅") is State.ANSWERED

    def test_the_desk_answers_at_first_contact_and_she_still_has_the_last_word(self) -> None:
        case = play(CaseFacts(), [(Verb.ANSWER_DIRECTLY, DESK, {"text": "停电通知在这里", "outcome": "explained"})])
        assert case.state is State.AWAITING
        assert play(case, [(Verb.CONFIRM, REPORTER, {})]).outcome is Outcome.EXPLAINED


class TestStory3SeveralDepartments:
    """A merchant's parking locks: the community leads, the urban-management bureau and the police help."""

    def whistled(self) -> CaseFacts:
        case = dispatched(complained_of=frozenset({"老街商户"}))
        steps: list[Step] = [
            (Verb.ADD_CO_HANDLER, STREET, {"co_handler": "城管局", "task": "拆除地锁"}),
            (Verb.ADD_CO_HANDLER, DESK, {"co_handler": "派出所", "task": "到场维持秩序"}),
            (Verb.CLAIM, HANDLER, {}),
        ]
        return play(case, steps)

    def test_the_lead_waits_for_the_others(self) -> None:
        case = self.whistled()
        with pytest.raises(NotLawful) as refused:
            rules.next_state(case, Verb.ANSWER, HANDLER, {"text": "已清理"})
        assert refused.value.code == "co-handlers-outstanding"
        case = play(case, [(Verb.CO_ANSWER, CO_HANDLER, {"co_handler": "城管局", "text": "拆了 6 个"})])
        case = play(case, [(Verb.WAIVE_CO_HANDLER, DESK, {"co_handler": "派出所", "reason": "无需到场"})])
        assert play(case, [(Verb.ANSWER, HANDLER, {"text": "已清理"})]).state is State.ANSWERED

    def test_the_lead_does_not_waive_those_it_waits_for(self) -> None:
        assert Verb.WAIVE_CO_HANDLER not in rules.lawful(self.whistled(), HANDLER)
        assert Verb.WAIVE_CO_HANDLER not in rules.lawful(self.whistled(), HANDLER | DESK)

    def test_a_sub_task_is_answered_once_and_given_once(self) -> None:
        case = play(self.whistled(), [(Verb.CO_ANSWER, CO_HANDLER, {"co_handler": "城管局", "text": "好"})])
        with pytest.raises(Incomplete):
            rules.next_state(case, Verb.CO_ANSWER, CO_HANDLER, {"co_handler": "城管局", "text": "好"})
        with pytest.raises(Incomplete):
            rules.next_state(case, Verb.ADD_CO_HANDLER, DESK, {"co_handler": "派出所", "task": "再来"})
        with pytest.raises(Incomplete):
            rules.next_state(case, Verb.ADD_CO_HANDLER, DESK, {"co_handler": "国瑞物业", "task": "牵头者"})

    def test_a_body_complained_of_never_has_it_alone(self) -> None:
        case = play(CaseFacts(complained_of=frozenset({"国瑞物业"})), [(Verb.ACCEPT, DESK, {})])
        with pytest.raises(Incomplete) as refused:
            rules.next_state(case, Verb.DISPATCH, DESK, {"lead": "国瑞物业"})
        assert refused.value.code == "complained-of"
        both = play(case, [(Verb.DISPATCH, DESK, {"lead": "国瑞物业", "co_handlers": ["住建局"]})])
        assert both.must_verify
        with pytest.raises(Incomplete):
            rules.next_state(both, Verb.WAIVE_CO_HANDLER, DESK, {"co_handler": "住建局", "reason": "算了"})
        other = play(case, [(Verb.DISPATCH, DESK, {"lead": "住建局"})])
        with pytest.raises(Incomplete):
            rules.next_state(other, Verb.HAND_OVER, DESK, {"lead": "国瑞物业"})

    def test_its_members_neither_decide_nor_see_who_reported(self) -> None:
        case = CaseFacts(complained_of=frozenset({"国瑞物业"}))
        theirs = rules.without_conflict(DESK | HANDLER | HELPER | STREET, {"国瑞物业"}, case)
        assert theirs == HANDLER
        assert rules.without_conflict(DESK, {"东园社区"}, case) == DESK
        assert not rules.may_see_reporter(DESK | HANDLER, {"国瑞物业"}, case)
        assert rules.may_see_reporter(HANDLER, {"住建局"}, case)
        assert not rules.may_see_reporter(HANDLER, {"住建局"}, case, name_hidden=True)
        assert rules.may_see_reporter(DESK, {"东园社区"}, case, name_hidden=True)
        assert rules.may_see_reporter(REPORTER, {"国瑞物业"}, case), "one's own name one may always see"
        assert not rules.may_see_reporter(frozenset({Party.AFFECTED}), set(), case)


class TestStory15TheCommodeChair:
    """A daughter asks for her mother of 97; the order goes to the pool and a volunteer takes it."""

    def pooled(self) -> CaseFacts:
        return play(CaseFacts(), [(Verb.ACCEPT, CLOCK, {}), (Verb.DISPATCH, CLOCK, {"pool": True})])

    def test_a_volunteer_takes_it(self) -> None:
        case = rules.apply(self.pooled(), Verb.CLAIM, {Party.TAKER}, {"name": "志愿者小周"}, actor_id="小周")
        assert (case.state, case.mode, case.lead, case.holder) == (State.CLAIMED, Mode.POOL, None, "小周")
        case = play(case, [(Verb.START, HANDLER, {}), (Verb.ANSWER, HANDLER, {"text": "坐便椅已送到"})], "小周")
        case = play(case, [(Verb.ASK_RESIDENT, CLOCK, {}), (Verb.CONFIRM, REPORTER, {"rating": 5})])
        assert case.state is State.CLOSED

    def test_the_second_volunteer_is_told(self) -> None:
        case = rules.apply(self.pooled(), Verb.CLAIM, {Party.TAKER}, {"name": "小周"}, actor_id="小周")
        with pytest.raises(HeldByAnother):
            rules.next_state(case, Verb.CLAIM, {Party.TAKER}, actor_id="小吴")

    def test_who_cannot_go_after_all_puts_it_back_for_others(self) -> None:
        case = rules.apply(self.pooled(), Verb.CLAIM, {Party.TAKER}, actor_id="小周")
        assert Verb.OBJECT not in rules.lawful(case, HANDLER)
        case = rules.apply(case, Verb.PUT_BACK, HANDLER, {"reason": "孩子发烧"}, actor_id="小周")
        assert (case.state, case.holder) == (State.DISPATCHED, None)
        assert Verb.CLAIM in rules.lawful(case, {Party.TAKER})

    def test_what_was_given_to_one_is_not_in_the_pool(self) -> None:
        assert Verb.CLAIM not in rules.lawful(dispatched(), {Party.TAKER})
        assert Verb.PUT_BACK not in rules.lawful(in_hand(), HANDLER)


class TestStory24HelpedButNeverReplaced:
    """王奶奶, 80, has no phone. The grid worker reports for her and writes down what she says, in her name."""

    def test_her_own_signed_choice_is_needed_wherever_it_decides(self) -> None:
        case = asked(filed_by_helper=True)
        with pytest.raises(Incomplete) as refused:
            rules.next_state(case, Verb.CONFIRM, HELPER, {"rating": 4})
        assert refused.value.field == "own_choice"
        done = rules.apply(case, Verb.CONFIRM, HELPER, {"rating": 4, "own_choice": "sheet-12"})
        assert (done.state, done.confirmed_by_helper) == (State.CLOSED, True)

    def test_who_mended_it_does_not_write_down_that_it_is_mended(self) -> None:
        for verb in (Verb.CONFIRM, Verb.NOT_SOLVED, Verb.RATE):
            assert verb in rules.lawful(asked(), HELPER)
            assert verb not in rules.lawful(asked(), HELPER | HANDLER)

    def test_not_mine_keeps_the_matter_and_voids_the_word_given_for_her(self) -> None:
        done = rules.apply(asked(filed_by_helper=True), Verb.CONFIRM, HELPER, {"own_choice": "sheet-12"})
        after = rules.apply(done, Verb.NOT_MINE, REPORTER)
        assert (after.state, after.outcome) == (State.CLOSED, Outcome.UNANSWERED)
        assert Verb.NOT_MINE not in rules.lawful(after, REPORTER), "once is enough"
        open_case = rules.apply(in_hand(filed_by_helper=True), Verb.NOT_MINE, REPORTER)
        assert open_case.state is State.IN_PROGRESS, "the light is still out, whoever said so"

    def test_the_helper_cannot_disown_it_for_her(self) -> None:
        assert Verb.NOT_MINE not in rules.lawful(in_hand(filed_by_helper=True), HELPER)

    def test_her_daughters_family_account_is_she_herself(self) -> None:
        assert rules.next_state(asked(), Verb.CONFIRM, REPORTER, {"rating": 5}) is State.CLOSED
