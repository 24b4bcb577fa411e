"""Tabs and menus as data. An entry whose page does not exist, or is not for the visitor, is not drawn."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from django.core.cache import cache
from django.urls import Resolver404, resolve
from django.utils.functional import Promise

from tongxin.cases.queries.counts import waiting as cases_waiting
from tongxin.kernel.actor import Actor
from tongxin.people.queries.verification import waiting_count
from tongxin.web.speech import gettext_lazy as _

KEPT_SECONDS: Final = 30
NOT_KEPT: Final = object()
Count = Callable[[Actor, datetime], int | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One way to a page. ``permissions``: any of them, held somewhere, shows it; none: everybody sees it.

    ``count`` says what waits there (a query: at most one each). ``not_with``: whoever holds this permission does not
    see it, because something they need more stands in its place.
    """

    path: str
    label: str | Promise
    icon: str
    permissions: tuple[str, ...] = ()
    raised: bool = False
    counts_bell: bool = False
    count: Count | None = None
    not_with: str = ""

    def waiting(self, actor: Actor, now: datetime) -> int | None:
        """What waits behind the entry, or None if it does not count. Kept for half a minute: every page says it."""
        if self.count is None:
            return None
        key = f"nav-waiting:{self.path}:{actor.id}"
        kept = cache.get(key, NOT_KEPT)
        if kept is NOT_KEPT:
            kept = self.count(actor, now)
            cache.set(key, kept, KEPT_SECONDS)
        return cast("int | None", kept)


@dataclass(frozen=True, slots=True)
class Group:
    """One of the five promises, with its entries on the desk."""

    label: str | Promise
    entries: tuple[Entry, ...]


TABS: Final = (
    Entry("/", _("Home"), "home"),
    Entry("/public/", _("Made public"), "map", not_with="case.handle"),
    Entry("/work/", _("Tasks"), "check", ("case.handle",)),
    Entry("/report/", _("Report"), "plus", raised=True),
    Entry("/notices/", _("Notices"), "bell", counts_bell=True),
    Entry("/me/", _("Me"), "user"),
)

MENU: Final = (
    Group(_("Decide together"), ()),
    Group(
        _("Build together"),
        (
            Entry(
                "/desk/organisations/",
                _("Organisations"),
                "briefcase",
                ("organisations.manage", "people.read", "people.appoint", "security.administer"),
            ),
            Entry("/desk/report-ins/", _("Report-ins"), "flag", ("party.report_in",)),
        ),
    ),
    Group(
        _("Manage together"),
        (
            Entry("/desk/", _("Matters"), "inbox", ("case.read", "case.desk", "case.handle"), count=cases_waiting),
            Entry("/work/", _("Our tasks"), "check", ("case.handle",)),
            Entry("/desk/deputy/", _("Opinions and suggestions"), "chat", ("deputy.act",)),
            Entry("/desk/suggestions/", _("Deputies' suggestions"), "flag", ("case.supervise",)),
            Entry("/desk/announcements/", _("Announcements"), "bell", ("announce.write", "people.verify")),
            Entry("/desk/petitions/", _("To decide"), "flag", ("case.desk",)),
            Entry("/desk/hotline/", _("Hotline"), "phone", ("hotline.read",)),
            Entry("/desk/callbacks/", _("Call-backs"), "phone", ("case.callback",)),
            Entry("/desk/people/", _("Residents"), "users", ("people.read", "people.manage")),
            Entry("/desk/verify/", _("At the door"), "shield", ("people.verify",), count=waiting_count),
            Entry("/visits/", _("My visits"), "home", ("visit.make",)),
            Entry("/desk/visits/", _("Home visits"), "chart", ("visit.read",)),
            Entry("/desk/places/", _("Places"), "building", ("places.manage",)),
        ),
    ),
    Group(_("Judge together"), ()),
    Group(_("Share the results"), (Entry("/public/", _("Public"), "map"),)),
    Group(
        _("Office"),
        (
            Entry("/desk/record/", _("Record"), "lock", ("audit.read",)),
            Entry(
                "/desk/settings/",
                _("Settings"),
                "settings",
                ("case.configure", "case.desk", "system.administer", "security.administer", "people.appoint"),
            ),
        ),
    ),
)

MENU_ENTRIES: Final = tuple(entry for group in MENU for entry in group.entries)

PERSON_LINKS: Final = (
    Entry("/me/", _("My account"), "user"),
    Entry("/", _("My own matters"), "home"),
)

MORE_OF_ME: Final = (
    Entry("/visits/", _("My visits"), "home", ("visit.make",)),
    Entry("/me/family/", _("I act for my parents"), "heart"),
    Entry("/me/report-in/", _("Report in as a party member"), "flag"),
    Entry("/deputies/", _("Who is my deputy"), "users"),
    Entry("/progress/", _("Look up a matter by number and code"), "search"),
    Entry("/me/tokens/", _("Tokens for programs"), "key"),
)


@functools.cache
def exists(path: str) -> bool:
    """True if a page answers at this path."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def if_exists(path: str) -> str:
    """The path, or nothing if no page answers there."""
    return path if exists(path) else ""


def shown(entries: Sequence[Entry], actor: Actor) -> tuple[Entry, ...]:
    """The entries that exist and that this actor may open."""
    return tuple(
        entry
        for entry in entries
        if exists(entry.path)
        and (not entry.permissions or any(actor.may_somewhere(p) for p in entry.permissions))
        and not (entry.not_with and actor.may_somewhere(entry.not_with))
    )


def note_waiting(path: str, actor: Actor, waiting: int) -> None:
    """A page that has just counted what waits there lets the menu say the same."""
    cache.set(f"nav-waiting:{path}:{actor.id}", waiting, KEPT_SECONDS)


def is_current(entry: Entry, among: Sequence[Entry], path: str) -> bool:
    """True for the entry with the longest path that the page's path begins with; the start page only matches itself."""
    fitting = [e.path for e in among if path == e.path or (e.path != "/" and path.startswith(e.path))]
    return bool(fitting) and entry.path == max(fitting, key=len)


OUTDOORS: Final = frozenset(
    {"grid_worker", "police_officer", "handler", "party_member", "volunteer", "building_head", "committee_member"}
)
"""Roles that work with a phone in the hand."""


def start_page(actor: Actor) -> str:
    """Where somebody begins who signed in for work: who works outdoors at their tasks, who works with matters at the
    queue, else at the first page of the menu that is for their office."""
    roles = {grant.role for grant in actor.grants}
    if roles and roles <= OUTDOORS and actor.may_somewhere("case.handle"):
        return "/work/"
    if any(actor.may_somewhere(p) for p in ("case.read", "case.desk", "case.handle")):
        return "/desk/"
    for group in MENU:
        for entry in shown(group.entries, actor):
            if entry.permissions:
                return entry.path
    return "/me/"
