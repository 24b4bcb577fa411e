"""Cases lived through by several people with the real operations, in whatever order, over weeks: what always holds.

What the operations leave is held against a second, naive account of it that is kept here: who is concerned, whose word
ended a case, and which clocks the README's table says should run.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.system.stages import Stage
from tests.system.who_may import STEPS, Step
from tongxin.cases.models import Assignment, Case, CaseClock, Party
from tongxin.cases.operations import gather
from tongxin.cases.operations.due import run_due_clocks
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.mine import my_cases
from tongxin.cases.rules import State
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import DomainError
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db

RUNS: Final[dict[str, set[str]]] = {
    "submitted": {"accept"}, "accepted": {"dispatch", "resolve"}, "dispatched": {"claim", "resolve"},
    "claimed": {"resolve"}, "in_progress": {"resolve"}, "answered": {"verify"}, "verified": {"verify"},
    "awaiting": {"resident_answer"}, "reopened": {"dispatch", "resolve"}, "suspended": {"review"}, "merged": set(),
    "closed": set(), "declined": set(), "withdrawn": set(),
}  # fmt: skip
HELD: Final[dict[str, set[str]]] = {"answered": {"resolve"}, "verified": {"resolve"}, "suspended": {"resolve"}}
CO_WORK: Final = {"accepted", "dispatched", "claimed", "in_progress", "suspended"}
"""Word for word from the README's table of states, and from what stands below it."""

PEOPLE: Final = (
    "reporter", "joiner", "grid_worker", "community_worker", "handler", "co-handler", "community_secretary",
    "street_officer", "system",
)  # fmt: skip
ONWARD: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "submitted": (("accept", "community_worker"), ("dispatch", "community_worker"), ("join", "joiner"),
                  ("answer at once", "community_worker"), ("decline", "community_worker")),
    "accepted": (("dispatch", "community_worker"), ("call in another", "community_worker"), ("ask her", "community_worker")),
    "dispatched": (("take", "handler"), ("object", "handler"), ("dispatch anew", "community_worker"), ("join", "joiner")),
    "claimed": (("begin", "handler"), ("ask for more time", "handler"), ("call in another", "community_worker")),
    "in_progress": (("answer", "handler"), ("answer", "handler"), ("ask her", "handler"), ("ask to put it off", "handler"),
                    ("answer for one's part", "co-handler"), ("supervise", "community_secretary")),
    "answered": (("find it done", "community_worker"), ("send it back", "community_worker")),
    "awaiting": (("say solved", "reporter"), ("say not solved", "reporter"), ("say solved", "joiner"),
                 ("record that she says solved", "grid_worker"), ("record that she says not solved", "grid_worker")),
    "reopened": (("dispatch", "community_worker"),),
    "suspended": (("take up again", "community_worker"),),
    "merged": (("separate", "community_worker"), ("withdraw", "reporter")),
    "closed": (("reopen", "joiner"), ("reopen", "reporter"), ("rate", "reporter")),
    "declined": (("reopen", "reporter"),),
    "verified": (), "withdrawn": (),
}  # fmt: skip
BY_NAME: Final[dict[str, Step]] = {step.name: step for step in STEPS}
LEAVING: Final = {"withdraw", "leave", "record that she takes it back"}
RESIDENTS_WORD: Final = {"say solved", "record that she says solved"}
TESTED: Final = tuple(step for step in STEPS if "photo" not in step.name and step.name not in {"ring and note it"})


