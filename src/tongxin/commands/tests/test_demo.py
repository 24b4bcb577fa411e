"""The demo builds into an empty folder of its own, and never touches what is not a demo city."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.system.installations import fresh
from tongxin.commands import demo


@pytest.mark.parametrize("words", [["demo"], ["demo", "--reset"], ["demo", "--build-only", "--small"]])
def test_an_installation_in_use_is_left_alone(words: list[str], tmp_path: Path) -> None:
    """A secretary's server, whose settings are still in the shell where somebody tries the demo."""
    county = fresh(tmp_path / "county")
    assert county.run("migrate").returncode == 0
    (county.folder / "keys").mkdir()
    (county.folder / "keys" / "field").write_text("the only copy")
    before = {path: path.stat().st_size for path in county.folder.rglob("*") if path.is_file()}
    done = county.run(*words)
    assert done.returncode == 1
    assert "left alone" in done.stderr
    assert {path: path.stat().st_size for path in county.folder.rglob("*") if path.is_file()} == before


def test_the_demo_is_served_from_no_database_that_the_environment_names(tmp_path: Path) -> None:
    done = fresh(tmp_path / "data", TONGXIN_DATABASE_URL="postgres://county@db.invalid/county").run("demo")
    assert done.returncode == 1
    assert "TONGXIN_DATABASE_URL" in done.stderr
    assert not (tmp_path / "data").exists()


def test_the_demo_is_built_in_no_database_that_holds_anything(tmp_path: Path) -> None:
    county = fresh(tmp_path / "county")
    assert county.run("migrate").returncode == 0
    database = county.folder / "tongxin.sqlite3"
    before = database.read_bytes()
    done = fresh(tmp_path / "data", TONGXIN_DATABASE_URL=f"sqlite:///{database}").run("demo", "--build-only")
    assert done.returncode == 1
    assert "left alone" in done.stderr
    assert database.read_bytes() == before


def test_a_database_that_does_not_answer_is_named_by_its_setting(tmp_path: Path) -> None:
    away = fresh(tmp_path / "data", TONGXIN_DATABASE_URL="postgres://county@127.0.0.1:1/county")
    done = away.run("demo", "--build-only")
    assert done.returncode == 1
    assert "TONGXIN_DATABASE_URL" in done.stderr and "Traceback" not in done.stderr


def test_only_a_demo_city_is_thrown_away_and_the_rest_of_its_folder_stays(tmp_path: Path) -> None:
    assert demo.is_demo(tmp_path / "not-yet")
    assert demo.is_demo(tmp_path)
    (tmp_path / "letter.txt").write_text("mine")
    assert not demo.is_demo(tmp_path)
    (tmp_path / demo.BEGUN).touch()
    (tmp_path / "tongxin.sqlite3").write_text("unfinished")
    assert demo.is_demo(tmp_path)
    demo.throw_away(tmp_path)
    assert (tmp_path / "letter.txt").exists()
    assert not (tmp_path / "tongxin.sqlite3").exists()
