"""Every page that somebody can open breaks no rule of WCAG 2.2 AA: the routes walked as each role, with real things.

All roles open all routes through the test client. The browser then looks at each route once, and again wherever another
role's page of it is made of something that no page before it showed; the rest would only be the same again.
"""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser

from tests.browser.conftest import DESK, PHONE
from tests.cast import sign_in
from tests.system.town import NOBODY, OWN, REPORTER, Town, Who, build
from tests.system.walking import API, address, routes
from tongxin.cases.models import AnswerTemplate
from tongxin.people.roles import ROLES
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
    "desk/settings/categories/<str:code>/": {"code": "lighting"},
    "me/family/<uuid:request_id>/": {"request_id": "family_request"},
    "t/<str:token>": {"token": "task_token"},
    "f/<str:token>": {"token": "nonsense"},
    "work/<str:number>/": {"number": "asked"},
}
ELSE = {"number": "lamp", "deed": "urge", "name": "note"}
STEPS = "desk/cases/<str:number>/<slug:name>/"
NO_PAGE = {
    "areas/options/", "desk/points/", "f/<str:token>", "language/", "view/", "sign-out/",  # no page of their own
    "notices/<uuid:notice_id>/", "q/<str:code>", "progress/case/", "sign-in/wechat/", "sign-in/wechat/back/",  # lead on
    "demo/", "demo/components/", "demo/enter/",  # in the demo alone
    "sign-in/code/", "sign-in/choose/", "staff/sign-in/password/", "staff/sign-in/code/", "staff/sign-in/enrol/",
    "staff/sign-in/recovery/", "me/family/<uuid:request_id>/",  # the second step of something: test_signin, test_people
    "cases/<str:number>/word/",  # test_story_24
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
        if pattern.startswith((API, "healthz", "readyz")) or pattern.endswith((".json", ".csv", ".xlsx", ".pdf")):
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


def pages_to_look_at(town: Town) -> tuple[list[tuple[Who, str]], set[str]]:
    """Each route at least once, and every page made of something new; and the routes that had a page."""
    seen: set[str] = set()
    looked: set[str] = set()
    chosen: list[tuple[Who, str]] = []
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
            chosen.append((who, url))
    return chosen, looked


def test_every_page_signed_in_as_each_role_is_accessible(
    browser: Browser, live_server: Any, transactional_db: None, axe: Callable[..., None]
) -> None:
    cache.clear()
    town = build()
    assert AnswerTemplate.objects.exists()
    chosen, looked = pages_to_look_at(town)
    missed = {route for route, _ in addresses(town)} - looked - {f"{STEPS} {name}" for name in BY_NAME} - NO_PAGE
    assert missed == set(), "no page to look at, for nobody:\n" + "\n".join(sorted(missed))
    assert len({route for route in looked if route.startswith(STEPS)}) > 15
    faults = []
    contexts: dict[Who, Any] = {}
    for who, url in chosen:
        if who not in contexts:
            size = DESK if who[0] in STRONG else PHONE
            context = browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
            if who != NOBODY:
                client = Client()
                sign_in(client, town.people[who], strong=who[0] in STRONG)
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
            contexts[who] = context.new_page()
        page = contexts[who]
        page.goto(live_server.url + url)
        try:
            axe(page)
        except AssertionError as fault:
            faults.append(f"as {who[0]}: {fault}")
    for page in contexts.values():
        page.context.close()
    assert not faults, f"{len(faults)} of {len(chosen)} pages:\n" + "\n".join(faults)
