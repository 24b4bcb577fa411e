"""Story 24: 刘桂兰 is 80 and has no phone. The grid worker reports at her door; the desk asks for her own word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.play import Play, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LAMP = "楼道灯坏了，晚上不敢下楼"
HER_HOME = zh("At the home of {name}, stairs included", name="刘桂兰")


def test_both_names_stand_everywhere_and_the_last_word_is_hers(play: Play, axe: Callable[..., None]) -> None:
    wang = play.staff("王敏", "/")
    wang.link("Report for a resident", start=True).writes("Their name", "刘桂").button("Find them")
    axe(wang.page)
    wang.link("刘桂兰", start=True).sees("刘桂兰", "80")
    wang.writes("What is it?", LAMP).ticks("公共照明").ticks(HER_HOME)
    axe(wang.page)
    wang.button("Next: look again").sees("刘桂兰", LAMP).ticks("楼道灯").button("Give it to the community")
    wang.sees("刘桂兰", "王敏", "WW-")
    axe(wang.page)
    wang.link("Print the slip").sees("刘桂兰", "王敏", within="body")
    axe(wang.page)

    li = play.staff("李师傅")
    li.link(LAMP).sees("刘桂兰", "王敏").button("Take it and begin")
    li.writes("What was done?", "换了声控灯，下楼一咳嗽就亮").button("Send the answer")
    wang.open("/report/for/").link(LAMP).sees("刘桂兰", "王敏", "换了声控灯")
    axe(wang.page)

    # Nobody says a word for days: the house asks again and puts her on the list to ring.
    play.days_pass(8)
    wu = play.desk("吴敏")
    wu.link("Call-backs", start=True).sees("刘桂兰", LAMP).picture("story-24-calls")
    wu.link("刘桂兰", start=True).sees("What to say", "Is it solved?", "王敏")
    axe(wu.page)
    wu.picture("story-24-call")
    wu.ticks("reached").page.get_by_role("group", name="是否联系过").get_by_label("是", exact=True).check()
    wu.page.get_by_role("group", name="是否解决").get_by_label("已解决", exact=True).check()
    wu.chooses("How satisfied", "非常满意").writes("In their words", "亮了，谢谢你们").button("Note it").sees("Noted.")

    wu.open("/desk/?show=closed").chooses_matter(LAMP)
    wu.sees("刘桂兰", "王敏", "亮了，谢谢你们", "solved", within="#detail")
    wu.picture("story-24-closed")
    wang.open("/report/for/").link(LAMP).sees("刘桂兰", "王敏", "very satisfied")
    axe(wang.page)


@pytest.mark.parametrize("word", ["solved", "not_solved"])
def test_or_the_grid_worker_records_it_before_her(play: Play, axe: Callable[..., None], word: str) -> None:
    wang = play.staff("王敏", "/report/for/")
    wang.writes("Their name", "刘桂").button("Find them").link("刘桂兰", start=True)
    wang.writes("What is it?", LAMP).ticks("公共照明").ticks(HER_HOME).button("Next: look again")
    wang.ticks("楼道灯").button("Give it to the community")
    li = play.staff("李师傅")
    li.link(LAMP).button("Take it and begin").writes("What was done?", "换了灯").button("Send the answer")

    wang.open("/report/for/").link(LAMP).link("Record their word")
    axe(wang.page)
    wang.ticks("Solved" if word == "solved" else "Not yet").ticks("said in person, before me")
    wang.writes("In their words", "亮了，谢谢" if word == "solved" else "还是不亮").button("Put it on the record")
    if word == "solved":
        wang.sees("亮了，谢谢", "刘桂兰", "王敏")
        return
    wang.sees("还是不亮", "刘桂兰", "王敏")
    wu = play.desk("吴敏", "/desk/?show=dispatch")
    wu.chooses_matter(LAMP).sees("还是不亮", "刘桂兰", "王敏", within="#detail")
