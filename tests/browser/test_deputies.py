"""王代表 hears two residents, files one suggestion, and judges the answer; both residents are told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.play import Desk, Play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
BUS = "七路公交只到桥头，老人去医院要走两里地"


def test_what_two_residents_said_becomes_a_suggestion_that_is_answered(play: Play, axe: Callable[..., None]) -> None:
    chen = play.resident("陈建国").open("/deputies/").sees("王代表", "车城路街道").picture("deputies-who")
    axe(chen.page)
    chen.link("王代表", start=True).picture("deputies-page")
    axe(chen.page)
    chen.writes("What should change?", BUS).button("Tell it").sees(
        "Your deputy has it. You are told what becomes of it."
    )

    wang = play.staff("王代表", "/desk/deputy/", hands=Desk).sees(BUS, "stays unnamed")
    wang.link("Write down an opinion", start=True).writes("What was said", "站牌那里没有座椅").ticks("by phone")
    wang.writes("Who said it", "张秀英").writes("Mobile phone", "139 0728 0001")
    wang.ticks("They agree to be named beside it").picture("deputies-hear")
    axe(wang.page)
    wang.button("Write it down").sees("张秀英", "站牌那里没有座椅").picture("deputies-opinions")
    axe(wang.page)
    for box in wang.page.locator("input[name=opinions]").all():
        box.check()
    wang.button("Make a suggestion of the chosen ones").sees("站牌那里没有座椅")
    wang.writes("Title", "七路公交延伸到王湾社区").chooses("What it is about", "道路交通").picture("deputies-suggest")
    axe(wang.page)
    wang.button("File it").sees("七路公交延伸到王湾社区", "Filed; to be handed over")

    zhang = play.resident("张秀英").reads_notice("把您说的意见提成了建议").sees("七路公交延伸到王湾社区")
    zhao = play.desk("赵主任", "/desk/suggestions/").sees("王代表", "Filed; to be handed over")
    zhao.picture("deputies-supervise")
    axe(zhao.page)
    zhao.opens("Found complex: take the longer limit").writes(
        "Why it is complex: the deputy reads it", "要与公交公司商定"
    )
    zhao.button("“七路公交延伸到王湾社区”改用较长期限").sees("complex")
    wang.reads_notice("情况复杂")
    zhao.open("/desk/?show=submitted").chooses_matter("七路公交延伸到王湾社区").step("Accept").step("Dispatch")
    zhao.ticks("区城管执法局").button("Dispatch")
    zheng = play.staff("郑队长").link("七路公交延伸到王湾社区").button("Take it and begin")
    zheng.writes("What was done?", "已与公交公司商定，明年一月一日起七路车进小区").button("Send the answer")
    zhao.open("/desk/?show=verify").chooses_matter("七路公交延伸到王湾社区").step("Checked: it is done")
    zhao.writes("Note for the offices", "线路图已看").button("Checked: it is done")

    wang.open("/desk/deputy/suggestions/").link("七路公交延伸到王湾社区", start=True).sees("七路车进小区")
    wang.ticks("Basically satisfied").writes("What is still not right, or what you want to add", "站牌座椅也请一并装上")
    wang.picture("deputies-judge")
    axe(wang.page)
    wang.button("Say it").sees("Basically satisfied")
    zhang.open("/").link("Notices", start=True).sees("七路公交延伸到王湾社区")
    everybody = play.resident("何丽").open("/deputies/suggestions/?area=")
    everybody.sees("七路公交延伸到王湾社区", "王代表", "Basically satisfied", "明年一月一日起七路车进小区")
    everybody.does_not_see("张秀英").picture("deputies-public")
    axe(everybody.page)
    everybody.link("七路公交延伸到王湾社区", start=True).does_not_see("张秀英", "陈建国")
