"""Pure rules of announcements: who may be meant, when messages leave, what is shown of small numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import clean_line, clean_text

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
KINDS: Final = ("notice", "reminder", "emergency")
HOUSEHOLD_ROLES: Final = ("residents", "owners", "tenants")
OFFICE_ROLES: Final = ("building_heads", "party_members", "bodies", "staff")
ROLES: Final = HOUSEHOLD_ROLES + OFFICE_ROLES
HOUSEHOLD_CODES: Final = (
    "lives_alone", "low_income", "disabled", "left_behind_child", "lost_only_child", "veteran", "in_care",
)  # fmt: skip
CHANNELS: Final = ("sms", "wechat")
LOW_LEVELS: Final = frozenset({"community", "estate"})
TITLE_MAX, TEXT_MAX, MOST_PLACES, MOST_TRAITS = 60, 3000, 200, 6
SMALL: Final = 5
"""Below this a number in a preview is not said: it could name somebody."""
GATHERING: Final = timedelta(minutes=10)
"""So long what is not urgent waits for its like before it leaves as one message."""
MESSAGE_TEXT: Final = 120
"""Letters of an announcement that a text message carries; the rest stands on its page."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours of an area in which nobody is disturbed, by the clock of Shanghai; they may pass midnight."""

    start: time = time(21)
    end: time = time(8)

    def holds(self, now: datetime) -> bool:
        """Whether it is quiet now. The same hour twice means never."""
        at = now.astimezone(SHANGHAI).time()
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def over(self, now: datetime) -> datetime:
        """When one may disturb again: now, or the end of these quiet hours."""
        if not self.holds(now):
            return now
        local = now.astimezone(SHANGHAI)
        end = datetime.combine(local.date(), self.end, SHANGHAI)
        return end if end > local else end + timedelta(days=1)


def leaves_at(kind: str, now: datetime, quiet: Quiet) -> datetime:
    """When the messages of an announcement leave: emergencies at once, at any hour; the rest after some minutes in
    which more may join them, and never in the quiet hours."""
    return now if kind == "emergency" else quiet.over(now + GATHERING)


def next_day(now: datetime, quiet: Quiet) -> datetime:
    """When the next message may leave to somebody who had today's already: tomorrow, when the quiet hours are over."""
    tomorrow = now.astimezone(SHANGHAI).date() + timedelta(days=1)
    start = datetime.combine(tomorrow, quiet.end if quiet.start > quiet.end else time(8), SHANGHAI)
    return quiet.over(start)


def day_start(now: datetime) -> datetime:
    """The last midnight in Shanghai."""
    return datetime.combine(now.astimezone(SHANGHAI).date(), time(), SHANGHAI)


def channels_for(kind: str, chosen: Collection[str], *, mobile: bool, openid: bool) -> tuple[str, ...]:
    """By which channels a person is written to, beside the notice in the app: of those chosen that reach them, WeChat
    before a text message; both where life is in danger."""
    fitting = tuple(name for name, has in (("wechat", openid), ("sms", mobile)) if has and name in chosen)
    return fitting if kind == "emergency" else fitting[:1]


def shown_count(count: int) -> str:
    """A number for a preview: exact, or only that it is small."""
    return f"<{SMALL}" if 0 < count < SMALL else str(count)


def words_of(announcements: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """(title, text) of one message for one or more announcements, each given as (title, text)."""
    if len(announcements) == 1:
        title, text = announcements[0]
        flat = " ".join(text.split())
        return title, flat if len(flat) <= MESSAGE_TEXT else flat[: MESSAGE_TEXT - 1] + "…"
    listed = "；".join(f"{number}. {title}" for number, (title, _text) in enumerate(announcements[:8], start=1))
    return f"社区通知 {len(announcements)} 条", f"{listed}。"


def trait(text: str) -> tuple[str, int]:
    """A trait as (code, years): ``elder:80`` somebody of 80 or more, ``child:14`` somebody below 14, or a code of the
    register without years. Raises Invalid for anything else."""
    found = re.fullmatch(r"(elder|child):(\d{1,3})", text)
    if found and 1 <= int(found[2]) <= 110:
        return found[1], int(found[2])
    if text in HOUSEHOLD_CODES:
        return text, 0
    raise Invalid("There is no such trait of a household.", field="traits", code="trait-unknown")


def born_until(day: date, years: int) -> date:
    """The latest birthday of somebody who is ``years`` old on that day."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year - years, day=28)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody at the desk wrote. ``places``: (``area``, ``building`` or ``unit``, id) within the area; none: all."""

    title: str
    text: str
    kind: str = "notice"
    roles: tuple[str, ...] = ("residents",)
    traits: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    channels: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    is_public: bool = True

    def checked(self) -> Draft:
        """The same, cleaned. Raises :class:`Invalid` for the field that is wrong."""
        title, text = clean_line(self.title, TITLE_MAX), clean_text(self.text, TEXT_MAX)
        if not title:
            raise Invalid("Write a title.", field="title", code="title-missing")
        if not text:
            raise Invalid("Write what you have to say.", field="text", code="text-missing")
        if self.kind not in KINDS:
            raise Invalid("Please choose from the list.", field="kind", code="kind-unknown")
        roles = _known(self.roles, ROLES, "roles")
        if not roles:
            raise Invalid("Choose whom it is for.", field="roles", code="roles-missing")
        for one in self.traits[:MOST_TRAITS]:
            trait(one)
        if self.traits and not set(roles) <= set(HOUSEHOLD_ROLES):
            raise Invalid(
                "A trait of the household narrows residents, owners and tenants only.",
                field="traits",
                code="traits-of-offices",
            )
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise Invalid("It would end before it begins.", field="valid_until", code="ends-before")
        return Draft(
            title,
            text,
            self.kind,
            roles,
            tuple(dict.fromkeys(self.traits))[:MOST_TRAITS],
            tuple(dict.fromkeys(self.places))[:MOST_PLACES],
            _known(self.channels, CHANNELS, "channels"),
            self.groups[:20],
            self.valid_from,
            self.valid_until,
            self.is_public,
        )


def _known(given: Iterable[str], known: Sequence[str], field: str) -> tuple[str, ...]:
    chosen = set(given)
    if chosen - set(known):
        raise Invalid("Please choose from the list.", field=field, code="choice-unknown")
    return tuple(one for one in known if one in chosen)


def needs_second(level: str) -> bool:
    """Whether another person must release it: for a street, a county or more."""
    return level not in LOW_LEVELS
