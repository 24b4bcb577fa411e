"""Every step × every role × own and sibling area × every stage of a case, with the real operations."""

from __future__ import annotations

from collections.abc import Iterator
<<<<<<< HEAD
from datetime import datetime, timedelta
=======
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
>>>>>>> w-cases2

import pytest
from django.db import transaction

from tests.system.stages import Stage
from tests.system.town import NOBODY, OWN, REPORTER, everybody
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


<<<<<<< HEAD
=======
@dataclass
class Stage:
    """The town with a case at every stage, and everybody who could act on one."""

    town: Town
    now: datetime
    reporter: Person
    company: Organisation
    bureau: Organisation
    third: Organisation
    actors: dict[str, Actor]
    cases: dict[str, UUID] = field(default_factory=dict)
    photos: dict[UUID, UUID] = field(default_factory=dict)
    calls: dict[UUID, UUID] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Actor:
        return self.actors[f"{who}-{OWN}"]

    def report(self, category: str = "parking", by: str = "reporter", **more: Any) -> UUID:
        report = self.town.report("楼道里停了三轮车", category, photos=[photo()], **more)
        return submit_case(self[by], report, self.now).pk


def _bodies(town: Town) -> list[Organisation]:
    make, where = Organisation.objects.create, town.place.community
    return [make(kind="department", name=name, area=where, since=START) for name in ("城管执法局", "消防救援站")]


@pytest.fixture(scope="module")
def stage(town: Town) -> Stage:
    Route.objects.update(until=town.now.date())  # here the desk dispatches
    bureau, third = _bodies(town)
    actors = {"-".join(who): actor_for(one.account, True, town.now) for who, one in town.people.items()}
    actors |= {"signed-out-": SIGNED_OUT, f"system-{OWN}": SYSTEM}
    joiner = resident("刘大姐", town.place)
    inspector = officer("郑队长", "department_officer", bureau, town.place.county)
    actors[f"joiner-{OWN}"] = actor_for(joiner.account, True, town.now)
    actors[f"co-handler-{OWN}"] = actor_for(inspector.account, True, town.now)
    built = Stage(town, town.now, town.people[REPORTER], town.company, bureau, third, actors)
    for name in STAGES:
        built.cases[name] = _BUILD[name](built)
    built.cases["spare"] = _accepted(built)
    for case in built.cases.values():
        first = Attachment.objects.filter(owner_kind="update", owner_id__in=_updates(case)).first()
        if first is not None:
            built.photos[case] = first.pk
            Attachment.objects.filter(pk=first.pk).update(state=Attachment.State.READY)
        CallBack.objects.filter(case_id=case).delete()  # one may be in the sample already
        built.calls[case] = CallBack.objects.create(
            case_id=case, party=Party.objects.filter(case_id=case).earliest("id"), area_path=town.place.estate.path,
            because="asked", due_at=town.now,
        ).pk  # fmt: skip
    return built


def _updates(case: UUID) -> Any:
    return Case.objects.get(pk=case).updates.values("pk")


def _accepted(s: Stage) -> UUID:
    case = s.report()
    desk.accept_case(s["community_worker"], case, s.now)
    return case


def _dispatched(s: Stage, **how: Any) -> UUID:
    case = s.report()
    desk.dispatch_case(s["community_worker"], case, s.now, **({"lead": s.company.pk} | how))
    return case


def _claimed(s: Stage, **how: Any) -> UUID:
    case = _dispatched(s, **how)
    work.claim_case(s["handler"], case, s.now)
    return case


def _working(s: Stage, **how: Any) -> UUID:
    case = _claimed(s, **how)
    work.start_work(s["handler"], case, s.now)
    return case


def _and(before: Any, act: Any) -> Any:
    def build(s: Stage) -> UUID:
        case: UUID = before(s)
        act(s, case)
        return case

    return build


def _worker(s: Stage, case: UUID) -> None:
    secret = work.hand_to_worker(s["handler"], case, s.now, name="小刘", phone="13907199034")
    s.actors[f"worker-{OWN}"] = work.link_actor(secret, s.now)[0]


