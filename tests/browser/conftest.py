"""The browser of the tests: Debian's Chromium, in Chinese, in Shanghai, that tolerates no error on the console."""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

# Playwright's synchronous interface keeps an event loop in this thread, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
LAYOUT_RULES = ("color-contrast", "target-size", "link-in-text-block", "scrollable-region-focusable")
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
    `CSP: ${event.effectiveDirective} blocked ${event.blockedURI} ${event.sourceFile ?? ""}:${event.lineNumber}`));
"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = os.environ.get("TONGXIN_CHROMIUM") or shutil.which("chromium")
    assert chromium, "Chromium is missing; run scripts/system-packages test"
    quiet = [
        "background-networking",
        "component-update",
        "default-apps",
        "dev-shm-usage",
        "gpu",
        "quic",
        "sync",
    ]
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        # A microphone that beeps, and a person who lets it be used.
        "args": [
            "--no-sandbox",
            "--no-first-run",
            *(f"--disable-{name}" for name in quiet),
            *(f"--use-fake-{one}-for-media-stream" for one in ("ui", "device")),
        ],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": PHONE}


@pytest.fixture(autouse=True)
def quiet_console(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test whose pages wrote an error to the console, threw, or broke the content security policy.

    ``@pytest.mark.console_errors("404")`` names the messages that a test provokes on purpose.
    """
    if "context" not in request.fixturenames and "page" not in request.fixturenames:
        yield
        return
    context: BrowserContext = request.getfixturevalue("context")
    errors = watch(context)
    yield
    expected = [pattern for mark in request.node.iter_markers("console_errors") for pattern in mark.args]
    unexpected = [text for text in errors if not any(re.search(pattern, text) for pattern in expected)]
    assert not unexpected, "the browser's console reports:\n" + "\n".join(unexpected)


def watch(context: BrowserContext) -> list[str]:
    """A list that fills with the errors of all pages of ``context``; for contexts that a test opens itself."""
    errors: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{message.text} ({message.location.get('url', '')})")

    context.add_init_script(REPORT_VIOLATIONS)
    context.on("console", on_console)
    context.on("weberror", lambda error: errors.append(f"uncaught: {error.error}"))
    return errors


@pytest.fixture
def play(browser: Browser, live_server: Any, transactional_db: None, settings: Any) -> Iterator[Any]:
    """The people of a story on their screens (``tests.browser.play``); text messages are read as in the demo."""
    from django.utils import timezone

    from tests.browser.play import playing
    from tests.browser.scenery import lay

    settings.DEMO = True
    with playing(browser, live_server.url, lay(timezone.now())) as played:
        yield played


@pytest.fixture(scope="session")
def axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def axe(axe_source: str) -> Callable[..., None]:
    """``axe(page)`` asserts that the page breaks no rule of WCAG 2.2 level AA; ``axe(page, "main")`` looks at a part,
    ``axe(page, only=LAYOUT_RULES)`` at what may change while the page's elements stay the same.

    The script is evaluated through the debugger and not as a script tag, which the content security policy forbids.
    """

    def check(page: Page, within: str = "html", only: Sequence[str] = ()) -> None:
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(f"() => {{ {axe_source} }}")
        result = page.evaluate(
            "([within, runOnly]) => axe.run(within, {runOnly, resultTypes: ['violations']})",
            [within, {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": WCAG_22_AA}],
        )
        assert not result["violations"], f"{page.url} is not accessible:\n{describe(result['violations'])}"

    return check


def describe(violations: list[dict[str, Any]]) -> str:
    """Axe's findings as lines for a person: rule, help, and each element with what is wrong about it."""
    lines = []
    for violation in violations:
        lines.append(f"- {violation['id']} ({violation['impact']}): {violation['help']} {violation['helpUrl']}")
        for node in violation["nodes"]:
            why = " ".join(node.get("failureSummary", "").split())
            lines.append(f"    {node['html'][:160]}\n      at {node['target']}: {why}")
    return "\n".join(lines)
