"""The model that ships: one linear map over runs of characters. Predicting needs numpy alone.

The file is an ``npz`` of plain arrays and one JSON text, read with ``allow_pickle=False``: a model file is data and can
run nothing.
"""

from __future__ import annotations

import io
import json
import math
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tongxin.triage.grams import OPENING, grams, plain

if TYPE_CHECKING:
    from numpy import ndarray

FORMAT: Final = 1
OPENING_WEIGHT: Final = 0.6
LARGEST_FILE: Final = 30_000_000


class ModelUnreadable(Exception):
    """The file is not a model of this version, or damaged."""


@dataclass(frozen=True, slots=True)
class Part:
    """The grams of one part of a text: each gram's row, and its weight by how few texts hold it (idf)."""

    rows: Mapping[str, int]
    idf: ndarray

    def vector(self, text: str) -> tuple[list[int], list[float]]:
        """Row numbers and values: (1 + ln count) · idf, of length one."""
        at, values = [], []
        for gram, count in grams(text).items():
            row = self.rows.get(gram)
            if row is not None:
                at.append(row)
                values.append((1.0 + math.log(count)) * float(self.idf[row]))
        norm = math.sqrt(sum(value * value for value in values)) or 1.0
        return at, [value / norm for value in values]


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Scores = weights of the whole text's grams + those of its opening + bias; softmax with a temperature.

    ``about``: when it was trained, on how many rows, and what was measured then.
    """

    labels: tuple[str, ...]
    whole: Part
    opening: Part
    weights: ndarray
    bias: ndarray
    temperature: float
    about: Mapping[str, Any] = field(default_factory=dict)

    def vector(self, text: str) -> tuple[list[int], list[float]]:
        """The text as row numbers of ``weights`` and values."""
        told = plain(text)
        at, values = self.whole.vector(told)
        more_at, more = self.opening.vector(told[:OPENING])
        shift = len(self.whole.rows)
        return at + [row + shift for row in more_at], values + [value * OPENING_WEIGHT for value in more]

    def scores(self, text: str) -> ndarray:
        """One number for each label; the largest is the likeliest."""
        import numpy as np

        at, values = self.vector(text)
        if not at:
            return self.bias
        return np.asarray(values, dtype=np.float32) @ self.weights[at].astype(np.float32) + self.bias

    def suggest(self, text: str) -> list[tuple[str, float]]:
        """Labels with their probabilities, the likeliest first."""
        chances = softmax(self.scores(text)[None, :], self.temperature)[0]
        return sorted(zip(self.labels, map(float, chances), strict=True), key=lambda row: -row[1])


def softmax(scores: ndarray, temperature: float) -> ndarray:
    """Probabilities of each row of scores; a lower temperature is surer of itself."""
    import numpy as np

    scaled = scores / temperature
    powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def save(model: LinearModel, path: Path) -> int:
    """Write the model so that a reader sees the old file or the new one, never half of it. Gives back its bytes."""
    import numpy as np

    head = {
        "format": FORMAT,
        "labels": model.labels,
        "temperature": model.temperature,
        "about": dict(model.about),
        "whole": _ordered(model.whole.rows),
        "opening": _ordered(model.opening.rows),
    }
    data = io.BytesIO()
    np.savez_compressed(
        data,
        head=np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8),
        whole_idf=model.whole.idf.astype(np.float32),
        opening_idf=model.opening.idf.astype(np.float32),
        weights=model.weights.astype(np.float16),
        bias=model.bias.astype(np.float32),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    with os.fdopen(handle, "wb") as file:
        file.write(data.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    os.replace(name, path)
    return path.stat().st_size


def _ordered(rows: Mapping[str, int]) -> list[str]:
    return sorted(rows, key=rows.__getitem__)


def load(path: Path) -> LinearModel:
    """Read a model. Raises :class:`ModelUnreadable`, ``FileNotFoundError``."""
    import numpy as np

    if path.stat().st_size > LARGEST_FILE:
        raise ModelUnreadable(f"{path} is larger than a model may be")
    try:
        with np.load(path, allow_pickle=False) as stored:
            head = json.loads(stored["head"].tobytes().decode())
            if head["format"] != FORMAT:
                raise ModelUnreadable(f"{path} was written by another version; train it anew")
            model = LinearModel(
                labels=tuple(head["labels"]),
                whole=_part(head["whole"], stored["whole_idf"]),
                opening=_part(head["opening"], stored["opening_idf"]),
                weights=stored["weights"],
                bias=stored["bias"],
                temperature=float(head["temperature"]),
                about=head["about"],
            )
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ModelUnreadable(f"{path} is no model, or damaged") from error
    rows = len(model.whole.rows) + len(model.opening.rows)
    if model.weights.shape != (rows, len(model.labels)) or model.bias.shape != (len(model.labels),):
        raise ModelUnreadable(f"{path} is damaged: its parts do not fit together")
    return model


def _part(order: Sequence[str], idf: ndarray) -> Part:
    if len(order) != len(idf):
        raise ValueError("a part of the model is incomplete")
    return Part({gram: row for row, gram in enumerate(order)}, idf)
