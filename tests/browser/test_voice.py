"""张秀英 speaks her report in the elder view; the desk listens and writes it down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import DESK
from tests.browser.play import Screen, zh
from tests.browser.test_resident import be
from tongxin.cases.models import Case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.people.models import Account

pytestmark = pytest.mark.django_db(transaction=True)
SAID = "三号楼二单元的灯坏了，我上下楼看不见"


@pytest.fixture
def s(transactional_db: None) -> Scene:
    return scene()


def plays(page: Page) -> None:
    """The first recording on the page can be heard."""
    length = page.locator("audio[src]:visible").first.evaluate(
        """async (audio) => {
          await audio.play();
          await new Promise((done) => audio.addEventListener("timeupdate", () => audio.currentTime > 0 && done()));
          return audio.currentTime;
        }"""
    )
    assert length > 0


def test_she_speaks_and_the_desk_writes_it_down(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    Account.objects.filter(person=s.zhang).update(elder_view=True)
    be(context, s.zhang, live_server.url)
    her = Screen("张秀英", page, live_server.url).open("/report/")
    page.locator("input[name=category][value=lighting]").check()
    page.locator("input[name=home]").first.check()
    her.picture("voice-first").button("I would rather speak")
    axe(page)
    page.get_by_role("button", name=zh("Speak"), exact=True).click()
    expect(page.locator("[data-voice-said]")).to_have_text(zh("We are listening…"))
    page.wait_for_timeout(700)
    her.picture("voice-speaking")
    page.locator("[data-voice-button]").click()
    expect(page.locator("[data-voice-said]")).to_have_text(zh("Recorded. Listen to it, then send."))
    plays(page)
    her.picture("voice-heard").button("Give it to the community")
    number = Case.objects.get().number
    her.open(f"/cases/{number}/").sees("Recording").picture("voice-hers")
    plays(page)

    context.clear_cookies()
    be(context, s.wu, live_server.url, strong=True)
    page.set_viewport_size(DESK)
    desk = Screen("吴敏", page, live_server.url).open(f"/desk/cases/{number}/").picture("voice-desk")
    axe(page)
    plays(page)
    page.locator("[data-steps] summary").click()
    desk.link("Write down what was said").picture("voice-write").writes("What was said", SAID)
    desk.button("Write down what was said").sees(SAID).picture("voice-written")
    plays(page)
