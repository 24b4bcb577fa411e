"""What the phone shows at the turns of stories 1, 2 and 15, and the page behind a worker's link, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_resident import be, fill, zh
from tests.cast import officer, resident
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.people.models import FamilyLink

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def s(transactional_db: None) -> Scene:
    cache.clear()
    return scene()


def test_story_1_two_neighbours_report_and_the_second_joins(
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


def test_story_2_not_yet_twice_brings_it_before_the_street(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    now = datetime.now(UTC) - timedelta(minutes=30)
    case = submit_case(s.actor(s.zhang, now), s.report(), now)
    for turn in (1, 2):
        if turn == 2:
            now = datetime.now(UTC)
            desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.place.company.pk)
        work.claim_case(s.actor(s.li, now), case.pk, now, start=True)
        work.answer_case(s.actor(s.li, now), case.pk, now, text="换了灯")
        be(context, s.zhang, live_server.url)
        page.goto(f"{live_server.url}/")
        case.refresh_from_db()
        assert case.state == "awaiting", turn
        page.get_by_role("button", name=zh("Not yet")).click()
        page.locator("[name=reason]").fill("晚上还是不亮")
        axe(page)
        page.locator("button.btn-primary").click()
        page.wait_for_url(f"**/cases/{case.number}/")
    case.refresh_from_db()
    assert (case.state, case.supervised, case.times_reopened) == ("reopened", True, 2)
    be(context, s.street, live_server.url, strong=True)
    page.goto(f"{live_server.url}/desk/?show=supervised")
    expect(page.locator("main")).to_contain_text(case.title)


@pytest.mark.console_errors("409")
def test_story_15_for_her_mother_and_the_second_volunteer_learns_who_has_it(
    context: BrowserContext, page: Page, live_server: Any, s: Scene, axe: Callable[..., None]
) -> None:
    mother = resident("刘桂兰", s.place)
    FamilyLink.objects.create(
        child=s.zhang, parent=mother, consent=FamilyLink.Consent.choices[0][0], since=datetime.now(UTC)
    )
    be(context, s.zhang, live_server.url)
    page.goto(f"{live_server.url}/report/")
    page.locator("#f-text").fill("母亲97岁卧床，想借坐便椅")
    page.locator("input[name=category][value=care]").check()
    page.locator("input[name=home]").first.check()
    page.get_by_role("button", name=zh("Next: look again")).click()
    page.get_by_label("刘桂兰").check()
    page.get_by_role("button", name=zh("Give it to the community")).click()
    page.wait_for_url("**/report/sent/**")
    case = Case.objects.get()
    assert (case.parties.get().person_id, case.parties.get().helper_id) == (mother.pk, s.zhang.pk)
    now = datetime.now(UTC)
    if case.state in {"submitted", "accepted"}:
        desk.dispatch_case(s.actor(s.wu, now), case.pk, now, pool=True)

    second = officer("陈护士", "volunteer", s.place.office, s.place.community)
    be(context, second, live_server.url, strong=True)
    page.goto(f"{live_server.url}/work/{case.number}/")
    work.claim_case(s.actor(s.li, now), case.pk, now)
    page.get_by_role("button", name=zh("Take it"), exact=True).click()
    expect(page.locator("main")).to_contain_text("李师傅")
    axe(page)
    page.locator("a[href='/work/']").click()
    expect(page.locator("h1")).to_be_visible()
    case.refresh_from_db()
    assert case.holder_id == s.li.pk


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
