"""The full-text index: FTS5 on SQLite, tsvector and GIN on PostgreSQL, over tokens that the programme makes.

Neither database cuts Chinese into words that can be found, so ``kernel.text`` makes bigrams. The codes of a case's
areas are tokens too: a search within one community reads only that community's postings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from tongxin.kernel.text import query_tokens, search_tokens

_SQLITE = """
CREATE VIRTUAL TABLE IF NOT EXISTS cases_fts USING fts5(
    body, content='cases_searchtext', content_rowid='id', tokenize="unicode61 tokenchars '-_'", detail=none);
DROP TRIGGER IF EXISTS cases_fts_insert;
CREATE TRIGGER cases_fts_insert AFTER INSERT ON cases_searchtext BEGIN
    INSERT INTO cases_fts(rowid, body) VALUES (new.id, new.body);
END;
DROP TRIGGER IF EXISTS cases_fts_delete;
CREATE TRIGGER cases_fts_delete AFTER DELETE ON cases_searchtext BEGIN
    INSERT INTO cases_fts(cases_fts, rowid, body) VALUES ('delete', old.id, old.body);
END;
DROP TRIGGER IF EXISTS cases_fts_update;
CREATE TRIGGER cases_fts_update AFTER UPDATE ON cases_searchtext BEGIN
    INSERT INTO cases_fts(cases_fts, rowid, body) VALUES ('delete', old.id, old.body);
    INSERT INTO cases_fts(rowid, body) VALUES (new.id, new.body);
END;
"""

_POSTGRESQL = """
ALTER TABLE cases_searchtext ADD COLUMN IF NOT EXISTS words tsvector
    GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(body, ' '), ''))) STORED;
CREATE INDEX IF NOT EXISTS cases_searchtext_words ON cases_searchtext USING gin (words);
"""


def install(connection: BaseDatabaseWrapper) -> None:
    """Make the index where it is missing. SQLite loses triggers when Django rebuilds a table, so this runs after
    every migrate."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.connection.executescript(_SQLITE)
    else:
        with connection.cursor() as cursor:
            cursor.execute(_POSTGRESQL)


def _area_token(code: str) -> str:
    return f"a_{code.lower()}"


def area_tokens(codes: Sequence[str]) -> str:
    """What the body of a case in these areas begins with, from the top down."""
    return " ".join(_area_token(code) for code in codes if code)


def body_of(texts: Sequence[str], area_codes: Sequence[str]) -> str:
    """The tokens of a case, each once, separated by blanks."""
    tokens = dict.fromkeys(_area_token(code) for code in area_codes if code)
    for text in texts:
        tokens.update(dict.fromkeys(search_tokens(text)))
    return " ".join(tokens)


def find(
    connection: BaseDatabaseWrapper,
    words: str,
    *,
    area_codes: Sequence[str] = (),
    leads: Sequence[UUID] = (),
    cases: Sequence[UUID] = (),
    before: int | None = None,
    limit: int = 25,
) -> list[tuple[int, UUID]]:
    """The newest ``limit`` (search id, case id) with all ``words``, in any of the areas or led by any of the
    organisations or among ``cases`` (everywhere if all are empty), older than the search id ``before``.

    The words must have been checked with :func:`searchable`. Cost: the postings of the rarest word.
    """
    sqlite = connection.vendor == "sqlite"
    matches = [_match(words, area_codes, sqlite)] if area_codes or not leads else []
    conditions: list[str] = [_WHERE[sqlite]]
    params: list[Any] = [*matches]
    if not matches:
        params = [_match(words, (), sqlite)]
        marks = ",".join(["%s"] * len(leads))
        led = f"s.case_id IN (SELECT id FROM cases_case WHERE lead_id IN ({marks}))"  # noqa: S608 - only marks
        params += [lead.hex if sqlite else lead for lead in leads]
        if cases:
            led = f"({led} OR s.case_id IN ({','.join(['%s'] * len(cases))}))"
            params += [case.hex if sqlite else case for case in cases]
        conditions.append(led)
    if before is not None:
        conditions.append("s.id < %s")
        params.append(before)
    source = "cases_fts f CROSS JOIN cases_searchtext s ON s.id = f.rowid" if sqlite else "cases_searchtext s"
    order = "f.rowid" if sqlite else "s.id"
    sql = f"SELECT s.id, s.case_id FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {order} DESC LIMIT %s"  # noqa: S608 - fixed words and marks
    with connection.cursor() as cursor:
        if sqlite:
            cursor.execute(sql, [*params, limit])
        else:
            # With the words in the statement itself: a plan kept for any words would walk through all cases for a rare
            # one, or sort them all for a common one.
            cursor.execute(connection.ops.compose_sql(sql, [*params, limit]))  # type: ignore[attr-defined]  # PostgreSQL's own
        rows = cursor.fetchall()
    return [(row[0], row[1] if isinstance(row[1], UUID) else UUID(row[1])) for row in rows]


_WHERE = {True: "cases_fts MATCH %s", False: "s.words @@ %s::tsquery"}


def _match(words: str, area_codes: Sequence[str], sqlite: bool) -> str:
    """The match expression. Tokens hold letters and digits only, so quoting is all they need."""
    quote, conj, disj = ('"', " AND ", " OR ") if sqlite else ("'", " & ", " | ")
    match = conj.join(f"{quote}{token}{quote}" for token in query_tokens(words))
    if area_codes:
        areas = disj.join(f"{quote}{_area_token(code)}{quote}" for code in area_codes)
        match = f"({match}){conj}({areas})"
    return match


def searchable(words: str) -> bool:
    """True if the words hold something that the index can find: two characters, or one word of letters or digits."""
    return bool(query_tokens(words))
