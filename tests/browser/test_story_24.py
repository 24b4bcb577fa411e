"""Story 24: 刘桂兰 is 81 and has no phone. The grid worker reports at her door, and later records her own word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PHONE, watch
from tests.browser.test_resident import be, zh
from tests.cast import resident
from tongxin.cases.models import Case, Update
from tongxin.cases.tests.stage import Scene, scene
from tongxin.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s(transactional_db: None) -> Scene:
    cache.clear()
    return scene()


@pytest.fixture
def liu(s: Scene) -> Person:
    return resident("刘桂兰", s.place)


def phone(browser: Browser) -> tuple[BrowserContext, list[str], Page]:
    context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    return context, watch(context), context.new_page()


def find(page: Page, url: str, name: str) -> None:
    """From the phone's start page to the people of that name."""
    page.goto(f"{url}/")
    page.get_by_role("link", name=zh("Report for a resident")).click()
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name=zh("Find them")).click()


def test_a_grid_worker_reports_for_her_and_records_her_word(
    browser: Browser, live_server: Any, s: Scene, liu: Person, axe: Callable[..., None]
) -> None:
    context, errors, page = phone(browser)
    be(context, s.wang, live_server.url, strong=True)
    find(page, live_server.url, "刘桂兰")
    axe(page)
    page.locator("main").get_by_role("link", name="刘桂兰").click()
    expect(page.get_by_text("刘桂兰").first).to_be_visible()
    page.locator("#f-text").fill("楼道灯坏了，晚上不敢下楼")
    page.locator("input[name=category][value=lighting]").check()
    page.locator("input[name=home]").first.check()
    axe(page)
    page.get_by_role("button", name=zh("Next: look again")).click()
    expect(page.locator("dl.facts")).to_contain_text("刘桂兰")
    page.get_by_role("button", name=zh("Give it to the community")).click()
    page.wait_for_url("**/report/sent/**")
    expect(page.locator("main")).to_contain_text("刘桂兰")
    expect(page.locator("main")).to_contain_text("王敏")
    axe(page)
    case = Case.objects.get()
    party = case.parties.get()
    assert (party.person_id, party.helper_id, case.channel) == (liu.pk, s.wang.pk, "grid")
    assert case.home_id == s.place.home.pk

    page.get_by_role("link", name=zh("Print the slip")).click()
    expect(page.locator("table")).to_contain_text("刘桂兰")
    expect(page.locator("table")).to_contain_text("王敏")
    axe(page)

    worker, worker_errors, his = phone(browser)
    be(worker, s.li, live_server.url, strong=True)
    his.goto(f"{live_server.url}/work/{case.number}/")
    expect(his.locator("main")).to_contain_text("王敏")
    his.get_by_role("button", name=zh("Take it and begin")).click()
    his.locator("#f-text").fill("换了灯")
    his.get_by_role("button", name=zh("Send the answer")).click()
    his.wait_for_load_state()

    page.goto(f"{live_server.url}/report/for/")
    page.locator("main").get_by_role("link", name="楼道灯坏了").click()
    page.get_by_role("link", name=zh("Record their word")).click()
    axe(page)
    page.evaluate("() => document.querySelector('#word').noValidate = true")
    page.get_by_role("button", name=zh("Put it on the record")).click()
    expect(page.locator(".field-error")).to_have_count(2)
    axe(page)
    page.locator("input[name=word][value=solved]").check()
    page.locator("input[name=own_choice][value=in_person]").check()
    page.locator("input[name=rating][value='5']").check()
    page.locator("[name=reason]").fill("亮了，谢谢")
    page.get_by_role("button", name=zh("Put it on the record")).click()
    page.wait_for_url(f"**/cases/{case.number}/")
    case.refresh_from_db()
    party.refresh_from_db()
    assert (case.state, case.outcome, party.rating) == ("closed", "solved", 5)
    said = Update.objects.get(case=case, verb="confirm")
    assert (said.actor_id, said.on_behalf_of) == (s.wang.pk, liu.pk)
    assert said.data["own_choice"] == "in_person"
    assert worker_errors == []
    assert all("422" in error for error in errors), errors  # the form sent empty, above
    context.close()
    worker.close()


@pytest.mark.console_errors("403", "404")
def test_nobody_helps_where_they_have_no_office(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, liu: Person
) -> None:
    be(context, s.zhang, live_server.url)
    page.goto(f"{live_server.url}/")
    expect(page.get_by_role("link", name=zh("Report for a resident"))).to_have_count(0)
    assert page.goto(f"{live_server.url}/report/for/").status == 403  # type: ignore[union-attr]
    assert page.goto(f"{live_server.url}/report/?for_person={liu.pk}").status == 404  # type: ignore[union-attr]
    be(context, s.outsider, live_server.url, strong=True)
    find(page, live_server.url, "刘桂兰")
    expect(page.get_by_text(zh("Nobody found"))).to_be_visible()
    assert page.goto(f"{live_server.url}/report/?for_person={liu.pk}").status == 404  # type: ignore[union-attr]


def test_what_was_written_for_one_never_goes_out_for_another(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, liu: Person
) -> None:
    be(context, s.wang, live_server.url, strong=True)
    page.goto(f"{live_server.url}/report/?for_person={liu.pk}")
    page.locator("#f-text").fill("刘奶奶家的水管漏了")
    page.goto(f"{live_server.url}/report/?for_person={s.chen.pk}")
    expect(page.locator("#f-text")).to_have_value("")
    page.goto(f"{live_server.url}/")
    page.locator("[data-draft] a").click()
    expect(page.locator("#f-text")).to_have_value("刘奶奶家的水管漏了")
    expect(page.locator("main")).to_contain_text("刘桂兰")
