"""Rows written by statements that are put together once: the new rows of a whole operation in one.

An operation on a case writes rows of up to ten tables. Django makes the SQL of each insert anew and waits for each answer;
on PostgreSQL that took most of an operation's time. It stands in this layer because it is the lowest that knows Django.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection
from django.db.models import AutoField, Field, Model

Adapter = Callable[[Any], Any]


def write_new(rows: Sequence[Model], clash: Mapping[type[Model], str] | None = None) -> None:
    """Insert new rows of any models: in one statement on PostgreSQL, in one for each table on SQLite.

    What is stored equals what ``Model.save`` would store of plain values; there are no signals and no ``auto_now``. Keys
    that the database counts are its own business and not read back. ``clash``: for a model whose rows may be there
    already, what SQL says after ``ON CONFLICT``. Raises what ``save`` would raise; then nothing was written.

    On PostgreSQL the rows of a table go in as one JSON document, so that the statement is the same however many rows
    there are: it is prepared once, and its parameters are few. Triggers and constraints hold as in any other statement.
    """
    by_model: dict[type[Model], list[Model]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row)
    if not by_model:
        return
    (_write_at_once if connection.vendor == "postgresql" else _write_in_turn)(by_model, clash or {})
    alias = connection.alias
    for row in rows:
        row._state.adding, row._state.db = False, alias


def _write_at_once(by_model: Mapping[type[Model], list[Model]], clash: Mapping[type[Model], str]) -> None:
    sql = _statement(tuple((model, clash.get(model, "")) for model in by_model))
    documents = [_document(_columns(model, "postgresql"), rows) for model, rows in by_model.items()]
    with connection.cursor() as cursor:
        cursor.execute(sql, documents)


def _document(columns: Sequence[_Column], rows: Sequence[Model]) -> str:
    found = []
    for row in rows:
        values = vars(row)
        found.append(
            {
                column.name: value if column.adapt is None else column.adapt(value)
                for column in columns
                if (value := values[column.attribute]) is not None
            }
        )
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"))


@cache
def _statement(tables: tuple[tuple[type[Model], str], ...]) -> str:
    """The rows of all tables in one: each insert but the last is a part of a WITH, which PostgreSQL runs to its end."""
    parts = []
    for model, clash in tables:
        table = _quoted(model._meta.db_table)
        names = ", ".join(_quoted(column.name) for column in _columns(model, "postgresql"))
        insert = f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s::json)"  # noqa: S608 - names of our own tables
        parts.append(f"{insert} ON CONFLICT {clash}" if clash else insert)
    *before, last = parts
    named = ", ".join(f"w{number} AS ({part})" for number, part in enumerate(before))
    return f"WITH {named} {last}" if named else last


def _write_in_turn(by_model: Mapping[type[Model], list[Model]], clash: Mapping[type[Model], str]) -> None:
    with connection.cursor() as cursor:
        for model, rows in by_model.items():
            columns = _columns(model, connection.vendor)
            cursor.executemany(_insert(model, clash.get(model, "")), [_parameters(columns, row) for row in rows])


def _parameters(columns: Sequence[_Column], row: Model) -> list[Any]:
    values = vars(row)
    return [
        value if value is None or column.adapt is None else column.adapt(value)
        for column in columns
        for value in (values[column.attribute],)
    ]


@cache
def _insert(model: type[Model], clash: str) -> str:
    columns = _columns(model, connection.vendor)
    names, marks = ", ".join(_quoted(column.name) for column in columns), ", ".join(["%s"] * len(columns))
    insert = f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    return f"{insert} ON CONFLICT {clash}" if clash else insert


def write_changed(row: Model, names: Collection[str]) -> None:
    """Update the named fields of a row, as ``save(update_fields=names)`` would. Raises ObjectDoesNotExist if it is gone."""
    fields: list[Any] = [row._meta.get_field(name) for name in names]
    sets = ", ".join(f"{_quoted(field.column)} = %s" for field in fields)
    key: Any = row._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_quoted(row._meta.db_table)} SET {sets} WHERE {_quoted(key.column)} = %s",  # noqa: S608 - names of our own tables
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in (*fields, key)],
        )
        if cursor.rowcount != 1:
            raise ObjectDoesNotExist(f"{row._meta.label} {row.pk} is not there any more")


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    attribute: str
    adapt: Adapter | None


@cache
def _columns(model: type[Model], vendor: str) -> tuple[_Column, ...]:
    """The columns of a table that a new row fills, and how their values go in; not those that the database counts."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not isinstance(field, AutoField)]
    return tuple(_Column(field.column, field.attname, _adapter(field, vendor)) for field in fields)


def _adapter(field: Field[Any, Any], vendor: str) -> Adapter | None:
    """How a value of the field goes into the database, None if as it is. Raises TypeError for a kind that is not known."""
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]  # a foreign key's
    kind = field.get_internal_type()
    if kind in _AS_IT_IS:
        return None
    if vendor != "postgresql":
        return _INTO_SQLITE.get(kind) or partial(field.get_db_prep_save, connection=connection)
    if kind not in _INTO_JSON or getattr(field, "encoder", None):
        raise TypeError(f"{field} is of a kind that is not written here")
    return _INTO_JSON[kind]


_WHOLE = ("", "Small", "Big", "Positive", "PositiveSmall", "PositiveBig")
_AS_IT_IS = {f"{size}IntegerField" for size in _WHOLE} | {"CharField", "TextField", "BooleanField", "FloatField"}


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time without its zone is not stored")
    return value.isoformat()


def _moment_on_sqlite(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time without its zone is not stored")
    return str(value.astimezone(UTC).replace(tzinfo=None))


_INTO_JSON: dict[str, Adapter | None] = {
    "UUIDField": str,
    "DateTimeField": _moment,
    "DateField": str,
    "TimeField": str,
    "BinaryField": lambda value: f"\\x{bytes(value).hex()}",
    "DecimalField": str,
    "JSONField": None,
}
_INTO_SQLITE: dict[str, Adapter] = {
    "UUIDField": lambda value: value.hex,
    "DateTimeField": _moment_on_sqlite,
    "DateField": str,
    "JSONField": json.dumps,
}
