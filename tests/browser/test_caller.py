"""A caller whom no register knows: a phone number is all there is, and the last word is theirs all the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.browser.conftest import PHONE
from tests.browser.play import Play, Screen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MOBILE = "13907190088"
LAMP = "国瑞门口的路灯灭了三天"


def slip_in_the_message(play: Play) -> tuple[str, str]:
    """Number and code, as the text message to the caller says them."""
    page = play.screen(PHONE)
    page.goto(f"{play.url}/demo/#messages")
    message = page.locator("#messages li", has_text=MOBILE).first.inner_text()
    found = re.search(r"([A-Z]+-\d{8}-\d{4}).*?([0-9A-Z]{4} [0-9A-Z]{4})", message)
    assert found, message
    return found[1], found[2]


@pytest.mark.parametrize("word", ["Solved", "Not yet"])
def test_who_only_rang_has_the_last_word_by_slip_and_phone(play: Play, axe: Callable[..., None], word: str) -> None:
    wu = play.desk("吴敏", "/desk/new/")
    wu.writes("What was said", LAMP).chooses("Where", "国瑞中央花园").ticks("公共照明")
    wu.chooses("How it reached us", "电话").ticks("somebody with name and phone")
    wu.writes("Name", "罗大爷").writes("Phone", MOBILE).button("File it")
    play.worker_runs()
    number, code = slip_in_the_message(play)

    wu.open("/desk/?show=all").chooses_matter(LAMP).step("Accept").step("Dispatch").ticks("国瑞物业").button("Dispatch")
    li = play.staff("李师傅")
    li.link(LAMP).button("Take it and begin").writes("What was done?", "换了灯头").button("Send the answer")

    luo = Screen("罗大爷", play.screen(PHONE), play.url).open("/progress/")
    luo.writes("Number", number).writes("Code on the slip", code).button("Show").sees("换了灯头", "Is it solved?")
    axe(luo.page)
    luo.button("Send me a code").sees("A code to your phone", "139****0088").picture("caller-prove")
    axe(luo.page)
    play.worker_runs()
    luo.writes("Six digits", play.code_for(luo.page, MOBILE)).button("Go on").sees("Your word, please")
    axe(luo.page)
    if word == "Not yet":
        luo.writes("If not yet: what is still not right?", "晚上还是不亮")
    luo.button(word)
    wu.open("/desk/?show=all").chooses_matter(LAMP)
    wu.sees(*(("罗大爷", "solved") if word == "Solved" else ("罗大爷", "晚上还是不亮")), within="#detail")
