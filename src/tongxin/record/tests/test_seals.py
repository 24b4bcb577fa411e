from datetime import UTC, date, datetime, timedelta

import pytest

from tongxin.kernel.errors import NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import SHANGHAI
from tongxin.record import queries, rules
from tongxin.record.models import Seal
from tongxin.record.operations import seal_due

from .conftest import MORNING

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


def shanghai(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def test_the_day_ends_at_midnight_in_shanghai_and_is_sealed_half_an_hour_later(tell):
    tell(uuid7(), "broken", shanghai(23, 59))
    tell(uuid7(), "broken", shanghai(0, 0, DAY + timedelta(days=1)))
    assert seal_due(shanghai(0, 29, DAY + timedelta(days=1))) == []
    (seal,) = seal_due(shanghai(0, 30, DAY + timedelta(days=1)))
    assert (seal.day, seal.count) == (DAY, 1)


def test_after_an_outage_every_day_is_sealed_once_and_empty_days_too(tell):
    tell(uuid7(), "broken")
    later = MORNING + timedelta(days=5)
    assert [s.day.day for s in seal_due(later, limit=2)] == [20, 21]
    assert [s.day.day for s in seal_due(later)] == [22, 23, 24]
    assert seal_due(later) == []
    seals = list(Seal.objects.order_by("day"))
    assert [s.count for s in seals] == [1, 0, 0, 0, 0]
    assert [s.prev_hash for s in seals] == ["", *(s.hash for s in seals[:-1])]


def test_without_an_entry_there_is_nothing_to_seal(db):
    assert seal_due(datetime(2026, 11, 22, tzinfo=UTC)) == []


def test_seals_are_public_and_can_be_recomputed(tell):
    tell(uuid7(), "broken")
    seal_due(MORNING + timedelta(days=3))
    newest, middle, oldest = queries.public_seals()
    assert newest.prev_hash == middle.hash
    assert rules.seal_hash(DAY, oldest.count, oldest.root, oldest.prev_hash, oldest.sealed_at) == oldest.hash
    assert queries.public_seals(before=middle.day) == [oldest]


def test_a_receipt_leads_to_its_entry_and_survives_bad_handwriting(tell):
    light = uuid7()
    entry = tell(light, "broken")
    tell(light, "mended")
    code = queries.receipt(entry)
    assert len(code) == 19
    found = queries.check_receipt(("light", light), code.lower().replace("-", " ").replace("o", "0").replace("i", "1"))
    assert found is not None and found.verb == "light.broken"
    assert queries.check_receipt(("light", uuid7()), code) is None
    assert queries.check_receipt(("light", light), "AAAA-AAAA-AAAA-AAAA") is None


@pytest.mark.parametrize("size", [1, 2, 7])
def test_an_entry_is_proved_to_be_under_its_seal(tell, size):
    entries = [tell(uuid7(), "broken") for _ in range(size)]
    with pytest.raises(NotFound):
        queries.prove(entries[0].id)
    seal_due(MORNING + timedelta(days=1))
    for entry in entries:
        proof = queries.prove(entry.id)
        assert proof.holds()
        assert proof.seal_hash == queries.public_seals()[0].hash


def test_a_proof_for_another_entry_does_not_hold(tell):
    from dataclasses import replace

    first, second = tell(uuid7(), "broken"), tell(uuid7(), "broken")
    seal_due(MORNING + timedelta(days=1))
    proof = queries.prove(first.id)
    assert not replace(proof, entry_hash=second.hash).holds()
    assert not replace(proof, root=second.hash).holds()
    assert not replace(proof, count=3).holds()


def test_a_hundred_thousand_entries_are_sealed_in_seconds():
    """The tree alone: what the database adds is one range read."""
    from time import perf_counter

    from tongxin.kernel.hashing import merkle_root

    hashes = [f"{n:064x}" for n in range(100_000)]
    start = perf_counter()
    merkle_root(rules.leaves(hashes))
    assert perf_counter() - start < 5


@pytest.mark.django_db(transaction=True)
def test_a_seal_waits_for_those_who_are_about_to_append_to_its_day(tell):
    """Somebody read the clock before midnight and commits only now: the seal holds his entry, or he is refused."""
    from threading import Event, Thread

    from django.db import connection, transaction

    light, appended, sealing = uuid7(), Event(), Event()

    def report_slowly() -> None:
        try:
            with transaction.atomic():
                tell(light, "broken")
                appended.set()
                sealing.wait(5)
                # The other one has asked for the seal by now, and waits.
                Event().wait(0.3)
        finally:
            connection.close()

    tell(uuid7(), "broken")
    slow = Thread(target=report_slowly)
    slow.start()
    appended.wait(5)
    sealing.set()
    (seal,) = seal_due(MORNING + timedelta(days=1))
    slow.join()
    assert seal.count == 2
    assert queries.prove(queries.history(("light", light))[0].id).holds()
