"""Story 15: a daughter orders a commode chair for her mother of 97, who lies in bed; a volunteer near takes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.play import Play, Screen, photo, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
CHAIR = "母亲97岁卧床，想借一把坐便椅"


def becomes_her_mothers_hand(play: Play, axe: Callable[..., None]) -> Screen:
    """The daughter asks; the mother, who has no phone, says yes before the grid worker."""
    daughter = play.resident("周小雅").open("/me/").link("Family accounts", start=True)
    daughter.link("They have no phone: let the grid worker ask them at home")
    daughter.writes("Name of your estate or community", "东苑").page.keyboard.press("Enter")
    daughter.link("东苑小区").link("3号楼")
    daughter.writes("Name of your mother or father", "郑淑珍").chooses(
        zh("Their home in {place}", place="东苑小区 3号楼"), "301"
    )
    axe(daughter.page)
    daughter.button("Ask for the visit").sees("郑淑珍")

    wang = play.staff("王敏", "/").link("Waiting at the door", start=True)
    wang.link("郑淑珍", start=True).sees("郑淑珍", "周小雅", "97")
    axe(wang.page)
    wang.button("Yes, confirm")
    return daughter.open("/me/family/").sees("郑淑珍", "You act for them")


def test_the_chair_comes(play: Play, axe: Callable[..., None]) -> None:
    daughter = becomes_her_mothers_hand(play, axe).open("/").link("I want to report", start=True)
    daughter.writes("What is it?", CHAIR).ticks("生活帮助").ticks(
        zh("At the home of {name}, stairs included", name="郑淑珍")
    )
    daughter.button("Next: look again").sees(CHAIR, "东苑小区")
    assert daughter.page.get_by_label("郑淑珍").is_checked(), "whose home it is, for her it is"
    daughter.ticks("为老服务").button("Give it to the community").sees("郑淑珍", "周小雅")
    axe(daughter.page)

    wu = play.desk("吴敏", "/desk/?show=submitted")
    wu.chooses_matter(CHAIR).sees("郑淑珍", "周小雅", within="#detail").step("Dispatch")
    wu.ticks("Into the pool: who is near and fit takes it").button("Dispatch")
    wu.picture("story-15-desk")

    first = play.staff("陈护士", "/work/?which=pool")
    second = play.staff("小林", "/work/?which=pool")
    for volunteer in (first, second):
        volunteer.link(CHAIR).does_not_see("郑淑珍", "周小雅")  # before they take it, it is nobody's name
    axe(first.page)
    first.button("Take it and begin").sees("郑淑珍", "周小雅")
    play.allows("409")
    second.button("Take it").sees("陈护士")
    axe(second.page)
    second.picture("story-15-second")
    second.open("/work/?which=pool").does_not_see(CHAIR)

    daughter.reads_notice("陈护士").sees("陈护士", "郑淑珍")
    first.writes("What was done?", "坐便椅送到床边，装好试过了").adds("Photos after", photo("椅子", "burlywood"))
    first.button("Send the answer")
    play.worker_runs()
    daughter.open("/").link("Notices", start=True).picture("story-15-notice")
    daughter.button("Solved").button("very satisfied").sees("very satisfied", "郑淑珍")
    axe(daughter.page)
    wu.open("/desk/?show=closed").chooses_matter(CHAIR)
    wu.sees("郑淑珍", "周小雅", "陈护士", "solved", within="#detail")


def test_the_mother_gives_her_code_where_she_has_a_phone(play: Play, axe: Callable[..., None]) -> None:
    daughter = play.resident("周小雅").open("/me/family/")
    daughter.writes("Name of your mother or father", "张秀英").writes("Their phone", play.scenery.phones["张秀英"])
    daughter.button("Send the code")
    axe(daughter.page)
    daughter.writes("The code on their phone", play.code_for(daughter.page, play.scenery.phones["张秀英"]))
    daughter.button("They agree").sees("张秀英", "You act for them")
