"""``tongxin verify`` on the demo city: clean as it is, and each tampering behind its back is named with its place."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from tests.system.installations import Hand, Installation

_CASES_CHAIN = "subject_kind = 'case' AND subject_id = (SELECT subject_id FROM record_entry WHERE subject_kind = 'case'"
LONGEST = f"{_CASES_CHAIN} GROUP BY subject_id ORDER BY COUNT(*) DESC, subject_id LIMIT 1)"
"""The case with the most to tell."""
on_the_demo_city = pytest.mark.xdist_group("demo-city")


@on_the_demo_city
def test_the_demo_city_is_clean(demo_city: Installation) -> None:
    told = demo_city.answer("verify")
    assert told["clean"] is True
    assert told["findings"] == []
    assert told["counts"]["entries"] == demo_city.count("record_entry") > 1000
    assert told["counts"]["seals"] == demo_city.count("record_seal") > 10
    assert told["counts"]["subjects"] > 200
    assert told["last_sealed_day"]
    assert demo_city.run("verify").returncode == 0


@pytest.mark.postgres
@pytest.mark.xdist_group("demo-county")
def test_the_demo_city_on_postgresql_is_clean(demo_county: Installation) -> None:
    told = demo_county.answer("verify")
    assert told["findings"] == []
    assert told["counts"]["entries"] == demo_county.count("record_entry") > 1000


@on_the_demo_city
def test_what_a_witness_kept_is_compared_with_what_stands_here(demo_city: Installation, tmp_path: Path) -> None:
    seals = demo_city.rows("SELECT day, hash FROM record_seal ORDER BY day LIMIT 3")
    first, second, third = [f"{row['day']}:{row['hash']}" for row in seals]
    kept = tmp_path / "kept.txt"
    kept.write_text(f"# from the archive\n{second}\n\n{third}\n")
    told = demo_city.answer("verify", "--seal", first, "--seals", kept)
    assert told["clean"] is True
    assert told["counts"]["witnessed"] == 3
    kept.write_text(f"{seals[1]['day']}:{'0' * 64}\n")
    done = demo_city.run("verify", "--seal", first, "--seals", kept)
    assert done.returncode == 1
    assert f"witness-differs: seal {seals[1]['day']}" in done.stderr
    for wrong in (["--seal", "yesterday"], ["--seals", tmp_path / "none.txt"]):
        done = demo_city.run("verify", *wrong)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr


def a_byte_of_an_entry(hand: Hand, city: Installation) -> tuple[str, str]:
    row = hand.row(f"SELECT id, data FROM record_entry WHERE {LONGEST} AND subject_seq = 2")
    changed = row["data"].replace("submitted", "submittee").replace("accepted", "acceptee")
    assert changed != row["data"]
    hand.do("UPDATE record_entry SET data = ? WHERE id = ?", changed, row["id"])
    return "entry-altered", row["id"]


def the_last_entries_cut_off(hand: Hand, city: Installation) -> tuple[str, str]:
    subject = hand.row(f"SELECT subject_id FROM record_entry WHERE {LONGEST}")["subject_id"]
    last = (
        "SELECT id FROM record_entry WHERE subject_kind = 'case' AND subject_id = ? ORDER BY subject_seq DESC LIMIT 2"
    )
    for row in hand.rows(last, subject):
        hand.do("DELETE FROM record_personalpart WHERE entry_id = ?", row["id"])
        hand.do("DELETE FROM record_entry WHERE id = ?", row["id"])
    return "chain-cut", subject


def one_inserted(hand: Hand, city: Installation) -> tuple[str, str]:
    row = hand.row(f"SELECT * FROM record_entry WHERE {LONGEST} ORDER BY subject_seq DESC")
    row |= {
        "id": "0" * 31 + "7", "subject_seq": row["subject_seq"] + 1, "prev_hash": row["hash"], "hash": "f" * 64,
        "personal_commit": "",
    }  # fmt: skip
    marks = ",".join("?" * len(row))
    hand.do(f"INSERT INTO record_entry ({', '.join(row)}) VALUES ({marks})", *row.values())
    return "chain-inserted", row["subject_id"]


def two_swapped(hand: Hand, city: Installation) -> tuple[str, str]:
    query = f"SELECT id, subject_seq, subject_id FROM record_entry WHERE {LONGEST} ORDER BY subject_seq LIMIT 2"
    first, second = hand.rows(query)
    one, two = first["subject_seq"], second["subject_seq"]
    for key, seq in ((first["id"], 9999), (second["id"], one), (first["id"], two)):
        hand.do("UPDATE record_entry SET subject_seq = ? WHERE id = ?", seq, key)
    return "chain-broken", first["subject_id"]


def a_cases_row(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_case WHERE outcome = '' ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_case SET outcome = 'solved' WHERE id = ?", key)
    return "row-altered", key


def a_photo(hand: Hand, city: Installation) -> tuple[str, str]:
    key = _uuid(hand.row("SELECT id FROM files_attachment WHERE state = 'ready' ORDER BY id LIMIT 1")["id"])
    kept = (city.folder / "files" / "kept").rglob("*")
    photo = _biggest([path for path in kept if key.replace("-", "") in str(path).replace("-", "") and path.is_file()])
    content = bytearray(photo.read_bytes())
    content[len(content) // 2] ^= 1
    photo.chmod(0o600)
    photo.write_bytes(content)
    return "file", key


def a_seal(hand: Hand, city: Installation) -> tuple[str, str]:
    day = hand.row("SELECT day FROM record_seal ORDER BY day LIMIT 1 OFFSET 20")["day"]
    hand.do("UPDATE record_seal SET root = ? WHERE day = ?", "0" * 64, day)
    return "seal", str(day)


def the_words_of_an_answer(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_update WHERE verb = 'answer' AND text <> '' ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_update SET text = '已于当天修好' WHERE id = ?", key)
    return "words-altered", key


def whose_answer_it_was(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_update WHERE verb = 'answer' AND text <> '' ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_update SET actor_name = '李主任' WHERE id = ?", key)
    return "words-altered", key


def a_note_for_the_offices_shown_to_all(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_update WHERE note <> '' ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_update SET audience = 'public' WHERE id = ?", key)
    return "update-altered", key


def a_rating(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_party WHERE rating < 5 ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_party SET rating = 5 WHERE id = ?", key)
    return "row-altered", key


def who_had_the_case(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_assignment WHERE claimed_at IS NOT NULL ORDER BY id LIMIT 1")["id"]
    hand.do("UPDATE cases_assignment SET claimed_at = given_at WHERE id = ?", key)
    return "row-altered", f"assignment {_uuid(key)}"


def a_clock_set_back(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT id FROM cases_caseclock WHERE met = ? ORDER BY id LIMIT 1", True)["id"]
    hand.do("UPDATE cases_caseclock SET met = ? WHERE id = ?", False, key)
    return "row-altered", f"clock {_uuid(key)}"


def an_imported_ownership(hand: Hand, city: Installation) -> tuple[str, str]:
    settled = hand.rows("SELECT data FROM record_entry WHERE verb = 'people.settled' ORDER BY id")
    first = next(told for row in settled if (told := json.loads(row["data"]).get("ownerships")))["first"]
    key = first if city.url else UUID(first).hex
    hand.do("UPDATE people_ownership SET share_denominator = share_denominator + 1 WHERE id = ?", key)
    return "rows-altered", first


def an_ownership_of_its_own(hand: Hand, city: Installation) -> tuple[str, str]:
    key = hand.row("SELECT subject_id FROM record_entry WHERE subject_kind = 'ownership' ORDER BY id")["subject_id"]
    hand.do("UPDATE people_ownership SET until = '2026-01-01' WHERE id = ?", key)
    return "row-altered", key


def an_ownership_made_up(hand: Hand, city: Installation) -> tuple[str, str]:
    row = hand.row("SELECT * FROM people_ownership ORDER BY id LIMIT 1") | {"id": "0" * 31 + "9"}
    marks = ",".join("?" * len(row))
    hand.do(f"INSERT INTO people_ownership ({', '.join(row)}) VALUES ({marks})", *row.values())
    return "row-unrecorded", row["id"]


TAMPERINGS = (
    a_byte_of_an_entry, the_last_entries_cut_off, one_inserted, two_swapped, a_cases_row, a_photo, a_seal,
    the_words_of_an_answer, whose_answer_it_was, a_note_for_the_offices_shown_to_all, a_rating, who_had_the_case,
    a_clock_set_back, an_imported_ownership, an_ownership_of_its_own, an_ownership_made_up,
)  # fmt: skip
Tampering = Callable[[Hand, Installation], tuple[str, str]]


@on_the_demo_city
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_what_is_done_behind_its_back_is_named_with_its_place(
    demo_city: Installation, tmp_path: Path, tamper: Tampering
) -> None:
    _named(demo_city.copy(tmp_path / "copy"), tamper, aloud=True)


@pytest.mark.postgres
@pytest.mark.xdist_group("demo-county")
@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_on_postgresql_too(demo_county: Installation, tmp_path: Path, tamper: Tampering) -> None:
    copy = demo_county.copy(tmp_path / "copy")
    try:
        _named(copy, tamper, aloud=False)
    finally:
        copy.forget()


def _named(copy: Installation, tamper: Tampering, *, aloud: bool) -> None:
    with copy.behind_its_back() as hand:
        kind, place = tamper(hand, copy)
    place = _uuid(place)
    done = copy.run("verify", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["clean"] is False
    named = [finding for finding in told["findings"] if finding["kind"].startswith(kind) and place in finding["where"]]
    assert named, told["findings"]
    assert named[0]["message"]
    if aloud:  # without ``--json`` the same is said to a person
        spoken: subprocess.CompletedProcess[str] = copy.run("verify")
        assert spoken.returncode == 1
        assert place in spoken.stderr


def _uuid(key: str) -> str:
    """As a person reads it: SQLite keeps it without hyphens."""
    return str(UUID(key)) if len(key) == 32 else key


def _biggest(paths: list[Path]) -> Path:
    assert paths, "no file of that photo"
    return max(paths, key=lambda path: path.stat().st_size)
