"""Looking at a page as every reader has it: on the phone and on the desk, in the standard and in the elder view."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize

from tests.browser.conftest import DESK, LAYOUT_RULES, PHONE

SIZES: Final[tuple[ViewportSize, ...]] = (PHONE, DESK)  # type: ignore[assignment]  # plain dictionaries of the two keys
VIEWS: Final = ("", "elder")
SET_VIEW = """(view) => {
  if (view) document.documentElement.dataset.view = view; else delete document.documentElement.dataset.view;
}"""
TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOW_TARGETS = """() => [...document.querySelectorAll(
  "main :is(.btn, .input, .select, .textarea, .file-input, .choice, .equal, a.item, a.door), .tabs5 a, .action-bar .btn")]
  .filter((e) => e.offsetParent && e.getClientRects().length)
  .filter((e) => Math.round(e.getBoundingClientRect().height) < 60)
  .map((e) => `${e.tagName} .${e.className} “${(e.innerText || e.name || "").trim().slice(0, 30)}” `
    + `${Math.round(e.getBoundingClientRect().height)} px`)"""
PALE_BORDERS = """() => {
  const light = (c) => { const v = c / 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const ground = (e) => {
    for (let at = e.parentElement; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found[3] > 200) return found;
    }
    return [255, 255, 255, 255];
  };
  const ratio = (a, b) => {
    const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  return [...document.querySelectorAll("main :is(.input, .select, .textarea, .file-input, .choice, .equal, .btn)")]
    .filter((e) => e.offsetParent && !e.matches(".btn-ghost, .choice-plain"))
    .map((e) => {
      const style = getComputedStyle(e), below = ground(e);
      const best = Math.max(ratio(rgba(style.borderTopColor), below), ratio(rgba(style.backgroundColor), below));
      return [e, best];
    })
    .filter(([, best]) => best < 3)
    .map(([e, best]) => `${e.tagName} .${e.className} ${best.toFixed(2)}:1`);
}"""
Axe = Callable[..., None]


class Looker:
    """Looks at pages and notes what is wrong with them; ``faults`` at the end says all of it."""

    def __init__(self, axe: Axe) -> None:
        self.axe, self.faults, self.looked = axe, [], 0  # type: tuple[Axe, list[str], int]
        self.folder = os.environ.get("TONGXIN_SCREENSHOTS", "")

    def look(self, page: Page, name: str, *, as_who: str = "", small_first: bool = True) -> None:
        """All four ways of reading the page that is open. Its elements are the same in all of them: every rule is asked
        on the size it is made for in the standard and on the other in the elder view; between, what layout can change."""
        self.looked += 1
        sizes = SIZES if small_first else SIZES[::-1]
        for nth, size in enumerate(sizes):
            page.set_viewport_size(size)
            for view in VIEWS:
                page.evaluate(SET_VIEW, view)
                where = f"{name} as {as_who or 'somebody'}, {size['width']} px {view or 'standard'}"
                if (wide := page.evaluate(TOO_WIDE)) > 0:
                    self.faults.append(f"{where}: {wide} px too wide")
                if view and (low := page.evaluate(LOW_TARGETS)):
                    self.faults.append(f"{where}: targets lower than 60 px: {low[:6]}")
                self._axe(page, where, every_rule=(nth == 0) is (view == ""))
                self._picture(page, f"{slug(name)}-{size['width']}{'-' + view if view else ''}")
        if pale := page.evaluate(PALE_BORDERS):
            self.faults.append(f"{name}: borders below 3:1: {pale[:6]}")
        page.evaluate(SET_VIEW, "")

    def glance(self, page: Page, name: str, *, as_who: str = "") -> None:
        """Every rule once, on the size and in the view that are set."""
        self.looked += 1
        self._axe(page, f"{name} as {as_who or 'somebody'}", every_rule=True)
        if (wide := page.evaluate(TOO_WIDE)) > 0:
            self.faults.append(f"{name} as {as_who}: {wide} px too wide")

    def _axe(self, page: Page, where: str, *, every_rule: bool) -> None:
        try:
            self.axe(page, only=() if every_rule else LAYOUT_RULES)
        except AssertionError as fault:
            self.faults.append(f"{where}: {fault}")

    def _picture(self, page: Page, name: str) -> None:
        if self.folder:
            Path(self.folder).mkdir(parents=True, exist_ok=True)
            # As high as the page, so that bars at its foot stand at the foot of the picture.
            size = page.viewport_size or PHONE
            height = page.evaluate("() => document.documentElement.scrollHeight")
            page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, 6000))})
            page.screenshot(path=Path(self.folder) / f"{name}.png")
            page.set_viewport_size({"width": size["width"], "height": size["height"]})


def slug(name: str) -> str:
    """A route as the name of a file."""
    return re.sub(r"[^\w-]+", "-", re.sub(r"<(?:\w+:)?(\w+)>", r"\1", name)).strip("-") or "home"
