"""The resident's phone in a browser: a draft that outlives a lost signal, photos, emergencies, joining; and the page behind
a worker's link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import PHONE
from tests.browser.play import zh
from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations import publish, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo, scene
from tongxin.files import operations as files

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s(transactional_db: None) -> Scene:
    return scene()


def be(context: BrowserContext, who: Any, url: str, *, strong: bool = False) -> None:
    """Sign somebody in, in this browser."""
    client = Client()
    sign_in(client, who, strong=strong)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])


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
    expect(page.locator("main")).to_contain_text(zh("Kept on this phone"))
    assert not Case.objects.exists()
    page.close()

    context.set_offline(False)
    again = context.new_page()
    again.goto(f"{live_server.url}/")
    again.get_by_role("link", name=zh("See where it stands")).click()
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
    page.goto(f"{live_server.url}/me/")
    with page.expect_navigation():
        page.get_by_role("button", name=zh("Sign out")).last.click()
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


def test_two_neighbours_report_the_same_and_the_second_joins(
    context: BrowserContext, page: Page, live_server: Any, s: Scene
) -> None:
    for who in (s.zhang, s.chen):
        be(context, who, live_server.url)
        page.goto(f"{live_server.url}/report/")
        fill(page, "5号楼旁边没有路灯，晚上一片黑")
        page.get_by_role("button", name=zh("Next: look again")).click()
        if who is s.zhang:
            page.get_by_role("button", name=zh("Give it to the community")).click()
            page.wait_for_url("**/report/sent/**")
        else:
            page.get_by_role("button", name=zh("Me too, that is it")).click()
            expect(
                page.get_by_text(zh("You are in. You will be told how it goes, and asked in the end."))
            ).to_be_visible()
    case = Case.objects.get()
    assert {party.person_id for party in case.parties.all()} == {s.zhang.pk, s.chen.pk}


def test_a_worker_without_an_account_answers_behind_the_link(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(), now)
    work.claim_case(s.actor(s.qian, now), case.pk, now, start=True)
    token = work.hand_to_worker(s.actor(s.qian, now), case.pk, now, name="小刘", phone="13900000077")
    page.goto(f"{live_server.url}/t/{token}")
    axe(page)
    page.locator("textarea").fill("换了声控灯头")
    page.locator("button.btn-primary").click()
    expect(page.locator("main")).to_contain_text("小刘")
    axe(page)
    case.refresh_from_db()
    assert case.state == "awaiting"
