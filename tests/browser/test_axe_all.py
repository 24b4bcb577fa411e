"""Every page that somebody can open breaks no rule of WCAG 2.2 AA: the routes walked as each role, with real things, on
the phone and on the desk, in the standard and in the elder view, and once more refused.

All roles open all routes through the test client. The browser then looks at each route once, and again wherever another
role's page of it is made of something that no page before it showed; the rest would only be the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESK, PHONE
from tests.browser.looking import Looker
from tests.cast import sign_in
from tests.system.town import NOBODY, OWN, REPORTER, SECRETS, Town, Who, build
from tests.system.walking import API, address, routes
from tongxin.cases.models import AnswerTemplate
from tongxin.cases.operations import work
from tongxin.people.operations import second_factor
from tongxin.people.roles import ROLES
from tongxin.people.rules.signin import totp, totp_step
from tongxin.web.desk.steps import BY_NAME

pytestmark = pytest.mark.django_db(transaction=True)

PARTS = {
    "desk/places/areas/<str:code>/grids/": {"code": "community_code"},
    "q/<str:code>": {"code": "place_code"},
    "cases/<str:number>/not-solved/": {"number": "asked"},
    "desk/cases/<str:number>/": {"number": "waiting"},
    "desk/places/<str:kind>/<uuid:place_id>/poster.pdf": {"kind": "building", "place_id": "building_id"},
    "desk/places/imports/template/<str:kind>.xlsx": {"kind": "homes"},
    "desk/settings/accounts/<uuid:person_id>/": {"person_id": "officer"},
    "desk/record/entries/<uuid:entry_id>/": {"entry_id": "entry"},
    "desk/settings/categories/<str:code>/": {"code": "lighting"},
    "problems/<slug:code>/": {"code": "held"},
    "me/family/<uuid:request_id>/": {"request_id": "family_request"},
    "t/<str:token>": {"token": "task_token"},
    "f/<str:token>": {"token": "nonsense"},
    "work/<str:number>/": {"number": "asked"},
    "visits/made/<uuid:visit_id>/sign/<str:number>/": {"number": "visited"},
    "desk/deputy/suggestions/<str:number>/": {"number": "suggestion"},
    "desk/suggestions/<str:number>/complex/": {"number": "suggestion"},
}
ELSE = {"number": "lamp", "deed": "urge", "name": "note", "secret": "nobody-knows"}
STEPS = "desk/cases/<str:number>/<slug:name>/"
NO_PAGE = {
    "areas/options/", "desk/points/", "f/<str:token>", "language/", "view/", "sign-out/",  # no page of their own
    "notices/<uuid:notice_id>/", "q/<str:code>", "progress/case/", "sign-in/wechat/", "sign-in/wechat/back/",  # lead on
    "demo/", "demo/components/", "demo/enter/",  # in the demo alone
    "sign-in/code/", "sign-in/choose/", "staff/sign-in/password/", "staff/sign-in/code/", "staff/sign-in/enrol/",
    "staff/sign-in/recovery/", "me/family/<uuid:request_id>/",  # the second step of something: test_signin, test_people
    "progress/prove/",  # after the number and code of a slip: test_caller
    "cases/<str:number>/word/",  # test_story_24
    "hooks/wechat/",  # of programs alone, which sign what they send
    "desk/deputy/suggest/",  # out of opinions that were chosen: test_deputies
}  # fmt: skip
"""Routes that nobody finds a page at by walking, and why."""
STRONG = frozenset(ROLES)
_CASES = ("lamp", "waiting", "asked", "rung")


class Materials(HTMLParser):
    """What a page is made of: each kind of element in each kind of element, whatever it says and how often."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.above = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = sorted(name for name, _ in attrs)
        classes = next((value or "" for name, value in attrs if name == "class"), "")
        kind = next((value or "" for name, value in attrs if name == "type"), "")
        own = f"{tag}.{classes}.{kind}"
        self.found.add(f"{self.above}>{own}[{','.join(names)}]")
        self.above = own


def materials(html: str) -> set[str]:
    reader = Materials()
    reader.feed(html)
    return reader.found


def everyone() -> list[Who]:
    """Nobody, residents of each standing, and every role whose permissions differ from those before it."""
    seen: dict[frozenset[str], Who] = {}
    for role, permissions in ROLES.items():
        seen.setdefault(permissions, (role, OWN))
    return [NOBODY, ("visitor", OWN), ("resident", OWN), ("owner", OWN), REPORTER, *seen.values()]