class Lives(RuleBasedStateMachine):
    """Up to four cases, and a notebook of what each of them was told."""

    stage: Stage
    findings: frozenset[Any]

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.scene = replace(self.stage, cases=dict(self.stage.cases))
        self.cases: list[UUID] = []
        self.concerned: dict[UUID, set[str]] = {}
        self.told: list[str] = []

    @property
    def now(self) -> Any:
        return self.scene.now

    @initialize(category=st.sampled_from(["parking", "lighting"]))
    def first(self, category: str) -> None:
        self.submit(category, False)
        self.submit("parking", True)
        self.scene.cases["spare"] = self.cases[1]

    @precondition(lambda self: len(self.cases) < 4)
    @rule(category=st.sampled_from(["parking", "lighting"]), for_her=st.booleans())
    def another(self, category: str, for_her: bool) -> None:
        self.submit(category, for_her)

    def submit(self, category: str, for_her: bool) -> None:
        who, more = ("grid_worker", {"for_person": self.scene.reporter.pk}) if for_her else ("reporter", {})
        report = Report(text="三轮车占道", category=category, area_id=self.scene.town.place.estate.pk, **more)
        case = submit_case(self.scene[who], report, self.now).pk
        self.cases.append(case)
        self.concerned[case] = {"reporter"}
        self.check(case)

    @rule(which=st.integers(0, 3), step=st.sampled_from(TESTED), who=st.sampled_from(PEOPLE))
    def anybody_tries_anything(self, which: int, step: Step, who: str) -> None:
        self.do(self.cases[which % len(self.cases)], step, who)

    @rule(which=st.integers(0, 3), chance=st.randoms(use_true_random=False), steps=st.integers(4, 10))
    def things_take_their_course(self, which: int, chance: Random, steps: int) -> None:
        case = self.cases[which % len(self.cases)]
        for _ in range(steps):
            row = Case.objects.get(pk=case)
            onward = [*ONWARD[row.state], *_decisions(row)]
            if onward:
                name, who = chance.choice(onward)
                self.do(case, BY_NAME[name], who)
            self.pass_time(timedelta(minutes=chance.choice((5, 40, 300, 1500))))

    @rule(hours=st.integers(1, 24 * 12))
    def time_passes(self, hours: int) -> None:
        self.pass_time(timedelta(hours=hours))

    @precondition(lambda self: len(self.cases) >= 3)
    @rule()
    def the_desk_makes_a_common_matter(self) -> None:
        open_ones = [case for case in self.cases if Case.objects.get(pk=case).state in {"submitted", "accepted"}]
        report = Report(text="多处占道", category="parking", area_id=self.scene.town.place.estate.pk)
        if len(open_ones) < 2:
            return
        try:
            common = gather.make_common_matter(self.scene["community_worker"], report, open_ones[:2], self.now)
        except DomainError:  # others are gathered in one of them already
            return
        self.cases.append(common.pk)
        self.concerned[common.pk] = set()
        for case in self.cases:
            self.check(case)

    def pass_time(self, span: timedelta) -> None:
        """The ticker runs as each clock falls due, not only at the end."""
        until = self.now + span
        for _ in range(60):
            due = CaseClock.objects.filter(next_at__lte=until).order_by("next_at").first()
            if due is None:
                break
            self.scene.now = min(max(self.now, due.next_at + timedelta(seconds=1)), until)
            before = dict(Case.objects.values_list("pk", "state"))
            if not run_due_clocks(self.now, 500):
                break
            self.closed_only_after_silence(before)
        self.scene.now = until
        for case in self.cases:
            self.check(case)

    def closed_only_after_silence(self, before: dict[UUID, str]) -> None:
        for case in self.cases:
            row = Case.objects.get(pk=case)
            if row.state == State.CLOSED and before[case] != State.CLOSED:
                last = row.updates.filter(state="closed").order_by("recorded_at").last()
                assert last is not None and last.actor_id == SYSTEM.id
                assert row.outcome == "unanswered" or row.kind == Case.Kind.COMMON
                assert row.kind == Case.Kind.COMMON or row.asked >= 2, "asked again before it was closed"

    def do(self, case: UUID, step: Step, who: str) -> None:
        before = dict(Case.objects.values_list("pk", "state"))
        try:
            with transaction.atomic():
                step.act(self.scene[who], case, self.scene)
        except DomainError as refused:
            assert refused.message and 400 <= refused.status < 500
            return
        self.told.append(f"{who}: {step.name}")
        self.note_down(case, step, who)
        for one in self.cases:
            row = Case.objects.get(pk=one)
            if row.state == State.CLOSED and before[one] != State.CLOSED:
                self.ended_by_the_right_person(row, step, who, case)
            self.check(one)

    def note_down(self, case: UUID, step: Step, who: str) -> None:
        mine = self.concerned[case]
        if step.name == "join":
            mine.add(who)
        elif step.name in LEAVING:
            mine.discard("reporter" if step.name.startswith("record") else who)
        elif step.name == "say that it is not hers":
            mine.discard("reporter")

    def ended_by_the_right_person(self, row: Case, step: Step, who: str, said_of: UUID) -> None:
        if row.pk != said_of:  # the common matter ends with the last word of those gathered in it
            assert row.kind == Case.Kind.COMMON
            return
        assert step.name in RESIDENTS_WORD, (step.name, who)
        last = row.updates.filter(verb="confirm").order_by("recorded_at").last()
        assert last is not None
        if step.name == "say solved":
            gone = "reporter" not in self.concerned[row.pk]
            assert who == "reporter" or (gone and who == "joiner") or (who == "grid_worker" and row.filed_by_helper)
            assert last.actor_id == self.scene[who].id
        else:
            assert who != "handler", "whose work is judged does not record the judgement"
            assert last.actor_id == self.scene[who].id
            assert who == "reporter" or last.on_behalf_of == self.scene.reporter.pk

    def check(self, case: UUID) -> None:
        row = Case.objects.get(pk=case)
        assert row.state in set(State)
        self.nobody_is_lost(row)
        self.the_clocks_that_should_run_do(row)

    def nobody_is_lost(self, row: Case) -> None:
        people = {"reporter": self.scene.reporter.pk, "joiner": self.scene["joiner"].person_id}
        there = set(Party.objects.filter(case=row, disowned_at=None).values_list("person_id", flat=True))
        for who in self.concerned[row.pk] & people.keys():
            assert people[who] in there, (who, row.state, self.told)
            assert row.number in self.list_of(who), (who, row.state, self.told)

    def list_of(self, who: str) -> set[str]:
        """The numbers on somebody's own list, all its pages."""
        found: set[str] = set()
        before = None
        while True:
            rows, before = my_cases(self.scene[who], before=before)
            found |= {one.number for one in rows}
            if before is None:
                return found

    def the_clocks_that_should_run_do(self, row: Case) -> None:
        runs, held = should_run(row)
        clocks = list(CaseClock.objects.filter(case=row, stopped_at=None))
        assert len({(c.kind, c.subject) for c in clocks}) == len(clocks)
        assert {(c.kind, c.subject) for c in clocks if c.paused_at is None} == runs, (row.state, self.told)
        assert {(c.kind, c.subject) for c in clocks if c.paused_at is not None} <= held, (row.state, self.told)
        for clock in clocks:
            waits = clock.paused_at is None and clock.overdue_at is None
            assert not waits or clock.next_at is not None, "the ticker will look at it"

    def teardown(self) -> None:
        try:
            new = frozenset((f.kind, f.where) for f in verify_all().findings) - self.findings
            assert not new, new
        finally:
            transaction.set_rollback(True)
            self.undo.close()


