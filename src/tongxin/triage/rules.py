"""From what a classifier says to what a person is offered. PURE.

A classifier knows the labels of the rows it was trained on; this installation has routing categories of its own. Between
the two stands an editable map: label → categories, in an order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

MOST: Final = 3
SHORTEST: Final = 6
"""Characters from which a text says anything at all."""
SURE: Final = 0.80
"""From here one label stands alone. Where the calibration holds, four of five such are right."""
LEAST: Final = 0.10
"""A label below this is not worth the place it takes."""
SPOKEN_FOR: Final = 0.45
"""What is offered is right at least this often, or nothing is offered."""
BINS: Final = 10

Ranked = Sequence[tuple[str, float]]
"""Labels with their probabilities, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Target:
    """A category that a label may mean. ``words``: the two-character words of its name and examples."""

    code: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category that is offered, and how likely it is that its label is the right one."""

    code: str
    probability: float


def labels_to_offer(ranked: Ranked) -> list[tuple[str, float]]:
    """The labels that are offered: one when sure, up to three when not, none when even three together are a guess."""
    if not ranked:
        return []
    if ranked[0][1] >= SURE:
        return [ranked[0]]
    worth = [row for row in ranked[:MOST] if row[1] >= LEAST]
    return worth if sum(row[1] for row in worth) >= SPOKEN_FOR else []


def suggest(ranked: Ranked, targets: Mapping[str, Sequence[Target]], words: frozenset[str]) -> list[Suggestion]:
    """At most three categories for a text with these two-character words.

    A label that means several categories offers first those whose own words the text says, then in the order of the
    map. A sure label fills what is left with its further categories; an unsure one gives every label its first.
    """
    offered = labels_to_offer(ranked)
    rows = [
        (share, sorted(targets.get(label, ()), key=lambda target: -len(target.words & words)))
        for label, share in offered
    ]
    found: dict[str, Suggestion] = {}
    depth = max((len(chosen) for _, chosen in rows), default=0)
    for place in range(depth):
        for share, chosen in rows:
            if place < len(chosen) and chosen[place].code not in found:
                found[chosen[place].code] = Suggestion(chosen[place].code, share)
    return list(found.values())[:MOST]


# --- how good it is ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judged:
    """One text that the classifier had not seen: the true label, the one it said, and how sure it was."""

    true: str
    said: str
    probability: float


def accuracy(rows: Sequence[Judged]) -> float:
    """The share said rightly; 0.0 of no rows."""
    return sum(row.true == row.said for row in rows) / len(rows) if rows else 0.0


def f1_by_label(rows: Sequence[Judged]) -> dict[str, float]:
    """F1 = 2·right / (said + true) of every label that was true or said."""
    labels = sorted({row.true for row in rows} | {row.said for row in rows})
    told: dict[str, float] = {}
    for label in labels:
        right = sum(row.true == label == row.said for row in rows)
        told[label] = 2 * right / sum((row.true == label) + (row.said == label) for row in rows)
    return told


def macro_f1(rows: Sequence[Judged]) -> float:
    """The mean of :func:`f1_by_label`: rare labels count as much as common ones."""
    each = f1_by_label(rows)
    return sum(each.values()) / len(each) if each else 0.0


def confusions(rows: Sequence[Judged], most: int = 8) -> list[tuple[str, str, int]]:
    """(true, said, how often) of what is most often mistaken."""
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        if row.true != row.said:
            counts[row.true, row.said] = counts.get((row.true, row.said), 0) + 1
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [(true, said, n) for (true, said), n in ordered[:most]]


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts of about the same sureness: ``said`` is their mean probability, ``right`` the share said rightly."""

    low: float
    high: float
    n: int
    said: float
    right: float


def calibration(rows: Sequence[Judged]) -> list[Bin]:
    """Sureness beside what came true, in tenths; empty tenths are left out."""
    by: dict[int, list[Judged]] = {}
    for row in rows:
        by.setdefault(min(int(row.probability * BINS), BINS - 1), []).append(row)
    return [
        Bin(k / BINS, (k + 1) / BINS, len(by[k]), sum(r.probability for r in by[k]) / len(by[k]), accuracy(by[k]))
        for k in sorted(by)
    ]


def calibration_error(rows: Sequence[Judged]) -> float:
    """Expected calibration error: how far sureness is from what came true, weighted by how many texts."""
    return sum(b.n * abs(b.said - b.right) for b in calibration(rows)) / len(rows) if rows else 0.0
