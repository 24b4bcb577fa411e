"""Tampering behind the record's back, each on a copy of its own: three lights, three sealed days, and today."""

from datetime import timedelta

import pytest
from django.db import connection, models

from tongxin.kernel.ids import uuid7
from tongxin.record import rules
from tongxin.record.models import Entry, Head, PersonalPart, Seal
from tongxin.record.operations import seal_due
from tongxin.record.registry import Finding, register_check
from tongxin.record.verify import verify_all

from .conftest import MORNING

pytestmark = pytest.mark.django_db
TODAY = MORNING + timedelta(days=3)


@pytest.fixture
def stairs(tell) -> list:
    """Three lights: broken on the first day, seen on the second, mended today, all told by 张阿姨."""
    ids = sorted(uuid7() for _ in range(3))
    for light in ids:
        tell(light, "broken", personal={"text": "三楼楼道灯"})
    for light in ids:
        tell(light, "seen", MORNING + timedelta(days=1))
    seal_due(TODAY)
    for light in ids:
        tell(light, "mended", TODAY)
    return ids


def remove(rows: models.QuerySet) -> None:
    rows._raw_delete(rows.db)


def kinds_by_place() -> set[tuple[str, str]]:
    return {(f.kind, f.where) for f in verify_all().findings}


def entry_place(light, seq: int) -> str:
    entry = Entry.objects.get(subject_id=light, subject_seq=seq)
    return f"light {light} entry {seq} ({entry.id})"


def test_untouched_it_is_clean_and_tells_how_much_was_walked(stairs):
    seen = []
    report = verify_all(lambda part, done: seen.append((part, done)))
    assert report.clean and not report.truncated
    assert report.counts == {"entries": 12, "subjects": 3, "seals": 3, "erased": 0}
    assert report.last_sealed_day == rules.local_day(TODAY) - timedelta(days=1)
    assert ("entries", 12) in seen and ("seals", 3) in seen


def test_1_a_byte_of_an_entry(stairs, behind_its_back):
    with behind_its_back():
        Entry.objects.filter(subject_id=stairs[1], subject_seq=2).update(verb="light.sEen")
    assert kinds_by_place() == {("entry-altered", entry_place(stairs[1], 2))}


def test_1_a_byte_of_an_entry_with_its_hash_made_to_fit(stairs, behind_its_back):
    entry = Entry.objects.get(subject_id=stairs[1], subject_seq=2)
    entry.verb = "light.sEen"
    with behind_its_back():
        Entry.objects.filter(pk=entry.pk).update(verb=entry.verb, hash=rules.entry_hash(vars(entry)))
    assert ("chain-broken", entry_place(stairs[1], 3)) in kinds_by_place()
    assert ("seal-root", "seal 2026-11-21") in kinds_by_place()


@pytest.mark.parametrize("kept", [0, 1, 2])
def test_2_the_last_entries_cut_off(stairs, behind_its_back, kept):
    with behind_its_back():
        cut = Entry.objects.filter(subject_id=stairs[2], subject_seq__gt=kept)
        remove(PersonalPart.objects.filter(entry__in=list(cut)))
        remove(cut)
    findings = verify_all().findings
    cuts = [f for f in findings if f.kind == "chain-cut"]
    assert [f.where for f in cuts] == [f"light {stairs[2]}"]
    assert "All 3" in cuts[0].message if kept == 0 else f"{kept} are there of 3" in cuts[0].message


def test_2_the_last_entries_cut_off_and_the_head_moved_back(stairs, behind_its_back):
    """Who holds the database alone cannot sign a head."""
    with behind_its_back():
        remove(Entry.objects.filter(subject_id=stairs[2], subject_seq=3))
        Head.objects.filter(subject_id=stairs[2]).update(
            seq=2, hash=Entry.objects.get(subject_id=stairs[2], subject_seq=2).hash
        )
    assert ("head-forged", f"light {stairs[2]}") in kinds_by_place()


def test_2_a_whole_subject_gone_with_row_and_head(stairs, lights, behind_its_back):
    """The seals of the days on which it was told of remember how many there were."""
    with behind_its_back():
        remove(PersonalPart.objects.filter(entry__subject_id=stairs[0]))
        remove(Entry.objects.filter(subject_id=stairs[0]))
        Head.objects.filter(subject_id=stairs[0]).delete()
        del lights[stairs[0]]
    assert kinds_by_place() == {("seal-count", "seal 2026-11-20"), ("seal-count", "seal 2026-11-21")}


