"""How often one may ask: the limit is of the installation, not of one of its processes."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from tongxin.api import limits
from tongxin.api.limits import SHARES, Limiter
from tongxin.api.models import CallCount
from tongxin.api.tests.program import office_program, resident_program
from tongxin.cases.tests.stage import Scene
from tongxin.kernel.errors import TooMany

NOON = datetime(2026, 11, 16, 4, 0, 10, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def spent(process: Limiter, who: str, most: int, calls: int, now: datetime = NOON) -> int:
    """How many of so many calls one process lets pass."""
    passed = 0
    for _ in range(calls):
        try:
            process.spend(who, most, now)
        except TooMany:
            continue
        passed += 1
    return passed


def test_one_process_lets_exactly_the_limit_pass() -> None:
    assert spent(Limiter(), "token a", 600, 700) == 600


def test_what_one_process_let_pass_another_does_not() -> None:
    first, second = Limiter(), Limiter()
    assert spent(first, "token a", 600, 600) == 600
    share = 600 // SHARES
    assert spent(second, "token a", 600, 600) < share, "it learns of the others with its first report"
    assert spent(second, "token b", 600, 10) == 10, "other callers are not held up"


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_hold_one_limit() -> None:
    """Each with its own memory and its own connection to the same database."""
    most, passed = 100, []

    def process() -> None:
        try:
            limiter = Limiter()
            passed.append(spent(limiter, "address 203.0.113.7", most, 100))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=process) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 2 and most - SHARES <= sum(passed) <= most + most // SHARES


def test_the_next_minute_begins_anew_and_rows_do_not_pile_up() -> None:
    process = Limiter()
    for n in range(5):
        spent(process, f"address 203.0.113.{n}", 100, 5)
    assert CallCount.objects.count() == 5
    assert spent(process, "address 203.0.113.1", 100, 200, NOON + timedelta(minutes=1)) == 100
    spent(process, "address 203.0.113.9", 100, 5, NOON + timedelta(hours=2))
    assert CallCount.objects.count() == 1
    assert "203.0.113" not in CallCount.objects.get().key


def test_a_quiet_caller_costs_no_write(django_assert_num_queries: Any) -> None:
    process = Limiter()
    with django_assert_num_queries(0):
        assert spent(process, "token a", 600, 29) == 29
    with django_assert_num_queries(2):  # the report, and a look for old rows
        spent(process, "token a", 600, 1)
    with django_assert_num_queries(1):
        spent(process, "token a", 600, 30)


def test_too_many_requests_are_told_when_to_come_back(s: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "PER_TOKEN", 3)
    zhang = resident_program(s, s.zhang)
    answers = [zhang.get("/me").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    refused = zhang.get("/me")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["Content-Type"] == "application/problem+json" and refused.json()["code"] == "rate"
    assert office_program(s, s.li, "case.handle").get("/me").status_code == 200


def test_what_another_process_counted_counts_here(s: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr(limits, "PER_TOKEN", 40)
    monkeypatch.setattr(limits, "WINDOW_SECONDS", 86_400)  # so that none ends between two calls
    zhang = resident_program(s, s.zhang)
    assert zhang.row is not None
    spent(Limiter(), f"token {zhang.row.id}", 40, 40, datetime.now(UTC))
    answers = [zhang.get("/me").status_code for _ in range(3)]
    assert 429 in answers[1:]
