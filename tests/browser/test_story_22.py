"""Story 22 (the report): a parent looks at the school kitchen at noon, sees no one in a cap, says so with the picture."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.play import Play, photo

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
CAPS = "中午看东苑小学后厨，没有一个人戴帽子"


def test_the_kitchen_wears_caps(play: Play, axe: Callable[..., None]) -> None:
    he = play.resident("何丽").link("I want to report", start=True)
    he.writes("What is it?", CAPS).ticks("食品安全").ticks("Outside, or somewhere else")
    he.page.get_by_label("小区", exact=True).select_option(label="国瑞中央花园")
    he.writes("The very place", "东苑小学食堂").button("Next: look again").ticks("学校食堂")
    he.opens("Is it about one of those in charge?").chooses("Whom is it about?", "东苑小学")
    he.adds("Photos", photo("后厨", "gray")).picture("story-22-report")
    axe(he.page)
    he.button("Give it to the community")
    play.worker_runs()

    wu = play.desk("吴敏", "/desk/?show=submitted")
    wu.chooses_matter(CAPS).sees("何丽", "学校食堂", within="#detail")
    wu.step("Accept").step("Dispatch").ticks("区市场监督管理局")
    wu.opens("Several must act: co-handlers with sub-tasks").chooses("Co-handler 1", "东苑小学")
    wu.writes("Sub-task 1", "当天整改，后厨人员健康证备查").button("Dispatch")
    wu.sees("区市场监督管理局", "东苑小学", within="#detail")

    ding = play.staff("丁校长", "/").reads_notice("请协办").sees(CAPS[:10], "当天整改")
    ding.does_not_see("何丽")
    ding.writes("What was done?", "全体后厨人员已戴帽上岗，早晚各查一次").picture("story-22-school")
    ding.button("Send the answer").sees("Your part is answered.")
    meng = play.staff("孟科长").link(CAPS[:10]).button("Take it and begin")
    meng.writes("What was done?", "现场检查属实，已下达责令改正通知书，两日后复查")
    meng.adds("Photos after", photo("复查", "white")).button("Send the answer")
    play.worker_runs()

    he.open("/").does_not_see("Is it solved?")  # it complains of a body: the desk looks first
    wu.open("/desk/?show=verify").chooses_matter(CAPS).step("Checked: it is done")
    wu.writes("Note for the offices", "看过复查照片").button("Checked: it is done")
    he.open("/").link("Notices", start=True).button("Solved").button("satisfied")
    he.sees("责令改正", "孟科长").picture("story-22-closed")
    axe(he.page)
    ding.open("/work/").does_not_see("何丽")
