"""What surrounds a page: who is looking, where, and which entries exist for them.

A context processor fills one `Shell` per request and hands it to the templates as `shell`. Layouts draw
only what is given: no tab, menu entry or switch appears that the data does not name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Tab:
    """One of the resident's bottom tabs. `raised` marks the middle one (report); `count` is what is unread."""

    href: str
    label: str
    icon: str
    current: bool = False
    raised: bool = False
    count: int = 0


@dataclass(frozen=True)
class MenuItem:
    """One entry of the desk's menu; `count` is what waits there, None draws no figure."""

    href: str
    label: str
    icon: str
    count: int | None = None
    current: bool = False


@dataclass(frozen=True)
class MenuGroup:
    """One of the five promises, with its entries: `MenuGroup("共谋 一起定", (MenuItem(…),))`."""

    label: str
    items: tuple[MenuItem, ...]


@dataclass(frozen=True)
class Shell:
    """The surroundings of a page. Empty strings and tuples leave their part out."""

    view: str = ""  # "elder" or ""
    language: str = "zh-hans"
    languages: tuple[tuple[str, str], ...] = (("zh-hans", "中文"), ("en", "English"))
    language_url: str = ""  # POST language=…, next=…
    elder_url: str = ""  # POST view=elder|standard, next=…
    path: str = "/"  # where the switches come back to
    home_url: str = "/"
    place: str = ""  # the community's name
    place_note: str = ""  # street and county, on the desk
    place_url: str = ""  # where another place can be chosen
    bell_url: str = ""
    bell_count: int = 0
    tabs: tuple[Tab, ...] = ()
    menu: tuple[MenuGroup, ...] = ()
    search_url: str = ""
    search_text: str = ""
    new_url: str = ""
    person: str = ""
    person_links: tuple[MenuItem, ...] = ()
    sign_out_url: str = ""

    @property
    def elder(self) -> bool:
        """Whether the elder view is on: larger type, larger targets, one choice per line."""
        return self.view == "elder"


def initial(name: str) -> str:
    """The sign of a person where no picture is kept: the first letter of the name, upper case."""
    return name.strip()[:1].upper() or "?"


def shown_tabs(tabs: Sequence[Tab]) -> tuple[Tab, ...]:
    """At most five tabs, the raised one in the middle, the others in their given order."""
    raised = [tab for tab in tabs if tab.raised][:1]
    plain = [tab for tab in tabs if not tab.raised][: 5 - len(raised)]
    middle = (len(plain) + 1) // 2
    return tuple(plain[:middle] + raised + plain[middle:])
