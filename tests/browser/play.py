"""What a story is played with: a screen for each of its people, and nothing but the screen.

Everyone signs in once through the sign-in pages. A person's page reports any error on its console, any breach of the
content policy, and any page wider than its screen; the play fails with them.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from django.utils import timezone
from django.utils.translation import gettext, override
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, watch
from tests.browser.scenery import PASSWORD, Scenery, lay_village
from tongxin.jobs.ticker import JOBS, run_everything
from tongxin.people.rules.signin import totp, totp_step

SMALL: ViewportSize = {"width": 320, "height": 640}
expect.set_options(timeout=10_000)  # a busy machine is no failure
TOO_WIDE = """
addEventListener("load", () => {
  const root = document.documentElement;
  const wide = root.scrollWidth - root.clientWidth;
  if (wide > 0) console.error(`${location.pathname} is ${wide} px too wide for its screen`);
});
"""
FOCUSED = """() => {
  const e = document.activeElement;
  const own = e.tagName === "BODY" ? "" : e.innerText || e.getAttribute("aria-label") || "";
  const labels = e.labels ? [...e.labels].map((l) => l.innerText).join(" ") : "";
  return [own, labels].filter(Boolean).join(" ").trim();
}"""
WHAT = """() => { const e = document.activeElement; return [e.tagName, e.type || "", e.name || "", e.value || ""]; }"""


def zh(text: str, **parts: str) -> str:
    """The text as it stands on the screen, with its parts filled in."""
    with override("zh-hans"):
        found = gettext(text)
    return found.format(**parts) if parts else found


def photo(name: str, colour: str, words: str = "") -> FilePayload:
    """A photo as a phone takes it, larger than what is sent."""
    picture, data = Image.new("RGB", (2000, 1500), colour), io.BytesIO()
    ImageDraw.Draw(picture).ellipse((700, 300, 1300, 900), outline="white", width=30)
    picture.save(data, "JPEG", comment=words.encode())
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": data.getvalue()}


class Screen:
    """Somebody at their phone or desk. Whatever they do goes through here."""

    def __init__(self, name: str, page: Page, url: str) -> None:
        self.name, self.page, self.url = name, page, url

    # --- going and looking ---

    def open(self, path: str = "/") -> Self:
        """Type an address, or follow a bookmark."""
        self.page.goto(self.url + path)
        return self

    def sees(self, *words: str, within: str = "main") -> Self:
        """All of it stands on the page."""
        for one in words:
            expect(self.page.locator(within).first).to_contain_text(zh(one))
        return self

    def does_not_see(self, *words: str, within: str = "main") -> Self:
        """None of it does."""
        for one in words:
            expect(self.page.locator(within).first).not_to_contain_text(zh(one))
        return self

    def reads_notice(self, words: str) -> Self:
        """Open the notices at the bell, find the one that says this, and follow it."""
        return self.open("/").link("Notices", start=True).link(words)

    def picture(self, name: str) -> Self:
        """A screenshot, where somebody asked for them."""
        folder = os.environ.get("TONGXIN_SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
        return self

    # --- doing ---

    def link(self, words: str, *, start: bool = False) -> Self:
        """Follow a link by its words, or by how they begin."""
        name: Any = re.compile("^" + re.escape(zh(words))) if start else zh(words)
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=name).first.click()
        return self

    def button(self, words: str) -> Self:
        """Press a button that leads on."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=zh(words), exact=True).first.click()
        return self

    def writes(self, label: str, text: str) -> Self:
        """Write into a field."""
        self.page.get_by_label(zh(label)).first.fill(text)
        return self

    def chooses(self, label: str, option: str) -> Self:
        """Choose from a list, by a part of what the line says."""
        select = self.page.get_by_label(zh(label)).first
        value = select.locator("option", has_text=option).first.get_attribute("value")
        select.select_option(value)
        return self

    def ticks(self, words: str) -> Self:
        """Tick a box or choose a card, by its words."""
        self.page.locator("label", has_text=zh(words)).first.locator("input").check()
        return self

    def opens(self, words: str) -> Self:
        """Unfold what stands behind a line."""
        self.page.locator("summary", has_text=zh(words)).first.click()
        return self

    def adds(self, label: str, *photos: FilePayload) -> Self:
        """Add photos; they are made smaller in the browser before they travel."""
        field = self.page.get_by_label(zh(label)).first
        part = self.page.locator("[data-photos]", has=field)
        field.set_input_files(list(photos))
        expect(part.locator("[data-photos-list] img")).to_have_count(len(photos))
        return self

    def word(self, words: str) -> Locator:
        """Words on the page, for what no other verb says."""
        return self.page.get_by_text(zh(words))


