"""A stair light as the subject of the tests: any capability's row would do."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection, transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.ids import uuid7
from tongxin.record import registry, triggers
from tongxin.record.models import Entry
from tongxin.record.operations import append_entry

AREA = "4203/420303/420303001/"
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def zhang() -> Actor:
    """张阿姨, who reports the light."""
    return Actor(id=uuid7(), name="张阿姨")


@pytest.fixture
def lights(monkeypatch) -> dict[UUID, dict]:
    """The table of stair lights, known to the record as subjects of the kind ``light``."""
    rows: dict[UUID, dict] = {}
    light = registry.StateProvider(
        "light", lambda ids: {i: rows[i] for i in ids if i in rows}, lambda: iter(list(rows))
    )
    monkeypatch.setattr(registry, "_providers", {"light": light})
    monkeypatch.setattr(registry, "_checks", {})
    return rows


@pytest.fixture
def tell(zhang, lights) -> Callable[..., Entry]:
    """Set a light's state and tell of it in the record, as an operation would."""

    def told(light: UUID, state: str, now: datetime = MORNING, **more) -> Entry:
        lights[light] = {"state": state}
        with transaction.atomic():
            return append_entry(
                actor=zhang,
                verb=f"light.{state}",
                subject=("light", light),
                area_path=AREA,
                now=now,
                state=lights[light],
                **more,
            )

    return told


@pytest.fixture
def behind_its_back() -> Callable[[], AbstractContextManager[None]]:
    """Somebody with the database's password takes the triggers away, does his work, and puts them back."""

    @contextmanager
    def lowered() -> Iterator[None]:
        connection.check_constraints()  # PostgreSQL lets nobody alter a table with open constraint checks
        triggers.drop_triggers(connection)
        yield
        connection.check_constraints()
        triggers.install_triggers(connection)

    return lowered
