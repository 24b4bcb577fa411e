"""The ticker: whatever falls due is done once, by one process, and taken up after an outage."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from tongxin.cases.models import Case, CaseClock, Tally, TallyDelta
from tongxin.cases.operations import resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, photo, scene
from tongxin.files.models import Attachment
from tongxin.jobs import ticker
from tongxin.jobs.models import Lease
from tongxin.jobs.ticker import JOBS, LANES, LEASE, Job, Ticker, hold, last_run, release, run_everything, run_lanes
from tongxin.journeys.status import system_status
from tongxin.kernel.actor import SYSTEM
from tongxin.notifications.models import Notice
from tongxin.record.models import Seal

pytestmark = pytest.mark.django_db


def test_every_job_runs_and_then_nothing_is_left_to_do() -> None:
    s = scene()
    submit_case(s.actor(s.zhang), s.report(photos=[photo()]), MONDAY)
    assert run_everything(MONDAY) > 0
    assert not TallyDelta.objects.exists()
    assert Tally.objects.get(area=s.place.city, kind="submitted").amount == 1, "counted up to the city"
    assert Attachment.objects.get().state == "ready"
    assert [job.run(MONDAY) for job in JOBS] == [0] * len(JOBS)


def test_after_an_outage_of_days_a_late_case_is_escalated_and_each_missed_day_sealed() -> None:
    s = scene()
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    run_everything(MONDAY + timedelta(days=4))
    case.refresh_from_db()
    assert case.raised >= 1
    assert Notice.objects.filter(person_id=s.street.pk, kind="case.escalate").exists()
    assert Seal.objects.count() == 4


def test_a_silent_resident_is_asked_again_and_then_the_case_ends_unanswered() -> None:
    s = scene()
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    run_everything(MONDAY + timedelta(days=8))
    case.refresh_from_db()
    assert (case.state, case.asked) == ("awaiting", 2)
    run_everything(MONDAY + timedelta(days=16))
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "unanswered")
    assert not CaseClock.objects.filter(stopped_at=None).exists()
    resident.reopen_case(s.actor(s.zhang), case.pk, MONDAY + timedelta(days=17), reason="其实没修好")
    assert Case.objects.get().state == "reopened"


def test_only_one_process_ticks_and_another_takes_over_when_it_is_gone() -> None:
    assert hold("first", MONDAY)
    assert not hold("second", MONDAY)
    assert hold("second", MONDAY + LEASE)
    release("second", MONDAY + LEASE)
    assert hold("first", MONDAY + LEASE)
    assert Lease.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_long_import_holds_up_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits for their sign-in code while 100,000 homes come in."""
    begun, sent, stopped = threading.Event(), threading.Event(), threading.Event()

    def imports(now: datetime) -> int:
        begun.set()
        assert sent.wait(20), "the message waits for the import"
        return 0

    def messages(now: datetime) -> int:
        if begun.is_set():
            sent.set()
            stopped.set()
        return 0

    monkeypatch.setattr(ticker, "JOBS", (Job("imports", 0.1, imports, "imports"), Job("messages", 0.1, messages)))
    run_lanes(stopped)
    assert sent.is_set()
    assert last_run()[1] == []


@pytest.mark.django_db(transaction=True)
def test_if_one_breaks_all_end_so_that_the_worker_is_started_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> bool:
        raise RuntimeError("out of memory")

    monkeypatch.setattr(ticker, "hold", breaks)
    with pytest.raises(RuntimeError):
        run_lanes(threading.Event())


def test_every_job_has_its_ticker() -> None:
    assert {job.lane for job in JOBS} == set(LANES)
    slow = {job.name for job in JOBS if job.lane != ticker.NAME}
    assert slow == {"files", "files.sweep", "imports", "imports.clean-up"}


def test_offices_and_companies_that_end_are_looked_after() -> None:
    assert {"handovers", "companies"} <= {job.name for job in JOBS}


def test_a_job_that_fails_is_told_until_it_runs_again() -> None:
    def breaks(now: datetime) -> int:
        raise ValueError("disk full")

    one = Ticker()
    name = JOBS[0].name
    one._tick(Job(name, 0, breaks))
    assert last_run()[1] == [(name, "ValueError: disk full")]
    one._tick(Job(name, 0, lambda now: 0))
    assert last_run()[1] == []
    assert Lease.objects.get(name=f"job:{name}").error == ""


def test_the_page_of_the_system_knows_when_the_ticker_ran() -> None:
    assert system_status(SYSTEM, MONDAY)[0].tone == "error", "it has never run"
    hold("here", MONDAY)
    first = system_status(SYSTEM, MONDAY)[0]
    assert (first.tone, first.at) == ("done", MONDAY)
    assert system_status(SYSTEM, MONDAY + timedelta(hours=1))[0].tone == "error", "it stands still"
