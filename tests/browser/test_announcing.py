"""Story 24, what is announced: 吴敏 announces a water stop; it is read on a phone, held at night, told at the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.browser.conftest import PHONE
from tests.browser.play import Play, zh
from tongxin.announcements.operations import send_messages
from tongxin.announcements.rules import Quiet

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
WATER, TEXT = "停水通知", "明天8点到12点停水，请提前存水。"


def messages_of(play: Play) -> str:
    """The text messages that lie beside the screens of the demo."""
    page = play.screen(PHONE)
    page.goto(f"{play.url}/demo/#messages")
    return page.locator("#messages").inner_text()


def test_a_water_stop_reaches_the_phone_the_morning_and_the_door(play: Play, axe: Callable[..., None]) -> None:
    chen = play.resident("陈建国")
    wu = play.desk("吴敏", "/desk/announcements/")
    wu.sees("Nothing announced yet").link("Write one")
    wu.writes("Title", WATER).writes("Text", TEXT).chooses("Where", "西苑小区").ticks("text message")
    axe(wu.page)
    wu.picture("announce-write").button("Keep it, and see whom it reaches")
    wu.sees("Whom it would reach", "<5").picture("announce-preview")
    axe(wu.page)
    wu.button("Send it").sees("It goes out.")
    play.worker_runs()
    assert WATER not in messages_of(play)  # it gathers first, and not in the quiet hours
    send_messages(Quiet().over(play.now() + timedelta(hours=14)))
    play.worker_runs()
    assert WATER in messages_of(play)

    chen.open("/").sees(WATER).reads_notice(WATER).sees(TEXT)
    axe(chen.page)
    chen.picture("announce-read")

    address = re.search(r"/desk/announcements/[0-9a-f-]+/", wu.page.url)
    assert address
    wu.open(address[0]).sees("What became of it").picture("announce-sent")
    axe(wu.page)
    paper = wu.page.request.get(f"{play.url}{address[0]}paper.pdf?of=doors")
    assert paper.body().startswith(b"%PDF")

    # 刘桂兰 is 80 and has no phone: the grid worker tells her at her door, and that is on the record.
    wang = play.staff("王敏", "/").link("Whom announcements did not reach", start=True).link(WATER)
    wang.link("西苑小区", start=True).sees("刘桂兰", "80").picture("announce-door")
    axe(wang.page)
    wang.button(zh("Nobody home: {name}", name="刘桂兰"))
    wang.sees("nobody home", "王敏").button(zh("Told at the door: {name}", name="刘桂兰"))
    wang.sees("told at the door", "王敏").picture("announce-told")
    wu.open("/desk/announcements/").sees(WATER, "published").picture("announce-list")
    axe(wu.page)

    wu.open(address[0]).opens("Withdraw it").writes("Why? Everybody will read it", "停水改期").button("Withdraw it")
    chen.open("/announcements/").link(WATER, start=True).sees("This was withdrawn", "停水改期")
    axe(chen.page)
