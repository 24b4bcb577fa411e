"""What waits for each of the people whom a visitor can be: requests at the door, petitions, orders not yet taken."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.commands.demo_city.offices import Offices, live_at
from tongxin.commands.demo_city.places import Community
from tongxin.commands.demo_city.stories import ESTATE, HOMES, Stage
from tongxin.journeys.knowing import ask_before_worker, ask_to_be_known, report_in_as_member
from tongxin.kernel.times import local_day

OUR_COMPANY = "国瑞物业"


def house_those_who_ask(o: Offices, old: Community, homes: dict[str, list[tuple[UUID, Any, Any]]]) -> None:
    """Who is new and asks to be known, who reports in, and who sits in the estate's own bodies."""
    o.person("visitor", "新来的小赵", old.area, age=26)
    o.person("tenant", "孙小梅", old.area, age=29, female=True)
    o.person("buyer", "方明", old.area, age=41)
    o.person("member:0", "程志远", old.area, age=46)
    o.person("member:1", "梅芳", old.area, age=35, female=True)
    for key in ("member:0", "member:1"):
        estate, place = HOMES[key]
        live_at(o, key, homes[estate][place][0])
    bodies, estate_area = o.organisations, old.estates[ESTATE]
    o.person("branch", "罗建华", old.area, age=58, party=True)
    o.office("branch", "branch_secretary", bodies["party:0"], old.area, title="党支部书记", username="branch0")
    o.organisation("owners:0", "owners_committee", f"{ESTATE}业主委员会", estate_area, short="业委会")
    o.person("committee", "汪海涛", old.area, age=51)
    o.office("committee", "committee_member", bodies["owners:0"], estate_area, title="业委会主任", username="owners0")
    o.person("police", "杜刚", old.area, age=37)
    o.office("police", "police_officer", bodies["公安"], old.area, title="社区民警", username="police0")


def put_what_waits_on_the_agenda(stage: Stage) -> None:
    """In the last day and a half, so that nobody has had the time to deal with it."""
    stage.at(26, partial(_at_the_door, stage))
    stage.at(25, partial(_members_report_in, stage))
    # Four working hours decide on an objection: it is made so late that they cannot be over, whatever the time of day.
    stage.at(4, partial(_petitions, stage))
    stage.at(1, partial(_orders, stage))


def _at_the_door(stage: Stage, now: datetime) -> None:
    """Two who say where they live, and a daughter-in-law whose elder's consent the grid worker takes."""
    homes = stage.homes
    rent, bought, elder = (homes[HOMES[key][0]][HOMES[key][1]][0] for key in ("tenant", "buyer", "liu"))
    ask_to_be_known(stage.actor("tenant"), "resident", rent, name="孙小梅", now=now)
    ask_to_be_known(stage.actor("buyer"), "owner", bought, name="方明", now=now)
    ask_before_worker(stage.actor("zhang_li"), parent_name="刘桂兰", home_id=elder, now=now)


def _members_report_in(stage: Stage, now: datetime) -> None:
    """双报到: two members whom the branch has not received yet."""
    unit, skills = "东风商用车车架厂党支部", "电工，周末可以上门"
    report_in_as_member(stage.actor("member:0"), stage.old.area.id, home_unit=unit, skills=skills, now=now)
    unit, skills = "十堰市第二医院党支部", "护士，可以量血压"
    report_in_as_member(stage.actor("member:1"), stage.old.area.id, home_unit=unit, skills=skills, now=now)


def _petitions(stage: Stage, now: datetime) -> None:
    """One of each kind for the desk to decide."""
    later, bodies = timedelta(minutes=20), stage.life.offices.organisations
    worker, desk_worker = stage.actor(_worker_of(stage)), stage.actor("desk:0")
    drain = stage.report("zhang", now, "地下室管道返水，味道很大", "drain")
    work.claim_case(worker, drain, now + later, start=True)
    work.request_extension(worker, drain, now + 2 * later, reason="泵要从武汉调，明天才到", extra=2)
    roof = stage.report("zhang_li", now, "顶楼屋面漏水，雨天要拿盆接", "building")
    work.claim_case(worker, roof, now + later, start=True)
    review = local_day(now) + timedelta(days=60)
    work.request_suspension(worker, roof, now + 2 * later, reason="需动用维修资金，等业主表决", review_on=review)
    road = stage.report("chen", now, "小区门口路面塌了一块", "road")
    desk.dispatch_case(desk_worker, road, now + later, lead=bodies["住建"].id)
    objector = stage.actor("住建_officer")
    work.object_to_dispatch(objector, road, now + 2 * later, reason="这段路已移交小区，不是市政道路")


def _worker_of(stage: Stage) -> str:
    keys = stage.life.offices.handlers[stage.company(ESTATE).id]
    return next(key for key in keys if key.startswith("worker"))


def _orders(stage: Stage, now: datetime) -> None:
    """What was given to somebody and is not taken yet."""
    soon, bodies, desk_worker = now + timedelta(minutes=15), stage.life.offices.organisations, stage.actor("desk:0")
    grill = stage.report("zhang", now, "楼下烧烤摊夜里两点还在吵", "noise")
    desk.dispatch_case(desk_worker, grill, soon, lead=bodies["公安"].id)
    gate = stage.report("zhang_li", now, "大门想装人脸识别，业委会什么意见", "property")
    desk.dispatch_case(desk_worker, gate, soon, lead=bodies["owners:0"].id)
    served = next(estate for estate, company in stage.life.offices.company_of.items()
                  if company.id == bodies[OUR_COMPANY].id)  # fmt: skip
    area = next(area for area in stage.old.estates.values() if area.id == served)
    text = f"{area.name}2号楼电梯停了，老人上不去楼"
    submit_case(stage.actor("chen"), Report(text=text, category="lift", area_id=area.id), now)
    stage.life.done["submitted"] += 1
