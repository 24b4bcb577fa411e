"""Two deputies of the demo city, what residents told them, and three suggestions: answered and judged, being dealt with,
just filed."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tongxin.cases.operations import desk, work
from tongxin.commands.demo_city.offices import Offices
from tongxin.commands.demo_city.places import Community
from tongxin.commands.demo_city.stories import Stage
from tongxin.deputies import queries
from tongxin.deputies.operations import note_opinion
from tongxin.journeys import deputies
from tongxin.places.queries import lineage

OPINIONS = (
    ("deputy:0", "zhang", "七路公交只到桥头，老人去医院要走两里地"),
    ("deputy:0", "chen", "七路车能不能进小区"),
    ("deputy:0", "", "站牌那里没有座椅，下雨没处躲"),
    ("deputy:0", "", "学校门口早上堵得厉害，要有人管一管"),
    ("deputy:0", "zhang_li", "放学的时候能不能临时停半小时车"),
    ("deputy:0", "", "斑马线看不清了"),
    ("deputy:0", "", "老厂区的围墙快倒了"),
    ("deputy:1", "chen", "社区医院拿不到降压药，要跑大医院"),
    ("deputy:1", "", "慢性病的药一次只能开一周"),
    ("deputy:1", "zhang", "希望小区里能有老年食堂"),
    ("deputy:1", "zhang_li", "家里有卧床老人，想有人上门护理"),
    ("deputy:1", "", "体育馆晚上能不能开到九点"),
)
SUGGESTIONS = (
    ("deputy:0", 0, 3, "七路公交延伸到红卫", "road", 18 * 24, "交通"),
    ("deputy:1", 7, 9, "慢性病用药在社区医院配齐", "other", 12 * 24, "卫健"),
    ("deputy:0", 3, 6, "学校门口早晚高峰管一管", "road", 4 * 24, ""),
)
"""Whose, which opinions, title, category, filed how many hours ago, who has it."""


def seat_the_deputies(o: Offices, old: Community) -> None:
    """A deputy of the congress and a member of the consultative conference, both of the street."""
    street = lineage(old.area.path)[-2]
    body = o.organisation("deputies", "other", f"{street.name}代表委员联络站", street, phone="0719-8660110")
    for key, name, title in (("deputy:0", "王立新", "张湾区人大代表"), ("deputy:1", "李清", "张湾区政协委员")):
        o.person(key, name, old.area, age=50, female=key.endswith("1"))
        o.office(key, "deputy", body, street, title=title, username=key.replace(":", ""))


def put_suggestions_on_the_agenda(stage: Stage) -> None:
    """Opinions, then suggestions out of them, then what became of each."""
    ids: list[Any] = [None] * len(OPINIONS)
    for place in range(len(OPINIONS)):
        earliest = next((hours for _, first, end, _, _, hours, _ in SUGGESTIONS if first <= place < end), 60)
        stage.at(earliest + 26 - place, partial(_hear, stage, place, ids))
    for suggestion in SUGGESTIONS:
        stage.at(suggestion[5], partial(_file, stage, suggestion, ids))


def _hear(stage: Stage, place: int, ids: list[Any], now: datetime) -> None:
    key, who, text = OPINIONS[place]
    seat = queries.seats_of(stage.actor(key), now)[0].id
    if who:
        deputies.tell_my_deputy(stage.actor(who), seat, text=text, named=place % 2 == 0, now=now)
        ids[place] = queries.opinions(stage.actor(key), now)[0][0].id
    else:
        row = note_opinion(stage.actor(key), seat, text=text, way="meeting", said_by="", now=now)
        ids[place] = row.pk


def _file(stage: Stage, suggestion: tuple[str, int, int, str, str, float, str], ids: list[Any], now: datetime) -> None:
    key, first, end, title, category, _hours, body = suggestion
    deputy, street = stage.actor(key), stage.actor("street_officer:420303002")
    seat = queries.seats_of(deputy, now)[0].id
    text = "；".join(text for _, _, text in OPINIONS[first:end])
    number = deputies.file_suggestion(
        deputy, seat, opinions=ids[first:end], title=title, text=f"建议{title}。群众反映：{text}。", category=category,
        now=now,
    )  # fmt: skip
    if not body:
        return
    case = queries.suggestion(number).case_id
    lead = stage.life.offices.organisations[body]
    later = now + timedelta(hours=3)
    stage.life.later(later, lambda at: desk.dispatch_case(street, case, at, lead=lead.id))
    worker = stage.actor(f"{body}_officer")
    stage.life.later(later + timedelta(hours=2), lambda at: work.claim_case(worker, case, at, start=True))
    if body == "交通":
        answer = "已与公交公司商定，下月一日起七路车延伸到红卫，站牌加装座椅。"
        done = later + timedelta(days=8)
        stage.life.later(done, lambda at: work.answer_case(worker, case, at, text=answer))
        stage.life.later(done + timedelta(hours=4), lambda at: desk.verify_answer(street, case, at))
        judged = partial(deputies.judge, deputy, number, grade="basically", reason="座椅请一并落实")
        stage.life.later(done + timedelta(days=1), lambda at: judged(now=at))
