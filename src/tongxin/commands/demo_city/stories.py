"""The stories in mid-flight: whoever a visitor is, something waits for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.commands.demo_city.history import Life
from tongxin.commands.demo_city.offices import Offices, live_at
from tongxin.commands.demo_city.photos import draw
from tongxin.commands.demo_city.places import Community, homes_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.times import local_day
from tongxin.people.operations.accounts import open_account
from tongxin.people.operations.family import link_before_worker
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.living import heads_of_households
from tongxin.people.queries.signin import account_of

ESTATE = "钢砂厂小区"
HOMES = {
    "zhang": (ESTATE, 5), "zhang_li": (ESTATE, 9), "chen": ("东苑小区", 3), "liu": (ESTATE, 7), "member:0": (ESTATE, 13),
    "member:1": (ESTATE, 15), "tenant": (ESTATE, 11), "buyer": (ESTATE, 17),
}  # fmt: skip
LIVING = 7
"""How many of the cast live in those homes: so many fewer are invented, for the community has its real number."""
LAMPS = (
    ("东苑小区", "5、6号楼附近"), ("西苑小区", "大门口"), ("富强小区", "3号楼前"), ("永光新村", "北边小路"),
    (ESTATE, "幼儿园旁"),
)  # fmt: skip


def homes_of_the_cast(communities: list[Community]) -> set[UUID]:
    """Homes kept free for the people of the stories."""
    homes = homes_of(communities[0])
    return {homes[estate][place][0] for estate, place in HOMES.values()}


def house_the_cast(o: Offices, communities: list[Community]) -> None:
    """The residents of the stories and their homes."""
    old = communities[0]
    homes = homes_of(old)
    o.person("zhang", "张秀英", old.area, age=66, female=True)
    o.person("zhang_li", "张丽", old.area, age=38, female=True)
    o.person("chen", "陈建国", old.area, age=72)
    o.person("mother", "王玉兰", old.area, age=97, female=True, phone=False)
    o.person("liu", "刘桂兰", old.area, age=81, female=True, phone=False)
    for key in ("zhang", "zhang_li", "chen", "liu"):
        estate, place = HOMES[key]
        live_at(o, key, homes[estate][place][0], with_=("mother",) if key == "zhang_li" else ())
    grid_worker = actor_for(account_of(o.accounts["grid:0:0"]), True, o.at)
    link_before_worker(grid_worker, o.people["zhang_li"].id, o.people["mother"].id, now=o.at)
    for place, (estate, _where) in enumerate(LAMPS):
        head = heads_of_households(old.estates[estate].id, local_day(o.at), 9)[place]
        o.accounts[f"lamp:{place}"] = open_account(head.person_id, now=o.at)


@dataclass(slots=True)
class Stage:
    """The stories, told from the end of the demo's history backwards."""

    life: Life
    old: Community
    homes: dict[str, list[tuple[UUID, Any, Any]]]

    def at(self, hours: float, step: Callable[[datetime], object]) -> None:
        """Put a step on the agenda, so many hours before now."""
        self.life.later(self.life.end - timedelta(hours=hours), step)

    def actor(self, key: str) -> Actor:
        return self.life.actor(key, self.life.end)

    def company(self, estate: str) -> Any:
        """The property company of an estate."""
        return self.life.offices.company_of[self.old.estates[estate].id]

    def report(self, key: str, now: datetime, text: str, category: str, **more: Any) -> UUID:
        """Somebody of the cast reports at their home."""
        estate, place = HOMES[more.pop("home", key)]
        _, unit, building = self.homes[estate][place]
        made = Report(text=text, category=category, area_id=self.old.estates[estate].id, building_id=building.id,
                      unit_id=unit.id, **more)  # fmt: skip
        self.life.done["submitted"] += 1
        return submit_case(self.actor(key), made, now).id

    def stair_light(self, now: datetime) -> None:
        """Story 2: answered this morning, it waits for 张秀英's word."""
        photo = draw("lighting", self.life.random)
        case = self.report("zhang", now, "楼道灯不亮，晚上上下楼看不见", "lighting.stairs", photos=[photo])
        keys = self.life.offices.handlers[self.company(ESTATE).id]
        worker = self.actor(next(key for key in keys if key.startswith("worker")))
        self.at(20, lambda at: work.claim_case(worker, case, at, start=True, text="接单，今天备件，明天上门。"))
        mended = draw("lighting", self.life.random, mended=True)
        text = "换了声控灯头，线路重新接好，三层一起查过。"
        self.at(2, lambda at: work.answer_case(worker, case, at, text=text, after=[mended]))

    def parking_locks(self, now: datetime) -> None:
        """Story 3: three bodies together, the lead is late."""
        photo, bodies = draw("parking", self.life.random), self.life.offices.organisations
        case = self.report("chen", now, "小区北门底商私装地锁，消防车进不来", "parking.lock", photos=[photo])
        helpers = [(self.company("东苑小区").id, "通知商户，到场配合"), (bodies["消防"].id, "核查消防通道")]
        street = f"street_officer:{self.old.plan.code[:9]}"
        self.at(100, lambda at: desk.dispatch_case(self.actor(street), case, at, lead=bodies["城管"].id,
                                                   co_handlers=helpers, whistle=True))  # fmt: skip
        self.at(98, lambda at: work.claim_case(self.actor("城管_officer"), case, at, start=True))
        text = "现场核查，通道净宽不足，已下达整改通知。"
        self.at(70, lambda at: work.answer_sub_task(self.actor("消防_officer"), case, at, text=text,
                                                    organisation=bodies["消防"].id))  # fmt: skip

    def street_lamps(self, now: datetime) -> None:
        """Story 1: the same complaint from five estates, ready to be gathered."""
        for place, (estate, where) in enumerate(LAMPS):
            area = self.old.estates[estate]
            text = f"{estate}{where}没有路灯，晚上一片黑"
            submit_case(
                self.actor(f"lamp:{place}"), Report(text=text, category="lighting.street", area_id=area.id), now
            )
            self.life.done["submitted"] += 1

    def commode_chair(self, now: datetime) -> None:
        """Story 15: an order that waits in the pool for somebody near."""
        mother = self.life.offices.people["mother"].id
        text = "母亲97岁卧床，想借一把坐便椅，最好能有人送上门"
        self.report("zhang_li", now, text, "care.elder", for_person=mother)

    def helped_elder(self, now: datetime) -> None:
        """Story 24: the grid worker reports for somebody without a phone."""
        text = "家里水管漏水，老人81岁没有手机，请师傅先联系网格员"
        elder = self.life.offices.people["liu"].id
        self.report("grid:0:0", now, text, "water.leak", home="liu", for_person=elder, channel="grid")


def stage_of(life: Life) -> Stage:
    """The stories in the old community."""
    old = life.communities[0]
    return Stage(life, old, homes_of(old))


def put_on_the_agenda(life: Life) -> None:
    """What happened in the last days, and is not over yet."""
    stage = stage_of(life)
    stage.at(22, stage.stair_light)
    stage.at(101, stage.parking_locks)
    stage.at(3, stage.street_lamps)  # before the clock raises them: the community decides
    stage.at(5, stage.commode_chair)
    stage.at(3, stage.helped_elder)
