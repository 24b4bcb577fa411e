from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tongxin.kernel.errors import Conflict
from tongxin.kernel.ids import uuid7
from tongxin.record import queries, rules
from tongxin.record.models import Entry, Head, PersonalPart, Seal
from tongxin.record.operations import Draft, append_entries, append_entry, log_reading, seal_due

from .conftest import AREA, MORNING

pytestmark = pytest.mark.django_db


def test_each_entry_of_a_subject_follows_from_the_one_before(tell):
    light = uuid7()
    first, second = tell(light, "broken"), tell(light, "mended", MORNING + timedelta(hours=2))
    assert (first.subject_seq, first.prev_hash) == (1, "")
    assert (second.subject_seq, second.prev_hash) == (2, first.hash)
    stored = Entry.objects.get(pk=second.pk)
    assert rules.entry_hash(vars(stored)) == second.hash


def test_what_somebody_says_of_the_time_is_kept_beside_ours(tell):
    entry = tell(uuid7(), "broken", occurred_at=MORNING - timedelta(days=400))
    assert entry.recorded_at == MORNING
    assert Entry.objects.get(pk=entry.pk).occurred_at == MORNING - timedelta(days=400)


def test_an_entry_needs_the_transaction_of_its_change(zhang, transactional_db):
    with pytest.raises(RuntimeError, match="transaction"):
        append_entry(actor=zhang, verb="light.broken", subject=("light", uuid7()), area_path=AREA, now=MORNING)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("new", [True, False])
def test_a_submission_with_a_photo_costs_at_most_four_statements(zhang, django_assert_max_num_queries, new):
    drafts = [
        Draft(zhang, "case.submitted", ("case", uuid7()), AREA, personal={"text": "灯坏了"}, state={"s": 1}, new=new),
        Draft(zhang, "file.stored", ("file", uuid7()), AREA, state={"s": 1}, new=new),
    ]
    with django_assert_max_num_queries(3 if new else 4):
        append_entries(drafts, now=MORNING)
    with django_assert_max_num_queries(4):
        append_entries([Draft(zhang, "case.urged", drafts[0].subject, AREA, personal={"text": "快点"})], now=MORNING)


def test_two_entries_of_one_subject_in_one_go_are_chained(zhang):
    case = ("case", uuid7())
    entries = append_entries(
        [Draft(zhang, "case.submitted", case, AREA), Draft(zhang, "case.routed", case, AREA)], now=MORNING
    )
    assert [e.subject_seq for e in entries] == [1, 2]
    assert entries[1].prev_hash == entries[0].hash
    assert Head.objects.get().seq == 2


def test_subjects_of_two_kinds_may_share_an_id(zhang):
    shared = uuid7()
    append_entries([Draft(zhang, "a", ("case", shared), AREA), Draft(zhang, "b", ("task", shared), AREA)], now=MORNING)
    append_entry(actor=zhang, verb="c", subject=("case", shared), area_path=AREA, now=MORNING)
    assert [line.verb for line in queries.history(("case", shared))] == ["a", "c"]
    assert [line.verb for line in queries.history(("task", shared))] == ["b"]


def test_a_chain_that_is_said_to_be_new_cannot_begin_twice(zhang):
    case = ("case", uuid7())
    append_entry(actor=zhang, verb="case.submitted", subject=case, area_path=AREA, now=MORNING, new=True)
    with pytest.raises(Conflict), transaction.atomic():
        append_entry(actor=zhang, verb="case.submitted", subject=case, area_path=AREA, now=MORNING, new=True)


def test_what_is_personal_lies_encrypted_beside_the_chain(zhang, tell):
    light = uuid7()
    entry = tell(light, "broken", personal={"text": "张秀英，13971900001"})
    assert b"13971900001" not in bytes(PersonalPart.objects.get().data)
    assert "张秀英" not in str(Entry.objects.filter(pk=entry.pk).values())
    assert queries.history(("light", light))[0].personal is None
    assert queries.history(("light", light), with_personal=True)[0].personal == {"text": "张秀英，13971900001"}


