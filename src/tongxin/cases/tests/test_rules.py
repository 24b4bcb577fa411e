"""The state machine played as it happens: the stories, and what nobody may do to them."""

from __future__ import annotations

from collections.abc import Iterable
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
    """张阿姨 says a stair light is out; the route gives it to 国瑞物业, 李师傅 mends it the same morning."""

    def test_by_the_route_to_a_thumb_up(self) -> None:
        case = CaseFacts(id="WW-20261122-0042")
        states = [case.state]
        for verb, parties, given in [
            (Verb.ACCEPT, CLOCK, {}),
            (Verb.DISPATCH, CLOCK, {"lead": "国瑞物业"}),
            (Verb.CLAIM, HANDLER, {"name": "李师傅"}),
            (Verb.START, HANDLER, {}),
            (Verb.ANSWER, HANDLER, {"text": "换了声控灯头", "photos": ["before", "after"]}),
            (Verb.ASK_RESIDENT, CLOCK, {}),
            (Verb.CONFIRM, REPORTER, {"rating": 5}),
        ]:
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
        assert (case.state, case.lead, case.holder) == (State.IN_PROGRESS, "新风物业", None)
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


class TestTheResidentHasTheLastWord:
    def test_nobody_else_confirms(self) -> None:
        for party in set(Party) - {Party.REPORTER, Party.HELPER}:
            assert Verb.CONFIRM not in rules.lawful(asked(joiners=3), {party})

    def test_not_solved_reopens_and_the_second_time_one_level_higher_under_supervision(self) -> None:
        case = play(asked(), [(Verb.NOT_SOLVED, REPORTER, {"reason": "又灭了"})])
        assert (case.state, case.raised, case.supervised) == (State.REOPENED, 0, False)
        again: list[Step] = [
            (Verb.DISPATCH, DESK, {"lead": "国瑞物业"}),
            (Verb.CLAIM, HANDLER, {}),
            (Verb.ANSWER, HANDLER, {"text": "换了线"}),
            (Verb.VERIFY, DESK, {}),
            (Verb.ASK_RESIDENT, CLOCK, {}),
            (Verb.NOT_SOLVED, REPORTER, {"reason": "还是不亮"}),
        ]
        case = play(case, again)
        assert (case.state, case.raised, case.supervised) == (State.REOPENED, 1, True)
        assert case.must_verify

    def test_a_reason_is_needed_and_spaces_are_none(self) -> None:
        with pytest.raises(Incomplete) as refused:
            rules.next_state(asked(), Verb.NOT_SOLVED, REPORTER, {"reason": "  "})
        assert (refused.value.field, refused.value.status) == ("reason", 422)

    def test_silence_closes_as_unanswered_after_a_reminder_and_never_before(self) -> None:
        case = asked()
        with pytest.raises(NotLawful):
            rules.next_state(case, Verb.CLOSE_UNANSWERED, CLOCK)
        case = play(case, [(Verb.REMIND, CLOCK, {})])
        assert Verb.REMIND not in rules.lawful(case, CLOCK)
        assert play(case, [(Verb.CLOSE_UNANSWERED, CLOCK, {})]).outcome is Outcome.UNANSWERED

    def test_a_neighbour_reopens_within_the_window(self) -> None:
        closed = play(asked(), [(Verb.CONFIRM, REPORTER, {})])
        affected = frozenset({Party.AFFECTED})
        assert rules.next_state(closed, Verb.REOPEN, affected, {"reason": "我家门口还黑"}) is State.REOPENED
        late = replace(closed, window_open=False)
        assert Verb.REOPEN not in rules.lawful(late, affected)
        assert Verb.REOPEN in rules.lawful(late, STREET)

    @pytest.mark.parametrize("grade", [0, 6, "5", 2.5])
    def test_a_rating_is_one_of_five(self, grade: object) -> None:
        with pytest.raises(Incomplete):
            rules.next_state(asked(), Verb.CONFIRM, REPORTER, {"rating": grade})

    def test_an_unconfirmed_answer_cannot_call_itself_something_else(self) -> None:
        with pytest.raises(Incomplete):
            rules.next_state(in_hand(), Verb.ANSWER, HANDLER, {"text": "好", "outcome": "unanswered"})


