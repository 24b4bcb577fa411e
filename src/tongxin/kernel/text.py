"""Texts as people type them: cleaning, search tokens, cells for spreadsheets, names for files."""

from __future__ import annotations

import re
import unicodedata
from typing import TypeVar

from tongxin.kernel.ids import CASE_NUMBER_PATTERN

T = TypeVar("T")


def N_(text: str) -> str:
    """`text`, marked for translation where only its id is wanted; who shows it translates it."""
    return text


_HAN = "々〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_TOKENS = re.compile(
    rf"(?P<case>(?<![a-z0-9]){CASE_NUMBER_PATTERN.lower()}(?!\d))"
    rf"|(?P<han>[{_HAN}]+)"
    rf"|(?P<word>[^\W_{_HAN}]+)"
)
MAX_QUERY_TOKENS = 24

_FORMULA = frozenset("=+-@＝＋－＠\t\r\n")
_NOT_IN_A_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LINE_ENDS = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")


def _runs(text: str) -> list[tuple[str, str]]:
    """(kind, run) for every case number, run of Chinese characters and other word, folded by NFKC and to
    lower case."""
    folded = unicodedata.normalize("NFKC", text).lower()
    return [(str(match.lastgroup), match.group()) for match in _TOKENS.finditer(folded)]


def _bigrams(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def search_tokens(text: str) -> list[str]:
    """The tokens of `text` for a full-text index, in order and with repetitions.

    Runs of Chinese characters become overlapping pairs (路灯坏了 → 路灯 灯坏 坏了), a run of one character
    stays alone, other words and numbers stay whole in lower case and half width, and a case number is one
    token without its dashes (ww202611220042), because FTS5 and `tsvector` would split at them. Tokens hold
    letters and digits only.
    """
    tokens: list[str] = []
    for kind, run in _runs(text):
        if kind == "case":
            tokens.append(run.replace("-", ""))
        elif kind == "han" and len(run) > 1:
            tokens.extend(_bigrams(run))
        else:
            tokens.append(run)
    return tokens


def query_tokens(q: str) -> list[str]:
    """The tokens that must all be in a text for it to match `q`; distinct, at most 24.

    A single Chinese character is left out: the index holds pairs, since single characters would match a large
    part of a million cases and double the index. An empty list therefore means that there is nothing to
    search for, and the page says “please give at least two characters”. What is left out only widens the
    result, it never hides a match.
    """
    tokens: dict[str, None] = {}
    for kind, run in _runs(q):
        if kind == "han":
            tokens.update(dict.fromkeys(_bigrams(run)))
        else:
            tokens[run.replace("-", "")] = None
    return list(tokens)[:MAX_QUERY_TOKENS]


def safe_cell(value: T) -> T:
    """`value` for a cell of Excel or CSV: a text that a spreadsheet would run as a formula gets an apostrophe
    in front.

    Also drops the control characters that no workbook may hold. Other types pass unchanged, so numbers stay
    numbers. Source: OWASP, CSV injection.
    """
    if not isinstance(value, str):
        return value
    text = _NOT_IN_A_CELL.sub("", value)
    first = text.lstrip()[:1] if text[:1] not in _FORMULA else text[:1]
    return f"'{text}" if first and first in _FORMULA else text  # type: ignore[return-value]


def _visible(text: str) -> str:
    """`text` in NFC without control, bidirectional, zero-width and lone surrogate characters; line ends are
    `\\n`.

    Private-use characters stay: rare characters of names were written with them for many years.
    """
    text = _LINE_ENDS.sub("\n", text)
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept))


def clean_line(s: str, max: int) -> str:
    """`s` as one line of at most `max` characters: cleaned, white space collapsed. Never raises, may be
    empty."""
    return " ".join(_visible(s).split())[:max].rstrip()


def clean_text(s: str, max: int) -> str:
    """`s` as a text of at most `max` characters: cleaned, lines kept, at most one empty line in a row. Never
    raises."""
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in _visible(s).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:max].rstrip()


def slug(s: str, max: int = 60) -> str:
    """A name for files and addresses: letters (Chinese ones too) and digits in lower case, joined by dashes.
    May be empty."""
    folded = unicodedata.normalize("NFKC", s).lower()
    return "-".join(re.findall(r"[^\W_]+", folded))[:max].rstrip("-")
