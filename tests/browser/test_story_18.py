"""Story 18, the report: the forest chief of a village walks his round without signal, finds a fallen tree on a line, and
hands it over. The network is cut in the browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Geolocation, expect

from tests.browser.play import Play, Screen, photo, zh

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
TREE = "松树倒在10千伏线路上，压着导线，没断电"
AT: Geolocation = {"latitude": 32.655, "longitude": 110.715}
NO_SIGNAL = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def writes_on_his_round(song: Screen) -> None:
    """Photo and position, without a bar of signal."""
    context = song.page.context
    context.grant_permissions(["geolocation"])
    context.set_geolocation(AT)
    song.writes("What is it?", TREE).ticks("园林绿化")
    song.page.get_by_role("button", name=zh("I am standing there")).click()
    song.sees("32.655")
    song.adds("Photos", photo("倒树", "olivedrab")).writes("The very place", "二号林班山脊")
    song.sees("No signal just now")


def test_a_fallen_tree_is_written_without_signal_and_arrives_once(play: Play, axe: Callable[..., None]) -> None:
    play.village()
    play.allows(*NO_SIGNAL)
    song = play.staff("宋林长", "/report/")
    page, context = song.page, song.page.context
    two_hours_ago = play.now() - timedelta(hours=2)
    page.clock.set_fixed_time(two_hours_ago)
    context.set_offline(True)
    writes_on_his_round(song)
    song.picture("story-18-no-signal")
    axe(page)
    page.get_by_role("button", name=zh("Keep it, send it when there is signal")).dblclick()  # twice, by chance
    song.sees("Kept on this phone", TREE, "二号林班山脊", zh("{n} photos", n=1))
    expect(page.locator("[data-rows] li")).to_have_count(1)
    song.picture("story-18-kept")
    axe(page)

    context.set_offline(False)  # he walks back into the valley
    song.sees("It has arrived.")
    song.picture("story-18-arrived")
    song.link("See where it stands").sees("HGC-")
    song.open("/report/").does_not_see(TREE)
    expect(page.locator("[data-piece=list]")).to_have_count(0)
    song.open("/work/")
    expect(page.get_by_role("link", name=TREE)).to_have_count(1)
    song.link(TREE).button("Take it and begin")
    song.opens("Hand it to a colleague").chooses("Who goes on with it", "郭师傅")
    song.writes("What should they know?", "林场边有路，车能到").button("Hand it over")
    guo = play.staff("郭师傅", "/work/?which=mine")
    guo.link(TREE).sees("宋林长")
