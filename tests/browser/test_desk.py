"""The desk in a browser: as it looks, by keyboard alone, quick entry, and covering what must not be seen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import DESK, watch
from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo, scene
from tongxin.files.operations import process_due
from tongxin.people.models import Person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Screen = Callable[..., Page]


@pytest.fixture
def s(transactional_db: None) -> Scene:
    cache.clear()
    return scene()


@pytest.fixture
def screen(browser: Browser, live_server: Any) -> Iterator[Screen]:
    """``screen(who, path)``: the page of somebody signed in, on a screen of their own; none may report an error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_screen(who: Person, path: str, size: Any = DESK, view: str = "") -> Page:
        context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        errors.extend(watch(context))
        client = Client()
        sign_in(client, who, strong=True)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])
        if view:
            who.account.elder_view = view == "elder"
            who.account.save()
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield open_screen
    for context in contexts:
        context.close()
    assert not errors, "\n".join(errors)


def picture(page: Page, name: str) -> None:
    """A screenshot, where somebody asked for them."""
    folder = os.environ.get("TONGXIN_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=False)


def full_desk(s: Scene) -> Case:
    """A desk on an ordinary morning: eight matters, one of them late and led by three together."""
    now = timezone.now()
    before = now - timedelta(days=9)
    late = submit_case(
        s.actor(s.zhang, before),
        s.report("小区北门私装地锁，消防车进不来。上周就有商户装了三个地锁，昨晚救护车也没进来。", category="parking",
                 place="北门", lat=32.63, lng=110.79, photos=[photo("gray"), photo("slategray"), photo("tan")]),
        before,
    )  # fmt: skip
    process_due(now)
    desk.dispatch_case(s.actor(s.wu, before), late.pk, before, lead=s.bureau.pk,
                       co_handlers=[(s.place.company.pk, "通知商户，保留现场照片")], note="消防通道，请优先")  # fmt: skip
    work.claim_case(s.actor(s.officer, before), late.pk, before, start=True)
    resident.join_case(s.actor(s.chen, before), late.pk, before)
    texts = [
        ("3 号楼 2 单元楼道灯不亮", "lighting", "3号楼"), ("5、6 号楼附近没有路灯", "parking", "5、6号楼"),
        ("污水井反味，连着一周", "parking", "12号楼旁"), ("独居老人申请上门助浴", "care", "西门"),
        ("电动车飞线充电", "parking", "4号楼"), ("楼上装修早七点开工", "parking", "8号楼"),
    ]  # fmt: skip
    for n, (text, category, place) in enumerate(texts):
        at = now - timedelta(hours=2, minutes=n)
        case = submit_case(s.actor(s.chen, at), s.report(text, category=category, place=place), at)
        if category == "care":
            desk.dispatch_case(s.actor(s.wu, at), case.pk, at, pool=True)
        if category == "lighting":
            work.claim_case(s.actor(s.li, at), case.pk, at)
            work.answer_case(s.actor(s.li, at), case.pk, at, text="换好了")
    return late


def test_the_desk_as_it_looks(s: Scene, screen: Screen, axe: Callable[..., None]) -> None:
    late = full_desk(s)
    page = screen(s.zhou, f"/desk/?at={late.number}")
    expect(page.locator("#detail h1")).to_contain_text("小区北门私装地锁")
    expect(page.locator("#detail img").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    picture(page, "desk-1440")
    axe(page)
    for path, name in (
        ("/desk/filter/", "filter"),
        ("/desk/map/", "map"),
        ("/desk/new/", "new"),
        (f"/desk/cases/{late.number}/", "case"),
        (f"/desk/cases/{late.number}/redispatch/", "redispatch"),
        (f"/desk/cases/{late.number}/reclassify/", "reclassify"),
        (f"/desk/cases/{late.number}/note/", "note"),
        ("/desk/callbacks/", "callbacks"),
        ("/desk/petitions/", "petitions"),
        ("/desk/settings/", "settings"),
        ("/desk/settings/answers/", "answers"),
    ):
        page.goto(page.url.split("/desk/")[0] + path)
        page.wait_for_load_state("networkidle")
        picture(page, f"desk-{name}")
        axe(page)
    street = screen(s.street, "/desk/settings/routes/")
    for path in ("routes/", "limits/", "categories/"):
        street.goto(street.url.split("/desk/")[0] + f"/desk/settings/{path}")
        picture(street, f"desk-settings-{path.strip('/')}")
        axe(street)


@pytest.mark.parametrize(("name", "size", "view"), [
    ("1280", {"width": 1280, "height": 800}, ""), ("390", {"width": 390, "height": 844}, ""),
    ("390-elder", {"width": 390, "height": 844}, "elder"), ("1440-elder", DESK, "elder"),
])  # fmt: skip
def test_the_desk_on_other_screens(
    s: Scene, screen: Screen, axe: Callable[..., None], name: str, size: dict[str, int], view: str
) -> None:
    late = full_desk(s)
    page = screen(s.wu, "/desk/", size, view)
    page.wait_for_load_state("networkidle")
    picture(page, f"desk-{name}")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"
    page.goto(page.url + f"?at={late.number}")
    page.wait_for_load_state("networkidle")
    picture(page, f"desk-{name}-case")
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if size["width"] == 390:
        page.get_by_role("link", name="回到列表").or_(page.get_by_role("link", name="Back to the list")).first.click()
        expect(page.locator("[data-keys-list]")).to_be_visible()


def test_by_keyboard_alone(s: Scene, screen: Screen) -> None:
    full_desk(s)
    page = screen(s.wu, "/desk/?show=submitted")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#detail h1")).to_be_visible()
    chosen = page.locator("[data-current] .q-title").inner_text()
    expect(page.locator("#detail h1")).to_have_text(chosen)
    with page.expect_navigation():
        page.keyboard.press("a")
    assert Case.objects.get(title=chosen).state == "accepted"
    assert "show=submitted" in page.url, "the list stays the one that one came from"
    with page.expect_navigation():
        page.keyboard.press("d")
    expect(page.locator("h1")).to_be_visible()
    assert "/dispatch/" in page.url
    page.goto(page.url.split("/desk/")[0] + "/desk/")
    page.keyboard.press("/")
    page.keyboard.type("飞线")
    page.keyboard.press("Enter")
    expect(page.locator(".q-title")).to_have_count(1)


def test_a_message_from_the_group_with_its_picture_is_a_case(s: Scene, screen: Screen, tmp_path: Path) -> None:
    page = screen(s.wu, "/desk/new/")
    assert page.evaluate("document.activeElement.name") == "text"
    page.keyboard.type("国瑞中央花园3号楼门口又有人装地锁了，车都过不去")
    expect(page.locator("[data-guesses] button").first).to_contain_text("3号楼")
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(photo().read())
    page.locator("input[name=photos]").set_input_files(path)
    expect(page.locator("[data-previews] img")).to_have_count(1)
    page.locator(".pick-chip", has_text="占道停车").click()
    picture(page, "desk-new-filled")
    page.locator("button[name=another]").click()
    expect(page.locator(".notice-done")).to_contain_text("WW-")
    case = Case.objects.get()
    assert (case.place, case.channel) == ("国瑞中央花园 3号楼", "wechat")
    assert case.updates.get(verb="submit").files_count == 1


def test_what_must_not_be_seen_is_covered_by_drawing_on_the_picture(s: Scene, screen: Screen) -> None:
    now = timezone.now()
    case = submit_case(s.actor(s.zhang, now), s.report(category="parking", photos=[photo(size=(800, 600))]), now)
    process_due(now)
    page = screen(s.wu, f"/desk/cases/{case.number}/")
    page.locator("figcaption a").first.click()
    page.wait_for_load_state("networkidle")
    box = page.locator(".blur svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.up()
    assert page.locator("input[name=region]").first.input_value().count(",") == 3
    picture(page, "desk-photo")
    page.locator("button[name=blur]").click()
    page.wait_for_load_state("networkidle")
    page.locator("button[name=release]").click()
    page.wait_for_load_state("networkidle")
    from tongxin.files.models import Attachment

    row = Attachment.objects.get()
    assert (row.is_public, len(row.blurred)) == (True, 1)
