"""How the installation fares, for the page of the system administrator: one line for each thing that can go wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal

from django.conf import settings
from django.db import connection

from tongxin.journeys.wechat import wechat_offered
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.text import N_
from tongxin.notifications.queries import channel_health
from tongxin.places.queries import provisional_years
from tongxin.record.queries import public_seals, witness_states
from tongxin.record.rules import last_sealable_day

Tone = Literal["done", "warn", "error"]
LastRun = Callable[[], tuple[datetime | None, list[tuple[str, str]]]]

QUIET = timedelta(minutes=3)  # the ticker notes itself every few seconds; this long means that it stands still
SCARCE_BYTES, NO_BYTES = 5 * 2**30, 2**30

_ticker: list[LastRun] = []


def register_ticker(last_run: LastRun) -> None:
    """The layer above tells how its ticker's last run is read; called when the programme starts."""
    _ticker[:] = [last_run]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what it is, how it fares, and words (message ids) with their values. ``at``: since when."""

    name: str
    tone: Tone
    words: str
    params: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None


def system_status(actor: Actor, now: datetime) -> list[Line]:
    """The lines of the page. Needs ``system.administer`` somewhere. Seven queries, and two for each witness."""
    if not actor.may_somewhere("system.administer"):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="system.administer")
    own = [*_background(now), _messages(now), _wechat(), _seals(now)]
    return [*own, *_witnesses(), _calendar(now), _disk(), _database()]


def _background(now: datetime) -> list[Line]:
    name = N_("Background work")
    ran, errors = _ticker[0]() if _ticker else (None, [])
    if ran is None:
        return [Line(name, "error", N_("It has never run. Start “tongxin worker”."))]
    if now - ran > QUIET:
        return [Line(name, "error", N_("It stands still. Start “tongxin worker”. Last run:"), at=ran)]
    failing = [
        Line(name, "error", N_("%(job)s fails: %(error)s"), {"job": job, "error": error}) for job, error in errors
    ]
    return failing or [Line(name, "done", N_("It runs. Last run:"), at=ran)]


def _messages(now: datetime) -> Line:
    name = N_("Text messages")
    if settings.SMS_SENDER == "none":
        return Line(
            name, "warn", N_("No sender is set: residents cannot sign in by phone and are told in the app alone.")
        )
    health = channel_health(now)
    if health.late or health.failed:
        params = {"failed": health.failed, "late": health.late}
        return Line(name, "error", N_("%(failed)s failed since yesterday, %(late)s wait too long."), params)
    if settings.SMS_SENDER == "demo":
        return Line(name, "warn", N_("Demo: messages are shown on the page of the demo and go nowhere."))
    return Line(name, "done", N_("They leave as they should."))


def _wechat() -> Line:
    words = N_("Residents can sign in with it.") if wechat_offered() else N_("Not set up: nobody can sign in with it.")
    return Line(N_("WeChat"), "done" if wechat_offered() else "warn", words)


def _seals(now: datetime) -> Line:
    name, due = N_("Seals"), last_sealable_day(now)
    newest = next(iter(public_seals(limit=1)), None)
    if newest is None:
        return Line(name, "warn", N_("No day is sealed yet; the first seal comes in the night after the first entry."))
    behind = (due - date.fromisoformat(newest.day)).days
    if behind > 0:
        return Line(name, "error", N_("The newest seal is of %(day)s: %(behind)s days are not sealed."),
                    {"day": newest.day, "behind": behind})  # fmt: skip
    return Line(name, "done", N_("Sealed up to %(day)s."), {"day": newest.day})


def _witnesses() -> list[Line]:
    """One line for each witness of the record outside: what it took last, and what it does not take."""
    name, lines = N_("Witnesses of the record"), []
    for state in witness_states():
        params = {"witness": state.witness, "day": state.last_day.isoformat() if state.last_day else "–"}
        if state.error:
            params |= {"error": state.error, "waiting": str(state.waiting)}
            words = N_("%(witness)s does not take the seals (%(error)s). Waiting: %(waiting)s. Last taken: %(day)s.")
            lines.append(Line(name, "error", words, params, at=state.last_sent_at))
        elif state.last_day is None:
            lines.append(Line(name, "warn", N_("%(witness)s has no seal yet; the next one goes there."), params))
        else:
            lines.append(Line(name, "done", N_("%(witness)s has the seal of %(day)s."), params, at=state.last_sent_at))
    none = N_("The seals go to no witness outside. Set TONGXIN_WITNESS_URLS or TONGXIN_WITNESS_MAIL, or print them.")
    return lines or [Line(name, "warn", none)]


def _calendar(now: datetime) -> Line:
    name, years = N_("Working days"), provisional_years(now)
    if not years:
        return Line(name, "done", N_("Holidays of this year and the next are entered."))
    params = {"years": "、".join(map(str, years))}
    return Line(name, "warn", N_("Holidays of %(years)s are not entered yet; deadlines there are provisional."), params)


def _disk() -> Line:
    usage = shutil.disk_usage(settings.DATA)
    tone: Tone = "error" if usage.free < NO_BYTES else "warn" if usage.free < SCARCE_BYTES else "done"
    params = {"free": usage.free // 2**30, "total": usage.total // 2**30}
    return Line(N_("Disk"), tone, N_("%(free)s GB of %(total)s GB are free."), params)


def _database() -> Line:
    if connection.vendor == "sqlite":
        return Line(N_("Database"), "done", N_("Embedded (SQLite): for one community or a trial."))
    return Line(N_("Database"), "done", N_("PostgreSQL."))
