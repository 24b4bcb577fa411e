"""Every step × every role × own and sibling area × every stage of a case, with the real operations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from tests.system.stages import Stage
from tests.system.town import NOBODY, OWN, REPORTER, everybody
from tests.system.who_may import ONLY_BY_THE_CLOCK, STAGES, STEPS, Step
from tongxin.cases.models import Case, Category
from tongxin.cases.operations import desk
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import TRANSITIONS, State, Verb
from tongxin.kernel.actor import Actor
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
    return where == OWN and who in step.may.get(at, frozenset())


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
