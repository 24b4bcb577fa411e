"""Times as a neighbour would say them: “今天 10:42”, “周四 17:00 前”, “还剩 40 分钟”.

Every function takes aware moments and `now`; none reads the clock, so pages and tests are stable.
The words are Asia/Shanghai's day, whatever zone the moments come in. Sentences are message ids in
English with named places, so that each language orders its own parts.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from tongxin.web.speech import gettext as _

LOCAL_ZONE = ZoneInfo("Asia/Shanghai")
WARN_WITHIN = dt.timedelta(hours=4)


class Left(NamedTuple):
    """What is left until a deadline: the words and their tone (`ok`, `warn` or `late`)."""

    text: str
    tone: str

    def __str__(self) -> str:
        return self.text


def local(moment: dt.datetime) -> dt.datetime:
    """The moment on an Asia/Shanghai clock. A naive moment is a programming error: ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be shown")
    return moment.astimezone(LOCAL_ZONE)


def _weekday(day: dt.date) -> str:
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[day.weekday()]


def day_words(day: dt.date, today: dt.date) -> str:
    """A calendar day: “11月20日”, with its year when it is not this year's."""
    if day.year == today.year:
        return _("{month}/{day}").format(month=day.month, day=day.day)
    return _("{year}/{month}/{day}").format(year=day.year, month=day.month, day=day.day)


def _near_day(day: dt.date, today: dt.date, *, weekdays: bool) -> str:
    """Today, yesterday, tomorrow; for the coming six days the weekday, if asked; else the date."""
    distance = (day - today).days
    if distance == 0:
        return _("today")
    if distance == -1:
        return _("yesterday")
    if distance == 1:
        return _("tomorrow")
    if weekdays and 1 < distance < 7:
        return _weekday(day)
    return day_words(day, today)


def _clock(then: dt.datetime) -> str:
    return f"{then.hour:02}:{then.minute:02}"  # a tenth of what strftime takes, forty times a page


def when(moment: dt.datetime, now: dt.datetime) -> str:
    """When something happened: “今天 10:42”, “昨天 08:02”, “11月20日 19:31”."""
    then, today = local(moment), local(now).date()
    return _("{day} {time}").format(day=_near_day(then.date(), today, weekdays=False), time=_clock(then))


def due(moment: dt.datetime, now: dt.datetime) -> str:
    """When something falls due, without the word for “by”: “今天 17:00”, “周四 17:00”, “12月3日 17:00”."""
    then, today = local(moment), local(now).date()
    return _("{day} {time}").format(day=_near_day(then.date(), today, weekdays=True), time=_clock(then))


def until(moment: dt.datetime, now: dt.datetime) -> str:
    """Until when: “周四 17:00 前”."""
    return _("by {moment}").format(moment=due(moment, now))


def _span(span: dt.timedelta) -> str:
    """The largest whole unit of a positive span: “40 分钟”, “2 小时”, “3 天”. Never less than a minute."""
    minutes = max(1, int(span.total_seconds() // 60))
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    if minutes < 48 * 60:
        return _("{n} h").format(n=minutes // 60)
    return _("{n} d").format(n=minutes // (24 * 60))


def left(moment: dt.datetime, now: dt.datetime) -> Left:
    """What is left until a deadline, or how long it has been missed.

    Tone `late` once the moment has passed, `warn` when it falls today or within four hours, else `ok`.
    """
    if moment <= now:
        return Left(_("{span} overdue").format(span=_span(now - moment)), "late")
    soon = moment - now <= WARN_WITHIN or local(moment).date() == local(now).date()
    return Left(_("{span} left").format(span=_span(moment - now)), "warn" if soon else "ok")


def deadline(moment: dt.datetime, now: dt.datetime) -> Left:
    """The words of a deadline chip: what is left when it presses or was missed, else the day it falls due."""
    remaining = left(moment, now)
    if remaining.tone == "late" or moment - now <= WARN_WITHIN:
        return remaining
    return Left(due(moment, now), remaining.tone)
