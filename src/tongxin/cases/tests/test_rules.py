"""What holds in the state machine, whatever the story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tongxin.cases import rules
from tongxin.cases.rules import CaseFacts, Incomplete, NotLawful, NotYours, Outcome, Party, State, Verb
from tongxin.cases.tests.plays import (
    CLOCK,
    DESK,
    HANDLER,
    JOINER,
    REPORTER,
    STREET,
    Step,
    asked,
    dispatched,
    in_hand,
    play,
)


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
