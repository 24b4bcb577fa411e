"""What ``verify`` compares beside chains and states: a case's timeline and the rows that its entries tell of.

The words that everybody reads (answers, reasons, decisions) stand in rows of their own. Here each is compared with the
personal part of its entry, to which the chain is committed. Where that part was lawfully erased, the words must be gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from tongxin.cases.models import Update
from tongxin.cases.queries.rows import KINDS, RowKind, key_of, row_digest, row_words, rows_to_verify
from tongxin.cases.queries.state import case_ids
from tongxin.kernel.hashing import canonical_json
from tongxin.record.queries import Line, histories
from tongxin.record.registry import Finding

_CHUNK = 200


def case_checks() -> Iterator[Finding]:
    """Every line of every timeline, and every row that some entry of a case tells of. Memory stays bounded."""
    ids = case_ids()
    while chunk := list(islice(ids, _CHUNK)):
        told = histories("case", chunk)
        yield from _timelines(chunk, told)
        yield from _rows(chunk, told)


def _timelines(ids: list[UUID], told: Mapping[UUID, Sequence[Line]]) -> Iterator[Finding]:
    rows = {row.id: row for row in Update.objects.filter(case_id__in=ids)}
    for case_id, lines in told.items():
        for line in lines:
            if (key := line.data.get("update")) is None:
                continue
            row = rows.pop(UUID(key), None)
            where = f"case {case_id} update {key} (entry {line.seq})"
            if row is None:
                yield Finding("update-missing", where, "The line of the timeline is gone, and no entry says so.")
            else:
                yield from _update(row, line, where)
    for row in rows.values():
        where = f"case {row.case_id} update {row.id}"
        yield Finding("update-unrecorded", where, "No entry tells of this line of the timeline.")


def _update(row: Update, line: Line, where: str) -> Iterator[Finding]:
    if _facts_of(row) != _facts_told(line):
        yield Finding("update-altered", where, "The line of the timeline is not as its entry says.")
    words = {"text": row.text, "note": row.note}
    if not _has_part(line):
        if any(words.values()):
            yield Finding("words-altered", where, "The line has words, and its entry has none.")
    elif line.erased_at is not None:
        if any(words.values()):
            yield Finding("words-kept", where, "The words were erased from the record, and still stand in the row.")
    elif words | {"by": row.actor_name} != {name: (line.personal or {}).get(name) for name in (*words, "by")}:
        yield Finding("words-altered", where, "The words, or the name beside them, are not those that were recorded.")


def _has_part(line: Line) -> bool:
    return line.personal is not None or line.erased_at is not None


def _facts_of(row: Update) -> bytes:
    """What the entry says of the line in the open. ``role`` says how a helper came to help and is told elsewhere."""
    data = {name: value for name, value in row.data.items() if name != "role"}
    return canonical_json([row.case_id, row.verb, row.audience, row.state, row.organisation_id, row.on_behalf_of,
                           row.occurred_at, row.recorded_at, data])  # fmt: skip


def _facts_told(line: Line) -> bytes:
    own = {"update", "state", "rows", "audience", "stands_in_for", "role"}
    data = {name: value for name, value in line.data.items() if name not in own}
    return canonical_json([line.subject[1], line.verb.removeprefix("case."), line.data.get("audience", "parties"),
                           line.data.get("state"), line.organisation_id, line.on_behalf_of, line.occurred_at,
                           line.recorded_at, data])  # fmt: skip


@dataclass(slots=True)
class _Told:
    """The newest that an entry says of a row."""

    digest: str
    line: Line
    words: dict[str, Any] = field(default_factory=dict)


def _rows(ids: list[UUID], told: Mapping[UUID, Sequence[Line]]) -> Iterator[Finding]:
    newest: dict[str, _Told] = {}
    for lines in told.values():
        for line in lines:
            words = (line.personal or {}).get("rows", {})
            for key, row_hash in line.data.get("rows", {}).items():
                newest[key] = _Told(row_hash, line, words.get(key, {}))
    for kind in KINDS.values():
        for row in rows_to_verify(kind, ids):
            one = newest.pop(key_of(kind, row.pk), None)
            where = f"{kind.name} {row.pk} of case {row.case_id}"
            if one is None:
                yield Finding("row-unrecorded", where, "No entry tells of this row.")
            else:
                yield from _row(kind, row, one, where)
    for key, one in newest.items():
        where = f"{key.replace(':', ' ')} of case {one.line.subject[1]} (entry {one.line.seq})"
        yield Finding("row-missing", where, "The row is gone, and no entry says so.")


def _row(kind: RowKind, row: Any, one: _Told, where: str) -> Iterator[Finding]:
    where = f"{where} (entry {one.line.seq})"
    if row_digest(kind, row) != one.digest:
        yield Finding("row-altered", where, "The row is not as the record says: it was changed behind its back.")
    words = row_words(kind, row)
    if one.line.erased_at is not None:
        if words:
            yield Finding("words-kept", where, "The words were erased from the record, and still stand in the row.")
        return
    said = one.line.personal or {}
    # A list names the part of the entry in which the same words stand.
    kept = {name: said.get(text[0]) if isinstance(text, list) else text for name, text in one.words.items()}
    if words != kept:
        yield Finding("words-altered", where, "The words in the row are not those that were recorded.")
