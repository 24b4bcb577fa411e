"""What the desk announced of late: with read counts, one that was corrected, and some who have to be told at the door."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from tongxin.announcements import operations
from tongxin.announcements.rules import Draft
from tongxin.commands.demo_city.stories import ESTATE, Stage

WATER = Draft(
    "停水通知",
    "因更换二次供水泵，明天8点到12点停水，请各家提前存水。来水后请先放一会儿再用。",
    channels=("sms",),
)
HEALTH = Draft("65岁以上老人免费体检", "本周五上午在社区卫生服务站，请空腹，带身份证。", traits=("elder:65",))
FIRE = Draft("楼道飞线充电隐患提醒", "请勿把电动车推上楼充电。车棚充电桩已经修好。", kind="reminder")


def put_announcements_on_the_agenda(stage: Stage) -> None:
    """Of the last days, in one estate, so that they stay short."""
    for hours, draft in ((100, HEALTH), (52, FIRE), (27, WATER)):
        stage.at(hours, partial(_announce, stage, draft))


def _announce(stage: Stage, draft: Draft, now: datetime) -> None:
    desk = stage.actor("desk:0")
    row = operations.write_announcement(desk, stage.old.estates[ESTATE].id, draft, now=now)
    operations.send_announcement(desk, row.pk, now=now)
    while operations.advance(now):
        pass
    while operations.send_messages(now + timedelta(hours=12)):
        pass
