"""What staff put right in cases becomes rows for the model; what the model says becomes categories of cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from tongxin.cases.queries import corrected
from tongxin.cases.queries.categories import CategoryRow, categories
from tongxin.triage.queries import Kind, label_map, suggestions
from tongxin.triage.rules import Suggestion

FEWEST: Final = 5
Row = tuple[str, str]


def suggest_categories(text: str) -> list[tuple[CategoryRow, Suggestion]]:
    """At most three top categories for what somebody writes, the likeliest first; often none. Nothing is kept of it."""
    tops = [row for row in categories() if not row.parent]
    below: dict[str, list[str]] = {}
    for row in categories():
        below.setdefault(row.parent, []).append(f"{row.name} {row.hint}")
    kinds = [Kind(row.code, " ".join((row.name, row.hint, *below.get(row.code, ())))) for row in tops]
    by_code = {row.code: row for row in tops}
    return [(by_code[found.code], found) for found in suggestions(text, kinds)]


def corrections(labels: Iterable[str]) -> list[Row]:
    """(text, label) of the cases that staff put right, in the labels of a model: by the map read backwards, where the
    category or the one above it means one label alone; else the category's own code, if it is a label."""
    return _as_labels(corrected.corrected(), set(labels))


def own_rows() -> list[Row]:
    """(text, top category) of all closed cases: an installation without rows from elsewhere learns from itself."""
    rows = [(text, code.split(".")[0]) for text, code in corrected.closed()]
    return _enough(rows)


def _as_labels(rows: Iterable[Row], labels: set[str]) -> list[Row]:
    meaning: dict[str, list[str]] = {}
    for label, codes in label_map().items():
        for code in codes:
            meaning.setdefault(code, []).append(label)
    found = []
    for text, code in rows:
        for asked in (code, code.split(".")[0]):
            means = meaning.get(asked, [asked] if asked in labels else [])
            if len(means) == 1 and means[0] in labels:
                found.append((text, means[0]))
                break
    return found


def _enough(rows: Sequence[Row]) -> list[Row]:
    """Without the labels of which there are too few to learn from."""
    counts = Counter(label for _, label in rows)
    return [row for row in rows if counts[row[1]] >= FEWEST]
