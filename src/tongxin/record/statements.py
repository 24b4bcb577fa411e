"""Queries that are compiled once in a process and then only run.

Django makes the SQL of a query anew each time, which takes longer than most of our queries run. Where the shape of one
never changes, :class:`Statement` keeps the SQL and puts new values in. What it gives is what the query-set would give.
It stands in this layer because it is the lowest that knows Django.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

T = TypeVar("T")
Value = UUID | date | datetime | int | str
_FAR = date(9187, 3, 1)
_MARK = 7_346_912_000


def _stand_in(value: Value, n: int) -> Value:
    """A value of the same kind that no query holds by itself."""
    if isinstance(value, UUID):
        return UUID(int=(_MARK << 64) + n)
    if isinstance(value, datetime):
        return datetime(9187, 3, 1, tzinfo=UTC) + timedelta(seconds=n)
    if isinstance(value, date):
        return _FAR + timedelta(days=n)
    if isinstance(value, bool):
        raise TypeError("a truth value changes the SQL; make two statements")
    if isinstance(value, int):
        return _MARK + n
    return f"\x02{n}\x03"


def _prepared(value: Value) -> Any:
    """As Django hands it to the database."""
    operations = connection.ops
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return operations.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return operations.adapt_datefield_value(value)
    return value


def _beginning(value: Any) -> str:
    """As Django hands the value of a ``startswith`` to the database."""
    return f"{connection.ops.prep_for_like_query(value)}%"


@dataclass(slots=True)
class _Compiled:
    sql: str
    constants: list[Any]
    places: list[tuple[int, int, bool]]
    """(place among the parameters, number of the value, whether it is the beginning of a text to be found)"""
    converters: list[tuple[int, list[Any], Any]]
    make: Callable[[Sequence[Any]], Any]


def _filled(values: Sequence[Value]) -> list[Value]:
    """The values of an ``IN``, the last one repeated until there are 1, 2, 4, 8 …: few lengths have to be compiled."""
    length = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (length - len(values))]


class Statement(Generic[T]):
    """A query-set of fixed shape. ``build`` makes it from values; a list or tuple stands for ``IN`` and is not empty.
    Values are never None. For query-sets of rows or of ``values_list``; nothing is prefetched."""

    def __init__(self, build: Callable[..., QuerySet[Any, T]]) -> None:
        self._build = build
        self._kept: dict[tuple[Any, ...], _Compiled] = {}

    def __call__(self, *values: Value | Sequence[Value]) -> list[T]:
        """The rows for these values. One query."""
        given: list[Value | list[Value]] = [_filled(v) if isinstance(v, list | tuple) else v for v in values]  # type: ignore[misc]  # a text is a sequence too
        shape = (connection.vendor, *(len(v) if isinstance(v, list) else -1 for v in given))
        compiled = self._kept.get(shape)
        if compiled is None:
            compiled = self._kept[shape] = self._compile(given)
        flat = [v for value in given for v in (value if isinstance(value, list) else (value,))]
        parameters = compiled.constants.copy()
        for place, n, begins in compiled.places:
            parameters[place] = _beginning(flat[n]) if begins else _prepared(flat[n])
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            rows = cursor.fetchall()
        return [compiled.make(row) for row in _converted(rows, compiled.converters)]

    def first(self, *values: Value | Sequence[Value]) -> T | None:
        """The first row, or None."""
        return next(iter(self(*values)), None)

    def _compile(self, values: Sequence[Value | list[Value]]) -> _Compiled:
        stands: list[Value] = []
        given: list[Any] = []
        for value in values:
            inner = value if isinstance(value, list) else [value]
            own = [_stand_in(one, len(stands) + n) for n, one in enumerate(inner)]
            stands += own
            given.append(own if isinstance(value, list) else own[0])
        rows = self._build(*given)
        compiler = rows.query.get_compiler(rows.db)
        sql, parameters = compiler.as_sql()
        known = {_prepared(stand): n for n, stand in enumerate(stands)}
        constants = list(parameters)
        begun = {_beginning(stand): n for n, stand in enumerate(stands) if isinstance(stand, str)}
        places = [(at, known[p], False) for at, p in enumerate(constants) if _hashable(p) and p in known]
        places += [(at, begun[p], True) for at, p in enumerate(constants) if _hashable(p) and p in begun]
        if {n for _, n, _ in places} != set(range(len(stands))):
            raise RuntimeError(f"a value of the statement is lost in {sql}")
        found = compiler.get_converters([column for column, _, _ in compiler.select])
        converters = [(at, functions, expression) for at, (functions, expression) in found.items()]
        return _Compiled(sql, constants, places, converters, _maker(rows, compiler))


def _hashable(value: Any) -> bool:
    return isinstance(value, UUID | str | date | int)


def _converted(rows: list[Any], converters: list[tuple[int, list[Any], Any]]) -> list[Any]:
    if not converters:
        return rows
    own, found = connection, []
    for row in rows:
        values = list(row)
        for at, functions, expression in converters:
            value = values[at]
            for function in functions:
                value = function(value, expression, own)
            values[at] = value
        found.append(values)
    return found


def _maker(rows: QuerySet[Any, Any], compiler: Any) -> Callable[[Sequence[Any]], Any]:
    """Makes of a row what the query-set would make of it."""
    if not issubclass(rows._iterable_class, ModelIterable):
        if getattr(rows, "_flat", False) or rows._iterable_class.__name__ == "FlatValuesListIterable":
            return lambda row: row[0]
        return tuple
    info, db = compiler.klass_info, rows.db
    model, columns = info["model"], info["select_fields"]
    start, end = columns[0], columns[-1] + 1
    names = [column.target.attname for column, _, _ in compiler.select[start:end]]
    related = get_related_populators(info, compiler.select, db)  # type: ignore[call-arg]  # stubs of a later Django
    extra = list(compiler.annotation_col_map.items())

    def make(row: Sequence[Any]) -> Any:
        one = model.from_db(db, names, row[start:end])
        for populator in related:
            populator.populate(row, one)
        for name, at in extra:
            setattr(one, name, row[at])
        return one

    return make
