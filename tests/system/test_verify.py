"""``tongxin verify`` on the demo city: clean as it is, and each tampering behind its back is named with its place."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.system.installations import Installation

pytestmark = pytest.mark.xdist_group("demo-city")
_CASES_CHAIN = "subject_kind = 'case' AND subject_id = (SELECT subject_id FROM record_entry WHERE subject_kind = 'case'"
LONGEST = f"{_CASES_CHAIN} GROUP BY subject_id ORDER BY COUNT(*) DESC, subject_id LIMIT 1)"
"""The case with the most to tell."""


def test_the_demo_city_is_clean(demo_city: Installation) -> None:
    told = demo_city.answer("verify")
    assert told["clean"] is True
    assert told["findings"] == []
    assert told["counts"]["entries"] == demo_city.count("record_entry") > 1000
    assert told["counts"]["seals"] == demo_city.count("record_seal") > 10
    assert told["counts"]["subjects"] > 200
    assert told["last_sealed_day"]
    assert demo_city.run("verify").returncode == 0


def _row(database: sqlite3.Connection, sql: str) -> tuple[str, ...]:
    found = database.execute(sql).fetchone()
    assert found is not None
    return tuple(found)


def a_byte_of_an_entry(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        key, data = _row(database, f"SELECT id, data FROM record_entry WHERE {LONGEST} AND subject_seq = 2")
        changed = data[:-1] + (" }" if data.endswith("}") else data[-1])
        meaning = data.replace("submitted", "submittee").replace("accepted", "acceptee")
        database.execute(
            "UPDATE record_entry SET data = ? WHERE id = ?", [meaning if meaning != data else changed, key]
        )
    return "entry-altered", _uuid(key)


def the_last_entries_cut_off(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        (subject,) = _row(database, f"SELECT subject_id FROM record_entry WHERE {LONGEST}")
        last = (
            "SELECT id FROM record_entry WHERE subject_kind = 'case' AND subject_id = ? "
            "ORDER BY subject_seq DESC LIMIT 2"
        )
        keys = [row[0] for row in database.execute(last, [subject]).fetchall()]
        for key in keys:
            database.execute("DELETE FROM record_personalpart WHERE entry_id = ?", [key])
            database.execute("DELETE FROM record_entry WHERE id = ?", [key])
    return "chain-cut", _uuid(subject)


def one_inserted(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        columns = [row[1] for row in database.execute("PRAGMA table_info(record_entry)")]
        values = dict(
            zip(
                columns,
                _row(database, f"SELECT * FROM record_entry WHERE {LONGEST} ORDER BY subject_seq DESC"),
                strict=True,
            )
        )
        values |= {
            "id": "0" * 31 + "7", "subject_seq": values["subject_seq"] + 1, "prev_hash": values["hash"],
            "hash": "f" * 64, "personal_commit": "",
        }  # fmt: skip
        marks = ",".join("?" * len(columns))
        database.execute(f"INSERT INTO record_entry VALUES ({marks})", [values[name] for name in columns])
    return "chain-inserted", _uuid(values["subject_id"])


def two_swapped(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        query = f"SELECT id, subject_seq, subject_id FROM record_entry WHERE {LONGEST} ORDER BY subject_seq LIMIT 2"
        (first, one, subject), (second, two, _) = database.execute(query).fetchall()
        for key, seq in ((first, 9999), (second, one), (first, two)):
            database.execute("UPDATE record_entry SET subject_seq = ? WHERE id = ?", [seq, key])
    return "chain-broken", _uuid(subject)


def a_cases_row(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        (key,) = _row(database, "SELECT id FROM cases_case WHERE outcome = '' ORDER BY id LIMIT 1")
        database.execute("UPDATE cases_case SET outcome = 'solved' WHERE id = ?", [key])
    return "row-altered", _uuid(key)


def a_photo(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        (key,) = _row(database, "SELECT id FROM files_attachment WHERE state = 'ready' ORDER BY id LIMIT 1")
    photo = _biggest(
        [
            path
            for path in (city.folder / "files" / "kept").rglob("*")
            if key in str(path).replace("-", "") and path.is_file()
        ]
    )
    content = bytearray(photo.read_bytes())
    content[len(content) // 2] ^= 1
    photo.chmod(0o600)
    photo.write_bytes(content)
    return "file", _uuid(key)


def a_seal(city: Installation) -> tuple[str, str]:
    with city.behind_its_back() as database:
        (day,) = _row(database, "SELECT day FROM record_seal ORDER BY day LIMIT 1 OFFSET 20")
        database.execute("UPDATE record_seal SET root = ? WHERE day = ?", ["0" * 64, day])
    return "seal", day


TAMPERINGS = (
    a_byte_of_an_entry, the_last_entries_cut_off, one_inserted, two_swapped, a_cases_row, a_photo, a_seal,
)  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_what_is_done_behind_its_back_is_named_with_its_place(
    demo_city: Installation, tmp_path: Path, tamper: Callable[[Installation], tuple[str, str]]
) -> None:
    copy = demo_city.copy(tmp_path / "copy")
    kind, place = tamper(copy)
    done = copy.run("verify", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["clean"] is False
    named = [finding for finding in told["findings"] if finding["kind"].startswith(kind) and place in finding["where"]]
    assert named, told["findings"]
    assert named[0]["message"]
    assert _told_in_words(copy, place)


def _told_in_words(city: Installation, place: str) -> bool:
    """Without ``--json`` the same is said to a person."""
    done: subprocess.CompletedProcess[str] = city.run("verify")
    return done.returncode == 1 and place in done.stderr


def _uuid(key: str) -> str:
    """As a person reads it: SQLite keeps it without hyphens."""
    return key if "-" in key else f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}"


def _biggest(paths: list[Path]) -> Path:
    assert paths, "no file of that photo"
    return max(paths, key=lambda path: path.stat().st_size)
