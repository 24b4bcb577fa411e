"""Whatever is called in whatever order: no undefined state, no reporter lost, no clock stopped that should run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tongxin.cases import rules, rules_clocks
from tongxin.cases.rules import CaseFacts, Outcome, Party, State, Urgency, Verb
from tongxin.cases.rules_clocks import Clock
from tongxin.cases.rules_limits import ClockKind, ClockPolicy, policy_for
from tongxin.kernel.errors import DomainError
from tongxin.kernel.worktime import WorkCalendar, due_at

CALENDAR = WorkCalendar()
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ORGANISATIONS = ["国瑞物业", "城管局", "派出所"]
ACTORS = ["李师傅", "陈师傅", "周书记"]
GIVEN: dict[str, Any] = {
    "reason": "灯又灭了",
    "elsewhere": "拨打 95598",
    "text": "换了灯头",
    "task": "到场",
    "worker": "link-7",
    "review_on": "2027-03-01",
    "extra": 1,
    "rating": 4,
    "result": "reached",
    "photo": "p1",
    "holder": "陈师傅",
    "category": "lights",
    "own_choice": "sheet-12",
}
RUNS: dict[State, set[ClockKind]] = {
    State.SUBMITTED: {ClockKind.ACCEPT}, State.ACCEPTED: {ClockKind.DISPATCH, ClockKind.RESOLVE},
    State.DISPATCHED: {ClockKind.CLAIM, ClockKind.RESOLVE}, State.CLAIMED: {ClockKind.RESOLVE},
    State.IN_PROGRESS: {ClockKind.RESOLVE}, State.ANSWERED: {ClockKind.VERIFY}, State.VERIFIED: {ClockKind.VERIFY},
    State.AWAITING: {ClockKind.RESIDENT_ANSWER}, State.REOPENED: {ClockKind.DISPATCH, ClockKind.RESOLVE},
    State.SUSPENDED: {ClockKind.REVIEW}, State.MERGED: set(), State.CLOSED: set(), State.DECLINED: set(),
    State.WITHDRAWN: set(),
}  # fmt: skip
"""The README's table once more, so that the clocks are not held against what set them."""
CO_WORK = {State.ACCEPTED, State.DISPATCHED, State.CLAIMED, State.IN_PROGRESS}
HELD_FOR_INFO = {ClockKind.ACCEPT, ClockKind.DISPATCH, ClockKind.RESOLVE}
NOISE = {Verb.NOTE, Verb.RELEASE_PHOTO, Verb.HIDE_PHOTO, Verb.URGE, Verb.RECLASSIFY}
GIVING_UP = {Verb.WITHDRAW, Verb.LEAVE, Verb.DECLINE}


def should_run(case: CaseFacts) -> set[tuple[ClockKind, Any]]:
    """Which clocks the README says run."""
    runs: set[tuple[ClockKind, Any]] = {(kind, None) for kind in RUNS[case.state]}
    if case.state in CO_WORK:
        runs |= {(ClockKind.CO_TASK, who) for who in case.co_outstanding}
    if case.info_pending:
        runs = {clock for clock in runs if clock[0] not in HELD_FOR_INFO} | {(ClockKind.INFO, None)}
    if case.objection_pending:
        runs = (runs - {(ClockKind.CLAIM, None)}) | {(ClockKind.OBJECTION, None)}
    return runs


@dataclass
class Matter:
    """A case with its clocks, and what an honest bystander noted about the people in it."""

    facts: CaseFacts
    clocks: tuple[Clock, ...]
    reporter_left: bool = False
    joined: int = 0
    raised: int = 0
    closed_by: tuple[Verb, frozenset[Party]] | None = None
    separated: int = 0
    due_when_gathered: datetime | None = None
    policy: ClockPolicy = field(default_factory=lambda: policy_for("", Urgency.NORMAL))

    def first_due(self, clock: Clock) -> datetime:
        return due_at(clock.started_at, clock.limit, CALENDAR).at


