"""Story 2: a stair light is out in 西苑. One message; the company confirms, repairs; the resident gives a thumb up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE
from tests.browser.play import SMALL, Keyboard, Play, Screen, photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LAMP = "3号楼2单元楼道灯不亮"


def reports(who: Screen) -> None:
    """One message with its photo: what, which kind, at home."""
    who.link("I want to report", start=True)
    who.writes("What is it?", LAMP).ticks("公共照明").ticks("At my home, stairs included")
    who.button("Next: look again").sees(LAMP, "西苑小区")
    who.ticks("楼道灯").adds("Photos", photo("灯不亮", "black"))
    who.button("Give it to the community").sees("WW-")


def takes(who: Screen) -> None:
    """From the list of the company to the task, and it is theirs."""
    who.open("/work/").link(LAMP).button("Take it and begin").sees("It is yours. The reporter has been told.")


def answers(who: Screen, words: str, after: str) -> None:
    """What was done, with a photo before and one after."""
    who.writes("What was done?", words)
    who.adds("Photos before", photo("修前", "dimgray")).adds("Photos after", photo("修后", after))
    who.button("Send the answer").sees(words)


@pytest.mark.parametrize("hands", [Keyboard, Screen], ids=["by keyboard alone at 320 px", "on the phone"])
def test_the_light_burns_again(play: Play, axe: Callable[..., None], hands: type[Screen]) -> None:
    size = SMALL if hands is Keyboard else PHONE
    chen = play.resident("陈建国", size=size, hands=hands)
    reports(chen)
    axe(chen.page)
    chen.link("See how it goes").sees(LAMP, "国瑞物业")
    play.worker_runs()

    li = play.staff("李师傅", size=size, hands=hands)
    takes(li)
    axe(li.page)
    chen.reads_notice("李师傅").sees("李师傅")
    axe(chen.page)

    answers(li, "换了声控灯头，亮了", "lightyellow")
    play.worker_runs()
    chen.open("/").link("Notices", start=True).sees("Is it solved?")
    axe(chen.page)
    chen.picture(f"story-02-notice-{size['width']}")
    chen.button("Solved").sees("How was it dealt with?")
    assert chen.page.get_by_role("img", name="处理后的照片").or_(chen.page.locator(".timeline img")).count() >= 2
    axe(chen.page)
    chen.picture(f"story-02-rate-{size['width']}")
    chen.button("very satisfied").sees("Thank you for your rating.", "very satisfied")
    li.open("/work/?which=done").does_not_see(LAMP)


def test_not_yet_twice_brings_it_before_the_street(play: Play) -> None:
    chen = play.resident("陈建国")
    reports(chen)
    li = play.staff("李师傅")
    wu = play.desk("吴敏")
    takes(li)
    answers(li, "换了灯泡", "gray")
    for turn in ("晚上还是不亮", "亮了一天又不亮了"):
        chen.open("/").link("Notices", start=True).button("Not yet")
        chen.writes("Say it in your own words", turn).button("Send, it goes on").sees(turn)
        if turn == "晚上还是不亮":
            wu.open("/desk/?show=dispatch").chooses_matter(LAMP).step("Dispatch")
            wu.ticks("国瑞物业").button("Dispatch")
            takes(li)
            li.opens("Hand it to a colleague").chooses("Who goes on with it", "钱经理")
            li.writes("What should they know?", "灯泡换过了，怕是线路").button("Hand it over")
            li.sees("Handed over; your colleague is told.")
            answers(play.staff("钱经理").reads_notice(LAMP), "换了线路", "silver")
    zhao = play.desk("赵主任", "/desk/?show=supervised")
    zhao.sees(LAMP).chooses_matter(LAMP).sees("Supervised", "亮了一天又不亮了", within="#detail")
    zhao.picture("story-02-before-the-street")
