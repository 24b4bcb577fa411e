"""Signing in as a person sees it: with a phone, with an authenticator, in large type, by keyboard alone."""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.conftest import DESK, PHONE
from tongxin.kernel.ids import uuid7
from tongxin.notifications import operations as notifications
from tongxin.people.fields import ID_NUMBER, sealed
from tongxin.people.fields import PHONE as PHONE_FIELD
from tongxin.people.operations import second_factor
from tongxin.people.rules import signin as rules

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "湖北十堰 张湾 王湾"


def code_of_demo(page: Page, url: str) -> str:
    """The code that the page of the demo shows, looked up in another tab."""
    messages = page.context.new_page()
    messages.goto(f"{url}/demo/")
    found = re.search(r"验证码是 (\d{6})", messages.content())
    messages.close()
    assert found
    return found[1]


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, if a folder is named for them."""
    folder = os.environ.get("TONGXIN_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{folder}/signin-{name}.png", full_page=True)


def look(page: Page, axe, name: str) -> None:
    """Axe finds nothing and nothing needs scrolling sideways, on the phone and on the desk, in both views."""
    for size, words in ((PHONE, "phone"), (DESK, "desk")):
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        for view in ("", "elder"):
            page.evaluate(
                "(view) => view ? document.documentElement.dataset.view = view : delete document.documentElement.dataset.view",
                view,
            )
            wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, f"{name} is {wide} px too wide on the {words} {view}"
            axe(page)
            shot(page, f"{name}-{words}{'-' + view if view else ''}")
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})


@pytest.fixture
def city(settings, tmp_path):
    settings.DEMO, settings.DATA = True, tmp_path
    return cast.wangwan()


def with_phone(name, place, phone, number=""):
    phone_cipher, phone_index = sealed(phone, PHONE_FIELD)
    id_cipher, id_index = sealed(number, ID_NUMBER)
    return cast.resident(
        name,
        place,
        phone_cipher=phone_cipher,
        phone_index=phone_index,
        id_number_cipher=id_cipher,
        id_number_index=id_index,
    )


def test_aunt_zhang_signs_in_by_keyboard_with_a_code(page: Page, live_server, city, axe):
    with_phone("张秀英", city, "13907280001")
    page.goto(f"{live_server.url}/sign-in/?next=/me/")
    look(page, axe, "1-phone")
    page.get_by_label("手机号").focus()
    page.keyboard.type("139 0728 0001")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("输入短信验证码")
    look(page, axe, "2-code")
    page.get_by_label("六位数字").fill(code_of_demo(page, live_server.url))
    page.keyboard.press("Enter")
    expect(page.get_by_text("张秀英")).to_be_visible()
    look(page, axe, "3-me")


@pytest.mark.console_errors("422")
def test_a_wrong_code_says_so_at_the_field(page: Page, live_server, city, axe):
    page.goto(f"{live_server.url}/sign-in/")
    page.get_by_label("手机号").fill("13907280001")
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("六位数字").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("还可以试 4 次")).to_be_visible()
    look(page, axe, "4-wrong")


@pytest.mark.console_errors("422")
def test_a_couple_chooses_and_proves(page: Page, live_server, city, axe):
    with_phone("张秀英", city, "13907280001", "420303195803123427")
    with_phone("李建国", city, "13907280001", "42030319551005121X")
    page.goto(f"{live_server.url}/sign-in/?next=/me/")
    page.get_by_label("手机号").fill("13907280001")
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_label("六位数字").fill(code_of_demo(page, live_server.url))
    page.get_by_role("button", name="登录").click()
    look(page, axe, "5-choose")
    page.get_by_label("*秀英").check()
    page.get_by_label("身份证号后四位").fill("3427")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("张秀英")).to_be_visible()


@pytest.mark.console_errors("422")
def test_the_secretary_sets_up_the_authenticator(page: Page, live_server, city, axe):
    zhou = cast.officer("周书记", "community_secretary", city.office, city.community)
    account = zhou.account
    account.username = "zhou"
    account.set_password(PASSWORD)
    account.save()
    page.goto(f"{live_server.url}/staff/sign-in/?next=/me/")
    look(page, axe, "6-staff")
    page.get_by_label("用户名").fill("zhou")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="下一步").click()
    look(page, axe, "7-enrol")
    picture = page.get_by_role("img", name="身份验证器二维码")
    assert picture.evaluate("(image) => image.naturalWidth") > 100
    now = datetime.now(UTC)
    secret = second_factor.start_enrolment(account.pk, now=now)
    page.get_by_label("再输入它显示的六位数字").fill(rules.totp(secret, rules.totp_step(now)))
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("请保存这些恢复码")
    look(page, axe, "8-recovery-codes")
    page.get_by_role("link", name="我已保存").click()
    expect(page.get_by_text("社区书记")).to_be_visible()
    look(page, axe, "9-me-staff")


def test_notices(page: Page, live_server, city, axe):
    zhang = with_phone("张秀英", city, "13907280001")
    told = [
        ("a", "国瑞物业 李师傅 今天 10:42 换了 3 号楼 2 单元的楼道灯，请看看亮不亮。", True),
        ("b", "您反映的小区北门私装地锁已转给城管执法局，周四 17:00 前答复。", False),
        ("b", "您反映的小区北门私装地锁已受理。", False),
        ("c", "王湾社区通知：本周六上午九点在院坝召开居民议事会，商量加装电梯和停车位划线，请每户来一位。", False),
    ]
    subjects = {key: ("case", uuid7()) for key in "abc"}
    for number, (key, words, asks) in enumerate(reversed(told)):
        notifications.tell(
            [zhang.pk], kind="case", message="%(words)s", params={"words": words}, subject=subjects[key],
            link="/me/", key=str(number), now=datetime.now(UTC), asks=asks,
        )  # fmt: skip
    cast.sign_in_browser(page.context, live_server.url, zhang)
    page.goto(f"{live_server.url}/notices/")
    expect(page.get_by_text("等您说一句")).to_be_visible()
    look(page, axe, "10-notices")
    page.get_by_role("button", name="全部已读").click()
    expect(page.get_by_role("link", name="消息，1 条未读")).to_be_visible()


@pytest.mark.console_errors("40[34]")
def test_demo_and_errors(page: Page, live_server, city, axe, settings):
    zhou = cast.officer("周书记", "community_secretary", city.office, city.community)
    zhang = with_phone("张秀英", city, "13907280001")
    rows = [
        (zhang, "", "国瑞中央花园 3 号楼的居民", "看看楼道灯修好了没有，说一句解决了还是没有"),
        (zhou, "community_secretary", "王湾社区党委书记", "先看逾期的，把北门地锁派给城管，再给一件加督办"),
    ]
    listed = [
        {"account_id": str(who.account.pk), "role": role, "title": title, "what_to_try": words}
        for who, role, title, words in rows
    ]
    (settings.DATA / "demo.json").write_text(json.dumps(listed), encoding="utf-8")
    page.goto(f"{live_server.url}/demo/")
    look(page, axe, "11-demo")
    page.goto(f"{live_server.url}/demo/components/")
    look(page, axe, "11-components")
    for path in ("problems/", "problems/held/"):
        page.goto(f"{live_server.url}/{path}")
        look(page, axe, f"11-{path.strip('/').replace('/', '-')}")
    cast.sign_in_browser(page.context, live_server.url, zhang)
    page.goto(f"{live_server.url}/nowhere/")
    look(page, axe, "12-missing")
    page.goto(f"{live_server.url}/desk/people/")
    look(page, axe, "13-refused")
