"""A sheet of 12345 becomes matters; one is answered; its deadline moves; the answer goes back as a sheet and by call."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from playwright.sync_api import FilePayload

from tests.browser.play import Play
from tongxin.hotline.tests.stand_in import hotline

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
HEADINGS = (
    "工单编号",
    "来电人",
    "联系电话",
    "来电时间",
    "事发地址",
    "诉求内容",
    "诉求类型",
    "办理时限",
    "是否保密",
    "受理员",
)
LAMP = (
    "SY001",
    "罗大爷",
    "13907190088",
    "2026-11-20 09:30",
    "张湾区国瑞中央花园",
    "国瑞门口的路灯灭了三天",
    "市政",
    "2031-01-10",
    "否",
    "8号",
)
NOISE = (
    "SY002",
    "马女士",
    "13907190089",
    "2026-11-20 10:00",
    "东苑小区",
    "东苑小区半夜有人打牌",
    "噪声",
    "2031-01-12",
    "是",
    "8号",
)
SECRET = "shared with 12345 alone"


def sheet(*rows: tuple[Any, ...]) -> FilePayload:
    book, data = Workbook(), io.BytesIO()
    for row in (HEADINGS, *rows):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(data)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return {"name": "12345导出.xlsx", "mimeType": kind, "buffer": data.getvalue()}


def taken_in(desk: Any, payload: FilePayload, button: str) -> Any:
    desk.open("/desk/hotline/")
    if not desk.page.get_by_label("热线导出的表格").is_visible():
        desk.opens("Take in a sheet")
    desk.page.get_by_label("热线导出的表格").set_input_files(payload)
    return desk.button(button)


def test_a_sheet_of_the_hotline_is_answered_without_typing_anything_twice(play: Play, axe: Callable[..., None]) -> None:
    with hotline(SECRET, timezone.now()) as city:
        zhao = play.desk("赵主任", "/desk/hotline/sources/")
        zhao.writes("Name", "十堰12345").writes("Short name in Latin letters", "sy12345").chooses(
            "For which area", "车城路"
        )
        zhao.writes("What its kinds are here", "市政 = lighting.street").writes("Where answers are sent", city.url)
        zhao.writes("Shared secret", SECRET)
        axe(zhao.page)
        zhao.picture("hotline-sources").button("Save").sees("sy12345", "signs its calls")

        taken_in(zhao, sheet(LAMP, (*NOISE[:7], "年底", "是", "8号")), "Take it in").sees("H3", "This is not a date.")
        taken_in(zhao, sheet(LAMP, NOISE), "Look through it only").sees("现在还没有接收", "No tickets here")
        taken_in(zhao, sheet(LAMP, NOISE), "Take it in").sees("已接收：新工单 2 张")
        play.worker_runs()
        zhao.open("/desk/hotline/").sees("SY001", "in hand", "WW-").picture("hotline-list")
        axe(zhao.page)

        wu = play.desk("吴敏", "/desk/?show=all")
        wu.chooses_matter(LAMP[5]).step("Accept").step("Dispatch").ticks("国瑞物业").button("Dispatch")
        taken_in(zhao, sheet((*LAMP[:7], "2031-02-20", "否", "8号")), "Take it in").sees("有变更 1 张")
        wu.open("/desk/hotline/?show=changed").link(LAMP[5], start=True).sees("2031-01-10", "2031-02-20", "139****0088")
        axe(wu.page)
        wu.picture("hotline-ticket").button("Adopt it for the matter").does_not_see("The hotline has changed it")

        li = play.staff("李师傅")
        li.link(LAMP[5]).button("Take it and begin").writes("What was done?", "换了灯头").button("Send the answer")
        play.worker_runs()
        assert city.taken and not city.wrong
        assert (city.taken[0]["number"], city.taken[0]["text"], city.taken[0]["unit"]) == (
            "SY001",
            "换了灯头",
            "国瑞物业",
        )

        wu.open("/desk/hotline/?show=answered").link(LAMP[5], start=True).sees("换了灯头", "sent").picture(
            "hotline-answered"
        )
        wu.open("/desk/hotline/").opens("Take the answers away as a sheet")
        with wu.page.expect_download() as download:
            wu.page.get_by_role("button", name="给十堰12345的答复").click()
        rows = list(load_workbook(io.BytesIO(download.value.path().read_bytes())).active.values)  # type: ignore[union-attr]
        back = dict(zip(rows[0], rows[1], strict=True))
        assert (back["工单编号"], back["受理员"], back["办理结果"]) == ("SY001", "8号", "换了灯头")
