"""A backup restored on an empty machine verifies; and nothing is ever overwritten by a restore."""

from __future__ import annotations

import base64
import io
import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.system.installations import Installation, fresh

on_the_demo_city = pytest.mark.xdist_group("demo-city")
TABLES = ("record_entry", "record_seal", "cases_case", "cases_update", "people_person", "files_attachment")


@pytest.fixture(scope="module")
def archive(demo_city: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the demo city."""
    file = tmp_path_factory.mktemp("backup") / "city.tar.gz"
    told = demo_city.answer("backup", file)
    assert told["bytes"] == file.stat().st_size
    assert told["files"] > 10
    assert file.stat().st_mode & 0o077 == 0, "nobody else reads it"
    return file


@on_the_demo_city
def test_a_backup_restored_on_an_empty_machine_verifies(demo_city: Installation, archive: Path, tmp_path: Path) -> None:
    there = demo_city.empty(tmp_path / "new")
    told = there.answer("restore", archive)
    assert told["files"] == len([p for p in (demo_city.folder / "files").rglob("*") if p.is_file()])
    assert {table: there.count(table) for table in TABLES} == {table: demo_city.count(table) for table in TABLES}
    verified = there.answer("verify")
    assert verified["clean"] is True
    assert verified["counts"] == demo_city.answer("verify")["counts"]
    again = there.run("restore", archive)
    assert again.returncode == 1
    assert "Nothing was restored" in again.stderr
    assert there.count("cases_case") == demo_city.count("cases_case")


@on_the_demo_city
def test_the_keys_are_not_in_a_backup(demo_city: Installation, archive: Path) -> None:
    with tarfile.open(archive) as packed:
        names = packed.getnames()
        assert "manifest.json" in names
        assert not any("key" in name for name in names)
    for key in demo_city.keys().values():
        assert base64.b64encode(key.encode()) not in archive.read_bytes()


@on_the_demo_city
def test_a_backup_is_not_written_over_another_file(demo_city: Installation, archive: Path) -> None:
    before = archive.stat().st_mtime_ns
    assert demo_city.run("backup", archive).returncode == 1
    assert archive.stat().st_mtime_ns == before


def test_a_folder_without_an_installation_is_not_backed_up_as_if_it_were_one(tmp_path: Path) -> None:
    """A mistyped TONGXIN_DATA: better to hear of it today than on the day of the restore."""
    for folder in ("nothing", "empty"):
        if folder == "empty":
            (tmp_path / folder).mkdir()
        done = fresh(tmp_path / folder).run("backup", tmp_path / f"{folder}.tar.gz", "--json")
        assert done.returncode == 1
        assert "TONGXIN_DATA" in json.loads(done.stdout)["error"]
        assert not (tmp_path / f"{folder}.tar.gz").exists()
        assert not (tmp_path / folder / "tongxin.sqlite3").exists()
    nowhere = fresh(tmp_path / "nothing").run("backup", tmp_path / "no" / "such" / "folder.tar.gz")
    assert (nowhere.returncode, "Traceback" in nowhere.stderr) == (1, False)


def test_the_way_to_the_database_stays_as_safe_for_the_programs_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from tongxin.commands.backup import NoBackup, postgres_environment

    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"sslmode": "verify-full", "prepare_threshold": 3})
    assert postgres_environment()["PGSSLMODE"] == "verify-full"
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"sslcompression": "1"})
    with pytest.raises(NoBackup):
        postgres_environment()


@on_the_demo_city
def test_a_damaged_or_foreign_archive_is_refused_and_leaves_nothing(
    demo_city: Installation, archive: Path, tmp_path: Path
) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:-2000])
    nothing = tmp_path / "nothing.tar.gz"
    nothing.write_bytes(b"")
    wrong = [
        cut,
        nothing,
        tmp_path / "not-there.tar.gz",
        _changed(archive, tmp_path / "changed.tar.gz"),
        _climbing(tmp_path),
    ]
    there = demo_city.empty(tmp_path / "new")
    for file in wrong:
        done = there.run("restore", file)
        assert done.returncode == 1, file
        assert "Nothing was restored" in done.stderr, done.stderr
        assert [path.name for path in there.folder.iterdir()] == [], file
    assert not (tmp_path / "climbed").exists()


def _changed(archive: Path, target: Path) -> Path:
    """One byte of one file changed, packed anew."""
    with tarfile.open(archive) as source, tarfile.open(target, "w:gz") as made:
        changed = False
        for member in source.getmembers():
            content = bytearray(source.extractfile(member).read())  # type: ignore[union-attr]
            if member.name.startswith("files/") and content and not changed:
                content[0] ^= 1
                changed = True
            made.addfile(member, io.BytesIO(content))
    return target


def _climbing(folder: Path) -> Path:
    """An archive that wants to write beside the data folder."""
    target = folder / "climbing.tar.gz"
    with tarfile.open(target, "w:gz") as made:
        for name, content in (("../../climbed", b"x"), ("manifest.json", json.dumps({"digests": {}}).encode())):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            made.addfile(entry, io.BytesIO(content))
    return target


@pytest.fixture
def other_database() -> Iterator[str]:
    """The address of an empty PostgreSQL database beside the one of the tests; gone afterwards."""
    import psycopg

    url = os.environ["TONGXIN_DATABASE_URL"]
    name = f"restored_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        server.execute(f"CREATE DATABASE {name}_too")
    yield urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        server.execute(f"DROP DATABASE {name}_too WITH (FORCE)")


@pytest.mark.postgres
def test_on_postgresql_too_a_backup_restored_elsewhere_verifies(other_database: str, tmp_path: Path) -> None:
    first = fresh(tmp_path / "first", TONGXIN_DATABASE_URL=other_database)
    assert first.run("migrate").returncode == 0
    assert first.answer("import", "divisions")["added"] > 2000
    file = tmp_path / "county.tar.gz"
    assert first.run("backup", file).returncode == 0

    full = fresh(tmp_path / "full", TONGXIN_DATABASE_URL=other_database).run("restore", file)
    assert full.returncode == 1
    assert "not empty" in full.stderr

    embedded = fresh(tmp_path / "embedded").run("restore", file)
    assert embedded.returncode == 1
    assert "PostgreSQL" in embedded.stderr

    second = fresh(tmp_path / "second", TONGXIN_DATABASE_URL=f"{_named(other_database, '_too')}")
    restored = second.run("restore", file)
    assert restored.returncode == 0, restored.stderr
    ours, theirs = second.answer("verify"), first.answer("verify")
    assert ours["clean"] is True
    assert ours["counts"] == theirs["counts"]
    assert ours["counts"]["entries"] > 0
    again = second.answer("import", "divisions")
    assert (again["added"], again["renamed"]) == (0, 0)
    assert again["unchanged"] > 2000


def _named(url: str, more: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=parts.path + more).geturl()


@pytest.mark.postgres
@on_the_demo_city
def test_a_backup_of_an_embedded_database_is_not_put_into_postgresql(
    other_database: str, demo_city: Installation, archive: Path, tmp_path: Path
) -> None:
    done = demo_city.empty(tmp_path / "new", TONGXIN_DATABASE_URL=other_database).run("restore", archive)
    assert done.returncode == 1
    assert "embedded" in done.stderr
