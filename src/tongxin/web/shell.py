"""What surrounds a page: who is looking, where, and which entries exist for them.

`page` fills one `Shell` per request and hands it to the templates as `shell`. Layouts draw
only what is given: no tab, menu entry or switch appears that the data does not name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from tongxin.notifications.queries import unread_count
from tongxin.places.heads import head_names
from tongxin.web import nav
from tongxin.web.request import Request


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
    owner: str = ""  # id of the person, for what their browser keeps of theirs alone
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


def shell_for(request: Request, place: str = "", place_note: str = "") -> Shell:
    """The surroundings of a page for who asks. One query for the bell, more only for counts that `nav` names.

    On the desk the place is that of the office, elsewhere the community of the person, unless the page names another.
    """
    actor, path = request.actor, request.path
    bell_count = unread_count(actor.person_id) if actor.person_id is not None else 0
    community = request.account.person.community if request.account is not None else None
    office = bool(actor.grants)
    if office and not place and path.startswith("/desk/"):
        place, place_note = head_names(min((grant.area_path for grant in actor.grants), key=len))
    return Shell(
        view="elder" if request.view == "elder" else "",
        language=request.LANGUAGE_CODE,
        language_url=reverse("language"),
        elder_url=reverse("view"),
        path=request.get_full_path() if request.method in {"GET", "HEAD"} else path,
        home_url="/desk/" if office and nav.exists("/desk/") and path.startswith("/desk/") else "/",
        place=place or (community.name if community is not None else ""),
        place_note=place_note,
        bell_url=nav.if_exists("/notices/") if actor.signed_in else "",
        bell_count=bell_count,
        tabs=tuple(
            Tab(
                e.path,
                str(e.label),
                e.icon,
                nav.is_current(e, nav.TABS, path),
                e.raised,
                bell_count if e.counts_bell else 0,
            )
            for e in nav.shown(nav.TABS, actor)
        ),
        menu=tuple(
            MenuGroup(
                str(group.label),
                tuple(
                    MenuItem(
                        e.path,
                        str(e.label),
                        e.icon,
                        e.waiting(actor, request.now),
                        nav.is_current(e, nav.MENU_ENTRIES, path),
                    )
                    for e in nav.shown(group.entries, actor)
                ),
            )
            for group in nav.MENU
            if nav.shown(group.entries, actor)
        )
        if office
        else (),
        search_url=nav.if_exists("/desk/") if office else "",
        search_text=request.GET.get("q", ""),
        new_url=nav.if_exists("/desk/new/") if actor.may_somewhere("case.submit_for") else "",
        person=actor.name,
        owner=str(actor.person_id or ""),
        person_links=tuple(MenuItem(e.path, str(e.label), e.icon) for e in nav.shown(nav.PERSON_LINKS, actor)),
        sign_out_url=nav.if_exists("/sign-out/") if actor.signed_in else "",
    )


def page(
    request: Request,
    template: str,
    /,
    *,
    status: int = 200,
    place: str = "",
    place_note: str = "",
    **context: Any,
) -> HttpResponse:
    """The one way to answer with a page: the template with its surroundings.

    Adds `shell`, `actor`, `now`, `view`, `language`, `messages` to the context. `place` names the area of the page
    when it is not the person's own community.
    """
    context = {
        "shell": shell_for(request, place, place_note),
        "actor": request.actor,
        "now": request.now,
        "view": request.view,
        "language": request.LANGUAGE_CODE,
        "messages": get_messages(request),
        **context,
    }
    response = HttpResponse(render_to_string(template, context, request), status=status)
    if request.actor.signed_in:
        # A page of a person must not stay in a shared computer's history after signing out.
        response.headers.setdefault("Cache-Control", "no-store, private")
    return response
