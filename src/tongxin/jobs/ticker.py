"""Leased tickers run what is due. Each job is idempotent and takes up after an outage where things stand.

Three of them side by side, each with a lease of its own: what takes long (pictures, imports) never holds up time limits
and messages; a sign-in code is good for five minutes.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import DatabaseError, close_old_connections, connection, transaction
from django.utils import timezone

from tongxin.announcements import operations as announcements
from tongxin.cases.operations import due, progress, recount
from tongxin.files import operations as files
from tongxin.hotline import sender as hotline_sender
from tongxin.hotline.operations import forget_nonces
from tongxin.jobs.models import Lease
from tongxin.journeys import change_company, handover
from tongxin.journeys import hotline as hotlines
from tongxin.notifications import operations as notifications
from tongxin.notifications.push import push_due
from tongxin.people.operations.sessions import purge_sign_in
from tongxin.places.imports import worker as imports
from tongxin.record import operations as record
from tongxin.visits import operations as visits

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)
NAME = "ticker"
PICTURES = 3
"""Prepared in one step: a worker that is told to stop does so after them."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every ``seconds``. ``run`` returns how much it did; as long as it did something it is run
    again at once. ``lane``: the name of the ticker that runs it."""

    name: str
    seconds: float
    run: Callable[[datetime], int]
    lane: str = NAME


def _import_step(now: datetime) -> int:
    return int(imports.advance(timezone.now))


JOBS: tuple[Job, ...] = (
    Job("files", 1, lambda now: files.process_due(now, limit=PICTURES), "pictures"),
    Job("clocks", 5, due.run_due_clocks),
    Job("calendar", 3600, recount.recount_provisional),
    Job("tallies", 2, lambda now: due.fold_tallies()),
    Job("imports", 2, _import_step, "imports"),
    Job("imports.clean-up", 3600, imports.clean_up, "imports"),
    Job("files.sweep", 3600, files.sweep_orphans, "pictures"),
    Job("pushes", 3, push_due),
    Job("announcements", 1, announcements.advance),
    Job("announcements.messages", 5, announcements.send_messages),
    Job("announcements.counts", 30, announcements.count_read),
    Job("messages", 1, lambda now: notifications.deliver_due(now).sent),
    Job("sign-in.clean-up", 3600, lambda now: purge_sign_in(now=now)),
    Job("slips.clean-up", 3600, progress.forget_tries),
    Job("handovers", 300, handover.run_due),
    Job("companies", 300, change_company.run_due),
    Job("visits", 300, visits.count_due),
    Job("hotline.tickets", 2, lambda now: hotlines.file_new(now)),
    Job("hotline.answers", 30, hotlines.look_for_answers),
    Job("hotline.sending", 5, hotline_sender.send_due),
    Job("hotline.clean-up", 3600, forget_nonces),
    Job("seals", 300, lambda now: len(record.seal_due(now))),
    Job("witnesses", 30, record.witness_due),
)
LANES: Final = tuple(dict.fromkeys(job.lane for job in JOBS))
ROUNDS = 50  # of one job before the others have their turn


def hold(holder: str, now: datetime, lane: str = NAME) -> bool:
    """Take or keep a ticker's lease. True if it is ours."""
    with transaction.atomic():
        lease, _ = Lease.objects.select_for_update().get_or_create(name=lane, defaults={"until": now})
        if lease.holder != holder and lease.until > now:
            return False
        lease.holder, lease.until, lease.ran_at = holder, now + LEASE, now
        lease.save()
        return True


def release(holder: str, now: datetime, lane: str = NAME) -> None:
    """Give the lease back, so that another need not wait for it to run out."""
    Lease.objects.filter(name=lane, holder=holder).update(until=now)


def run_everything(now: datetime, rounds: int = ROUNDS) -> int:
    """Run every job until nothing is due; returns how much was done. For tests, the demo and after an outage."""
    return sum(_exhaust(job, lambda: now, rounds) for job in JOBS)


def _exhaust(
    job: Job, clock: Callable[[], datetime], rounds: int = ROUNDS, stopped: Callable[[], bool] = lambda: False
) -> int:
    total = 0
    for _ in range(rounds):
        did = job.run(clock())
        total += did
        if not did or stopped():
            break
    return total


@dataclass
class Ticker:
    """The loop of one lane of ``tongxin worker``. ``stopped`` ends it after the step at hand."""

    clock: Callable[[], datetime] = timezone.now
    holder: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    stopped: threading.Event = field(default_factory=threading.Event)
    lane: str = NAME
    _next: dict[str, float] = field(default_factory=dict)
    _failed: dict[str, bool] = field(default_factory=dict)

    def stop(self) -> None:
        self.stopped.set()

    def run(self) -> None:
        """Tick until stopped. A job that fails is logged and tried again; it does not hold up the others."""
        while not self.stopped.is_set():
            close_old_connections()
            try:
                ours = hold(self.holder, self.clock(), self.lane)
            except DatabaseError:
                log.exception("the lease of %s", self.lane)
                ours = False
            if not ours:
                self.stopped.wait(5)
                continue
            for job in JOBS:
                if job.lane == self.lane and not self.stopped.is_set():
                    self._tick(job)
            self.stopped.wait(0.5)
        release(self.holder, self.clock(), self.lane)

    def _tick(self, job: Job) -> None:
        if time.monotonic() < self._next.get(job.name, 0):
            return
        try:
            _exhaust(job, self.clock, rounds=10, stopped=self.stopped.is_set)
            hold(self.holder, self.clock(), self.lane)
        except Exception as error:
            # Whatever a job may raise, the others go on; it is tried again at its next turn.
            log.exception("job %s", job.name)
            self._note(job, f"{type(error).__name__}: {error}")
        else:
            if self._failed.get(job.name, True):
                self._note(job, "")
        self._next[job.name] = time.monotonic() + job.seconds

    def _note(self, job: Job, error: str) -> None:
        """Keep a job's last error for the page of the system, and take it away when the job runs again."""
        now = self.clock()
        try:
            values = {"until": now, "ran_at": now, "error": error[:300]}
            Lease.objects.update_or_create(name=f"job:{job.name}"[:40], defaults=values)
        except DatabaseError:
            log.exception("the ticker's notes")
        else:
            self._failed[job.name] = bool(error)


def run_lanes(stopped: threading.Event) -> None:
    """Run all tickers until ``stopped``, each in a thread of its own. If one breaks, all end and its error is raised, so
    that whoever supervises the worker starts it anew."""
    broken: list[BaseException] = []
    threads = [threading.Thread(target=_lane, args=(lane, stopped, broken), name=lane) for lane in LANES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if broken:
        raise broken[0]


def _lane(lane: str, stopped: threading.Event, broken: list[BaseException]) -> None:
    try:
        Ticker(lane=lane, stopped=stopped).run()
    except BaseException as error:
        broken.append(error)
        stopped.set()
    finally:
        connection.close()


def last_run() -> tuple[datetime | None, list[tuple[str, str]]]:
    """When the ticker last ran, and the jobs that failed at their last turn, with why. One query."""
    rows = {row.name: row for row in Lease.objects.all()}
    ran = rows[NAME].ran_at if NAME in rows else None
    jobs = [job.name for job in JOBS]
    found = [(name, rows[f"job:{name}"[:40]].error) for name in jobs if f"job:{name}"[:40] in rows]
    return ran, [(name, error) for name, error in found if error]
