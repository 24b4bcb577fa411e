"""Many rows in one statement: values are converted beforehand, so that the transaction only writes."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import Model


class Insert:
    """Collects rows of one model and writes them at once.

    >>> homes = Insert(Home, "id", "unit_id", "name")      # attribute names, every column without a database default
    >>> homes.add(uuid7(), unit_id, "302")                 # outside of the transaction: converts, takes the time
    >>> homes.run()                                        # inside: executemany on SQLite, COPY on PostgreSQL

    Constraints hold as ever; a violation raises IntegrityError and the transaction is lost.
    """

    def __init__(self, model: type[Model], *attributes: str) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        missing = fields.keys() - set(attributes)
        if missing - {"id"} or set(attributes) - fields.keys():
            raise ValueError(f"columns of {model.__name__} are {', '.join(fields)}")
        self._table = model._meta.db_table
        self._columns = [str(fields[name].column) for name in attributes]
        self._convert = [fields[name].get_db_prep_save for name in attributes]
        self._rows: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, *values: Any) -> None:
        """Remember a row, its values in the order of the attributes."""
        converted = zip(self._convert, values, strict=True)
        self._rows.append(tuple(None if v is None else convert(v, connection) for convert, v in converted))

    def run(self) -> int:
        """Write all rows; returns how many."""
        quote = connection.ops.quote_name
        into = f"{quote(self._table)} ({', '.join(map(quote, self._columns))})"
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                # Django wraps the errors of execute() alone; callers expect its IntegrityError here too.
                with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                    for row in self._rows:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(self._columns))
                # Names come from the model, values are bound.
                cursor.executemany(f"INSERT INTO {into} VALUES ({marks})", self._rows)  # noqa: S608
        return len(self._rows)
