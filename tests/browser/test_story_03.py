"""Story 3: a merchant's parking locks block the lane. The community whistles; the bureau and the company clear them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.play import Play, photo, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LOCKS = "门口商户私装三个地锁，消防车进不来"


def test_the_lane_is_free_again(play: Play, axe: Callable[..., None]) -> None:
    he = play.resident("何丽").link("I want to report", start=True)
    he.writes("What is it?", LOCKS).ticks("占道停车").ticks("Outside, or somewhere else")
    he.page.get_by_label("小区", exact=True).select_option(label="国瑞中央花园")
    he.writes("The very place", "北门").button("Next: look again").ticks("私装地锁")
    he.adds("Photos", photo("地锁", "gray"), photo("消防通道", "slategray")).button("Give it to the community")

    wu = play.desk("吴敏", "/desk/?show=submitted")
    wu.chooses_matter(LOCKS).step("Accept").step("Dispatch").ticks("国瑞物业")
    wu.opens("Several must act: co-handlers with sub-tasks").chooses("Co-handler 1", "区城管执法局")
    wu.writes("Sub-task 1", "派人到场，依法拆除地锁").ticks("Whistle them in 吹哨").picture("story-03-whistle")
    axe(wu.page)
    wu.button("Dispatch").sees("国瑞物业", "区城管执法局", "Whistle", "派人到场", within="#detail")
    wu.picture("story-03-dispatched")
    he.reads_notice(LOCKS[:6]).sees("国瑞物业")

    zheng = play.staff("郑队长", "/").reads_notice("请协办").sees(LOCKS, "Your part", "派人到场，依法拆除地锁")
    own_part = zheng.page.locator(".sheet", has_text=zh("Your part")).first
    expect(own_part).to_contain_text(re.compile(r"\d{1,2}:\d{2}"))  # with a clock of its own
    axe(zheng.page)
    zheng.picture("story-03-sub-task")
    li = play.staff("李师傅").link(LOCKS).button("Take it and begin")
    li.sees("这几家答复后，您才能统一答复：区城管执法局")
    assert li.page.get_by_role("button", name="送出答复").count() == 0, "not before the bureau has done its part"
    zheng.writes("What was done?", "三个地锁已拆除，商户书面保证不再安装")
    zheng.adds("Photos after", photo("拆除后", "white")).button("Send the answer").sees("Your part is answered.")

    li.reads_notice(LOCKS[:6]).writes("What was done?", "通道已清，地面补好，门岗每天看一次")
    li.adds("Photos after", photo("通道", "lightgray")).button("Send the answer")
    play.worker_runs()
    he.open("/").does_not_see("Is it solved?")
    wu.open("/desk/?show=verify").chooses_matter(LOCKS).sees("三个地锁已拆除", "通道已清", within="#detail")
    wu.picture("story-03-verify").step("Checked: it is done").writes("Note for the offices", "现场看过").button(
        "Checked: it is done"
    )
    he.open("/").link("Notices", start=True).button("Solved").button("satisfied").sees("satisfied", "郑队长", "李师傅")
    axe(he.page)
    he.picture("story-03-closed")
    wu.open("/desk/?show=closed").chooses_matter(LOCKS).sees("Solved", within="#detail")