def should_run(row: Case) -> tuple[set[tuple[str, Any]], set[tuple[str, Any]]]:
    """Which clocks run and which may stand still, by the README."""
    runs = {(kind, None) for kind in RUNS[row.state]}
    held: set[tuple[str, Any]] = {(kind, None) for kind in HELD.get(row.state, set())}
    parts = Assignment.objects.filter(case=row, role="co", ended_at=None, state__in=("waiting", "claimed"))
    if row.state in CO_WORK:
        own = {("co_task", part.organisation_id) for part in parts}
        runs, held = (runs, held | own) if row.state == "suspended" else (runs | own, held)
    if row.info_pending:
        stopped = {clock for clock in runs if clock[0] in {"accept", "dispatch", "resolve"}}
        runs, held = (runs - stopped) | {("info", None)}, held | stopped
    if row.objection_pending:
        stopped = runs & {("claim", None)}
        runs, held = (runs - stopped) | {("objection", None)}, held | stopped
    return runs, held


def _decisions(row: Case) -> list[tuple[str, str]]:
    """What waits to be said of what was asked."""
    worker = "community_worker"
    found = []
    if row.objection_pending:
        found += [("uphold the objection", worker), ("reject the objection", worker)]
    if row.extension_pending:
        found += [("give more time", worker)]
    if row.suspension_pending:
        found += [("put it off", worker), ("not put it off", worker)]
    if row.info_pending:
        found += [("tell what was asked", "reporter")]
    return found * 2


def test_whatever_people_do_with_their_cases_nobody_and_no_clock_is_lost(stage: Stage) -> None:
    Lives.stage = stage
    Lives.findings = frozenset((f.kind, f.where) for f in verify_all().findings)
    CaseClock.objects.update(next_at=None)  # the cases of the stage have had their time
    short = connection.vendor == "postgresql"
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=2 if short else 6,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_the_naive_account_knows_every_state() -> None:
    assert RUNS.keys() == ONWARD.keys() == set(State)
    assert all(name in BY_NAME for steps in ONWARD.values() for name, _who in steps)
