"""A case at every stage of its story, in the town, and everybody who could act on one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.cast import START, officer, resident
from tests.system.town import OWN, REPORTER, SECRETS, Town
from tests.system.who_may import STAGES
from tongxin.cases.models import CallBack, Case, Category, Party, Route
from tongxin.cases.operations import desk, gather, petitions, work
from tongxin.cases.operations import resident as residents
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.tests.stage import photo
from tongxin.files.models import Attachment
from tongxin.kernel.actor import NOBODY as SIGNED_OUT
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.people.models import Organisation, Person
from tongxin.people.queries.actors import actor_for

WORDS = f"{SECRETS['name']}，请打{SECRETS['phone in words']}"
"""What she writes of herself though her name is hidden: for the desk alone."""


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
    hidden: bool = False
    cases: dict[str, UUID] = field(default_factory=dict)
    photos: dict[UUID, UUID] = field(default_factory=dict)
    calls: dict[UUID, UUID] = field(default_factory=dict)
    common: UUID | None = None

    def __getitem__(self, who: str) -> Actor:
        return self.actors[f"{who}-{OWN}"]

    def number(self, at: str) -> str:
        """The number of the case at a stage."""
        return str(Case.objects.values_list("number", flat=True).get(pk=self.cases[at]))

    def report(self, category: str = "parking", by: str = "reporter", **more: Any) -> UUID:
        said = f"{WORDS}，楼道里停了三轮车" if self.hidden else "楼道里停了三轮车"
        more = {"hidden": self.hidden, "photos": [photo()], "lat": 32.6312, "lng": 110.7734} | more
        report = self.town.report(said, category, **more)
        return submit_case(self[by], report, self.now).pk


def _bodies(town: Town) -> list[Organisation]:
    make, where = Organisation.objects.create, town.place.community
    return [make(kind="department", name=name, area=where, since=START) for name in ("城管执法局", "消防救援站")]


def build(town: Town, *, hidden: bool = False) -> Stage:
    """A case at every stage, about two seconds. ``hidden``: her name is, so that neighbours join only what is public."""
    Route.objects.update(until=town.now.date())  # here the desk dispatches
    bureau, third = _bodies(town)
    actors = {"-".join(who): actor_for(one.account, True, town.now) for who, one in town.people.items()}
    actors |= {"signed-out-": SIGNED_OUT, f"system-{OWN}": SYSTEM}
    joiner = resident("刘大姐", town.place)
    inspector = officer("郑队长", "department_officer", bureau, town.place.county)
    officer("赵站长", "department_officer", third, town.place.county)
    town.things["colleague"] = officer("小丁", "handler", town.company, town.place.community)
    colleague = actor_for(
        officer("窗口小孙", "community_worker", town.bodies["office", OWN], town.place.community).account,
        True,
        town.now,
    )
    actors[f"joiner-{OWN}"] = actor_for(joiner.account, True, town.now)
    actors[f"co-handler-{OWN}"] = actor_for(inspector.account, True, town.now)
    built = Stage(town, town.now, town.people[REPORTER], town.company, bureau, third, actors, hidden)
    for name in STAGES:
        built.cases[name] = _BUILD[name](built)
    built.cases["spare"] = _accepted(built)
    built.cases["her word"] = _for_her(built)
    open_name = town.report("楼道里停了三轮车", "parking", hidden=False)  # what hides a name is never published
    built.cases["named"] = submit_case(built["reporter"], open_name, town.now).pk
    desk.answer_directly(colleague, built.cases["her word"], built.now, text="已清理")
    built.common = Case.objects.get(pk=built.cases["merged"]).parent_id
    town.things["running_route"] = Route.objects.create(
        area=town.place.community, category=Category.objects.get(code="waste"), mode="pool", since=START
    )
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


def _join(s: Stage, case: UUID) -> None:
    if s.hidden:  # a neighbour knows of it only if she hid her name after it was released
        Case.objects.filter(pk=case).update(is_public=True)
    residents.join_case(s["joiner"], case, s.now)


def _supervised(s: Stage) -> UUID:
    case = _working(s)
    desk.supervise_case(s["street_officer"], case, s.now, reason="多次催办")
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


_answered = _and(_working, _answer)
_awaiting = _and(_answered, _verify)


def _asked_long_ago(s: Stage, case: UUID) -> None:
    """So that it may be asked again."""
    Case.objects.filter(pk=case).update(asked_at=s.now - timedelta(days=3))


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
    "joined": _and(lambda s: s.report(), lambda s, c: _join(s, c)),
    "for her": _for_her,
}


def _suspended(s: Stage) -> UUID:
    case: UUID = _BUILD["put off"](s)
    petitions.decide_petition(s["community_worker"], case, s.now, kind="suspension", grant=True)
    return case


@pytest.fixture(scope="module")
def stage(town: Town) -> Stage:
    """Built once for the tests of a module."""
    return build(town)


@pytest.fixture(scope="module")
def hidden_stage(town: Town) -> Stage:
    """The same with her name hidden in every case, and said in her words."""
    return build(town, hidden=True)