class Desk(Screen):
    """Somebody at the desk: the list, and the chosen matter beside it with its steps."""

    def chooses_matter(self, title: str) -> Self:
        """On the desk: choose a matter in the list; it opens beside it."""
        self.page.locator(".q-title", has_text=title).first.click()
        expect(self.page.locator("#detail h1")).to_contain_text(title)
        return self

    def searches(self, words: str) -> Self:
        """Search the matters."""
        box = self.page.locator("input[name=q]").first
        box.fill(words)
        with self.page.expect_navigation():
            box.press("Enter")
        return self

    def step(self, words: str) -> Self:
        """On the desk: take a step of the chosen matter, also one that stands behind “more”."""
        detail = self.page.locator("[data-steps]")
        name = zh(words)
        found = detail.get_by_role("link", name=name, exact=True).or_(
            detail.get_by_role("button", name=name, exact=True)
        )
        if not found.first.is_visible():
            detail.locator("summary").click()
        with self.page.expect_navigation():
            found.first.click()
        return self


class Keyboard(Screen):
    """Somebody who has the keyboard alone: Tab, arrows, Space, Enter, and letters. No pointer, no set focus."""

    def tab_to(self, words: str, *, tags: str = "", how: str = "has", most: int = 80) -> None:
        """Tab until what has the focus says ``words``: whoever cannot reach it so cannot reach it at all."""
        wanted = zh(words)
        for _ in range(most):
            self.page.keyboard.press("Tab")
            said, what = self.page.evaluate(FOCUSED), self.page.evaluate(WHAT)
            fits = {"has": wanted in said, "is": said == wanted, "starts": said.startswith(wanted)}[how]
            if fits and (not tags or what[0] in tags or what[1] in tags):
                return
        raise AssertionError(f"{self.name} cannot reach “{wanted}” on {self.page.url} by the keyboard")

    def _enter(self) -> Self:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self

    def link(self, words: str, *, start: bool = False) -> Self:
        self.tab_to(words, tags="A", how="starts" if start else "has")
        return self._enter()

    def button(self, words: str) -> Self:
        self.tab_to(words, tags="BUTTON", how="is")
        return self._enter()

    def opens(self, words: str) -> Self:
        self.tab_to(words, tags="SUMMARY")
        self.page.keyboard.press("Enter")
        return self

    def writes(self, label: str, text: str) -> Self:
        self.tab_to(label, tags="INPUT TEXTAREA")
        self.page.keyboard.type(text)
        return self

    def ticks(self, words: str) -> Self:
        """Tab into the group, then the arrows; Space chooses what nothing chose yet."""
        wanted = zh(words)
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(WHAT)[1] in {"radio", "checkbox"} and self._arrows_to(wanted):
                return self
        raise AssertionError(f"{self.name} cannot choose “{wanted}” on {self.page.url} by the keyboard")

    def _arrows_to(self, wanted: str) -> bool:
        first = self.page.evaluate(WHAT)
        for _ in range(40):
            if wanted in self.page.evaluate(FOCUSED):
                self.page.keyboard.press("Space")
                return True
            if first[1] != "radio":
                return False
            self.page.keyboard.press("ArrowDown")
            if self.page.evaluate(WHAT) == first:
                return False
        return False

    def chooses(self, label: str, option: str) -> Self:
        self.tab_to(label, tags="SELECT")
        said = "() => document.activeElement.selectedOptions[0].innerText"
        for _ in range(60):
            if option in self.page.evaluate(said):
                return self
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{self.name} cannot choose “{option}” on {self.page.url} by the keyboard")

    def adds(self, label: str, *photos: FilePayload) -> Self:
        with self.page.expect_file_chooser() as chooser:  # waited for from here on: it must not open unseen
            self.tab_to(label, tags="file")
            self.page.keyboard.press("Space")
        chooser.value.set_files(list(photos))
        part = self.page.locator("[data-photos]", has=self.page.get_by_label(zh(label)))
        expect(part.locator("[data-photos-list] img")).to_have_count(len(photos))
        return self


