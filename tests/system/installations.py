"""Installations of their own, driven through the command line as an operator would: own folder, keys and processes."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

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
        copied = Installation(folder, self.settings | self.keys())
        if self.url:
            name = f"copy_{os.getpid()}_{secrets.token_hex(4)}"
            with _server(self.url) as server:
                server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{_name(self.url)}"')
            copied.settings["TONGXIN_DATABASE_URL"] = urlsplit(self.url)._replace(path=f"/{name}").geturl()
        return copied

    def forget(self) -> None:
        """Drop the PostgreSQL database of a copy."""
        if self.url:
            with _server(self.url) as server:
                server.execute(f'DROP DATABASE "{_name(self.url)}" WITH (FORCE)')

    @property
    def url(self) -> str:
        """The address of a PostgreSQL database; empty on the embedded one."""
        return self.settings.get("TONGXIN_DATABASE_URL", "")

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
    def behind_its_back(self) -> Iterator[Hand]:
        """The database as somebody with the file, or the database's password, can change it: no trigger stops them."""
        with self._open() as connection:
            hand = Hand(connection, "%s" if self.url else "?")
            if self.url:
                hand.do("SET session_replication_role = replica")
            else:
                for row in hand.rows("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                    hand.do(f'DROP TRIGGER "{row["name"]}"')
            yield hand
            connection.commit()

    @contextmanager
    def _open(self) -> Iterator[Any]:
        if self.url:
            import psycopg

            with psycopg.connect(self.url) as connection:
                yield connection
        else:
            with closing(sqlite3.connect(self.folder / "tongxin.sqlite3")) as connection:
                yield connection

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query gives; nothing is changed."""
        with self._open() as connection:
            return Hand(connection, "%s" if self.url else "?").rows(sql)

    def count(self, table: str) -> int:
        """Rows of a table."""
        with self._open() as connection:
            return int(connection.execute(f'SELECT COUNT(*) FROM "{table}"').fetchone()[0])


@dataclass
class Hand:
    """A hand in the database. SQL with ``?`` for values, on both databases."""

    connection: Any
    mark: str

    def do(self, sql: str, *values: Any) -> Any:
        """Run it; gives back the cursor."""
        cursor = self.connection.cursor()
        cursor.execute(sql.replace("?", self.mark), values)
        return cursor

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows by the names of their columns, JSON as text, ids as text."""
        cursor = self.do(sql, *values)
        names = [column[0] for column in cursor.description]
        return [{name: _plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]

    def row(self, sql: str, *values: Any) -> dict[str, Any]:
        """The first of them; there is one."""
        found = self.rows(sql, *values)
        assert found
        return found[0]


def _plain(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value) if isinstance(value, UUID) else value


@contextmanager
def _server(url: str) -> Iterator[Any]:
    import psycopg

    with psycopg.connect(urlsplit(url)._replace(path="/postgres").geturl(), autocommit=True) as server:
        yield server


def _name(url: str) -> str:
    return urlsplit(url).path.strip("/")


def created(url: str, name: str) -> str:
    """The address of a new database beside the one of ``url``."""
    with _server(url) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def fresh(folder: Path, **settings: str) -> Installation:
    """A new installation with keys of its own, on the embedded database unless told otherwise."""
    keys = {
        "TONGXIN_SECRET_KEY": "only-for-tests-" * 4,
        "TONGXIN_FIELD_KEY": base64.b64encode(b"only-for-tests--" * 2).decode(),
    }
    return Installation(folder, keys | settings)