def test_2_the_newest_entries_of_today_cut_off(stairs, behind_its_back):
    with behind_its_back():
        remove(Entry.objects.filter(recorded_at=TODAY, subject_kind="light"))
    assert {place for kind, place in kinds_by_place() if kind == "chain-cut"} == {f"light {light}" for light in stairs}


def inserted(light, seq: int, prev_hash: str, recorded_at) -> Entry:
    """An entry with everything in order, its hash correctly computed."""
    entry = Entry(
        id=uuid7(TODAY + timedelta(hours=1)),
        subject_kind="light",
        subject_id=light,
        subject_seq=seq,
        verb="light.paid",
        actor_id=uuid7(),
        actor_kind="person",
        area_path="",
        occurred_at=recorded_at,
        recorded_at=recorded_at,
        data={},
        prev_hash=prev_hash,
    )
    entry.hash = rules.entry_hash(vars(entry))
    entry.save(force_insert=True)
    return entry


def test_3_one_inserted_at_the_end_of_a_chain(stairs, behind_its_back):
    last = Entry.objects.get(subject_id=stairs[0], subject_seq=3)
    with behind_its_back():
        inserted(stairs[0], 4, last.hash, TODAY)
    assert kinds_by_place() == {("chain-inserted", f"light {stairs[0]} entry 4")}


def test_3_one_inserted_into_a_sealed_day(stairs, behind_its_back):
    with behind_its_back():
        entry = inserted(uuid7(), 1, "", MORNING)
    findings = verify_all().findings
    assert {f.kind for f in findings} == {"chain-without-head", "seal-count"}
    assert str(entry.id) in next(f.message for f in findings if f.kind == "seal-count")


def test_3_one_inserted_in_the_middle(stairs, behind_its_back):
    with behind_its_back():
        for seq in (3, 2):
            Entry.objects.filter(subject_id=stairs[0], subject_seq=seq).update(subject_seq=seq + 1)
        inserted(stairs[0], 2, Entry.objects.get(subject_id=stairs[0], subject_seq=1).hash, MORNING + timedelta(days=1))
    found = kinds_by_place()
    assert ("entry-altered", entry_place(stairs[0], 3)) in found
    assert ("chain-broken", entry_place(stairs[0], 3)) in found


def test_4_two_swapped(stairs, behind_its_back):
    first, second = (Entry.objects.get(subject_id=stairs[1], subject_seq=seq) for seq in (1, 2))
    with behind_its_back():
        Entry.objects.filter(pk=first.pk).update(subject_seq=99)
        Entry.objects.filter(pk=second.pk).update(subject_seq=1)
        Entry.objects.filter(pk=first.pk).update(subject_seq=2)
    found = kinds_by_place()
    assert ("entry-altered", entry_place(stairs[1], 1)) in found
    assert ("entry-altered", entry_place(stairs[1], 2)) in found


def test_4_two_swapped_between_subjects_with_all_hashes_made_to_fit(stairs, behind_its_back):
    """The chains' ends and the seal remember."""
    one, two = (Entry.objects.get(subject_id=stairs[i], subject_seq=3) for i in (0, 1))
    with behind_its_back():
        Entry.objects.filter(pk=one.pk).update(subject_seq=99)
        for entry, other in ((two, one), (one, two)):
            subject, prev = other.subject_id, other.prev_hash
            changed = Entry.objects.get(pk=entry.pk)
            changed.subject_id, changed.prev_hash, changed.subject_seq = subject, prev, 3
            if entry is two:
                Entry.objects.filter(pk=one.pk).update(subject_id=uuid7())
            Entry.objects.filter(pk=entry.pk).update(
                subject_id=subject, subject_seq=3, prev_hash=prev, hash=rules.entry_hash(vars(changed))
            )
    assert {("chain-end", f"light {light} entry 3") for light in stairs[:2]} <= kinds_by_place()


