"""The resident's and the handler's phone in a browser: stories 2 and 15, and a draft that outlives a lost signal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils.translation import gettext, override
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, watch
from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, publish
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo, scene
from tongxin.files import operations as files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s(transactional_db: None) -> Scene:
    return scene()


def zh(text: str) -> str:
    """The text as it stands on the screen."""
    with override("zh-hans"):
        return gettext(text)


def be(context: BrowserContext, who: Any, url: str, *, strong: bool = False) -> None:
    """Sign somebody in, in this browser."""
    client = Client()
    sign_in(client, who, strong=strong)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


def tab_to(page: Page, words: str, most: int = 60) -> None:
    """Press Tab until what has the focus says ``words``: whoever cannot reach it so cannot reach it at all."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const e = document.activeElement; return e.innerText || e.getAttribute('aria-label')"
            " || (e.labels && [...e.labels].map((l) => l.innerText).join(' ')) || e.value || ''; }"
        )
        if words in said:
            return
    raise AssertionError(f"{words} cannot be reached by the keyboard")


def press(page: Page, words: str) -> None:
    """Go to a button or link by keyboard alone, and open it."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_story_2_by_keyboard_alone_at_320_pixels(
    browser: Browser, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    small: dict[str, Any] = {
        "viewport": {"width": 320, "height": 568},
        "locale": "zh-CN",
        "timezone_id": "Asia/Shanghai",
    }
    zhang, li = browser.new_context(**small), browser.new_context(**small)
    errors = [watch(zhang), watch(li)]
    be(zhang, s.zhang, live_server.url)
    be(li, s.li, live_server.url, strong=True)
    hers, his = zhang.new_page(), li.new_page()

    hers.goto(f"{live_server.url}/")
    axe(hers)
    press(hers, zh("I want to report"))
    axe(hers)
    tab_to(hers, zh("What is it?"))
    hers.keyboard.type("3号楼2单元楼道灯不亮")
    hers.locator("input[name=category][value=lighting]").focus()
    hers.keyboard.press("Space")
    hers.locator("input[name=home]").first.focus()
    hers.keyboard.press("Space")
    press(hers, zh("Next: look again"))
    expect(hers.get_by_text("3号楼2单元楼道灯不亮")).to_be_visible()
    axe(hers)
    press(hers, zh("Give it to the community"))
    hers.wait_for_url("**/report/sent/**")
    axe(hers)
    case = Case.objects.get()
    assert (case.state, case.lead_id) == ("dispatched", s.place.company.pk)

    his.goto(f"{live_server.url}/work/")
    axe(his)
    press(his, "楼道灯不亮")
    press(his, zh("Take it and begin"))
    axe(his)
    tab_to(his, zh("What was done?"))
    his.keyboard.type("换了声控灯头")
    press(his, zh("Send the answer"))
    case.refresh_from_db()
    assert case.state == "awaiting"

    hers.goto(f"{live_server.url}/")
    axe(hers)
    press(hers, zh("Solved"))
    hers.wait_for_url(f"**/cases/{case.number}/**")
    axe(hers)
    hers.locator("input[name=rating][value='5']").focus()
    hers.keyboard.press("Space")
    press(hers, zh("Send the rating"))
    case.refresh_from_db()
    assert (case.state, case.outcome, case.parties.get().rating) == ("closed", "solved", 5)
    for page in (hers, his):
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320, page.url
    assert errors == [[], []]
    zhang.close()
    li.close()


def test_story_15_a_neighbour_takes_an_order_from_the_pool(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report("母亲97岁卧床，想借坐便椅", category="care"), now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, pool=True)
    be(context, s.li, live_server.url, strong=True)
    page.goto(f"{live_server.url}/work/?which=pool")
    axe(page)
    page.get_by_role("link", name="坐便椅").click()
    expect(page.get_by_text("张秀英")).to_have_count(0)
    page.get_by_role("button", name=zh("Take it"), exact=True).click()
    expect(page.get_by_text(zh("It is yours. The reporter has been told."))).to_be_visible()
    axe(page)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == ("claimed", s.li.pk)


def picture(folder: Path) -> Path:
    """A photo as a phone takes it: larger than what is sent."""
    file = folder / "lamp.jpg"
    file.write_bytes(photo(size=(3000, 2000)).read())
    return file


def fill(page: Page, text: str) -> None:
    page.locator("[name=text]").fill(text)
    page.locator("input[name=category][value=lighting]").check()
    page.locator("input[name=home]").first.check()


@pytest.mark.console_errors("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")
def test_a_report_outlives_a_lost_signal_and_is_sent_once(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, tmp_path: Path
) -> None:
    be(context, s.zhang, live_server.url)
    page.goto(f"{live_server.url}/report/")
    fill(page, "楼道灯不亮，先写下来")
    page.goto(f"{live_server.url}/report/")
    expect(page.locator("[name=text]")).to_have_value("楼道灯不亮，先写下来")
    page.get_by_role("button", name=zh("Next: look again")).click()
    page.locator("#f-photos").set_input_files(picture(tmp_path))
    expect(page.locator("[data-photos-list] img")).to_have_count(1)

    context.set_offline(True)
    page.get_by_role("button", name=zh("Give it to the community")).click()
    expect(page.locator("[data-unsent]")).to_be_visible()
    assert not Case.objects.exists()
    page.close()

    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{live_server.url}/")
    again.wait_for_url("**/report/sent/**")
    case = Case.objects.get()
    assert case.updates.get(verb="submit").files_count == 1
    assert files.process_due(datetime.now(UTC)) == 1
    again.goto(f"{live_server.url}/")
    again.wait_for_timeout(300)
    assert Case.objects.count() == 1
    assert again.evaluate("() => localStorage.getItem('tongxin.report')") is None


def test_a_draft_is_wiped_at_sign_out_and_hidden_from_the_next_person(
    context: BrowserContext, page: Page, live_server: Any, s: Scene
) -> None:
    be(context, s.zhang, live_server.url)
    page.goto(f"{live_server.url}/report/")
    fill(page, "只给我自己看的草稿")
    be(context, s.chen, live_server.url)
    page.goto(f"{live_server.url}/report/")
    expect(page.locator("[name=text]")).to_have_value("")
    fill(page, "陈大爷的草稿")
    page.evaluate(
        "() => { const f = document.createElement('form'); f.method = 'post'; f.action = '/sign-out/';"
        " f.addEventListener('submit', (e) => setTimeout(() => e.preventDefault()), {once: true});"
        " document.body.append(f); f.dispatchEvent(new SubmitEvent('submit', {bubbles: true, cancelable: true})); }"
    )
    assert page.evaluate("() => localStorage.getItem('tongxin.report')") is None


def test_photos_are_made_smaller_before_they_travel(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, tmp_path: Path
) -> None:
    be(context, s.zhang, live_server.url)
    page.goto(f"{live_server.url}/report/")
    fill(page, "楼道灯不亮")
    page.get_by_role("button", name=zh("Next: look again")).click()
    page.locator("#f-photos").set_input_files(picture(tmp_path))
    expect(page.locator("[data-photos-list] img")).to_have_count(1)
    longest = page.evaluate(
        "async () => { const [f] = document.querySelector('#f-photos').files;"
        " const b = await createImageBitmap(f); return [Math.max(b.width, b.height), f.type]; }"
    )
    assert longest == [1600, "image/jpeg"]


def test_the_emergency_number_comes_up_while_one_types(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    page.goto(f"{live_server.url}/report/")
    expect(page.locator("[data-emergencies] a")).to_have_count(0)
    page.locator("[name=text]").press_sequentially("家里有煤气味")
    expect(page.locator("[data-emergencies] a[href='tel:119']")).to_be_visible()
    axe(page)


def test_pages_everybody_may_open_are_accessible_and_light(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(lat=32.65, lng=110.78), now)
    publish.publish_case(s.actor(s.wu, now), case.pk, now, public=True)
    for path in ("/", "/report/", "/progress/", "/public/?area=", "/public/?area=&view=map", f"/public/{case.number}/"):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(live_server.url + path)
        axe(page)
    expect(page.get_by_text("楼道灯不亮").first).to_be_visible()
    page.goto(f"{live_server.url}/public/?area=&view=map")
    expect(page.locator(".leaflet-container")).to_be_visible()
    expect(page.locator("path.leaflet-interactive").first).to_be_visible()
