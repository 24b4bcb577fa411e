"""Seals for everybody, accounts and the state of the system for those who look after them: without a fault for axe."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.cast import officer, sign_in_browser
from tongxin.cases.operations import work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, scene
from tongxin.people.models import Account
from tongxin.people.operations import register
from tongxin.record.operations import seal_due
from tongxin.record.queries import first_receipt, history

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("elder", [False, True], ids=["standard", "elder"])
@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900)])
def test_the_pages_are_whole_on_both_screens(
    browser: Browser, live_server: Any, axe: Callable[..., None], width: int, height: int, elder: bool
) -> None:
    s = scene()
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    s.wu.account.username = "wumin"
    s.wu.account.save()
    admin = officer("何安全", "security_administrator", s.place.office, s.place.county)
    system = officer("何系统", "system_administrator", s.place.office, s.place.county)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换了声控灯头")
    register.reveal(s.actor(s.wu), s.zhang.pk, ["phone"], "回访前核对号码", now=MONDAY)
    entry = history(("case", case.pk))[-2]
    seal_due(MONDAY + timedelta(days=3))
    auditor = officer("何审计", "audit_administrator", s.place.office, s.place.county)
    proof = f"/seals/?number={case.number}&receipt={first_receipt(('case', case.pk))}"
    for who, address in (
        (None, proof),
        (admin, "/desk/settings/accounts/"),
        (admin, f"/desk/settings/accounts/{s.wu.pk}/"),
        (system, "/desk/settings/system/"),
        (auditor, "/desk/record/?day=2026-11-16"),
        (auditor, "/desk/record/readings/"),
        (auditor, f"/desk/record/entries/{entry.id}/"),
    ):
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        if who is not None:
            Account.objects.filter(person=who).update(elder_view=elder)
            sign_in_browser(context, live_server.url, who, strong=True)
        page = context.new_page()
        page.goto(live_server.url + address)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
        if folder := os.environ.get("TONGXIN_SCREENSHOTS"):
            name = address.strip("/").split("?")[0].replace("/", "-")
            page.screenshot(path=f"{folder}/{name}-{width}{'-elder' if elder else ''}.png", full_page=True)
        context.close()
