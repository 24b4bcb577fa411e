"""Story 4: a visit finds a father who cannot pay for school; the school answers the same day, and he signs the form."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.play import Desk, Play, Screen, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
FEES = "两个孩子上学，学费交不起"
ANSWER = "今天开会定了：免学费，发助学金，给您安排学校食堂的勤工岗位"


def shares_out(play: Play, axe: Callable[..., None]) -> Desk:
    """The desk gives the household to the grid worker."""
    wu = play.desk("吴敏", "/desk/visits/")
    wu.sees("No home is missed").link("Who visits whom").link("南苑小区")
    wu.sees("刘志强", "nobody visits yet").ticks("王敏").picture("visits-plan")
    axe(wu.page)
    wu.button("Share them out evenly").sees("由王敏走访").writes("Every household within (days)", "60")
    return wu.button("Set the rhythm").sees("The rhythm is set; what is due was counted anew.")


def signs(screen: Screen) -> None:
    """A finger on the glass."""
    pad = screen.page.locator("[data-sign] canvas")
    pad.evaluate("(pad) => pad.scrollIntoView({ block: 'center' })")
    box = pad.bounding_box()
    assert box is not None
    mouse = screen.page.mouse
    mouse.move(box["x"] + 30, box["y"] + 30)
    mouse.down()
    for step in range(1, 6):
        mouse.move(box["x"] + 30 + 40 * step, box["y"] + (70 if step % 2 else 30))
    mouse.up()
    expect(screen.page.locator("[data-sign] [name=signature]")).to_have_value(re.compile("^data:image/png;base64,"))


def test_the_school_answers_the_same_day_and_the_father_signs_very_satisfied(
    play: Play, axe: Callable[..., None]
) -> None:
    wu = shares_out(play, axe)
    wang = play.staff("王敏", "/visits/")
    wang.sees("南苑小区", "刘志强", "not visited yet").picture("visits-mine")
    axe(wang.page)
    wang.link("南苑小区", start=True).sees("Who lives there", "139****0003")
    wang.opens("Show a number").chooses("Whose", "刘志强").writes("What you need it for", "上门前约时间")
    wang.button("Show the number").sees("13907280003")
    wang.ticks("Somebody was met").writes("What you talked about", "夫妻俩打零工，两个孩子上小学")
    wang.writes("What is it?", FEES).chooses("What it is about", "政策").writes("Who could solve it", "东风小学")
    wang.ticks("They said that it may be filed in their name").ticks("They wish for an answer the same day")
    signs(wang)
    wang.picture("visits-form")
    axe(wang.page)
    wang.button("Write it down").sees(FEES, "WW-", "wished for the same day")
    axe(wang.page)

    wu.open("/desk/?show=all").chooses_matter(FEES).sees("走访人建议交办：东风小学", within="#detail")
    wu.step("Accept").step("Dispatch").ticks("东风小学").button("Dispatch")
    xu = play.staff("许校长")
    xu.link(FEES).button("Take it and begin").writes("What was done?", ANSWER).button("Send the answer")
    wu.open("/desk/?show=all").chooses_matter(FEES)
    if wu.page.locator("[data-steps]").get_by_text(zh("Verify"), exact=True).count():
        wu.step("Verify").button("Verify")

    liu = play.resident("刘志强")
    liu.sees(FEES)
    wang.page.reload()
    wang.sees(ANSWER, "东风小学").link("Let them sign: is it solved?").sees("刘志强")
    axe(wang.page)
    wang.ticks("Solved").ticks("非常满意").writes("In their words", "没想到当天就定了，谢谢学校")
    signs(wang)
    wang.picture("visits-sign").button("Put it on the record").sees("非常满意", "signed on the screen")
    play.worker_runs()
    wang.picture("visits-made")
    form = wang.page.context.request.get(wang.page.url + "form.pdf")
    assert form.ok and form.body().startswith(b"%PDF")
    wu.open("/desk/visits/").sees("1", "Matters found").picture("visits-desk")
    axe(wu.page)


@pytest.mark.console_errors("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
def test_a_visit_filled_in_without_signal_is_there_once(play: Play, axe: Callable[..., None]) -> None:
    wu = shares_out(play, axe)
    play.allows("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
    wang = play.staff("王敏", "/visits/")
    wang.link("南苑小区", start=True)
    address, context = wang.page.url, wang.page.context
    context.set_offline(True)
    wang.ticks("Somebody was met").writes("What you talked about", "地下室里没有信号，聊了聊")
    wang.writes("What is it?", FEES).chooses("What it is about", "政策")
    wang.ticks("They said that it may be filed in their name")
    once = wang.page.locator("form#visit [name=once]").input_value()
    wang.page.get_by_role("button", name=zh("Write it down")).click()
    wang.sees("Kept on this phone")
    context.set_offline(False)
    wang.open("/visits/")
    expect(wang.page.locator("main")).to_contain_text(zh("See where it stands"))

    # By chance the same copy is sent once more.
    wang.page.goto(address)
    wang.page.evaluate("(once) => { document.querySelector('form#visit [name=once]').value = once; }", once)
    wang.ticks("Somebody was met").writes("What you talked about", "地下室里没有信号，聊了聊")
    wang.writes("What is it?", FEES).chooses("What it is about", "政策")
    wang.ticks("They said that it may be filed in their name").button("Write it down")
    wang.sees(FEES, "WW-").open("/visits/")
    expect(wang.page.locator("main .items").last.locator("li")).to_have_count(1)
    wu.open("/desk/?show=all")
    expect(wu.page.locator(".q-title", has_text=FEES)).to_have_count(1)
