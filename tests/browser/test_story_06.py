"""Story 6: 143 owners, one dispute with a developer. One case, one settlement, each party's own word, one answer to all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.browser.play import Play, Screen, photo, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
DISPUTE = "国瑞开发商没有按合同交付车位"
CROWD = [f"业主{number:03}" for number in range(1, 142)]
TEXT = "开发商于十二月三十一日前退还每户车位差价三千元；业主领款后不再就车位主张权利。"


def parties(screen: Screen, number: str, query: str = "") -> Screen:
    return screen.open(f"/desk/cases/{number}/parties/{query}")


def test_one_case_one_settlement_143_words(play: Play, axe: Callable[..., None]) -> None:
    he = play.resident("何丽").link("I want to report", start=True)
    he.writes("What is it?", DISPUTE).ticks("物业服务").ticks("Outside, or somewhere else")
    he.page.get_by_label("小区", exact=True).select_option(label="国瑞中央花园")
    he.writes("The very place", "地下车库").button("Next: look again").button("Give it to the community")

    wu = play.desk("吴敏", "/desk/?show=submitted")
    wu.chooses_matter(DISPUTE).step("Accept").step("Add people")
    wu.writes("Whom it concerns as well, one a line", "\n".join(["周小雅", *CROWD])).writes("Why", "同一合同纠纷")
    wu.picture("story-06-people").button("Add people")
    wu.open("/desk/?show=all").chooses_matter(DISPUTE).sees("143", within="#detail")
    wu.link("All parties, settlement and signatures")
    number = wu.page.url.split("/")[-3]
    wu.writes("The settlement, as each signs it", TEXT).button(zh("Put it before {n} parties").format(n=143))
    wu.sees(TEXT, "143").picture("story-06-proposed")
    axe(wu.page)

    he.reads_notice("有一份解决方案").sees(zh("A settlement is put before you: your word, please"))
    he.link("A settlement is put before you: your word, please").sees(TEXT).picture("story-06-sign")
    axe(he.page)
    he.button("I agree and sign").sees("You agree", "143人中已有1人签字")
    zhou_xiaoya = (
        play.resident("周小雅").reads_notice("有一份解决方案").link("A settlement is put before you: your word, please")
    )
    zhou_xiaoya.writes("If you do not agree: to what?", "没有算利息").button("I do not agree").sees("You do not agree")

    sheet = wu.page.request.get(f"{play.url}/desk/cases/{number}/parties/sheet.pdf")
    assert sheet.ok and sheet.body().startswith(b"%PDF-")
    for part in range(3):  # three sheets of up to fifty lines; whoever is left has not signed
        parties(wu, number, "?which=open")
        wu.page.get_by_label(zh("Scan or photo of the sheet")).set_input_files([photo(f"第{part + 1}张", "white")])
        if part == 2:
            tick(wu, 20)
        wu.button("Record the ticked ones" if part == 2 else "Record all of this page")
    wu.sees("You recorded it; somebody else checks it.")
    zhou = play.desk("周明")
    for _ in range(3):
        parties(zhou, number).button("Compared: it is right")
    zhou.sees("143人中已有121人签字").picture("story-06-checked")
    axe(zhou.page)
    parties(zhou, number, "?which=open").sees("业主141")
    parties(zhou, number, "?which=refused").sees("周小雅", "没有算利息")
    parties(zhou, number, "?q=业主007").sees("业主007").does_not_see("业主008")
    with zhou.page.expect_download() as taken:
        parties(zhou, number).page.get_by_role("button", name=zh("As Excel")).click()
    book = load_workbook(BytesIO(taken.value.path().read_bytes()))
    assert book.active.max_row == 144

    wu.open("/desk/?show=all").chooses_matter(DISPUTE).step("Answer at once")
    wu.writes("Answer", "一百二十一户已签，其余两户和二十户另行协商；款项年底前到账")
    wu.button("Answer at once")
    for owner in (he, zhou_xiaoya):
        owner.open("/").link("Notices", start=True).sees(DISPUTE)
    he.button("Solved").button("satisfied").sees("satisfied")
    wu.open("/desk/?show=closed").chooses_matter(DISPUTE).sees("Solved", within="#detail")


def tick(wu: Screen, most: int) -> None:
    """The first so many of the page signed on this sheet."""
    for box in wu.page.locator("input[name=parties]").all()[:most]:
        box.check()