def _supervised(s: Stage) -> UUID:
    case = _working(s)
    desk.supervise_case(s["community_secretary"], case, s.now, reason="多次催办")
    return case


def _for_her(s: Stage) -> UUID:
    """The grid worker filed it in her name."""
    return s.report(by="grid_worker", for_person=s.reporter.pk, channel="grid")


def _merged(s: Stage) -> UUID:
    case, other = _accepted(s), _accepted(s)
    report = Report(text="多处占道停车", category="parking", area_id=s.town.place.estate.pk)
    gather.make_common_matter(s["community_worker"], report, [case, other], s.now)
    return case


def _answer(s: Stage, case: UUID) -> None:
    work.answer_case(s["handler"], case, s.now, text="拖走了")


def _verify(s: Stage, case: UUID) -> None:
    desk.verify_answer(s["community_worker"], case, s.now)


def _asked_long_ago(s: Stage, case: UUID) -> None:
    """So that it may be asked again."""
    Case.objects.filter(pk=case).update(asked_at=s.now - timedelta(days=3))


_answered = _and(_working, _answer)
_awaiting = _and(_answered, _verify)
_later = {"reason": "等配件"}
_BUILD: dict[str, Any] = {
    "submitted": lambda s: s.report(),
    "accepted": _accepted,
    "dispatched": _dispatched,
    "pool": lambda s: _dispatched(s, lead=None, pool=True),
    "claimed": _claimed,
    "from pool": lambda s: _claimed(s, lead=None, pool=True),
    "in_progress": _working,
    "objected": _and(_working, lambda s, c: work.object_to_dispatch(s["handler"], c, s.now, reason="不归我们")),
    "more time": _and(_working, lambda s, c: work.request_extension(s["handler"], c, s.now, extra=1, **_later)),
    "put off": _and(
        _working,
        lambda s, c: work.request_suspension(
            s["handler"], c, s.now, review_on=s.now.date().replace(year=s.now.year + 1), **_later
        ),
    ),
    "asked for words": _and(
        _working, lambda s, c: petitions.request_information(s["handler"], c, s.now, text="哪一层？")
    ),
    "co-handled": lambda s: _working(s, co_handlers=[(s.bureau.pk, "通知车主")]),
    "with worker": _and(_working, _worker),
    "answered": _answered,
    "awaiting": _and(_awaiting, _asked_long_ago),
    "closed": _and(_awaiting, lambda s, c: residents.confirm_solved(s["reporter"], c, s.now)),
    "declined": _and(
        lambda s: s.report(),
        lambda s, c: desk.decline_case(s["community_worker"], c, s.now, reason="不归我们", elsewhere="打12345"),
    ),
    "reopened": _and(_awaiting, lambda s, c: residents.say_not_solved(s["reporter"], c, s.now, reason="又停了")),
    "suspended": lambda s: _suspended(s),
    "merged": _merged,
    "withdrawn": _and(lambda s: s.report(), lambda s, c: residents.withdraw_case(s["reporter"], c, s.now)),
    "supervised": _supervised,
    "joined": _and(lambda s: s.report(), lambda s, c: residents.join_case(s["joiner"], c, s.now)),
    "for her": _for_her,
}


def _suspended(s: Stage) -> UUID:
    case: UUID = _BUILD["put off"](s)
    petitions.decide_petition(s["community_worker"], case, s.now, kind="suspension", grant=True)
    return case


>>>>>>> w-cases2
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
    assert _left_alone(stage, "awaiting", row.due_at) == []
    assert _left_alone(stage, "awaiting", row.due_at + timedelta(hours=1)) == ["remind"]
    assert _left_alone(stage, "awaiting", row.due_at + timedelta(days=40)) == ["remind", "close_unanswered"]


def test_only_the_clock_lets_a_question_lapse(stage: Stage) -> None:
    row = CaseClock.objects.get(case_id=stage.cases["asked for words"], kind="info", stopped_at=None)
    assert _left_alone(stage, "asked for words", row.due_at) == []
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
