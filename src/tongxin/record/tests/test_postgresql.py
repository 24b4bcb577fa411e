"""A kept connection is asked whether it works only when that is in doubt, and one that the server ended is not used."""

from collections.abc import Iterator
from time import monotonic, sleep

import pytest
from django.db import connection
from django.db.backends.postgresql import base

from tongxin.record.postgresql.base import SURE_SECONDS

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def other() -> Iterator[base.DatabaseWrapper]:
    """A second connection, as another thread of the web server has."""
    found = connection.copy()
    with found.cursor() as cursor:
        cursor.execute("SELECT 1")
    yield found
    found.close()


def asked_of(monkeypatch) -> list[int]:
    """The times that a server was asked."""
    asked: list[int] = []
    ask = base.DatabaseWrapper.is_usable
    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", lambda self: asked.append(1) or ask(self))
    return asked


def test_a_busy_connection_is_asked_once(other, monkeypatch):
    asked = asked_of(monkeypatch)
    assert all(other.is_usable() for _ in range(5))
    assert len(asked) == 1


def test_a_connection_that_lay_idle_is_asked_again(other, monkeypatch):
    asked = asked_of(monkeypatch)
    assert other.is_usable()
    other._worked_at -= SURE_SECONDS + 1
    assert other.is_usable()
    assert len(asked) == 2


def test_after_an_error_it_is_asked(other, monkeypatch):
    assert other.is_usable()
    asked = asked_of(monkeypatch)
    other.errors_occurred = True
    assert other.is_usable()
    assert len(asked) == 1


def test_a_connection_that_the_server_ended_is_noticed_and_replaced(other):
    assert other.is_usable()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [other.connection.info.backend_pid])
    until = monotonic() + 5
    while other.is_usable() and monotonic() < until:
        sleep(0.02)
    assert not other.is_usable()
    other.health_check_done = False
    other.close_if_health_check_failed()
    with other.cursor() as cursor:
        cursor.execute("SELECT 42")
        assert cursor.fetchone() == (42,)
