"""The harness itself: it must see what it promises to see."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import watch

GOOD = '<html lang="zh"><head><title>同心</title></head><body><main><h1>楼道灯</h1></main></body></html>'


def serve(page: Page, html: str, headers: dict[str, str] | None = None) -> None:
    page.route(
        "http://tongxin.test/",
        lambda route: route.fulfill(body=html, headers={"content-type": "text/html; charset=utf-8", **(headers or {})}),
    )
    page.goto("http://tongxin.test/")


def test_axe_finds_a_picture_without_words_under_a_strict_policy(page: Page, axe):
    policy = {"content-security-policy": "default-src 'none'; script-src 'self'"}
    serve(page, GOOD, policy)
    axe(page)
    serve(page, GOOD.replace("</main>", '<img src="data:,"></main>'))
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_errors_and_broken_policies_are_seen(browser):
    context = browser.new_context()
    errors = watch(context)
    page = context.new_page()
    policy = {"content-security-policy": "default-src 'none'; script-src 'self'"}
    serve(page, GOOD.replace("</main>", "<script>alert(1)</script></main>"), policy)
    page.wait_for_timeout(100)
    assert any("CSP: script-src" in text for text in errors), errors
    serve(page, GOOD.replace("</main>", "<script>missing()</script></main>"))
    page.wait_for_timeout(100)
    context.close()
    assert any("uncaught" in text and "missing" in text for text in errors), errors


def test_the_browser_is_in_shanghai_and_speaks_chinese(page: Page):
    serve(page, GOOD)
    assert page.evaluate("() => [navigator.language, Intl.DateTimeFormat().resolvedOptions().timeZone]") == [
        "zh-CN",
        "Asia/Shanghai",
    ]
    assert page.viewport_size == {"width": 390, "height": 844}