class Cases(RuleBasedStateMachine):
    """Up to four cases of one community, handled by people who try anything."""

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.matters: list[Matter] = []

    def submit(self, urgency: Urgency, **facts: Any) -> None:
        case = CaseFacts(id=len(self.matters), **facts)
        policy = policy_for("", urgency)
        clocks = rules_clocks.turn((), case, Verb.SUBMIT, self.now, policy, CALENDAR)
        self.matters.append(Matter(case, clocks, policy=policy))

    @initialize(urgency=st.sampled_from(Urgency))
    def first(self, urgency: Urgency) -> None:
        for _ in range(3):
            self.submit(urgency)

    @precondition(lambda self: len(self.matters) < 4)
    @rule(urgency=st.sampled_from(Urgency), needs=st.booleans(), helper=st.booleans(), complained=st.booleans())
    def another(self, urgency: Urgency, needs: bool, helper: bool, complained: bool) -> None:
        about = frozenset({"国瑞物业"}) if complained else frozenset()
        self.submit(urgency, needs_verification=needs, filed_by_helper=helper, complained_of=about)

    @precondition(lambda self: len(self.matters) < 4)
    @rule()
    def common_matter(self) -> None:
        self.submit(Urgency.COMPLEX, is_common=True, reporter_present=False)
        self.matters[-1].reporter_left = True

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(
        which=st.integers(0, 3),
        verb=st.sampled_from([v for v in Verb if v not in {Verb.SUBMIT, Verb.MERGE, Verb.GATHER}]),
        parties=st.frozensets(st.sampled_from(Party), max_size=3),
        actor=st.sampled_from(ACTORS),
        organisation=st.sampled_from(ORGANISATIONS),
        pool=st.booleans(),
        complete=st.booleans(),
    )
    def anybody_tries_anything(
        self,
        which: int,
        verb: Verb,
        parties: frozenset[Party],
        actor: str,
        organisation: str,
        pool: bool,
        complete: bool,
    ) -> None:
        self.do(which, verb, parties, actor, self.given(organisation, pool) if complete else {})

    @rule(which=st.integers(0, 3), chance=st.randoms(use_true_random=False), steps=st.integers(5, 40))
    def things_take_their_lawful_course(self, which: int, chance: Random, steps: int) -> None:
        """A walk of lawful steps through one case, most of them onward; seldom does somebody give it up."""
        for _ in range(steps):
            if chance.random() < 0.15:
                self.the_desk_gathers_one(chance.randrange(4), which)
                which = chance.choice([which, chance.randrange(4)])
                self.check()
            case = self.matters[which % len(self.matters)].facts
            moves = [(v, p) for v, row in rules.TRANSITIONS.items() for p in Party if self.open(case, v, p)]
            verbs = sorted({verb for verb, _ in moves} - NOISE - (GIVING_UP if chance.random() < 0.9 else set()))
            if not verbs:
                return
            onward = [v for v in verbs if rules.TRANSITIONS[v].target not in {None, State.DISPATCHED}]
            verb = chance.choice(onward if onward and chance.random() < 0.5 else verbs)
            party = chance.choice([p for v, p in moves if v is verb])
            given = self.given(chance.choice(ORGANISATIONS), chance.random() < 0.3)
            self.do(which, verb, frozenset({party}), str(case.holder or "李师傅"), given)
            self.now += timedelta(hours=chance.randrange(30))
            self.check()

    @staticmethod
    def open(case: CaseFacts, verb: Verb, party: Party) -> bool:
        return verb not in {Verb.MERGE, Verb.GATHER} and rules.refusal(case, verb, {party}) is None

    def check(self) -> None:
        for name in INVARIANTS:
            getattr(self, name)()

    @rule(child=st.integers(0, 3), common=st.integers(0, 3))
    def the_desk_gathers(self, child: int, common: int) -> None:
        self.the_desk_gathers_one(child, common)

    def the_desk_gathers_one(self, child: int, common: int) -> None:
        one, other = child % len(self.matters), common % len(self.matters)
        try:
            given = {"cases": [one]}
            grown = rules.apply(self.matters[other].facts, Verb.GATHER, {Party.DESK}, given)
            rules.next_state(self.matters[one].facts, Verb.MERGE, {Party.DESK}, {"into": other})
        except DomainError:
            return
        theirs = [clock for clock in self.matters[one].clocks if clock.kind is ClockKind.RESOLVE and clock.live]
        self.matters[other].clocks = rules_clocks.inherit(self.matters[other].clocks, theirs)
        self.turned(other, grown, Verb.GATHER)
        for clock in self.matters[other].clocks:
            if clock.kind is ClockKind.RESOLVE and clock.live:
                assert all(clock.due_at <= their.due_at for their in theirs), "gathering gains no time"
        self.matters[one].due_when_gathered = theirs[0].due_at if theirs else None
        self.do(one, Verb.MERGE, frozenset({Party.DESK}), "周书记", {"into": other})
        assert self.matters[one].facts.state is State.MERGED

    def given(self, organisation: str, pool: bool) -> dict[str, Any]:
        where = {"pool": True} if pool else {"lead": organisation}
        # To the station itself, where somebody takes it anew; elsewhere to a person.
        holder = None if organisation == "派出所" else GIVEN["holder"]
        return GIVEN | where | {"co_handler": organisation, "holder": holder}

    def do(self, which: int, verb: Verb, parties: frozenset[Party], actor: str, given: dict[str, Any]) -> None:
        which %= len(self.matters)
        matter = self.matters[which]
        before = matter.facts
        try:
            after = rules.apply(before, verb, parties, given, actor_id=actor)
        except DomainError as refused:
            assert refused.message and 400 <= refused.status < 500
            return
        assert verb in rules.lawful(before, parties)
        self.turned(which, after, verb)
        if after.state is State.CLOSED and before.state is not State.CLOSED:
            matter.closed_by = verb, parties
            only_helps = Party.HELPER in parties and not parties & {Party.REPORTER, Party.JOINER, Party.SYSTEM}
            assert not only_helps or given.get("own_choice"), "a helper records a choice, and never chooses"
        if verb is Verb.WITHDRAW:
            matter.reporter_left = True
        if verb is Verb.SEPARATE:
            matter.separated += 1
            (resolve,) = [clock for clock in matter.clocks if clock.kind is ClockKind.RESOLVE and clock.live]
            assert matter.due_when_gathered in {None, resolve.due_at}, "the old clock goes on"
        matter.joined += {Verb.JOIN: 1, Verb.LEAVE: -1}.get(verb, 0)
        if rules.goes_with_common(before) and not rules.goes_with_common(after):
            self.parent_loses_one(self.index(before), after)
        self.tell_children()

    def turned(self, which: int, after: CaseFacts, verb: Verb) -> None:
        matter = self.matters[which]
        matter.facts = after
        matter.clocks = rules_clocks.turn(matter.clocks, after, verb, self.now, matter.policy, CALENDAR)
        again = rules_clocks.turn(matter.clocks, after, Verb.NOTE, self.now, matter.policy, CALENDAR)
        assert again == matter.clocks, "turning the clocks twice changes nothing"

    def parent_loses_one(self, parent: int, child: CaseFacts) -> None:
        confirmed = child.state is State.CLOSED and child.outcome in {Outcome.SOLVED, Outcome.EXPLAINED}
        matter = self.matters[parent]
        matter.facts = rules.gathered_ended(matter.facts, confirmed=confirmed)

    @staticmethod
    def index(child: CaseFacts) -> int:
        assert isinstance(child.parent, int)
        return child.parent

    def tell_children(self) -> None:
        for matter in self.matters:
            if matter.facts.parent is not None:
                state = self.matters[self.index(matter.facts)].facts.state
                matter.facts = replace(matter.facts, parent_state=state)

    @invariant()
    def states_are_defined_and_ends_have_an_outcome(self) -> None:
        for matter in self.matters:
            case = matter.facts
            assert case.state in State
            assert (case.outcome is not None) == (case.state in rules.FINAL | {State.MERGED}), case

    @invariant()
    def no_reporter_and_no_joiner_is_lost(self) -> None:
        for matter in self.matters:
            case = matter.facts
            assert case.reporter_present is not matter.reporter_left
            assert case.joiners == matter.joined >= 0
            if case.state is State.WITHDRAWN:
                assert matter.reporter_left and not case.others, "nobody who still wanted it was left behind"

    @invariant()
    def gathered_reporters_are_counted_and_their_common_matter_lives(self) -> None:
        for index, matter in enumerate(self.matters):
            mine = [m for m in self.matters if rules.goes_with_common(m.facts) and m.facts.parent == index]
            assert matter.facts.children_open == len(mine)
            if mine:
                assert matter.facts.state not in {State.WITHDRAWN, State.DECLINED, State.MERGED}

    @invariant()
    def the_clocks_that_should_run_do(self) -> None:
        for matter in self.matters:
            live = [clock for clock in matter.clocks if clock.live]
            assert len({clock.key for clock in live}) == len(live)
            assert {clock.key for clock in live if clock.runs} == should_run(matter.facts)
            assert {c.key for c in live if not c.runs} <= rules_clocks.held_clocks(matter.facts)
            if matter.facts.state in rules.RUNNING:
                assert any(clock.runs for clock in live), "an open case always waits for somebody"
            for clock in matter.clocks:
                assert clock.due_at > clock.started_at and clock.warn_at <= clock.due_at

    @invariant()
    def the_time_to_resolve_runs_from_acceptance_to_answer_and_begins_once_a_round(self) -> None:
        for matter in self.matters:
            case, counted = matter.facts, [c for c in matter.clocks if c.kind is ClockKind.RESOLVE]
            if case.state in rules.WITH_HANDLER | {State.ACCEPTED, State.REOPENED} and not case.info_pending:
                assert any(clock.runs for clock in counted)
            if case.state in rules.WAITING_CHECK | {State.SUSPENDED}:
                assert any(clock.live for clock in counted), "it stands still and goes on where it stood"
            assert len(counted) <= 1 + case.times_reopened + matter.separated
            for clock in counted:
                assert clock.extension or clock.pauses or clock.due_at == matter.first_due(clock)

    @invariant()
    def there_is_always_a_way_on(self) -> None:
        for matter in self.matters:
            case = matter.facts
            if case.state in rules.FINAL:
                continue
            if case.state is State.AWAITING and case.asks_gathered_only and case.children_open:
                continue  # the way on is that of the gathered cases
            rows = [row for row in rules.TRANSITIONS.values() if row.target and case.state in row.sources]
            assert any(self.open(case, row.verb, party) for row in rows for party in row.by), case

    @invariant()
    def only_the_residents_own_word_makes_it_solved(self) -> None:
        for matter in self.matters:
            case = matter.facts
            if case.state is not State.CLOSED:
                continue
            assert matter.closed_by is not None
            verb, parties = matter.closed_by
            assert verb in {Verb.CONFIRM, Verb.CLOSE_UNANSWERED, Verb.CLOSE_COMMON}
            if verb is Verb.CONFIRM:
                assert parties & {Party.REPORTER, Party.JOINER, Party.HELPER}
                assert case.outcome in {Outcome.SOLVED, Outcome.EXPLAINED}
            else:
                assert Party.SYSTEM in parties
                assert verb is Verb.CLOSE_COMMON or case.outcome is Outcome.UNANSWERED

    @invariant()
    def what_is_taken_is_in_somebodys_hands(self) -> None:
        for matter in self.matters:
            if matter.facts.state in rules.TAKEN:
                assert matter.facts.holder is not None

    @invariant()
    def a_body_complained_of_never_has_it_alone(self) -> None:
        for matter in self.matters:
            case = matter.facts
            if case.lead in case.complained_of and case.state in rules.WITH_HANDLER:
                assert case.must_verify
                assert (case.co_outstanding | case.co_done) - case.complained_of

    @invariant()
    def it_never_rises_above_the_top_nor_sinks(self) -> None:
        for matter in self.matters:
            assert matter.raised <= matter.facts.raised <= matter.facts.top
            matter.raised = matter.facts.raised


