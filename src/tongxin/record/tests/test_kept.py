"""What a process keeps of set-up tables: read once, read again after an edit, and never for long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from tongxin.kernel.ids import uuid7
from tongxin.record import kept as keeping
from tongxin.record.kept import Kept, forget, kept
from tongxin.record.models import Seal

from .conftest import MORNING

pytestmark = pytest.mark.django_db


@pytest.fixture
def read() -> list[int]:
    """How often the database was asked."""
    return []


@pytest.fixture
def count(read: list[int]) -> Kept[[int], int | None]:
    @kept(Seal, most=3)
    def seals(since: int) -> int | None:
        read.append(since)
        return Seal.objects.filter(day__year__gte=since).count() or None

    return seals


def a_seal(day: int = 1) -> Seal:
    return Seal.objects.create(
        day=date(2026, 11, day), count=0, root="", prev_hash="", hash=str(uuid7()), sealed_at=MORNING
    )


def test_a_question_is_asked_once_and_an_edit_is_seen_at_once(
    count: Callable[[int], int | None], read: list[int]
) -> None:
    a_seal()
    assert [count(2026), count(2026), count(2020)] == [1, 1, 1]
    assert read == [2026, 2020]
    a_seal(2)
    assert (count(2026), read) == (2, [2026, 2020, 2026])


def test_that_there_is_nothing_is_not_kept(count: Callable[[int], int | None], read: list[int]) -> None:
    assert (count(2026), count(2026)) == (None, None)
    assert read == [2026, 2026]


def test_nothing_is_kept_for_long_nor_without_end(
    count: Callable[[int], int | None], read: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    a_seal()
    now = 100.0
    monkeypatch.setattr(keeping, "monotonic", lambda: now)
    count(2026)
    now += keeping.SECONDS + 0.1
    count(2026)
    assert read == [2026, 2026]
    for year in (2001, 2002, 2003, 2004):
        count(year)
    assert len(count._found) <= 3  # type: ignore[attr-defined]


def test_what_another_wrote_while_it_was_read_is_not_taken_for_what_is() -> None:
    @kept(Seal)
    def seals() -> int:
        found = Seal.objects.count()
        if found == 1:
            a_seal(2)
        return found

    a_seal()
    assert (seals(), seals()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_writes_of_many_rows_say_so_and_what_was_read_before_they_were_there_for_all_goes(
    count: Callable[[int], int | None],
) -> None:
    a_seal()
    assert count(2026) == 1
    with transaction.atomic():
        Seal.objects.bulk_create(
            [Seal(day=date(2026, 11, 3), count=0, root="", prev_hash="", hash="x", sealed_at=MORNING)]
        )
        forget(Seal)
        # As another thread would, which does not see the row yet.
        count._found[(2026,)] = (float("inf"), 1)  # type: ignore[attr-defined]
    assert count(2026) == 2