class TestOthersDependOnIt:
    def test_a_reporter_who_withdraws_leaves_it_to_those_who_joined(self) -> None:
        case = play(in_hand(joiners=2), [(Verb.WITHDRAW, REPORTER, {})])
        assert (case.state, case.reporter_present) == (State.IN_PROGRESS, False)
        case = play(case, [(Verb.ANSWER, HANDLER, {"text": "好了"}), (Verb.ASK_RESIDENT, CLOCK, {})])
        assert Verb.CONFIRM not in rules.lawful(case, REPORTER), "the withdrawn reporter has no further say"
        assert rules.next_state(case, Verb.CONFIRM, JOINER, {}) is State.CLOSED

    def test_the_last_one_out_ends_it(self) -> None:
        assert play(in_hand(), [(Verb.WITHDRAW, REPORTER, {})]).outcome is Outcome.WITHDRAWN
        case = play(in_hand(joiners=2), [(Verb.WITHDRAW, REPORTER, {}), (Verb.LEAVE, JOINER, {})])
        assert case.state is State.IN_PROGRESS
        assert play(case, [(Verb.LEAVE, JOINER, {})]).state is State.WITHDRAWN

    def test_a_joiner_who_leaves_does_not_end_the_reporters_case(self) -> None:
        case = play(in_hand(joiners=1), [(Verb.LEAVE, JOINER, {})])
        assert (case.state, case.joiners) == (State.IN_PROGRESS, 0)
        assert Verb.LEAVE not in rules.lawful(case, JOINER)

    def test_gathered_reporters_keep_it_alive_too(self) -> None:
        case = play(in_hand(children_open=1), [(Verb.WITHDRAW, REPORTER, {})])
        assert case.state is State.IN_PROGRESS
        assert case.asks_gathered_only

    def test_one_does_not_join_twice_nor_ones_own(self) -> None:
        affected = frozenset({Party.AFFECTED})
        assert play(in_hand(), [(Verb.JOIN, affected, {})]).joiners == 1
        assert Verb.JOIN not in rules.lawful(in_hand(), affected | REPORTER)
        assert Verb.JOIN not in rules.lawful(in_hand(), affected | JOINER)


class TestAskingLeave:
    def test_an_objection_upheld_goes_back_to_the_desk_and_no_further_down(self) -> None:
        case = play(dispatched(), [(Verb.OBJECT, HANDLER, {"reason": "不归我们管"})])
        assert Verb.CLAIM not in rules.lawful(case, HANDLER), "first the desk decides"
        assert rules.lawful(case, DESK)[:2] == (Verb.UPHOLD_OBJECTION, Verb.REJECT_OBJECTION)
        case = play(case, [(Verb.UPHOLD_OBJECTION, DESK, {"reason": "归供电公司"})])
        assert (case.state, case.lead, case.objection_pending) == (State.ACCEPTED, None, False)

    def test_an_objection_rejected_is_not_raised_again_by_the_same_lead(self) -> None:
        case = play(
            dispatched(), [(Verb.OBJECT, HANDLER, {"reason": "x"}), (Verb.REJECT_OBJECTION, DESK, {"reason": "y"})]
        )
        assert case.state is State.DISPATCHED
        assert Verb.OBJECT not in rules.lawful(case, HANDLER)
        case = play(case, [(Verb.REDISPATCH, DESK, {"lead": "供电公司", "reason": "改派"})])
        assert Verb.OBJECT in rules.lawful(case, HANDLER)

    def test_one_extension_and_no_second(self) -> None:
        steps: list[Step] = [
            (Verb.REQUEST_EXTENSION, HANDLER, {"reason": "缺配件", "extra": 3}),
            (Verb.APPROVE_EXTENSION, DESK, {}),
        ]
        case = play(in_hand(), steps, "李师傅")
        assert case.extensions == 1
        assert Verb.REQUEST_EXTENSION not in rules.lawful(case, HANDLER)

    def test_a_suspension_needs_a_request_an_approval_by_others_and_a_review_date(self) -> None:
        assert Verb.APPROVE_SUSPENSION not in rules.lawful(in_hand(), STREET)
        case = play(in_hand(), [(Verb.REQUEST_SUSPENSION, HANDLER, {"reason": "历史遗留", "review_on": "2027-03-01"})])
        assert Verb.APPROVE_SUSPENSION not in rules.lawful(case, HANDLER | DESK)
        with pytest.raises(Incomplete):
            rules.next_state(case, Verb.APPROVE_SUSPENSION, STREET)
        case = play(case, [(Verb.APPROVE_SUSPENSION, STREET, {"review_on": "2027-03-01"})])
        assert (case.state, case.suspension_pending) == (State.SUSPENDED, False)
        assert play(case, [(Verb.RESUME, CLOCK, {})]).state is State.IN_PROGRESS

    def test_questions_to_the_resident_are_few_and_lapse(self) -> None:
        case = in_hand()
        for _ in range(3):
            case = play(case, [(Verb.REQUEST_INFO, HANDLER, {"text": "哪一层？"})])
            assert Verb.REQUEST_INFO not in rules.lawful(case, HANDLER)
            case = play(case, [(Verb.LAPSE_INFO, CLOCK, {})])
        assert Verb.REQUEST_INFO not in rules.lawful(case, HANDLER)

    def test_requests_lapse_when_it_is_answered(self) -> None:
        steps: list[Step] = [
            (Verb.REQUEST_EXTENSION, HANDLER, {"reason": "缺配件", "extra": 3}),
            (Verb.REQUEST_INFO, HANDLER, {"text": "哪一层？"}),
            (Verb.ANSWER, HANDLER, {"text": "找到了，修好了"}),
        ]
        case = play(in_hand(), steps, "李师傅")
        assert not case.extension_pending and not case.info_pending