def test_the_same_personal_words_leave_different_commitments(tell):
    assert (
        tell(uuid7(), "broken", personal={"t": "灯"}).personal_commit
        != tell(uuid7(), "broken", personal={"t": "灯"}).personal_commit
    )


def test_floats_cannot_enter_the_record(zhang):
    with pytest.raises(TypeError):
        append_entry(
            actor=zhang, verb="x", subject=("light", uuid7()), area_path=AREA, now=MORNING, data={"share": 0.5}
        )


def test_values_are_stored_as_they_are_hashed(zhang):
    until = datetime(2026, 11, 26, 9, tzinfo=UTC)
    entry = append_entry(
        actor=zhang,
        verb="x",
        subject=("light", uuid7()),
        area_path=AREA,
        now=MORNING,
        data={"until": until, "n": [1, None, True]},
    )
    assert entry.data == {"n": [1, None, True], "until": "2026-11-26T09:00:00.000000Z"}
    stored = Entry.objects.get()
    assert rules.entry_hash(vars(stored)) == stored.hash


def test_nothing_is_appended_to_a_sealed_day(tell):
    light = uuid7()
    tell(light, "broken")
    seal_due(MORNING + timedelta(days=1))
    with pytest.raises(Conflict) as refused:
        tell(light, "mended", MORNING + timedelta(hours=3))
    assert refused.value.code == "sealed-day"
    with pytest.raises(Conflict):
        tell(light, "mended", MORNING - timedelta(days=30))
    assert tell(light, "mended", MORNING + timedelta(days=1)).subject_seq == 2


def test_reading_of_a_phone_number_is_on_the_record_with_a_closed_reason(zhang):
    person = ("person", uuid7())
    log_reading(actor=zhang, subject=person, area_path=AREA, fields=["phone"], reason="回访李师傅", now=MORNING)
    (line,) = queries.history(person)
    assert (line.actor_id, line.data, line.personal) == (zhang.id, {"fields": ["phone"]}, None)
    assert queries.history(person, with_personal=True)[0].personal == {"reason": "回访李师傅"}


def test_rows_beside_the_entries_go_in_the_same_statement_and_with_them_or_not_at_all(
    zhang, tell, django_assert_num_queries
):
    def seal(day):
        return Seal(day=day, count=0, root="", prev_hash="", hash=f"{day}", sealed_at=MORNING)

    def draft():
        return Draft(zhang, "x", ("light", uuid7()), AREA, personal={"t": "灯"}, state={"s": 1}, new=True)

    tell(uuid7(), "broken")
    seal_due(MORNING + timedelta(days=1))
    today, days = MORNING + timedelta(days=1), [date(2020, 1, 1), date(2020, 1, 2)]
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 4):
        append_entries([draft(), draft()], now=today, beside=[seal(day) for day in days])
    assert (Seal.objects.filter(day__in=days).count(), PersonalPart.objects.count()) == (2, 2)
    before = Entry.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        append_entries([draft()], now=today, beside=[seal(days[0])])
    with pytest.raises(Conflict) as refused, transaction.atomic():
        append_entries([draft()], now=MORNING, beside=[seal(date(2020, 1, 3))])
    assert refused.value.code == "sealed-day"
    assert (Entry.objects.count(), Seal.objects.filter(day=date(2020, 1, 3)).count()) == (before, 0)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_on_one_subject_are_both_recorded_in_a_row(zhang):
    from threading import Barrier, Thread

    case = ("case", uuid7())
    with transaction.atomic():
        append_entry(actor=zhang, verb="case.submitted", subject=case, area_path=AREA, now=MORNING)
    together = Barrier(4)

    def urge() -> None:
        together.wait()
        try:
            for _ in range(5):
                with transaction.atomic():
                    append_entry(actor=zhang, verb="case.urged", subject=case, area_path=AREA, now=MORNING)
        finally:
            connection.close()

    threads = [Thread(target=urge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line.seq for line in queries.history(case)] == list(range(1, 22))