def test_5_a_subjects_row(stairs, lights):
    lights[stairs[1]] = {"state": "paid"}
    assert kinds_by_place() == {("row-altered", f"light {stairs[1]} (entry 3)")}


def test_5_a_subjects_row_deleted(stairs, lights):
    del lights[stairs[1]]
    assert kinds_by_place() == {("row-missing", f"light {stairs[1]} (entry 3)")}


def test_5_a_row_that_no_operation_made(stairs, lights):
    ghost = uuid7()
    lights[ghost] = {"state": "mended"}
    assert kinds_by_place() == {("row-unrecorded", f"light {ghost}")}


def test_a_row_that_was_lawfully_removed_is_no_finding(stairs, lights, zhang):
    from tongxin.record.operations import append_entry

    del lights[stairs[1]]
    append_entry(
        actor=zhang, verb="light.removed", subject=("light", stairs[1]), area_path="", now=TODAY, state=rules.REMOVED
    )
    assert verify_all().clean


def test_6_what_others_check_is_part_of_the_report_and_can_be_left_out(stairs):
    photo = Finding("file-altered", "file 1", "The file on the disk is not the one that was stored.")
    register_check("files", lambda: iter([photo]))
    assert verify_all().findings == [photo]
    assert verify_all(skip=["files"]).clean


def test_7_a_seal(stairs, behind_its_back):
    with behind_its_back():
        Seal.objects.filter(day="2026-11-21").update(root="0" * 64)
    assert ("seal-altered", "seal 2026-11-21") in kinds_by_place()


def test_7_a_seal_made_anew_with_all_that_follow(stairs, behind_its_back):
    """The record tells of each seal; outside witnesses have it too."""
    with behind_its_back():
        previous = ""
        for seal in Seal.objects.order_by("day"):
            sealed_at = seal.sealed_at + timedelta(seconds=1)
            made = rules.seal_hash(seal.day, seal.count, seal.root, previous, sealed_at)
            Seal.objects.filter(pk=seal.pk).update(hash=made, prev_hash=previous, sealed_at=sealed_at)
            previous = made
    assert kinds_by_place() == {("seal-untold", f"seal 2026-11-{day}") for day in (20, 21, 22)}


@pytest.mark.parametrize(("day", "kinds"), [(20, {"seal-missing", "seal-broken"}), (22, {"seal-missing"})])
def test_7_a_seal_gone_even_the_newest(stairs, behind_its_back, day, kinds):
    with behind_its_back():
        remove(Seal.objects.filter(day=f"2026-11-{day}"))
    findings = verify_all().findings
    assert {f.kind for f in findings} == kinds
    assert any(f"2026-11-{day}" in f.where for f in findings)


def test_a_personal_part_changed_swapped_or_gone(stairs, behind_its_back):
    one, two, three = (PersonalPart.objects.get(entry__subject_id=light) for light in stairs)
    with behind_its_back():
        PersonalPart.objects.filter(pk=one.pk).update(data=two.data, salt=two.salt)
        PersonalPart.objects.filter(pk=two.pk).update(salt=b"0" * 16)
        remove(PersonalPart.objects.filter(pk=three.pk))
    assert kinds_by_place() == {
        ("personal-altered", entry_place(stairs[0], 1)),
        ("personal-altered", entry_place(stairs[1], 1)),
        ("personal-missing", entry_place(stairs[2], 1)),
    }


def test_findings_are_bounded(stairs, lights):
    for light in stairs:
        lights[light] = {"state": "paid"}
    report = verify_all(limit=2)
    assert len(report.findings) == 2 and report.truncated


@pytest.mark.django_db(transaction=True)
def test_while_others_write_the_walk_sees_one_moment(stairs, tell, monkeypatch):
    """An entry that is committed during the walk is neither cut off nor inserted."""
    from threading import Thread

    from tongxin.record import verify

    def write() -> None:
        tell(stairs[0], "checked", TODAY)
        connection.close()

    ends = verify._ends

    def slowly(chains):
        writer = Thread(target=write)
        writer.start()
        writer.join()
        return ends(chains)

    monkeypatch.setattr(verify, "_ends", slowly)
    findings = verify_all().findings
    assert {f.kind for f in findings} <= {"row-altered"}  # the lights of this test are no table and have no snapshot
