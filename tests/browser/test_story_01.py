"""Story 1: no street lights by buildings 5 and 6 of 东苑, nor in four other estates. Five reports, one common matter."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.play import Play, Screen, photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
REPORTS = {
    "张秀英": ("东苑小区", "5、6号楼旁", "5号楼和6号楼旁没有路灯，晚上一片黑"),
    "陈建国": ("西苑小区", "西门路边", "西门进来那条路没有路灯"),
    "刘志强": ("南苑小区", "健身角", "健身角晚上没有路灯，看不见"),
    "赵小兰": ("北苑小区", "北门", "北门口路灯一直不亮"),
    "何丽": ("国瑞中央花园", "幼儿园旁", "幼儿园旁路灯坏了，接孩子看不见"),
}
COMMON = "五个小区缺路灯"


def reports(who: Screen, estate: str, spot: str, text: str) -> None:
    """A street light is at nobody's home: the estate is chosen from the list."""
    who.link("I want to report", start=True).writes("What is it?", text).ticks("公共照明")
    who.ticks("Outside, or somewhere else").page.get_by_label("小区", exact=True).select_option(label=estate)
    who.writes("The very place", spot).button("Next: look again").sees(text, estate)
    who.ticks("路灯").adds("Photos", photo("夜里", "black")).button("Give it to the community").sees("WW-")


def test_five_reports_become_one_matter_and_all_five_have_the_last_word(play: Play, axe: Callable[..., None]) -> None:
    people = {name: play.resident(name) for name in REPORTS}
    for name, (estate, spot, text) in REPORTS.items():
        reports(people[name], estate, spot, text)

    wu = play.desk("吴敏", "/desk/?show=submitted")
    first = REPORTS["张秀英"][2][:8]
    wu.chooses_matter(first).step("Accept").sees("Dispatch", within="#detail")
    people["张秀英"].reads_notice("已受理").sees(first)

    wu.searches("路灯").picture("story-01-found")  # the same complaint in four other estates
    boxes = wu.page.locator("input[name=pick]")
    assert boxes.count() == 5
    for box in boxes.all():
        box.check()
    wu.button("What I ticked, together…").sees(*(text[:8] for _, _, text in REPORTS.values()))
    axe(wu.page)
    wu.writes("Title", COMMON).writes("What is common to them", "五个小区的路灯缺失或不亮，请一并勘查、补装")
    wu.chooses("What it is about", "路灯").picture("story-01-gather").button("Gather into a common matter")
    wu.sees(COMMON, *(estate for estate, _, _ in REPORTS.values()))
    axe(wu.page)
    wu.picture("story-01-common")
    for name, person in people.items():
        person.reads_notice(COMMON).sees(REPORTS[name][2][:8], COMMON)
    axe(people["张秀英"].page)
    people["张秀英"].picture("story-01-gathered")

    wu.step("Dispatch").ticks("区路灯管理所").button("Dispatch")
    sun = play.staff("孙所长").link(COMMON)
    sun.button("Take it and begin").writes("What was done?", "五处都装了太阳能路灯，昨晚全部亮了")
    sun.adds("Photos after", photo("亮了", "lightyellow")).button("Send the answer")
    play.worker_runs()

    for name, person in people.items():
        person.open("/").sees("路灯管理所" if name == "张秀英" else "太阳能路灯")
        person.link("Notices", start=True).button("Solved").button("satisfied").sees("satisfied", COMMON)
    axe(people["何丽"].page)
    wu.open("/desk/?show=closed").chooses_matter(COMMON).sees("Solved", within="#detail").picture("story-01-closed")
    assert wu.page.locator(".q-title").count() == 6, "the common matter and the five gathered in it"
