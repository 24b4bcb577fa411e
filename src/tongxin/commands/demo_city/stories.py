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
from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.times import local_day
from tongxin.people.operations.family import link_before_worker
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.living import heads_of_households
from tongxin.people.queries.signin import account_of

ESTATE = "钢砂厂小区"
HOMES = {"zhang": (ESTATE, 5), "zhang_li": (ESTATE, 9), "chen": ("东苑小区", 3), "liu": (ESTATE, 7)}


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
    o.person("liu", "刘桂兰", old.area, age=81, female=True, phone=False)
    o.person("visitor", "新来的小赵", old.area, age=26)
    for key, (estate, place) in HOMES.items():
        live_at(o, key, homes[estate][place][0])
    grid_worker = actor_for(account_of(o.accounts["grid:0:0"]), True, o.at)
    link_before_worker(grid_worker, o.people["zhang_li"].id, o.people["liu"].id, now=o.at)


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
        self.at(100, lambda at: desk.dispatch_case(self.actor("secretary:0"), case, at, lead=bodies["城管"].id,
                                                   co_handlers=helpers, whistle=True))  # fmt: skip
        self.at(98, lambda at: work.claim_case(self.actor("城管_officer"), case, at, start=True))
        text = "现场核查，通道净宽不足，已下达整改通知。"
        self.at(70, lambda at: work.answer_sub_task(self.actor("消防_officer"), case, at, text=text,
                                                    organisation=bodies["消防"].id))  # fmt: skip

    def street_lamps(self, now: datetime) -> None:
        """Story 1: the same complaint from five estates, ready to be gathered."""
        places = ("5、6号楼附近", "大门口", "3号楼前", "北边小路", "幼儿园旁")
        estates = ("东苑小区", "西苑小区", "富强小区", "永光新村", ESTATE)
        for place, (estate, where) in enumerate(zip(estates, places, strict=True)):
            area = self.old.estates[estate]
            head = heads_of_households(area.id, local_day(now), 9)[place]
            reporter = Actor(id=head.person_id, person_id=head.person_id, name=head.name, trust=Trust.OWNER,
                             home_paths=(area.path,))  # fmt: skip
            text = f"{estate}{where}没有路灯，晚上一片黑"
            submit_case(reporter, Report(text=text, category="lighting.street", area_id=area.id), now)
            self.life.done["submitted"] += 1

    def commode_chair(self, now: datetime) -> None:
        """Story 15: an order that waits in the pool for somebody near."""
        self.report("zhang_li", now, "母亲97岁卧床，想借一把坐便椅，最好能有人送上门", "care.elder")

    def helped_elder(self, now: datetime) -> None:
        """Story 24: the grid worker reports for somebody without a phone."""
        text = "家里水管漏水，老人81岁没有手机，请师傅先联系网格员"
        elder = self.life.offices.people["liu"].id
        self.report("grid:0:0", now, text, "water.leak", home="liu", for_person=elder, channel="grid")


def put_on_the_agenda(life: Life) -> None:
    """What happened in the last days, and is not over yet."""
    old = life.communities[0]
    stage = Stage(life, old, homes_of(old))
    stage.at(22, stage.stair_light)
    stage.at(101, stage.parking_locks)
    stage.at(30, stage.street_lamps)
    stage.at(5, stage.commode_chair)
    stage.at(3, stage.helped_elder)


def cast(o: Offices) -> list[dict[str, str]]:
    """Whom a visitor can be, and what to try as them."""
    company = next(name for name in ("国瑞物业",) if f"worker:{name}:0" in o.accounts)
    rows = (
        ("zhang", "居民", "钢砂厂小区业主", "楼道灯修好了，等您说一句；再反映一件新的事"),
        ("zhang_li", "居民", "替母亲办事（亲情账号）", "看坐便椅有没有人接单；替刘桂兰反映"),
        ("chen", "居民", "东苑小区业主", "地锁的事三家在办；催一催"),
        ("desk:0", "王湾社区", "社区工作者", "五个小区没有路灯：并成共性问题；派单、审延期"),
        ("secretary:0", "王湾社区", "书记", "看逾期，督办，任职"),
        ("grid:0:0", "王湾社区", "网格员（第1网格）", "替没有手机的老人反映，上门核实住户"),
        ("building_head", "王湾社区", "3号楼楼栋长", "替邻居反映"),
        ("volunteer:0:0", "王湾社区", "志愿者", "抢单池里有一把坐便椅"),
        ("volunteer:0:1", "王湾社区", "下沉党员", "看附近能做的事"),
        (f"worker:{company}:0", "物业和部门", f"{company}维修工", "手机上接单、拍照、答复"),
        (f"manager:{company}", "物业和部门", f"{company}项目经理", "派给没有账号的工人，申请延期"),
        ("城管_officer", "物业和部门", "区城管执法局", "牵头拆地锁，已逾期"),
        ("street_officer:420303002", "街道、区、市", "红卫街道", "看升级上来的事，吹哨"),
        ("county_officer", "街道、区、市", "张湾区综治中心", "全区的事，督办"),
        ("city_officer", "街道、区、市", "十堰市社会治理中心", "全市的事"),
        ("desk:1", "街道、区、市", "张湾社区（另一个社区）", "看不到王湾的事"),
        ("纪委_officer", "监督和管理", "张湾区纪委监委", "只看，不改"),
        ("system_admin", "监督和管理", "系统管理员", "设置"),
        ("security_admin", "监督和管理", "安全管理员", "会话与锁定"),
        ("audit_admin", "监督和管理", "审计管理员", "查阅记录"),
    )
    return [
        {"account_id": str(o.accounts[key]), "role": role, "title": title, "what_to_try": what}
        for key, role, title, what in rows
        if key in o.accounts
    ]
