"""Append-only tables: the database itself refuses to change, delete, replace or truncate.

``protect(Model)`` registers a table; the triggers are installed after every ``migrate``, because SQLite loses them
whenever Django rebuilds a table. Who may change the schema can drop a trigger: against that there are the seals.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

APPEND_ONLY = "append-only"

_FUNCTION = """
CREATE OR REPLACE FUNCTION tongxin_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


@dataclass(frozen=True, slots=True)
class Guard:
    """A trigger on one table: the statements that install and drop it, by database vendor."""

    table: str
    name: str
    install: dict[str, tuple[str, ...]]
    drop: dict[str, tuple[str, ...]]


_guards: dict[str, Guard] = {}


def protect(model: type[models.Model]) -> None:
    """From the next ``migrate`` on, rows of ``model`` may be inserted and never touched again."""
    table = model._meta.db_table
    for event in ("update", "delete"):
        _refuse(table, event)
    _refuse_replace(model)
    _refuse_truncate(table)


def add_guard(guard: Guard) -> None:
    """Register a trigger of one's own, to be installed and dropped with the others."""
    _guards[guard.name] = guard


def sqlite_trigger(name: str, table: str, event: str, when: str, message: str) -> tuple[str, ...]:
    """Statements that make a trigger which refuses ``event`` on SQLite, also in place of an older version."""
    condition = f"WHEN {when} " if when else ""
    return (
        f'DROP TRIGGER IF EXISTS "{name}"',
        f'CREATE TRIGGER "{name}" BEFORE {event} ON "{table}" {condition}BEGIN SELECT RAISE(ABORT, \'{message}\'); END',
    )


def postgres_drop(name: str, table: str) -> tuple[str, ...]:
    return (f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',)


def sqlite_drop(name: str) -> tuple[str, ...]:
    return (f'DROP TRIGGER IF EXISTS "{name}"',)


def _refuse(table: str, event: str) -> None:
    name = f"{table}_no_{event}"
    postgres = (
        _FUNCTION,
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE {event.upper()} ON "{table}" '
        "FOR EACH ROW EXECUTE FUNCTION tongxin_append_only()",
    )
    add_guard(
        Guard(
            table,
            name,
            {
                "sqlite": sqlite_trigger(name, table, event.upper(), "", f"{APPEND_ONLY}: {table}"),
                "postgresql": postgres,
            },
            {"sqlite": sqlite_drop(name), "postgresql": postgres_drop(name, table)},
        )
    )


def _refuse_replace(model: type[models.Model]) -> None:
    """SQLite's INSERT OR REPLACE deletes without asking delete triggers, unless a pragma of the connection says so."""
    table = model._meta.db_table
    name = f"{table}_no_replace"
    keys = " OR ".join(
        " AND ".join(f'"{column}" = NEW."{column}"' for column in columns) for columns in _unique_keys(model)
    )
    when = f'EXISTS (SELECT 1 FROM "{table}" WHERE {keys})'  # noqa: S608 (names of the model, nothing from outside)
    add_guard(
        Guard(
            table,
            name,
            {"sqlite": sqlite_trigger(name, table, "INSERT", when, f"{APPEND_ONLY}: {table} UNIQUE")},
            {"sqlite": sqlite_drop(name)},
        )
    )


def _unique_keys(model: type[models.Model]) -> Iterator[list[str]]:
    options = model._meta
    for field in options.concrete_fields:
        if field.unique:
            yield [_column(model, field.name)]
    together: list[tuple[str, ...]] = [tuple(names) for names in options.unique_together]
    for constraint in options.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.condition is None:
            together.append(tuple(constraint.fields))
    for names in together:
        yield [_column(model, name) for name in names]


def _column(model: type[models.Model], name: str) -> str:
    field = next(field for field in model._meta.concrete_fields if field.name == name)
    return str(field.column)


def _refuse_truncate(table: str) -> None:
    name = f"{table}_no_truncate"
    statement = (
        f'CREATE OR REPLACE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION tongxin_append_only()"
    )
    add_guard(Guard(table, name, {"postgresql": (_FUNCTION, statement)}, {"postgresql": postgres_drop(name, table)}))


def install_triggers(connection: BaseDatabaseWrapper) -> None:
    """Install every registered trigger whose table exists. Doing it again changes nothing."""
    _run(connection, installing=True)


def drop_triggers(connection: BaseDatabaseWrapper) -> None:
    """Take the triggers away: for tests, which empty tables and tamper with them, and for nothing else."""
    _run(connection, installing=False)


def _run(connection: BaseDatabaseWrapper, installing: bool) -> None:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for guard in _guards.values():
            if guard.table not in tables:
                continue
            statements = guard.install if installing else guard.drop
            for statement in statements.get(connection.vendor, ()):
                cursor.execute(statement)


def install_after_migrate(using: str, **kwargs: Any) -> None:
    """Receiver of ``post_migrate``."""
    install_triggers(connections[using])
