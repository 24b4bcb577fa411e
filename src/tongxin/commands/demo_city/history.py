"""Three months of cases, in the order in which they would have happened.

An agenda of (time, what) is worked off; what people do puts their next step on it. Nothing is written but by the
operations that the pages call, so whatever the rules refuse does not happen here either.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations import desk, due, petitions, publish, resident, work
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.commands.demo_city import words
from tongxin.commands.demo_city.offices import Offices
from tongxin.commands.demo_city.photos import draw
from tongxin.commands.demo_city.places import Community
from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.errors import DomainError, NotAllowed
from tongxin.kernel.times import SHANGHAI, local_day
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.living import Head, heads_of_households
from tongxin.people.queries.signin import account_of

Step = Callable[[datetime], object]
NOBODY_COMES = 0.06  # of cases that a handler lets run out of time


@dataclass(slots=True)
class Life:
    """The agenda and the people. ``done`` counts what happened, ``refused`` what the rules did not allow."""

    offices: Offices
    communities: list[Community]
    end: datetime
    random: Random
    progress: Callable[[int], None]
    agenda: list[tuple[datetime, int, Step]] = field(default_factory=list)
    order: Any = field(default_factory=itertools.count)
    actors: dict[str, Actor] = field(default_factory=dict)
    heads: dict[UUID, list[Head]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def actor(self, key: str, at: datetime) -> Actor:
        """Somebody in office, as in a session that passed the second factor."""
        if key not in self.actors:
            self.actors[key] = actor_for(account_of(self.offices.accounts[key]), True, at)
        return self.actors[key]

    def later(self, at: datetime, step: Step) -> None:
        """Put a step on the agenda; what lies after today has not happened yet."""
        if at < self.end:
            heapq.heappush(self.agenda, (at, next(self.order), step))

    def run(self) -> None:
        """Work the agenda off, day by day, with the ticker in between; each day is one transaction."""
        while self.agenda:
            day = local_day(self.agenda[0][0])
            with transaction.atomic():
                while self.agenda and local_day(self.agenda[0][0]) == day:
                    at, _, step = heapq.heappop(self.agenda)
                    self._do(at, step)
                self._tick(day)
            self.progress(self.done["submitted"])
        while due.fold_tallies():
            pass

    def _do(self, at: datetime, step: Step) -> None:
        try:
            with transaction.atomic():
                step(at)
        except DomainError as error:
            self.refused[error.code] += 1

    def _tick(self, day: Any) -> None:
        evening = datetime.combine(day, time(21), SHANGHAI)
        due.run_due_clocks(min(evening, self.end), limit=500)


def submit_all(life: Life, days: int, cases: int) -> None:
    """Put as many reports on the agenda, spread over the days as people's days are."""
    random, start = life.random, life.end - timedelta(days=days)
    categories = [c for c in words.REPORTS for _ in range(_WEIGHT.get(c.split(".")[0], 2))]
    for _ in range(cases):
        hour = random.choices(range(7, 23), (3, 6, 8, 7, 6, 4, 3, 4, 5, 5, 6, 8, 9, 8, 5, 2))[0]
        at = start + timedelta(days=random.random() ** 0.9 * days)
        at = at.astimezone(SHANGHAI).replace(hour=hour, minute=random.randrange(60), second=random.randrange(60))
        community = random.choices(life.communities, (5, 6, 1))[0]
        life.later(at, _report(life, community, random.choice(categories)))


_WEIGHT = {
    "lighting": 5,
    "water": 4,
    "drain": 4,
    "waste": 5,
    "lift": 5,
    "parking": 4,
    "noise": 4,
    "care": 3,
    "other": 3,
}


def _report(life: Life, community: Community, category: str) -> Step:
    def step(at: datetime) -> None:
        random = life.random
        name, estate = random.choice(list(community.estates.items()))
        head = random.choice(life.heads.setdefault(estate.id, heads_of_households(estate.id, local_day(at))))
        reporter = Actor(id=head.person_id, person_id=head.person_id, name=head.name, trust=Trust.OWNER,
                         home_paths=(estate.path,))  # fmt: skip
        floor = random.randint(2, 6)
        text = random.choice(words.REPORTS[category]).format(b=head.building, u=head.unit, f=floor, g=floor + 2)
        helped = random.random() < 0.12
        lat, lng = community.plan.estates[[e.name for e in community.plan.estates].index(name)].at
        report = Report(
            text=text,
            category=category,
            area_id=estate.id,
            building_id=head.building_id,
            unit_id=head.unit_id if random.random() < 0.6 else None,
            lat=lat + random.uniform(-0.0012, 0.0012),
            lng=lng + random.uniform(-0.0012, 0.0012),
            hidden=random.random() < 0.05,
            channel="grid" if helped else random.choice(("app", "app", "app", "wechat", "phone")),
            for_person=head.person_id if helped else None,
            photos=[draw(category, random)] if random.random() < PHOTO_SHARE else [],
        )
        number = life.communities.index(community)
        grid = random.randrange(len(community.grids))
        actor = life.actor(f"grid:{number}:{grid}", at) if helped else reporter
        case = submit_case(actor, report, at)
        life.done["submitted"] += 1
        Story(life, number, case.id, category, reporter, helped).after_submit(at)

    return step


