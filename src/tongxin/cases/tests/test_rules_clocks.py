"""Time limits as people meet them: until Thursday, warned before, one level up after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tongxin.cases import rules, rules_clocks
from tongxin.cases.rules import CaseFacts, Party, State, Urgency, Verb
from tongxin.cases.rules_clocks import Clock, ClockRanOut, ExtensionRefused, Ripe, Silence
from tongxin.cases.rules_limits import DEFAULTS, ClockKind, LimitRule, policy_for
from tongxin.kernel.worktime import Limit, Unit, WorkCalendar

CALENDAR = WorkCalendar()
NORMAL = DEFAULTS[Urgency.NORMAL]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A time in Shiyan in November 2026; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


def begun(kind: ClockKind) -> Clock:
    """A clock of a normal case, begun on Monday at nine."""
    return rules_clocks.start(kind, at(23, 9), NORMAL, CALENDAR)


class Desk:
    """A case and its clocks, turned together."""

    def __init__(self, when: datetime, **facts: object) -> None:
        self.case = CaseFacts(id="WW-20261123-0001", **facts)  # type: ignore[arg-type]
        self.clocks: tuple[Clock, ...] = rules_clocks.turn((), self.case, Verb.SUBMIT, when, NORMAL, CALENDAR)

    def do(self, verb: Verb, party: Party, when: datetime, review_at: datetime | None = None, **given: object) -> None:
        self.case = rules.apply(self.case, verb, {party}, given, actor_id="李师傅")
        self.clocks = rules_clocks.turn(self.clocks, self.case, verb, when, NORMAL, CALENDAR, review_at=review_at)

    def clock(self, kind: ClockKind) -> Clock:
        return [clock for clock in self.clocks if clock.kind is kind][-1]

    def running(self) -> set[str]:
        return {clock.kind for clock in self.clocks if clock.runs}


def in_hand() -> Desk:
    desk = Desk(at(23, 9))
    desk.do(Verb.ACCEPT, Party.DESK, at(23, 10))
    desk.do(Verb.DISPATCH, Party.DESK, at(23, 11), lead="国瑞物业")
    desk.do(Verb.CLAIM, Party.HANDLER, at(23, 15))
    return desk


def test_the_stair_light_is_due_on_thursday_at_close_of_office() -> None:
    desk = in_hand()
    assert desk.clock(ClockKind.RESOLVE).due_at == at(26, 17, 30)
    assert [desk.clock(kind).met for kind in (ClockKind.ACCEPT, ClockKind.DISPATCH, ClockKind.CLAIM)] == [True] * 3
    assert desk.running() == {"resolve"}


@pytest.mark.parametrize(
    ("urgency", "due"),
    [
        (Urgency.EMERGENCY, at(28, 4)),  # two hours, Saturday night or not
        (Urgency.URGENT, at(29, 2)),
        (Urgency.NORMAL, datetime(2026, 12, 2, 9, 30, tzinfo=UTC)),
        (Urgency.COMPLEX, datetime(2026, 12, 4, 9, 30, tzinfo=UTC)),
    ],
)
def test_the_four_grades(urgency: Urgency, due: datetime) -> None:
    """2 h, 24 h, 3 and 5 working days (Baoding's regulation), from Saturday at two in the night."""
    clock = rules_clocks.start(ClockKind.RESOLVE, at(28, 2), DEFAULTS[urgency], CALENDAR)
    assert clock.due_at == due


def test_every_grade_has_a_limit_for_every_kind() -> None:
    for urgency in Urgency:
        assert set(DEFAULTS[urgency].limits) == set(ClockKind)


def test_the_nearest_category_sets_the_limit() -> None:
    gas, lights = Limit(1, Unit.URGENT_HOURS), Limit(2, Unit.WORK_DAYS)
    told = [
        LimitRule("housing/lights/", Urgency.NORMAL, ClockKind.RESOLVE, gas),
        LimitRule("", Urgency.NORMAL, ClockKind.RESOLVE, lights),
        LimitRule("", Urgency.URGENT, ClockKind.CLAIM, gas),
    ]
    assert policy_for("housing/lights/", Urgency.NORMAL, told).limits[ClockKind.RESOLVE] == gas
    assert policy_for("housing/lifts/", Urgency.NORMAL, told).limits[ClockKind.RESOLVE] == lights
    assert policy_for("housing/lifts/", Urgency.NORMAL, told).limits[ClockKind.CLAIM] == NORMAL.limits[ClockKind.CLAIM]


class TestWhatMustRun:
    # written down a second time, on purpose
    @pytest.mark.parametrize(
        ("state", "running", "held"),
        [
            (State.SUBMITTED, "accept", ""),
            (State.ACCEPTED, "dispatch resolve", ""),
            (State.DISPATCHED, "claim resolve", ""),
            (State.CLAIMED, "resolve", ""),
            (State.IN_PROGRESS, "resolve", ""),
            (State.ANSWERED, "verify", "resolve"),
            (State.VERIFIED, "verify", "resolve"),
            (State.AWAITING, "resident_answer", ""),
            (State.REOPENED, "dispatch resolve", ""),
            (State.SUSPENDED, "review", "resolve"),
            (State.MERGED, "", ""),
            (State.CLOSED, "", ""),
            (State.DECLINED, "", ""),
            (State.WITHDRAWN, "", ""),
        ],
    )
    def test_in_each_state(self, state: State, running: str, held: str) -> None:
        case = CaseFacts(state=state)
        assert rules_clocks.running_clocks(case) == {(ClockKind(kind), None) for kind in running.split()}
        assert rules_clocks.held_clocks(case) == {(ClockKind(kind), None) for kind in held.split()}

    def test_each_co_handler_has_a_clock_of_its_own(self) -> None:
        desk = in_hand()
        desk.do(Verb.ADD_CO_HANDLER, Party.DESK, at(23, 16), co_handler="城管局", task="拆除地锁")
        desk.do(Verb.ADD_CO_HANDLER, Party.DESK, at(23, 16), co_handler="派出所", task="到场")
        desk.do(Verb.CO_ANSWER, Party.CO_HANDLER, at(24, 9), co_handler="城管局", text="拆了")
        met = {clock.subject: clock.met for clock in desk.clocks if clock.kind is ClockKind.CO_TASK}
        assert met == {"城管局": True, "派出所": None}
        assert desk.running() == {"resolve", "co_task"}

    def test_an_objection_holds_the_claim_and_never_the_residents_time(self) -> None:
        desk = Desk(at(23, 9))
        desk.do(Verb.ACCEPT, Party.DESK, at(23, 9))
        desk.do(Verb.DISPATCH, Party.DESK, at(23, 9), lead="国瑞物业")
        due = desk.clock(ClockKind.RESOLVE).due_at
        desk.do(Verb.OBJECT, Party.HANDLER, at(23, 10), reason="不归我们管")
        assert desk.running() == {"objection", "resolve"}
        desk.do(Verb.REJECT_OBJECTION, Party.DESK, at(23, 11), reason="归你们管")
        assert desk.running() == {"claim", "resolve"}
        assert desk.clock(ClockKind.CLAIM).due_at == at(24, 9, 30), "six hours of office, one of them paused"
        assert desk.clock(ClockKind.RESOLVE).due_at == due

    def test_a_new_dispatch_begins_a_new_time_to_claim(self) -> None:
        desk = Desk(at(23, 9))
        desk.do(Verb.ACCEPT, Party.DESK, at(23, 9))
        desk.do(Verb.DISPATCH, Party.DESK, at(23, 9), lead="国瑞物业")
        desk.do(Verb.REDISPATCH, Party.DESK, at(23, 11), lead="供电公司", reason="改派")
        claims = [clock for clock in desk.clocks if clock.kind is ClockKind.CLAIM]
        assert [clock.met for clock in claims] == [None, None]
        assert claims[1].started_at == at(23, 11) and claims[1].runs

    def test_gathered_cases_leave_their_time_to_the_common_matter(self) -> None:
        desk = in_hand()
        desk.do(Verb.MERGE, Party.DESK, at(24, 9), into="common")
        assert desk.running() == set()
        assert desk.clock(ClockKind.RESOLVE).met is None, "neither kept nor missed"

    def test_an_overdue_case_is_not_saved_by_gathering_it(self) -> None:
        desk = in_hand()
        desk.do(Verb.MERGE, Party.DESK, at(27, 9), into="common")
        assert desk.clock(ClockKind.RESOLVE).met is False


class TestStandingStill:
    def test_while_the_resident_is_asked_which_floor(self) -> None:
        desk = in_hand()
        desk.do(Verb.REQUEST_INFO, Party.HANDLER, at(24, 9), text="哪一层？")
        assert desk.running() == {"info"}
        desk.do(Verb.PROVIDE_INFO, Party.REPORTER, at(25, 9), text="三层")
        assert desk.running() == {"resolve"}
        assert desk.clock(ClockKind.RESOLVE).due_at == at(27, 17, 30), "one close of office was lost, one is added"

    def test_a_question_does_not_hold_it_for_ever(self) -> None:
        desk = in_hand()
        desk.do(Verb.REQUEST_INFO, Party.HANDLER, at(24, 9), text="哪一层？")
        assert rules_clocks.ON_RUNNING_OUT[ClockKind.INFO] is Verb.LAPSE_INFO
        desk.do(Verb.LAPSE_INFO, Party.SYSTEM, at(27, 18))
        assert desk.running() == {"resolve"}
        assert desk.clock(ClockKind.INFO).met is False

    def test_looking_at_the_answer_is_not_the_handlers_time(self) -> None:
        desk = in_hand()
        desk.do(Verb.ANSWER, Party.HANDLER, at(26, 10), text="换了")
        desk.do(Verb.SEND_BACK, Party.DESK, at(27, 10), reason="三层还不亮")
        assert desk.clock(ClockKind.RESOLVE).due_at == at(27, 17, 30)
        desk.do(Verb.ANSWER, Party.HANDLER, at(27, 11), text="三层也换了")
        desk.do(Verb.ASK_RESIDENT, Party.DESK, at(30, 9))
        assert desk.clock(ClockKind.RESOLVE).met is True, (
            "it counts when the answer was given, not when it was looked at"
        )
        assert desk.running() == {"resident_answer"}

    def test_a_suspension_runs_to_its_review_date(self) -> None:
        desk = in_hand()
        review = at(30, 9)
        desk.do(Verb.REQUEST_SUSPENSION, Party.HANDLER, at(24, 9), reason="历史遗留", review_on="2026-11-30")
        desk.do(Verb.APPROVE_SUSPENSION, Party.SUPERVISOR, at(24, 10), review_at=review, review_on="2026-11-30")
        assert desk.running() == {"review"}
        assert desk.clock(ClockKind.REVIEW).due_at == review
        desk.do(Verb.RESUME, Party.SYSTEM, review)
        assert desk.running() == {"resolve"}
        assert desk.clock(ClockKind.RESOLVE).due_at > at(30, 17)

    def test_a_clock_that_stands_still_does_not_run_out(self) -> None:
        clock = rules_clocks.pause(begun(ClockKind.RESOLVE), at(24, 9))
        assert not rules_clocks.is_overdue(clock, at(30, 9))
        assert rules_clocks.next_at(clock, NORMAL, CALENDAR) is None
        assert rules_clocks.pause(clock, at(25, 9)) == clock


class TestExtending:
    def test_by_two_working_days(self) -> None:
        clock = rules_clocks.extend(begun(ClockKind.RESOLVE), 2, at(25, 9), NORMAL, CALENDAR)
        assert clock.due_at == datetime(2026, 11, 30, 9, 30, tzinfo=UTC)

    @pytest.mark.parametrize("extra", [0, -1, 6])
    def test_by_at_most_five(self, extra: int) -> None:
        with pytest.raises(ExtensionRefused) as refused:
            rules_clocks.extend(begun(ClockKind.RESOLVE), extra, at(25, 9), NORMAL, CALENDAR)
        assert refused.value.params["most"] == 5

    def test_not_twice_over_the_most(self) -> None:
        clock = rules_clocks.extend(begun(ClockKind.RESOLVE), 4, at(25, 9), NORMAL, CALENDAR)
        with pytest.raises(ExtensionRefused):
            rules_clocks.extend(clock, 2, at(25, 9), NORMAL, CALENDAR)

    def test_not_once_it_has_run_out(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        assert rules_clocks.extend(clock, 1, clock.due_at, NORMAL, CALENDAR).due_at > clock.due_at
        with pytest.raises(ClockRanOut):
            rules_clocks.extend(clock, 1, clock.due_at + timedelta(seconds=1), NORMAL, CALENDAR)
        with pytest.raises(ClockRanOut):
            rules_clocks.extend(rules_clocks.stop(clock, at(24, 9), done=True), 1, at(24, 10), NORMAL, CALENDAR)

    def test_an_urgent_one_by_its_own_length_at_most(self) -> None:
        assert rules_clocks.longest_extension(Limit(24, Unit.URGENT_HOURS), NORMAL) == 24


class TestWarningAndRunningOut:
    def test_warned_once_at_three_quarters_then_up_each_working_day(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        assert clock.warn_at == at(23, 9) + (clock.due_at - at(23, 9)) * 3 / 4
        assert rules_clocks.ripe(clock, clock.warn_at - timedelta(seconds=1), NORMAL, CALENDAR) is None
        assert rules_clocks.ripe(clock, clock.warn_at, NORMAL, CALENDAR) is Ripe.WARN
        clock = rules_clocks.mark(clock, Ripe.WARN, clock.warn_at)
        assert rules_clocks.ripe(clock, clock.due_at - timedelta(seconds=1), NORMAL, CALENDAR) is None
        assert rules_clocks.stop(clock, clock.due_at, done=True).met is True, "at the very deadline it is in time"
        late = clock.due_at + timedelta(seconds=1)
        assert rules_clocks.ripe(clock, late, NORMAL, CALENDAR) is Ripe.RAN_OUT
        clock = rules_clocks.mark(clock, Ripe.RAN_OUT, late)
        assert rules_clocks.ripe(clock, late + timedelta(hours=1), NORMAL, CALENDAR) is None
        assert rules_clocks.next_at(clock, NORMAL, CALENDAR) == at(27, 17, 30)
        assert rules_clocks.ripe(clock, at(27, 17, 31), NORMAL, CALENDAR) is Ripe.RAN_OUT

    def test_after_an_outage_it_runs_out_without_a_late_warning(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        assert rules_clocks.ripe(clock, at(30, 9), NORMAL, CALENDAR) is Ripe.RAN_OUT

    def test_every_kind_has_its_consequence(self) -> None:
        assert set(rules_clocks.ON_RUNNING_OUT) == set(ClockKind)
        for verb in rules_clocks.ON_RUNNING_OUT.values():
            assert Party.SYSTEM in rules.TRANSITIONS[verb].by

    def test_met_to_the_second(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        assert rules_clocks.stop(clock, clock.due_at, done=True).met is True
        assert rules_clocks.stop(clock, clock.due_at + timedelta(seconds=1), done=True).met is False

    def test_a_stopped_clock_stays_as_it_is(self) -> None:
        clock = rules_clocks.stop(begun(ClockKind.CLAIM), at(23, 10), done=True)
        assert rules_clocks.stop(clock, at(30, 9), done=True) == clock
        assert rules_clocks.resume(clock, at(30, 9), NORMAL, CALENDAR) == clock

    def test_another_urgency_counts_from_the_same_start(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        (urgent,) = rules_clocks.reclassified([clock], at(23, 9), DEFAULTS[Urgency.URGENT], CALENDAR)
        assert urgent.due_at == at(24, 9)

    def test_a_year_without_a_holiday_notice_is_told(self) -> None:
        far = rules_clocks.start(ClockKind.RESOLVE, datetime(2031, 1, 6, tzinfo=UTC), NORMAL, CALENDAR)
        assert far.provisional


class TestSilence:
    def test_asked_again_then_closed_never_sooner(self) -> None:
        asked = at(23, 9)
        due = begun(ClockKind.RESIDENT_ANSWER).due_at
        assert due == at(30, 17, 30), "seven days"
        one = timedelta(seconds=1)
        assert rules_clocks.after_silence(1, asked, due - one, NORMAL, CALENDAR) is Silence.WAIT
        assert rules_clocks.after_silence(1, asked, due + one, NORMAL, CALENDAR) is Silence.ASK_AGAIN
        assert rules_clocks.after_silence(2, asked, due + one, NORMAL, CALENDAR) is Silence.CLOSE
        patient = replace(NORMAL, asks=3)
        assert rules_clocks.after_silence(2, asked, due + one, patient, CALENDAR) is Silence.ASK_AGAIN

    def test_a_reminder_gives_the_time_anew(self) -> None:
        desk = in_hand()
        desk.do(Verb.ANSWER, Party.HANDLER, at(24, 9), text="换了")
        desk.do(Verb.ASK_RESIDENT, Party.SYSTEM, at(24, 9))
        desk.do(Verb.REMIND, Party.SYSTEM, at(27, 9))
        assert desk.clock(ClockKind.RESIDENT_ANSWER).started_at == at(27, 9)
        desk.do(Verb.CONFIRM, Party.REPORTER, at(28, 9))
        assert desk.clock(ClockKind.RESIDENT_ANSWER).met is True
        assert desk.running() == set()


def test_the_window_to_reopen() -> None:
    """Thirty days from 23 November end on 23 December, a Wednesday."""
    until = rules_clocks.reopen_until(at(23, 9), NORMAL, CALENDAR)
    assert until.at == datetime(2026, 12, 23, 9, 30, tzinfo=UTC)


def test_escalation_goes_up_the_tree_and_stays_at_the_top() -> None:
    lineage = ["42/4203/420303/003/010/", "42/4203/420303/003/", "42/4203/420303/", "42/4203/"]
    assert [rules_clocks.escalate_to(lineage, n) for n in (0, 1, 3, 9)] == [
        lineage[0],
        lineage[1],
        lineage[3],
        lineage[3],
    ]
    with pytest.raises(ValueError, match="no area"):
        rules_clocks.escalate_to([], 0)


class TestReclassifying:
    """A clock that ran out under one limit is watched again under a longer one."""

    def test_an_overdue_clock_with_time_again_warns_and_runs_out_again(self) -> None:
        clock = begun(ClockKind.RESOLVE)
        late = rules_clocks.mark(rules_clocks.mark(clock, Ripe.WARN, at(26, 10)), Ripe.RAN_OUT, at(26, 18))
        (longer,) = rules_clocks.reclassified([late], at(27, 9), DEFAULTS[Urgency.COMPLEX], CALENDAR)
        assert (longer.warned_at, longer.overdue_at) == (None, None)
        assert longer.due_at == at(30, 17, 30)
        assert rules_clocks.next_at(longer, DEFAULTS[Urgency.COMPLEX], CALENDAR) == longer.warn_at

    def test_one_that_is_late_also_under_the_new_limit_goes_on_as_it_was(self) -> None:
        late = rules_clocks.mark(begun(ClockKind.RESOLVE), Ripe.RAN_OUT, at(30, 18))
        (same,) = rules_clocks.reclassified([late], at(30, 18), DEFAULTS[Urgency.URGENT], CALENDAR)
        assert same.overdue_at == at(30, 18)

    def test_it_runs_out_at_the_very_moment_of_its_deadline(self) -> None:
        clock = rules_clocks.mark(begun(ClockKind.RESOLVE), Ripe.WARN, at(26, 10))
        assert rules_clocks.ripe(clock, clock.due_at, NORMAL, CALENDAR) is Ripe.RAN_OUT
        due = begun(ClockKind.RESIDENT_ANSWER).due_at
        assert rules_clocks.after_silence(1, at(23, 9), due, NORMAL, CALENDAR) is Silence.ASK_AGAIN


class TestGathering:
    """A common matter is due when the first of its cases was; a case that leaves it goes on by its own clock."""

    def test_the_common_matter_is_due_when_the_first_gathered_case_was(self) -> None:
        first, second = in_hand(), Desk(at(24, 9))
        second.do(Verb.ACCEPT, Party.DESK, at(24, 10))
        common = Desk(at(25, 9), is_common=True)
        common.do(Verb.ACCEPT, Party.DESK, at(25, 9))
        assert common.clock(ClockKind.RESOLVE).due_at == at(30, 17, 30)
        gathered = rules_clocks.inherit(common.clocks, [*first.clocks, *second.clocks])
        (resolve,) = [clock for clock in gathered if clock.kind is ClockKind.RESOLVE]
        assert resolve.due_at == first.clock(ClockKind.RESOLVE).due_at == at(26, 17, 30)
        assert resolve.started_at == first.clock(ClockKind.RESOLVE).started_at

    def test_what_is_late_stays_late_when_it_is_gathered(self) -> None:
        late = rules_clocks.mark(begun(ClockKind.RESOLVE), Ripe.RAN_OUT, at(27, 9))
        common = rules_clocks.start(ClockKind.RESOLVE, at(30, 9), NORMAL, CALENDAR)
        (resolve,) = rules_clocks.inherit([common], [late])
        assert (resolve.due_at, resolve.overdue_at) == (late.due_at, late.overdue_at)

    def test_a_later_case_changes_nothing(self) -> None:
        own = begun(ClockKind.RESOLVE)
        later = rules_clocks.start(ClockKind.RESOLVE, at(30, 9), NORMAL, CALENDAR)
        assert rules_clocks.inherit([own], [later]) == (own,)

    def test_a_case_taken_out_again_goes_on_by_the_clock_it_had(self) -> None:
        desk = in_hand()
        due = desk.clock(ClockKind.RESOLVE).due_at
        desk.do(Verb.MERGE, Party.DESK, at(24, 9), into="common")
        desk.do(Verb.SEPARATE, Party.DESK, at(27, 9), reason="不是一回事")
        resolve = [clock for clock in desk.clocks if clock.kind is ClockKind.RESOLVE]
        assert len(resolve) == 1 and resolve[0].runs and resolve[0].due_at == due == at(26, 17, 30)
        assert rules_clocks.is_overdue(resolve[0], at(27, 9)), "its reporter waited all the while"

    def test_one_that_was_gathered_before_it_was_accepted_begins_its_time_now(self) -> None:
        desk = Desk(at(23, 9))
        desk.do(Verb.MERGE, Party.DESK, at(23, 10), into="common")
        desk.do(Verb.SEPARATE, Party.DESK, at(24, 9), reason="不是一回事")
        assert desk.clock(ClockKind.RESOLVE).started_at == at(24, 9)


def given_until(by: datetime) -> Clock:
    """The clock of a hotline's ticket that the hotline wants answered by then."""
    return rules_clocks.start(ClockKind.RESOLVE, at(23, 9), NORMAL, CALENDAR, by=by)


def test_a_deadline_of_the_hotline_stands_whatever_pauses_us() -> None:
    clock = rules_clocks.pause(given_until(at(25, 12)), at(23, 10))
    again = rules_clocks.resume(clock, at(24, 10), NORMAL, CALENDAR)
    assert again.due_at == at(25, 12)
    other = rules_clocks.reclassified([again], at(24, 11), DEFAULTS[Urgency.COMPLEX], CALENDAR)
    assert other[0].due_at == at(25, 12)


def test_an_extension_counts_from_the_deadline_that_was_given() -> None:
    longer = rules_clocks.extend(given_until(at(25, 12)), 2, at(24, 9), NORMAL, CALENDAR)
    assert longer.due_at == at(27, 17, 30)


def test_what_is_reopened_has_an_ordinary_limit_again() -> None:
    case = CaseFacts(id="WW-20261123-0001", state=State.REOPENED, times_reopened=1)
    after = rules_clocks.turn((), case, Verb.REOPEN, at(26, 9), NORMAL, CALENDAR, resolve_by=at(25, 12))
    assert next(clock for clock in after if clock.kind is ClockKind.RESOLVE).due_at > at(26, 9)


def test_what_is_accepted_while_a_question_is_open_has_its_time_to_the_answer() -> None:
    desk = Desk(at(23, 9))
    desk.do(Verb.REQUEST_INFO, Party.DESK, at(23, 9, 30), text="哪一栋？")
    desk.do(Verb.ACCEPT, Party.DESK, at(23, 10))
    assert desk.clock(ClockKind.RESOLVE).live and not desk.clock(ClockKind.RESOLVE).runs
    desk.do(Verb.PROVIDE_INFO, Party.REPORTER, at(23, 11), text="三号楼")
    assert desk.running() == {"dispatch", "resolve"}
    desk.do(Verb.REQUEST_INFO, Party.DESK, at(23, 12), text="几单元？")
    desk.do(Verb.DISPATCH, Party.DESK, at(23, 13), lead="国瑞物业")
    desk.do(Verb.CLAIM, Party.HANDLER, at(23, 14))
    desk.do(Verb.ANSWER, Party.HANDLER, at(23, 15), text="换了灯")
    assert desk.clock(ClockKind.RESOLVE).live