def addresses(town: Town) -> list[tuple[str, str]]:
    """(route, address) of every page; those of a case in each state the town has, with each step of the desk."""
    found = []
    for pattern, _view in routes():
        if pattern.startswith((API, "hotline/", "healthz", "readyz")) or pattern.endswith(
            (".json", ".csv", ".xlsx", ".pdf", ".js")
        ):
            continue
        if pattern == STEPS:
            for name in BY_NAME:
                for case in _CASES:
                    url = address(town, pattern, {"number": case, "name": name})
                    found.append((f"{pattern} {name}", url))
            continue
        parts = ELSE | PARTS.get(pattern, {})
        cases = _CASES if "<str:number>" in pattern and pattern not in PARTS else (parts["number"],)
        found += [(pattern, address(town, pattern, parts | {"number": case})) for case in cases]
    return found


def pages_to_look_at(town: Town) -> tuple[list[tuple[Who, str, str]], set[str]]:
    """(who, route, address) of each route at least once, and of every page made of something new; and the routes that had
    a page."""
    seen: set[str] = set()
    looked: set[str] = set()
    chosen: list[tuple[Who, str, str]] = []
    for who in everyone():
        client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
        if who != NOBODY:
            sign_in(client, town.people[who], strong=who[0] in STRONG)
        for route, url in addresses(town):
            answer = client.get(url)
            if answer.status_code == 405:
                looked.add(route)  # only takes what is sent
            if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
                continue
            made_of = materials(answer.content.decode())
            if route in looked and made_of <= seen:
                continue
            looked.add(route)
            seen |= made_of
            chosen.append((who, route, url))
    return chosen, looked


class Screens:
    """A page for each of the town's people, signed in on one browser."""

    def __init__(self, browser: Browser, url: str, town: Town) -> None:
        self.browser, self.url, self.town = browser, url, town
        self.pages: dict[Who, Page] = {}

    def of(self, who: Who) -> Page:
        """Their page, on the size that their work is made for."""
        if who not in self.pages:
            size = DESK if who[0] in STRONG else PHONE
            context = self.browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
            if who != NOBODY:
                client = Client()
                sign_in(client, self.town.people[who], strong=who[0] in STRONG)
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.url}])
            self.pages[who] = context.new_page()
        return self.pages[who]

    def close(self) -> None:
        """Away with them."""
        for page in self.pages.values():
            page.context.close()


@pytest.fixture
def screens(browser: Browser, live_server: Any, transactional_db: None) -> Iterator[Screens]:
    cache.clear()
    opened = Screens(browser, live_server.url, build())
    yield opened
    opened.close()


def test_every_page_signed_in_as_each_role_is_accessible(screens: Screens, axe: Callable[..., None]) -> None:
    town, looker = screens.town, Looker(axe)
    assert AnswerTemplate.objects.exists()
    chosen, looked = pages_to_look_at(town)
    missed = {route for route, _ in addresses(town)} - looked - {f"{STEPS} {name}" for name in BY_NAME} - NO_PAGE
    assert missed == set(), "no page to look at, for nobody:\n" + "\n".join(sorted(missed))
    assert len({route for route in looked if route.startswith(STEPS)}) > 15
    seen: set[str] = set()
    forms: list[tuple[Who, str, str]] = []
    for who, route, url in chosen:
        page = screens.of(who)
        page.goto(screens.url + url)
        if route in seen:
            looker.glance(page, url, as_who=who[0])
            continue
        seen.add(route)
        looker.look(page, route, as_who=who[0], small_first=who[0] not in STRONG or not url.startswith("/desk/"))
        if page.evaluate(HAS_FORM):
            forms.append((who, route, url))
    assert len(seen) > 70
    assert not looker.faults, f"{len(looker.faults)} on {looker.looked} pages:\n" + "\n".join(looker.faults)
    refused = [route for who, route, url in forms if sends_nothing(screens.of(who), screens.url + url, looker, route)]
    assert len(refused) > 25, f"forms that refuse an empty sending: {refused}"
    assert not looker.faults, "refused forms:\n" + "\n".join(looker.faults)


