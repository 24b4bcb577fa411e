"""What was really written: every row that a request inserts, updates or deletes, whatever the table.

A test that counts entries sees what an operation admits to; this sees what reaches the database. What is undone within
(a refusal inside a savepoint) does not count, for it is not there afterwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_WRITE = re.compile(r'^\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+"?(\w+)"?', re.I)
_WITHIN = re.compile(r'\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)"?\s*(?:\(|SET\b|WHERE\b|USING\b)', re.I)
"""Writes inside ``WITH``: on PostgreSQL a step goes into several tables in one statement, which tells no counts."""
_SAVEPOINT = re.compile(r'^\s*(SAVEPOINT|ROLLBACK TO SAVEPOINT)\s+"?(\w+)"?', re.I)

OF_THE_VISIT = frozenset(
    {
        "people_signinsession",
        "people_signinlimit",
        "people_apitoken",
        "cases_codetry",
        "api_idempotentcall",
        "api_callcount",
    }
)
"""What may be written at a refusal: when a session or a token was last used, that a wrong try was made, how many
calls there were, and what was answered to which key of a programme."""


class Writes:
    """The tables written to since the start, and how many rows of each."""

    def __init__(self) -> None:
        self._done: list[tuple[str, str, int]] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        text = str(sql)
        if point := _SAVEPOINT.match(text):
            self._at_savepoint(point[1].upper(), point[2])
        elif write := _WRITE.match(text):
            rows = context["cursor"].rowcount
            if rows:  # -1: not told, so counted
                self._done.append(("row", write[1].lower(), max(rows, 1)))
        elif text.lstrip()[:4].upper() == "WITH":
            self._done += [("row", name.lower(), 1) for name in _WITHIN.findall(text)]
        return result

    def _at_savepoint(self, word: str, name: str) -> None:
        if word == "SAVEPOINT":
            self._done.append(("savepoint", name, 0))
            return
        begins = [at for at, (kind, said, _) in enumerate(self._done) if kind == "savepoint" and said == name]
        if begins:
            del self._done[begins[-1] + 1 :]

    def tables(self) -> Counter[str]:
        """Rows by table, all of them."""
        found: Counter[str] = Counter()
        for kind, name, rows in self._done:
            if kind == "row":
                found[name] += rows
        return found

    @property
    def changed(self) -> dict[str, int]:
        """Rows by table, without what every visit may write."""
        return {name: rows for name, rows in self.tables().items() if name not in OF_THE_VISIT}


@contextmanager
def writes() -> Iterator[Writes]:
    """Watch what is written within."""
    seen = Writes()
    with connection.execute_wrapper(seen):
        yield seen
