"""While 张秀英 writes, the form offers what it may be about; she chooses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.play import Play
from tongxin.triage import linear
from tongxin.triage.classifier import model_path
from tongxin.triage.tests.said import rows
from tongxin.triage.training import train

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_kind_is_offered_and_taken_with_one_tap(play: Play, settings, tmp_path, axe: Callable[..., None]) -> None:
    settings.DATA = tmp_path
    linear.save(
        train([(text, {"照明": "lighting", "垃圾": "waste"}.get(label, "parking")) for text, label in rows()]),
        model_path(),
    )
    zhang = play.resident("张秀英").open("/report/")
    zhang.writes("What is it?", "三单元楼道灯坏了好几天")
    offered = zhang.page.locator("[data-kinds] button", has_text="公共照明")
    expect(offered).to_be_visible()
    axe(zhang.page)
    zhang.picture("kinds-offered")
    offered.click()
    expect(zhang.page.locator("input[name=category][value=lighting]")).to_be_checked()
    zhang.writes("What is it?", "灯")
    expect(offered).to_be_hidden()