Hands = TypeVar("Hands", bound=Screen)


class Play:
    """The people of a story on their screens, on one scenery."""

    def __init__(self, browser: Browser, url: str, scenery: Scenery) -> None:
        self.browser, self.url, self.scenery = browser, url, scenery
        self.contexts: list[BrowserContext] = []
        self.errors: list[list[str]] = []
        self.expected: list[str] = []

    def screen(self, size: ViewportSize) -> Page:
        """A new screen with nobody signed in."""
        context = self.browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
        context.set_default_timeout(15_000)
        context.set_default_navigation_timeout(30_000)
        context.add_init_script(TOO_WIDE)
        self.contexts.append(context)
        self.errors.append(watch(context))
        return context.new_page()

    def resident(self, name: str, *, size: ViewportSize = PHONE, hands: type[Hands] = Screen) -> Hands:  # type: ignore[assignment]
        """A resident at their phone, signed in by the code that was sent to it."""
        page, phone = self.screen(size), self.scenery.phones[name]
        screen = hands(name, page, self.url).open("/").link("Sign in", start=True)
        screen.writes("Mobile phone", phone).button("Send me the code")
        screen.writes("Six digits", self.code_for(page, phone)).button("Sign in")
        return screen.sees("我要反映")

    def code_for(self, page: Page, phone: str) -> str:
        """The code in the newest text message to a phone, which lies beside the screen."""
        inbox = page.context.new_page()
        inbox.goto(f"{self.url}/demo/#messages")
        message = inbox.locator("#messages li", has_text=phone).first.inner_text()
        inbox.close()
        found = re.search(r"\b(\d{6})\b", message.replace(phone, ""))
        assert found, message
        return found[1]

    def desk(self, name: str, path: str = "/desk/") -> Desk:
        """Somebody at the desk, on a large screen."""
        return self.staff(name, path, size=DESK, hands=Desk)

    def staff(
        self, name: str, path: str = "/work/", *, size: ViewportSize = PHONE, hands: type[Hands] = Screen
    ) -> Hands:  # type: ignore[assignment]
        """Somebody in office on their way, signed in by password and the code of their authenticator."""
        screen = hands(name, self.screen(size), self.url).open(f"/staff/sign-in/?next={path}")
        screen.writes("User name", self.scenery.usernames[name]).writes("Password", PASSWORD).button("Go on")
        code = totp(self.scenery.secrets[name], totp_step(timezone.now()))
        screen.writes("Six digits", code).button("Sign in")
        assert "sign-in" not in screen.page.url, f"{name} is not let in: {screen.page.url}"
        return screen

    def village(self) -> None:
        """The story is played in a village as well: 后沟村, with its forest chief and its electrician."""
        lay_village(self.scenery, self.now())

    def worker_runs(self) -> None:
        """The house's own work, that nobody does by hand: photos prepared, messages sent."""
        run_everything(self.now())

    def days_pass(self, days: int) -> None:
        """Days on which nobody says or does a thing; the house notices at the end of them. Its clocks alone look ahead:
        a day that were sealed now could not be written in again."""
        clocks = next(job for job in JOBS if job.name == "clocks")
        while clocks.run(self.now() + timedelta(days=days)):
            pass

    @staticmethod
    def now() -> datetime:
        """The moment."""
        return timezone.now()

    def allows(self, *messages: str) -> None:
        """What the consoles of this play may report, because a story provokes it on purpose."""
        self.expected += messages

    def ends(self) -> None:
        """Close the screens; nothing was reported on any of them."""
        for context in self.contexts:
            context.close()
        lines = [line for errors in self.errors for line in errors]
        reported = [line for line in lines if not any(re.search(one, line) for one in self.expected)]
        assert not reported, "\n".join(reported)


@contextmanager
def playing(browser: Browser, url: str, scenery: Scenery) -> Iterator[Play]:
    """A play, and its end."""
    play = Play(browser, url, scenery)
    try:
        yield play
        play.ends()
    finally:
        for context in play.contexts:
            context.close()
