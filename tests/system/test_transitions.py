"""Every step × every role × own and sibling area × every stage of a case, with the real operations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests.system.stages import Stage
from tests.system.town import CITY, NOBODY, OWN, REPORTER, everybody
from tests.system.who_may import ONLY_BY_THE_CLOCK, STAGES, STEPS, Step
from tongxin.cases.models import Case, CaseClock, Category, Update
from tongxin.cases.operations import desk
from tongxin.cases.operations import resident as residents
from tongxin.cases.operations.due import run_due_clocks
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import TRANSITIONS, Party, State, Verb
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import DomainError
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db


def test_every_verb_is_a_step_here_or_belongs_to_the_clock() -> None:
    in_steps = set().union(*(step.verbs for step in STEPS))
    assert in_steps | ONLY_BY_THE_CLOCK | {Verb.SUBMIT} == set(Verb) == TRANSITIONS.keys()


def test_every_state_in_which_a_case_can_rest_is_a_stage(stage: Stage) -> None:
    """A case passes “verified” and does not rest there: the resident is asked in the same breath."""
    states = set(Case.objects.filter(pk__in=stage.cases.values()).values_list("state", flat=True))
    assert states == set(State) - {State.VERIFIED}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name.replace(" ", "-"))
def test_a_step_is_open_to_whom_it_belongs_and_to_nobody_else(stage: Stage, step: Step) -> None:
    wrong = [
        f"{name} at “{at}”: {'did it' if did else 'could not'}"
        for at in STAGES
        for name, actor in _who_tries(stage, step, at)
        if (did := _tries(stage, step, at, actor)) is not _should(step, at, name)
    ]
    assert wrong == []


def _should(step: Step, at: str, name: str) -> bool:
    who, _, where = name.rpartition("-")
    return where in {OWN, CITY[1]} and who in step.may.get(at, frozenset())


def _who_tries(stage: Stage, step: Step, at: str) -> Iterator[tuple[str, Actor]]:
    """Everybody where the step is open; where it is open to nobody, those who may do it elsewhere and a few more."""
    elsewhere = set().union(*step.may.values()) | {"reporter", "handler", "street_officer", "volunteer", "resident"}
    for name, actor in stage.actors.items():
        who, _, where = name.rpartition("-")
        if at in step.may or (where == OWN and who in elsewhere):
            yield name, actor


def _tries(stage: Stage, step: Step, at: str, actor: Actor) -> bool:
    """Whether they could; either way it is undone. A refusal changes nothing and is one that is meant for people."""
    case, before = stage.cases[at], Entry.objects.count()
    if "photo" in step.name and case not in stage.photos:
        return False
    with transaction.atomic():
        try:
            with transaction.atomic():
                step.act(actor, case, stage)
            did = Entry.objects.count() > before
        except DomainError:
            assert Entry.objects.count() == before
            did = False
        transaction.set_rollback(True)
    return did


def test_everybody_with_a_phone_may_report_and_only_those_who_help_may_for_another(stage: Stage) -> None:
    for who in everybody():
        actor = stage.actors["-".join(who)]
        for own in (True, False):
            report = stage.town.report("路灯不亮", for_person=None if own else stage.reporter.pk)
            helps = who[1] == OWN and who[0] in STEPS_OF_HELPERS
            with transaction.atomic():
                try:
                    submit_case(actor, report, stage.now)
                    did = True
                except DomainError:
                    did = False
                transaction.set_rollback(True)
            expected = who != NOBODY if own else helps or who == REPORTER
            assert did is expected, (who, own)


STEPS_OF_HELPERS = frozenset(
    {
        "community_worker", "community_secretary", "grid_worker", "police_officer", "street_officer", "county_officer",
        "city_officer", "building_head",
    }
)  # fmt: skip


def test_where_the_desk_must_look_first_the_resident_is_not_asked_before_it(stage: Stage) -> None:
    assert Category.objects.get(code="parking").needs_verification
    with pytest.raises(DomainError):
        desk.ask_resident(stage["community_worker"], stage.cases["answered"], stage.now)
    assert Case.objects.get(pk=stage.cases["answered"]).state == State.ANSWERED


def _left_alone(stage: Stage, at: str, until: datetime) -> list[str]:
    """The verbs that a case goes through when nobody does anything until then; the system alone says them."""
    case = stage.cases[at]
    with transaction.atomic():
        before = set(Update.objects.filter(case_id=case).values_list("pk", flat=True))
        CaseClock.objects.exclude(case_id=case).update(next_at=None)
        while ends := CaseClock.objects.filter(case_id=case, next_at__lte=until).order_by("next_at").first():
            run_due_clocks(min(ends.next_at + timedelta(seconds=1), until))
            if CaseClock.objects.filter(pk=ends.pk, next_at=ends.next_at).exists():
                break
        said = list(Update.objects.filter(case_id=case).exclude(pk__in=before).order_by("id"))
        transaction.set_rollback(True)
    assert {update.actor_id for update in said} <= {SYSTEM.id}
    return [update.verb for update in said]


def test_only_the_clock_closes_what_nobody_answered_and_only_after_asking_again(stage: Stage) -> None:
    row = CaseClock.objects.get(case_id=stage.cases["awaiting"], kind="resident_answer", stopped_at=None)
    assert _left_alone(stage, "awaiting", row.due_at - timedelta(minutes=1)) == []
    assert _left_alone(stage, "awaiting", row.due_at + timedelta(hours=1)) == ["remind"]
    assert _left_alone(stage, "awaiting", row.due_at + timedelta(days=40)) == ["remind", "close_unanswered"]


def test_only_the_clock_lets_a_question_lapse(stage: Stage) -> None:
    row = CaseClock.objects.get(case_id=stage.cases["asked for words"], kind="info", stopped_at=None)
    assert _left_alone(stage, "asked for words", row.due_at - timedelta(minutes=1)) == []
    assert _left_alone(stage, "asked for words", row.due_at + timedelta(minutes=1)) == ["lapse_info"]


def test_a_common_matter_is_closed_by_the_system_when_the_last_gathered_reporter_has_spoken(stage: Stage) -> None:
    with transaction.atomic():
        common = Case.objects.get(pk=stage.cases["merged"]).parent
        assert common is not None
        desk.answer_directly(stage["community_worker"], common.pk, stage.now, text="已划线，装了护栏")
        gathered = list(Case.objects.filter(parent=common).order_by("id"))
        for case in gathered:
            assert Case.objects.get(pk=common.pk).state == State.AWAITING
            residents.confirm_solved(stage["reporter"], case.pk, stage.now)
        assert [u.actor_id for u in common.updates.filter(verb=Verb.CLOSE_COMMON)] == [SYSTEM.id]
        assert Case.objects.get(pk=common.pk).state == State.CLOSED
        transaction.set_rollback(True)


@pytest.mark.parametrize("verb", sorted(ONLY_BY_THE_CLOCK))
def test_what_only_the_clock_does_no_person_can(verb: Verb) -> None:
    assert TRANSITIONS[verb].by == {Party.SYSTEM}
