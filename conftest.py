"""What every test of the house shares: markers by what a test touches, append-only tables that can be emptied between
tests, and the shared data.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes on a busy machine says nothing about what it shows.
settings.register_profile("tongxin", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tongxin")

ROOT = Path(__file__).resolve().parent
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_setup", "live_server"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what touches the database or the browser; leave out what is for the other database."""
    from django.db import connection
    from django.test import TransactionTestCase

    other = "sqlite" if connection.vendor == "postgresql" else "postgres"
    kept, left_out = [], []
    for item in items:
        cls = getattr(item, "cls", None)
        if (
            DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
            or item.get_closest_marker("django_db")
            or (isinstance(cls, type) and issubclass(cls, TransactionTestCase))
        ):
            item.add_marker("database")
        if (ROOT / "tests" / "browser") in item.path.parents:
            item.add_marker("browser")
        (left_out if item.get_closest_marker(other) else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


def pytest_unconfigure() -> None:
    """Take the throwaway data folder away, in worker processes too, which skip their exit handlers."""
    if os.environ.get("DJANGO_SETTINGS_MODULE") == "tests.settings":
        from django.conf import settings

        shutil.rmtree(settings.DATA, ignore_errors=True)


@contextmanager
def guards_lowered(connection: Any) -> Iterator[None]:
    """Suspend the triggers that refuse to empty append-only tables, on this connection only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            try:
                yield
            finally:
                cursor.execute("RESET session_replication_role")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        try:
            yield
        finally:
            for _, sql in triggers:
                cursor.execute(sql)


@pytest.fixture(scope="session", autouse=True)
def append_only_tables_can_be_flushed() -> Iterator[None]:
    """Tests with real transactions end in a flush, which the house's own triggers would rightly refuse."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_unguarded(operations: Any, sql_list: list[str]) -> None:
        with guards_lowered(operations.connection):
            flush(operations, sql_list)

    BaseDatabaseOperations.execute_sql_flush = flush_unguarded  # type: ignore[method-assign]
    yield
    BaseDatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def nothing_kept_from_the_test_before() -> Iterator[None]:
    """What a process keeps for a while (set-up tables, counts) belongs to the test that made it."""
    from django.core.cache import cache

    from tongxin.record.kept import forget_all

    cache.clear()
    forget_all()
    yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real input: TONGXIN_SHARED_DATA, or ``shared/data`` beside the repository."""
    named = os.environ.get("TONGXIN_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"NO SHARED DATA at {folder}: real input is not tested. Set TONGXIN_SHARED_DATA to its folder.")
    return folder
