"""Build the demo city, from the divisions to the stories in mid-flight."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from django.db import connection

from tongxin.commands.demo_city import announced, deputies, hotline, places, stories, visits, waiting
from tongxin.commands.demo_city.cast import cast
from tongxin.commands.demo_city.history import Life, submit_all
from tongxin.commands.demo_city.offices import Offices, establish
from tongxin.commands.demo_city.people import Numbers, settle
from tongxin.commands.output import Progress, say
from tongxin.files.operations import process_due
from tongxin.kernel.times import SHANGHAI
from tongxin.notifications.operations import mark_read
from tongxin.record.operations import seal_due

DAYS, CASES = 92, 1_650


def build(ready: Path, *, small: bool = False, now: datetime | None = None) -> None:
    """Fill an empty database and write ``ready`` (the people a visitor can be) when all is done."""
    end = (now or datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    days, cases = (20, 60) if small else (DAYS, CASES)
    start = datetime.combine((end - timedelta(days=days + 1)).date(), time(9), SHANGHAI)
    with _in_a_hurry():
        with _told("divisions"):
            places.make_divisions(start, Progress("areas"))
        plans = [places.small(plan) if small else plan for plan in places.COMMUNITIES]
        with _told("homes"):
            communities = [places.make_community(plan, start) for plan in plans]
        numbers = Numbers()
        with _told("residents"):
            reserved = stories.homes_of_the_cast(communities)
            for community in communities:
                less = stories.LIVING if community is communities[0] else 0
                settle(community, numbers, start, reserved, less=less)
        with _told("offices"):
            offices = establish(communities, numbers, start)
            stories.house_the_cast(offices, communities)
            visits.found_a_school(offices, communities[0])
            waiting.house_those_who_ask(offices, communities[0], places.homes_of(communities[0]))
            deputies.seat_the_deputies(offices, communities[0])
        life = Life(offices, communities, end, Random(20261122), Progress("cases"))  # noqa: S311 - the same each time
        with _told("history"):
            submit_all(life, days, cases)
            stories.put_on_the_agenda(life)
            waiting.put_what_waits_on_the_agenda(stories.stage_of(life))
            announced.put_announcements_on_the_agenda(stories.stage_of(life))
            visits.put_visits_on_the_agenda(stories.stage_of(life))
            deputies.put_suggestions_on_the_agenda(stories.stage_of(life))
            hotline.put_tickets_on_the_agenda(stories.stage_of(life), communities[0])
            life.run()
            _office_hours_ended(offices, end - timedelta(days=1))
        with _told("photos"):
            while process_due(end, 50):
                pass
        with _told("seals"):
            seal_due(end)
    say(f"{life.done['submitted']:,} cases; the rules refused {sum(life.refused.values())} steps: {dict(life.refused)}")
    ready.write_text(json.dumps(cast(offices), ensure_ascii=False, indent=1), encoding="utf-8")


def _office_hours_ended(offices: Offices, at: datetime) -> None:
    """Who holds an office has read by then what came to them."""
    for person in offices.people.values():
        mark_read(person.id, now=at)


@contextmanager
def _told(what: str) -> Iterator[None]:
    started = clock.monotonic()
    yield
    say(f"{what}: {clock.monotonic() - started:.1f} s")


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    """On an embedded database nobody else writes yet, and a crash means to build anew: no need to wait for the disk."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    yield
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("ANALYZE")
