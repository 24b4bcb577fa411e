"""python -m bench similar --data FOLDER: how well two reports of one matter are told by the words that they share.

``similar_pairs.csv`` holds 300 pairs of appeals (ids and labels alone; the texts are not ours to give on), drawn by score
band from ``appeals_supported.csv`` and labelled by reading them, without their scores, before any threshold was looked
at: ``same`` (one matter: a neighbour would join it), ``related`` (of one kind, elsewhere or of another cause), ``other``.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
from collections import Counter
from pathlib import Path

from tongxin.kernel.text import search_tokens

PAIRS = Path(__file__).with_name("similar_pairs.csv")
THRESHOLDS = (0.12, 0.14, 0.16, 0.18, 0.20, 0.25, 0.30, 0.40)


def main(arguments: list[str]) -> int:
    """Print precision, recall and F1 at each threshold as JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench similar", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with appeals_supported.csv")
    rows = list(
        csv.DictReader((parser.parse_args(arguments).data / "appeals_supported.csv").open(encoding="utf-8-sig"))
    )
    vectors = _vectors({row["id"]: f"{row['title']}。{row['text']}" for row in rows})
    pairs = [
        (row["label"] == "same", _cosine(vectors[row["a"]], vectors[row["b"]]))
        for row in csv.DictReader(PAIRS.open(encoding="utf-8"))
    ]
    print(json.dumps([_at(threshold, pairs) for threshold in THRESHOLDS], indent=1))
    return 0


def _vectors(texts: dict[str, str]) -> dict[str, dict[str, float]]:
    """Each text's tokens by (1 + ln count) · idf, of length one."""
    counts = {key: Counter(search_tokens(text)) for key, text in texts.items()}
    seen: Counter[str] = Counter()
    for count in counts.values():
        seen.update(count.keys())
    found = {}
    for key, count in counts.items():
        raw = {t: (1 + math.log(n)) * (math.log((1 + len(texts)) / (1 + seen[t])) + 1) for t, n in count.items()}
        norm = math.sqrt(sum(value * value for value in raw.values())) or 1.0
        found[key] = {token: value / norm for token, value in raw.items()}
    return found


def _cosine(one: dict[str, float], other: dict[str, float]) -> float:
    return sum(value * other.get(token, 0.0) for token, value in one.items())


def _at(threshold: float, pairs: list[tuple[bool, float]]) -> dict[str, float]:
    taken = [same for same, score in pairs if score >= threshold]
    right, all_same = sum(taken), sum(same for same, _ in pairs)
    precision, recall = right / len(taken) if taken else 0.0, right / all_same
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"threshold": threshold, "precision": round(precision, 3), "recall": round(recall, 3), "f1": round(f1, 3)}
