"""Tickets that the city's hotline sent to a street: some answered, most in hand, two with a deadline moved since."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tongxin.cases.operations import desk
from tongxin.cases.queries.outward import standing
from tongxin.commands.demo_city.places import Community
from tongxin.commands.demo_city.stories import Stage
from tongxin.hotline import operations, queries, rules
from tongxin.journeys.hotline import file_new, look_for_answers
from tongxin.kernel.times import SHANGHAI

SLUG, OFFICER = "sy12345", "street_officer:420303002"
SAID = (
    ("市政设施", "门口的井盖松了，车一压就响，怕有人踩空"),
    ("噪声扰民", "楼下棋牌室打到半夜，老人睡不着"),
    ("环境卫生", "垃圾桶三天没人清，味道很大"),
    ("供水供电", "晚上水压低，六楼上不来水"),
    ("停车管理", "消防通道停满了车，说了几次没人管"),
    ("物业管理", "电梯里的灯坏了半个月"),
)
CALLERS = ("罗先生", "马女士", "邓先生", "冯女士", "余先生", "范女士")
ANSWERED, CHANGED = 6, 2


def put_tickets_on_the_agenda(stage: Stage, old: Community) -> None:
    """A sheet two days ago, answers of the desk a day later, and what the hotline changed this morning."""
    names = sorted(old.estates)[:3]
    rows = [(place, f"{name}{place + 1}号楼附近", *said) for place, name in enumerate(names) for said in SAID]
    stage.at(50, partial(_sheet, stage, old, rows))
    stage.at(26, partial(_answer, stage))
    stage.at(5, partial(_change, stage, rows[-CHANGED:]))


Row = tuple[int, str, str, str]


def _taken(stage: Stage, rows: list[Row], first: int, hours: int, now: datetime) -> None:
    incoming = []
    for nth, (_, address, kind, text) in enumerate(rows, first):
        until = (now + timedelta(hours=hours)).astimezone(SHANGHAI)
        raw = {
            "工单编号": f"SY{nth:04}", "来电人": CALLERS[nth % len(CALLERS)], "联系电话": f"1380000{nth:04}",
            "事发地址": address, "诉求内容": text, "诉求类型": kind, "办理时限": f"{until:%Y-%m-%d}",
            "是否保密": "是" if nth % 5 == 0 else "否",
        }  # fmt: skip
        by_heading = {rules.FIELDS[key][0]: key for key in rules.FIELDS}
        fields, _wrong = rules.fitted({by_heading[name]: cell for name, cell in raw.items()})
        incoming.append(operations.Incoming(fields, raw))
    operations.take_in(stage.actor(OFFICER), queries.source_of(SLUG), incoming, now)


def _sheet(stage: Stage, old: Community, rows: list[Row], now: datetime) -> None:
    street = old.area.parent_id
    if street is None:
        raise LookupError("a community lies in a street")
    operations.save_source(
        stage.actor(OFFICER), None, name="十堰12345", slug=SLUG, area_id=street, columns={}, categories={}, now=now
    )
    _taken(stage, rows, 1, 120, now)
    file_new(now, lambda text: "")


def _answer(stage: Stage, now: datetime) -> None:
    lines, _more = queries.tickets(stage.actor(OFFICER))
    for line in lines[:ANSWERED]:
        case_id = queries.ticket_page(stage.actor(OFFICER), line.id).case_id
        if case_id is not None and standing(case_id)[1] == "submitted":
            desk.answer_directly(stage.actor("desk:0"), case_id, now, text="已到现场处理好，谢谢您的反映。")
    look_for_answers(now)


def _change(stage: Stage, rows: list[Row], now: datetime) -> None:
    _taken(stage, rows, len(SAID) * 3 - CHANGED + 1, 240, now)