PHOTO_SHARE = 0.16


@dataclass(slots=True)
class Story:
    """What becomes of one case."""

    life: Life
    community: int
    case_id: UUID
    category: str
    reporter: Actor
    helped: bool
    rounds: int = 0
    lead: UUID | None = None

    def _at(self, at: datetime, low: float, high: float) -> datetime:
        """Some hours later, in the hours when people work."""
        then = at + timedelta(hours=self.life.random.uniform(low, high))
        local = then.astimezone(SHANGHAI)
        if local.hour < 8:
            local = local.replace(hour=8, minute=self.life.random.randrange(10, 59))
        if local.hour >= 19:
            local = (local + timedelta(days=1)).replace(hour=8, minute=self.life.random.randrange(10, 59))
        return local

    def _desk(self, at: datetime) -> Actor:
        return self.life.actor(f"desk:{self.community}", at)

    def _decide(self, at: datetime, operation: Callable[..., Any], **given: Any) -> None:
        """What the desk decides or, where it was raised, the first level above that may."""
        street = self.life.communities[self.community].plan.code[:9]
        for key in (f"desk:{self.community}", f"street_officer:{street}", "county_officer", "city_officer"):
            try:
                with transaction.atomic():
                    operation(self.life.actor(key, at), self.case_id, at, **given)
            except NotAllowed:
                continue
            return

    def after_submit(self, at: datetime) -> None:
        route = self.category.split(".")[0]
        if route in {"policy", "dispute", "property", "other"}:
            self.life.later(self._at(at, 0.3, 9), self.answer_at_the_desk)
        elif self.category in _BY_DESK or (self._falls_to_property() and not self._company()):
            self.life.later(self._at(at, 0.2, 5), self.dispatch)
        else:
            self.life.later(self._at(at, 0.1, 6), self.take)

    def _falls_to_property(self) -> bool:
        return self.category.split(".")[0] in _PROPERTY and self.category not in _UTILITY

    def _company(self) -> Any:
        estate = self._estate()
        return self.life.offices.company_of.get(estate) if estate else None

    def _estate(self) -> UUID | None:
        path = self.reporter.home_paths[0]
        for estate in self.life.communities[self.community].estates.values():
            if estate.path == path:
                return estate.id
        return None

    def answer_at_the_desk(self, at: datetime) -> None:
        random = self.life.random
        if self.category == "other" and random.random() < 0.08:
            self._decide(at, desk.decline_case, reason="此事不属于社区受理范围",
                         elsewhere="请拨打 12345 或到区政务服务中心二楼")  # fmt: skip
            return
        text = random.choice(words.ANSWERS[self.category.split(".")[0]])
        desk.answer_directly(self._desk(at), self.case_id, at, text=text, explained=random.random() < 0.3)
        self.life.later(self._at(at, 0.5, 60), self.resident_says)

    def dispatch(self, at: datetime) -> None:
        random, offices = self.life.random, self.life.offices
        key = _TO.get(self.category.split(".")[0], "城管")
        self.lead = offices.organisations[key].id
        helpers = []
        if random.random() < 0.12 and self._company():
            helpers = [(self._company().id, "到场配合，通知业主")]
        desk.dispatch_case(self._desk(at), self.case_id, at, lead=self.lead, co_handlers=helpers)
        for organisation, _ in helpers:
            self.life.later(self._at(at, 1, 20), partial(self.answer_sub_task, organisation=organisation))
        if random.random() < 0.06:
            self.life.later(self._at(at, 0.5, 4), self.object)
        else:
            self.life.later(self._at(at, 0.3, 8), self.take)

    def answer_sub_task(self, at: datetime, organisation: UUID) -> None:
        actor = self.life.actor(self.life.offices.handlers[organisation][0], at)
        work.answer_sub_task(actor, self.case_id, at, organisation=organisation, text="已到场配合，业主已通知到。")

    def object(self, at: datetime) -> None:
        work.object_to_dispatch(self._handler(at), self.case_id, at, reason=self.life.random.choice(words.OBJECTIONS))
        self.life.later(self._at(at, 0.5, 5), self.decide_objection)

    def decide_objection(self, at: datetime) -> None:
        grant = self.life.random.random() < 0.5
        self._decide(at, petitions.decide_petition, kind="objection", grant=grant, reason="已核实权责清单")
        self.life.later(self._at(at, 0.2, 3), self.dispatch if grant else self.take)

    def _handler(self, at: datetime) -> Actor:
        offices, random = self.life.offices, self.life.random
        if self.category.startswith("care"):
            return self.life.actor(f"volunteer:{self.community}:{random.randrange(5)}", at)
        lead = self.lead or (self._company().id if self._company() else None)
        if self.category in _UTILITY:
            lead = offices.organisations[_UTILITY[self.category]].id
        keys = offices.handlers.get(lead) if lead else None
        return self.life.actor(random.choice(keys) if keys else f"desk:{self.community}", at)

    def take(self, at: datetime) -> None:
        random = self.life.random
        if random.random() < NOBODY_COMES:
            self.life.later(self._at(at, 60, 110), self.take_late)
            return
        self.take_late(at)

    def take_late(self, at: datetime) -> None:
        handler, random = self._handler(at), self.life.random
        work.claim_case(handler, self.case_id, at, start=random.random() < 0.7)
        if random.random() < 0.04:
            work.request_extension(handler, self.case_id, at, reason=random.choice(words.MORE_TIME), extra=2)
            self.life.later(self._at(at, 0.5, 6), self.grant_time)
        if random.random() < 0.015:
            review = local_day(at) + timedelta(days=random.randint(20, 60))
            work.request_suspension(handler, self.case_id, at, reason="需列入老旧小区改造计划", review_on=review)
            self.life.later(self._at(at, 1, 8), self.suspend)
            return
        long = 40 if random.random() < 0.15 else 0
        self.life.later(self._at(at, 0.4, 26 + long), lambda then: self.answer(then, handler))

    def grant_time(self, at: datetime) -> None:
        self._decide(at, petitions.decide_petition, kind="extension", grant=True)

    def suspend(self, at: datetime) -> None:
        self._decide(at, petitions.decide_petition, kind="suspension", grant=True, reason="同意挂账")

    def answer(self, at: datetime, handler: Actor) -> None:
        random = self.life.random
        text = random.choice(words.ANSWERS[self.category.split(".")[0]])
        after = [draw(self.category, random, mended=True)] if random.random() < PHOTO_SHARE * 0.7 else []
        case = work.answer_case(handler, self.case_id, at, text=text, after=after, explained=random.random() < 0.04)
        if case.state == "answered":
            self.life.later(self._at(at, 0.5, 8), self.verify)
        else:
            self.life.later(self._at(at, 0.3, 50), self.resident_says)

    def verify(self, at: datetime) -> None:
        if self.life.random.random() < 0.06:
            self._decide(at, desk.send_back, reason="现场看过，还没有处理干净")
            return
        self._decide(at, desk.verify_answer)
        self.life.later(self._at(at, 0.3, 50), self.resident_says)

    def resident_says(self, at: datetime) -> None:
        random = self.life.random
        if random.random() < 0.17:
            return  # says nothing: is reminded, then closed as unanswered
        if random.random() < 0.09 and self.rounds < 3:
            self.rounds += 1
            resident.say_not_solved(self.reporter, self.case_id, at, reason=random.choice(words.UNSOLVED),
                                    rating=random.choice((1, 2, 2, None)))  # fmt: skip
            self.life.later(self._at(at, 0.5, 6), self.dispatch_again)
            return
        rating = random.choices((5, 4, 3, 2, None), (46, 30, 8, 2, 14))[0]
        resident.confirm_solved(self.reporter, self.case_id, at, rating=rating, text=random.choice(words.THANKS))
        if self.category.split(".")[0] in _PROPERTY | {"road", "parking", "illegal", "other"} and random.random() < 0.3:
            self.life.later(self._at(at, 0.1, 2), self.publish)

    def publish(self, at: datetime) -> None:
        publish.publish_case(self._desk(at), self.case_id, at, public=True)

    def dispatch_again(self, at: datetime) -> None:
        lead = self.lead or (self._company().id if self._company() else None)
        if self.category in _UTILITY:
            lead = self.life.offices.organisations[_UTILITY[self.category]].id
        if self.category.startswith("care"):
            desk.dispatch_case(self._desk(at), self.case_id, at, pool=True)
        else:
            self.lead = lead or self.life.offices.organisations["住建"].id
            desk.dispatch_case(self._desk(at), self.case_id, at, lead=self.lead)
        self.life.later(self._at(at, 0.3, 6), self.take_late)


_PROPERTY = frozenset({"lighting", "drain", "waste", "lift", "building", "green", "water", "fire"})
_BY_DESK = frozenset({
    "lighting.street", "parking.lock", "parking.blocked", "illegal", "road", "fire.charging", "noise",
})  # fmt: skip
_TO = {"parking": "城管", "illegal": "城管", "road": "住建", "fire": "消防", "noise": "公安", "lighting": "城管",
       "drain": "住建", "waste": "城管", "lift": "市监", "building": "住建", "green": "城管", "water": "水务"}  # fmt: skip
_UTILITY = {"water.supply": "水务", "water.power": "供电", "water.gas": "燃气"}