INVARIANTS = [name for name, member in vars(Cases).items() if hasattr(member, "hypothesis_stateful_invariant")]

Cases.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a failure is told at once: shrinking walks takes minutes
    suppress_health_check=[HealthCheck.too_slow],
)
TestCases = Cases.TestCase


def test_what_the_community_can_do_reaches_every_state_and_uses_every_verb() -> None:
    """From a new report, breadth first over lawful steps: nothing in the machine is out of reach."""
    given = GIVEN | {"lead": "国瑞物业", "co_handler": "城管局", "into": "x", "cases": ["y"]}
    seen: set[CaseFacts] = set()
    border = [CaseFacts(filed_by_helper=True), CaseFacts(is_common=True, reporter_present=False)]
    used: set[Verb] = {Verb.SUBMIT}
    while border and (len(seen) < 6_000) and used != set(Verb):
        case = border.pop(0)
        if case in seen:
            continue
        seen.add(case)
        for party in Party:
            for verb in rules.lawful(case, {party}):
                for more in ({}, {"pool": True}):
                    try:
                        after = rules.apply(case, verb, {party}, given | more, actor_id="李师傅")
                    except DomainError:
                        continue
                    used.add(verb)
                    border.append(replace(after, parent_state=State.AWAITING if after.parent else None))
    assert used == set(Verb)
    assert {case.state for case in [*seen, *border]} == set(State)