HAS_FORM = "() => !!document.querySelector('main form[method=post] [required]')"
SEND_NOTHING = """() => {
  const form = document.querySelector("main form[method=post] [required]").form;
  for (const field of form.elements) {
    if (field.type === "radio" || field.type === "checkbox") field.checked = false;
    else if (field.required) field.value = "";
  }
  form.noValidate = true;
  form.submit();
}"""


def sends_nothing(page: Page, url: str, looker: Looker, route: str) -> bool:
    """Send the page's form without what it requires, and glance at the page that says what is missing."""
    page.goto(url)
    if not page.evaluate(HAS_FORM):
        return False
    with page.expect_navigation() as led:
        page.evaluate(SEND_NOTHING)
    if led.value is None or led.value.status != 422:
        return False
    looker.glance(page, f"{route} refused")
    return True


def test_pages_that_come_second_are_accessible(screens: Screens, axe: Callable[..., None]) -> None:
    looker = Looker(axe)
    _report_read_back(screens, looker)
    _family_code(screens, looker)
    _several_together(screens, looker)
    _her_own_word(screens, looker)
    _staff_signing_in(screens, looker)
    assert looker.looked == 8
    assert not looker.faults, "\n".join(looker.faults)


def _report_read_back(screens: Screens, looker: Looker) -> None:
    page = screens.of(REPORTER)
    page.goto(f"{screens.url}/report/")
    page.locator("#f-text").fill("家门口的灯坏了，好像又坏了")
    page.locator("input[name=category][value=lighting]").check()
    page.locator("input[name=home]").first.check()
    with page.expect_navigation():
        page.locator(".action-bar .btn-primary").click()
    looker.look(page, "report-check")


def _family_code(screens: Screens, looker: Looker) -> None:
    page = screens.of(("resident", OWN))
    page.goto(f"{screens.url}/me/family/")
    page.locator("[name=name]").fill(SECRETS["name"])
    page.locator("[name=phone]").fill(SECRETS["phone"])
    with page.expect_navigation():
        page.locator("main .btn-primary").click()
    looker.look(page, "me-family-code")


def _several_together(screens: Screens, looker: Looker) -> None:
    page = screens.of(("community_worker", OWN))
    page.goto(f"{screens.url}/desk/")
    for box in page.locator("input[name=pick]").all()[:3]:
        box.check()
    with page.expect_navigation():
        page.locator("button[form=picks]").first.click()
    looker.look(page, "desk-many", small_first=False)
    with page.expect_navigation():
        page.locator("button[name=act][value=accept]").click()
    looker.look(page, "desk-outcome", small_first=False)


def _her_own_word(screens: Screens, looker: Looker) -> None:
    town = screens.town
    case = town.things["rung"]
    work.answer_case(town.actor(("handler", OWN)), case.pk, timezone.now(), text="换了灯")
    page = screens.of(("grid_worker", OWN))
    page.goto(f"{screens.url}/cases/{case.number}/word/")
    looker.look(page, "cases-word", as_who="grid_worker")


def _staff_signing_in(screens: Screens, looker: Looker) -> None:
    """With a password that somebody else gave; then one with an authenticator, and without it at hand."""
    for who, temporary in ((("street_officer", OWN), True), (("community_secretary", OWN), False)):
        account = screens.town.people[who].account
        account.username, account.password_is_temporary = f"{who[0]}", temporary
        account.set_password("湖北十堰 张湾 王湾")
        account.save()
        if not temporary:
            then = timezone.now() - timedelta(hours=1)
            secret = second_factor.start_enrolment(account.pk, now=then)
            second_factor.confirm_enrolment(account.pk, totp(secret, totp_step(then)), now=then)
        page = screens.browser.new_context(viewport=PHONE, locale="zh-CN").new_page()  # type: ignore[arg-type]
        screens.pages["staff", str(temporary)] = page
        page.goto(f"{screens.url}/staff/sign-in/")
        page.locator("[name=username]").fill(who[0])
        page.locator("[name=password]").fill("湖北十堰 张湾 王湾")
        with page.expect_navigation():
            page.locator("main .btn-primary").click()
        looker.look(page, "staff-sign-in-password" if temporary else "staff-sign-in-code")
    page.goto(f"{screens.url}/staff/sign-in/recovery/")
    looker.look(page, "staff-sign-in-recovery")
