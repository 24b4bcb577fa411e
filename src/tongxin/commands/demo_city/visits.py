"""户户走到 in the demo city: ninety households among five visitors, two weeks of visits, and a father whom the school helps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from tongxin.cases.operations import desk, work
from tongxin.commands.demo_city.offices import Offices
from tongxin.commands.demo_city.places import Community
from tongxin.commands.demo_city.stories import ESTATE, Stage
from tongxin.journeys.visiting import FoundHere, make_visit, outcomes
from tongxin.kernel.ids import uuid7
from tongxin.visits.operations import Filled, share_out
from tongxin.visits.queries.rounds import Round, households_of, my_visits, visit

VISITORS: Final = ("grid:0:0", "grid:0:1", "desk:0", "volunteer:0:1", "volunteer:0:2")
HOUSEHOLDS, VISITED = 90, 60
DAYS = 19
TALKS: Final = (
    "老两口身体还好，儿子在东莞，周末视频", "刚做完白内障手术，恢复得不错", "问高龄津贴什么时候到账，已告诉每月 20 日前",
    "家里收拾得干净，说楼道比以前亮了", "在车架厂上夜班，白天补觉，约好下次晚上来",
)  # fmt: skip
FOUND: Final = (("厨房下水慢，疏通过又堵", "drain.blocked"), ("楼道扶手松了，老人不敢扶", "building.wall"),
                ("想请人教用手机交水费", "care.errand"), ("楼上早上七点就装修", "noise"))  # fmt: skip
FEES = "两个孩子上学，学费交不起，夫妻俩打零工"
AFTER_SCHOOL = "孩子放学没人接，想上学校的延时班"


def found_a_school(o: Offices, old: Community) -> None:
    """东风小学 and its head: a body like any other, to which matters go."""
    o.organisation("school", "school", "十堰市东风小学", old.area, short="东风小学", phone="0719-8245110")
    o.person("principal", "许静", old.area, age=49, female=True)
    o.office("principal", "handler", o.organisations["school"], old.area, title="校长", username="principal")


def put_visits_on_the_agenda(stage: Stage) -> None:
    """From the day on which the households are shared out to this morning."""
    stage.at(24 * DAYS, partial(_share_out, stage))
    for number in range(VISITED):
        stage.at(24 * (DAYS - 1) - number * 7, partial(_visit, stage, number))
    stage.at(7, partial(_at_the_fathers, stage))
    stage.at(4, partial(_waits_for_the_school, stage))


def _share_out(stage: Stage, now: datetime) -> None:
    rows = households_of("area", stage.old.estates[ESTATE].id, now)[:HOUSEHOLDS]
    visitors = [stage.life.offices.people[key].id for key in VISITORS]
    share_out(stage.actor("desk:0"), [row.id for row in rows], visitors, now)


def _homes(stage: Stage, key: str, now: datetime) -> list[Round]:
    """The visitor's households in which somebody lives, those due first."""
    return [row for row in my_visits(stage.actor(key), now)[0] if row.members]


def _visit(stage: Stage, number: int, now: datetime) -> None:
    key, random = VISITORS[number % len(VISITORS)], stage.life.random
    homes = _homes(stage, key, now)
    waiting = [row for row in homes if row.last_met_on is None and not row.tries]
    if len(waiting) <= len(homes) // 3:  # whoever is left over is missed
        return
    row = waiting[0]
    outcome = "met" if random.random() < 0.75 else random.choice(("nobody", "nobody", "declined"))
    found: Sequence[FoundHere] = ()
    if outcome == "met" and number % 12 == 5:
        text, category = FOUND[number // 12 % len(FOUND)]
        found = [FoundHere(text, category, row.members[0].person_id)]
        stage.life.done["submitted"] += 1
    text = random.choice(TALKS) if outcome == "met" else ""
    filled = Filled(uuid7(now), row.id, outcome, text, consent=bool(found))
    make_visit(stage.actor(key), filled, found, now)


def _found(stage: Stage, key: str, text: str, now: datetime, *, same_day: bool) -> None:
    """A visit whose matter goes to the school at once."""
    row, soon = _homes(stage, key, now)[0], now + timedelta(minutes=20)
    filled = Filled(uuid7(now), row.id, "met", "家里的事说了半天", consent=True, same_day=same_day)
    made = make_visit(stage.actor(key), filled, [FoundHere(text, "policy", row.members[0].person_id, "东风小学")], now)
    stage.life.done["submitted"] += 1
    (one,) = outcomes(stage.actor(key), visit(stage.actor(key), made, now), now)
    school, principal = stage.life.offices.organisations["school"], stage.actor("principal")
    desk.accept_case(stage.actor("desk:0"), one.matter.case_id, soon)
    desk.dispatch_case(stage.actor("desk:0"), one.matter.case_id, soon, lead=school.id)
    work.claim_case(principal, one.matter.case_id, soon + timedelta(minutes=10), start=True)
    if same_day:
        text = "今天开会定了：免学费，发助学金，给您安排食堂勤工岗位。"
        stage.at(2, lambda at: work.answer_case(principal, one.matter.case_id, at, text=text))


def _at_the_fathers(stage: Stage, now: datetime) -> None:
    """Story 4: answered the same day, it waits for the father's word on the report form."""
    _found(stage, "grid:0:0", FEES, now, same_day=True)


def _waits_for_the_school(stage: Stage, now: datetime) -> None:
    _found(stage, "grid:0:0", AFTER_SCHOOL, now, same_day=False)
