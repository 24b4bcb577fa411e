"""Reporting for somebody else: only where one has the office for it, and never in the name of another."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.play import zh
from tests.browser.test_resident import be
from tests.cast import resident
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


def find(page: Page, url: str, name: str) -> None:
    """From the phone's start page to the people of that name."""
    page.goto(f"{url}/")
    page.get_by_role("link", name=zh("Report for a resident")).click()
    page.locator("[name=name]").fill(name)
    page.get_by_role("button", name=zh("Find them")).click()


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
