"""Rows into tables as fast as the database takes them: COPY on PostgreSQL, executemany on SQLite.

Indexes and constraints are put aside meanwhile and made again at the end, and the planner's figures taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction

Value = str | None


def literal(value: Any) -> Value:
    """A value as both databases read it from text; times are UTC."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S.%f}"
    if isinstance(value, date | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


class Table:
    """The table of a model, with a row as it is by default and those that wait to be written."""

    def __init__(self, default: models.Model) -> None:
        fields = default._meta.concrete_fields
        self.name = default._meta.db_table
        self.columns = [field.column for field in fields]
        self.default = [literal(getattr(default, field.attname)) for field in fields]
        self.place = {column: n for n, column in enumerate(self.columns)}
        self.rows: list[tuple[Value, ...]] = []

    def add(self, values: Mapping[str, Any]) -> None:
        """A row that differs from the default one in these columns."""
        row = self.default.copy()
        for column, value in values.items():
            row[self.place[column]] = value if isinstance(value, str) else literal(value)
        self.rows.append(tuple(row))


@contextmanager
def writer(tables: Sequence[Table]) -> Iterator[Callable[[], None]]:
    """Gives a function that writes what waits in the tables and empties them."""
    write = {"sqlite": _sqlite, "postgresql": _postgresql}[connection.vendor]
    with write(tables) as flush:
        yield flush


@contextmanager
def _sqlite(tables: Sequence[Table]) -> Iterator[Callable[[], None]]:
    marks = ",".join("?" * len(tables))
    names = [table.name for table in tables]
    with connection.cursor() as cursor:
        db = cursor.connection
        db.execute("PRAGMA synchronous=OFF")
        db.execute("PRAGMA foreign_keys=OFF")
        wanted = f"SELECT name, sql FROM sqlite_master WHERE type=? AND sql IS NOT NULL AND tbl_name IN ({marks})"
        indexes = list(db.execute(wanted, ["index", *names]))
        triggers = list(db.execute(wanted, ["trigger", *names]))
        for kind, rows in (("INDEX", indexes), ("TRIGGER", triggers)):
            for name, _sql in rows:
                db.execute(f'DROP {kind} "{name}"')

        def flush() -> None:
            with transaction.atomic():
                for table in tables:
                    columns = ",".join(f'"{column}"' for column in table.columns)
                    places = ",".join("?" * len(table.columns))
                    db.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({places})", table.rows)
                    table.rows.clear()

        yield flush
        for _name, sql in (*indexes, *triggers):
            db.execute(sql)
        db.execute("INSERT INTO cases_fts(cases_fts) VALUES('rebuild')")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("ANALYZE")


@contextmanager
def _postgresql(tables: Sequence[Table]) -> Iterator[Callable[[], None]]:
    names = [table.name for table in tables]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        cursor.execute("SET maintenance_work_mem = '512MB'; SET TIME ZONE 'UTC'")
        cursor.execute(
            "SELECT i.indexname, i.indexdef FROM pg_indexes i"
            " LEFT JOIN pg_constraint c ON c.conname = i.indexname"
            " WHERE i.tablename = ANY(%s) AND c.oid IS NULL",
            [names],
        )
        indexes = cursor.fetchall()
        for name, _sql in indexes:
            cursor.execute(f'DROP INDEX "{name}"')

        def flush() -> None:
            for table in tables:
                columns = ",".join(f'"{column}"' for column in table.columns)
                with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
                    copy.write("".join(map(_line, table.rows)))
                table.rows.clear()

        yield flush
        for _name, sql in indexes:
            cursor.execute(sql)
        # Ids that the database gives go on behind those that were given here.
        for table in tables:
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table.name])
            sequence = cursor.fetchone()[0]
            if sequence:
                cursor.execute(f"SELECT setval(%s, (SELECT MAX(id) FROM {table.name}))", [sequence])
        cursor.execute("SET session_replication_role = origin; SET synchronous_commit = on")
        cursor.execute("VACUUM ANALYZE")


def _line(row: tuple[Value, ...]) -> str:
    return "\t".join("\\N" if value is None else value for value in row) + "\n"
