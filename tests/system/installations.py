"""Installations of their own, driven through the command line as an operator would: own folder, keys and processes."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "src"


@dataclass
class Installation:
    """A data folder with what the environment says of it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the surroundings but what a process needs; then the settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TONGXIN_", "DJANGO_"))}
        return kept | {"PYTHONPATH": str(SOURCES), "TONGXIN_DATA": str(self.folder)} | self.settings

    def run(self, *arguments: str | Path, timeout: float = 300) -> subprocess.CompletedProcess[str]:
        """One command of ``tongxin``; its result, whatever it is."""
        return subprocess.run(
            [sys.executable, "-m", "tongxin.commands.main", *map(str, arguments)],
            env=self.environment, capture_output=True, text=True, timeout=timeout,
        )  # fmt: skip

    def answer(self, *arguments: str | Path) -> dict[str, Any]:
        """What a command answers with ``--json``."""
        done = self.run(*arguments, "--json")
        assert done.stdout, done.stderr
        return dict(json.loads(done.stdout))

    def copy(self, folder: Path) -> Installation:
        """The same installation once more, elsewhere, to tamper with."""
        shutil.copytree(self.folder, folder)
        return Installation(folder, self.settings | self.keys())

    def empty(self, folder: Path, **settings: str) -> Installation:
        """A new machine with the same keys and nothing else."""
        folder.mkdir()
        return Installation(folder, self.settings | self.keys() | settings)

    def keys(self) -> dict[str, str]:
        """The keys that a demo city made for itself, as settings."""
        keys = self.folder / "keys"
        if not keys.is_dir():
            return {}
        return {
            "TONGXIN_SECRET_KEY": (keys / "secret").read_text(), "TONGXIN_FIELD_KEY": (keys / "field").read_text(),
        }  # fmt: skip

    @contextmanager
    def behind_its_back(self) -> Iterator[sqlite3.Connection]:
        """The embedded database as somebody with the file alone can change it: triggers taken away first."""
        with closing(sqlite3.connect(self.folder / "tongxin.sqlite3")) as database:
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                database.execute(f'DROP TRIGGER "{name}"')
            yield database
            database.commit()

    def count(self, table: str) -> int:
        """Rows of a table of the embedded database."""
        with closing(sqlite3.connect(self.folder / "tongxin.sqlite3")) as database:
            return int(database.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])


def fresh(folder: Path, **settings: str) -> Installation:
    """A new installation with keys of its own, on the embedded database unless told otherwise."""
    keys = {
        "TONGXIN_SECRET_KEY": "only-for-tests-" * 4,
        "TONGXIN_FIELD_KEY": base64.b64encode(b"only-for-tests--" * 2).decode(),
    }
    return Installation(folder, keys | settings)
