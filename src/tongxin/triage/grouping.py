"""Near-duplicates, so that a text and its copy never stand on both sides of an evaluation."""

from __future__ import annotations

import random
import re
import zlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

SHINGLE: Final = 4
ALIKE: Final = 0.5
"""Share of four-character shingles in common (Jaccard) from which two texts are copies of each other."""
_PRIME: Final = (1 << 31) - 1
_BANDS, _ROWS = 20, 3


def _shingles(text: str) -> frozenset[str]:
    bare = re.sub(r"\s+", "", text)
    return frozenset(bare[i : i + SHINGLE] for i in range(max(1, len(bare) - SHINGLE + 1)))


def groups_of(texts: Sequence[str]) -> list[int]:
    """A number for each text; copies of one another, also over a chain of copies, have the same.

    MinHash in twenty bands of three finds the pairs to look at, their Jaccard index decides. Deterministic.
    """
    import numpy as np

    dice = random.Random(20261125)  # noqa: S311 - hash functions, not secrets
    a = np.array([dice.randrange(1, _PRIME) for _ in range(_BANDS * _ROWS)], dtype=np.uint64)[:, None]
    b = np.array([dice.randrange(_PRIME) for _ in range(_BANDS * _ROWS)], dtype=np.uint64)[:, None]
    shingles = [_shingles(text) for text in texts]
    buckets: dict[tuple[int, bytes], int] = {}
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, own in enumerate(shingles):
        marks = np.array([zlib.crc32(s.encode()) % _PRIME for s in own], dtype=np.uint64)
        signature = ((a * marks + b) % np.uint64(_PRIME)).min(axis=1)
        for band in range(_BANDS):
            j = buckets.setdefault((band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes()), i)
            if j != i and len(own & shingles[j]) >= ALIKE * len(own | shingles[j]):
                parent[root(i)] = root(j)
    return [root(i) for i in range(len(texts))]


def folds_of(labels: Sequence[str], groups: Sequence[int], count: int = 5) -> list[int]:
    """A fold for each row: groups stay whole, labels are spread evenly, the order is shuffled but always the same."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    order = list(members.values())
    random.Random(20261125).shuffle(order)  # noqa: S311 - an order, not a secret
    order.sort(key=len, reverse=True)
    filled: dict[tuple[int, str], int] = defaultdict(int)
    total = [0] * count
    fold = [0] * len(labels)
    for rows in order:
        label = labels[rows[0]]
        best = min(range(count), key=lambda k: (filled[k, label], total[k]))
        for row in rows:
            fold[row] = best
            filled[best, labels[row]] += 1
        total[best] += len(rows)
    return fold
