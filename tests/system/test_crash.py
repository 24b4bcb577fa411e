"""A crash between two steps loses nothing and does nothing twice; and several at once do not get in each other's way."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.system.installations import Installation, fresh

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Installation]:
    """An installation with the people of the stories, on the database that the tests run on."""
    url = os.environ.get("TONGXIN_DATABASE_URL", "")
    if not url.startswith("postgres"):
        made = fresh(tmp_path / "data")
        _ready(made)
        yield made
        return
    import psycopg

    name = f"crash_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    made = fresh(tmp_path / "data", TONGXIN_DATABASE_URL=urlsplit(url)._replace(path=f"/{name}").geturl())
    _ready(made)
    yield made
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _ready(made: Installation) -> None:
    done = made.run("migrate")
    assert done.returncode == 0, done.stderr
    busy(made, "set-up")


def start(office: Installation, *arguments: str | Path) -> subprocess.Popen[str]:
    """A process at work; see ``busy``."""
    environment = office.environment | {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.system.busy", *map(str, arguments)],
        env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> Any:
    """What a process said when it was done."""
    told, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors
    assert "locked" not in errors
    return json.loads(told) if told.strip() else None


def busy(office: Installation, *arguments: str | Path) -> Any:
    """Do it and wait for it."""
    return finished(start(office, *arguments))


def found(office: Installation) -> list[dict[str, str]]:
    """What verify finds, but for the offices and routes that the scene made without a word to the record."""
    made = ("appointment ", "route ")
    return [
        finding
        for finding in office.answer("verify")["findings"]
        if finding["kind"] != "row-unrecorded" or not finding["where"].startswith(made)
    ]


def test_killed_again_and_again_it_loses_nothing_and_does_nothing_twice(office: Installation, tmp_path: Path) -> None:
    intents = tmp_path / "intents"
    intents.touch()
    chance = random.Random(20261122)
    for _ in range(4):
        before = len(intents.read_text().split())
        process = start(office, "work", intents)
        deadline = time.monotonic() + 60
        while len(intents.read_text().split()) < before + 3 and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        time.sleep(chance.random() * 0.2)
        process.kill()
        process.communicate()
    meant = intents.read_text().split()
    assert len(meant) >= 12

    assert found(office) == []
    before = {row["once"]: row for row in busy(office, "say")["cases"]}
    assert set(before) <= set(meant)
    assert len(set(meant) - set(before)) <= 4, "at most one for each crash: the one that was being written"
    after = busy(office, "again", intents)["cases"]
    assert Counter(row["once"] for row in after) == Counter(meant), "each report once, however often it was sent"
    assert all(row == before.get(row["once"], row) for row in after), "a retry changes nothing that was there"
    whole = {("submit", "accept", "dispatch"), ("submit", "accept", "dispatch", "claim", "start")}
    whole |= {("submit", "accept", "dispatch", "claim", "start", "answer", "ask_resident")}
    for row in after:
        assert tuple(row["verbs"]) in whole
        assert (row["parties"], row["search"], row["leads"]) == (1, 1, 1)
    assert office.answer("worker", "--once")["done"] > 0
    assert found(office) == []


def test_of_two_who_take_the_same_case_one_gets_it_and_the_other_is_told_who(office: Installation) -> None:
    cases = busy(office, "cases", "8")
    moment = str(time.time() + 6)
    li, qian = (start(office, "race", name, moment, *cases) for name in ("李师傅", "钱经理"))
    of_li, of_qian = finished(li), finished(qian)
    for case in cases:
        assert sorted((of_li[case], of_qian[case])) in (["won", "李师傅"], ["won", "钱经理"])
        assert of_li[case] == ("won" if of_qian[case] == "李师傅" else "钱经理")
    assert all(row["verbs"].count("claim") == 1 for row in busy(office, "say")["cases"])
    assert found(office) == []


def test_two_tickers_at_once_do_nothing_twice(office: Installation) -> None:
    busy(office, "long-ago", "10")
    command = [sys.executable, "-m", "tongxin.commands.main", "worker", "--once", "--json"]
    both = [
        subprocess.Popen(command, env=office.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    assert sum(finished(process)["done"] for process in both) > 10
    rows = busy(office, "say")["cases"]
    assert len(rows) == 10
    for row in rows:
        assert row["raised"] > 0, "nobody saw to it, so the level above is told"
        assert row["verbs"].count("escalate") == row["raised"]
    assert office.answer("worker", "--once")["done"] == 0
    assert busy(office, "say")["cases"] == rows
    assert found(office) == []


@pytest.mark.sqlite
def test_the_embedded_database_is_never_locked_for_eight_threads(office: Installation) -> None:
    assert busy(office, "mix", "20") == {"done": [20] * 8, "wrong": []}