class TestDeclining:
    TOLD = {"reason": "属于供电局", "elsewhere": "拨打 95598"}

    def test_says_why_and_where_to_go_instead(self) -> None:
        with pytest.raises(Incomplete) as refused:
            rules.next_state(CaseFacts(), Verb.DECLINE, DESK, {"reason": "不归我们管"})
        assert refused.value.field == "elsewhere"
        assert play(CaseFacts(), [(Verb.DECLINE, DESK, self.TOLD)]).outcome is Outcome.DECLINED

    def test_is_looked_at_one_level_higher_and_once_only(self) -> None:
        case = play(CaseFacts(), [(Verb.DECLINE, DESK, self.TOLD), (Verb.REOPEN, REPORTER, {"reason": "是小区的灯"})])
        assert (case.state, case.raised) == (State.REOPENED, 1)
        assert Verb.DECLINE not in rules.lawful(case, DESK)
        case = play(case, [(Verb.DECLINE, STREET, self.TOLD)])
        assert Verb.REOPEN not in rules.lawful(case, REPORTER)

    def test_accepted_once_is_never_declined(self) -> None:
        case = play(asked(), [(Verb.NOT_SOLVED, REPORTER, {"reason": "没有"})])
        assert Verb.DECLINE not in rules.lawful(case, STREET)


class TestUpTheTree:
    def test_escalation_ends_at_the_top(self) -> None:
        case = in_hand(top=2)
        for level in (1, 2):
            case = play(case, [(Verb.ESCALATE, CLOCK, {"reason": "超时"})])
            assert case.raised == level
        with pytest.raises(NotLawful) as refused:
            rules.next_state(case, Verb.ESCALATE, CLOCK, {"reason": "超时"})
        assert refused.value.code == "at-the-top"

    def test_supervision_is_begun_and_lifted(self) -> None:
        case = play(in_hand(), [(Verb.SUPERVISE, STREET, {"reason": "多次投诉"})])
        assert case.supervised
        assert not play(case, [(Verb.LIFT_SUPERVISION, STREET, {"reason": "已到位"})]).supervised


def test_a_refusal_tells_where_the_case_stands_and_what_is_possible_instead() -> None:
    with pytest.raises(NotLawful) as refused:
        rules.next_state(CaseFacts(), Verb.VERIFY, DESK)
    error = refused.value
    assert error.message == "The case has not been accepted yet."
    assert (error.status, error.state, error.verb) == (409, State.SUBMITTED, Verb.VERIFY)
    assert Verb.ACCEPT in error.possible


def test_a_refusal_changes_nothing() -> None:
    case = asked()
    before = replace(case)
    for verb in Verb:
        with pytest.raises((NotLawful, NotYours)):
            rules.apply(case, verb, frozenset())
    assert case == before


def test_the_old_lead_has_no_say_while_the_desk_has_a_reopened_case() -> None:
    case = play(asked(), [(Verb.NOT_SOLVED, REPORTER, {"reason": "没有"})])
    assert set(rules.lawful(case, HANDLER)) == {Verb.NOTE}
