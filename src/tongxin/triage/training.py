"""To train the linear model and to judge it on rows that it has not seen. Needs scikit-learn; nothing else here does.

Three linear judges over the same runs of characters, summed into one map: a support-vector machine, a second one
over log-count ratios (NB-SVM: Wang and Manning 2012, “Baselines and Bigrams”), and a complement naive Bayes
(Rennie et al. 2003). They err on different rows; one map of sums costs no more to ask than one of them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from tongxin.triage import rules
from tongxin.triage.grams import OPENING, grams, plain
from tongxin.triage.grouping import folds_of, groups_of
from tongxin.triage.linear import LinearModel, Part, softmax
from tongxin.triage.rules import Judged

if TYPE_CHECKING:
    from numpy import ndarray
    from scipy.sparse import csr_matrix

FOLDS: Final = 5
FEWEST_OF_A_LABEL: Final = 5
SEEN_IN: Final = 2
"""A gram that one text alone holds teaches nothing."""
SMOOTHING, BAYES_SMOOTHING = 0.5, 0.1
SHARES: Final = (1.0, 1.0, 0.45)
"""Of the three judges, each first brought to the same spread."""

Row = tuple[str, str]
"""(text, label)"""


class TooFewRows(ValueError):
    """Not enough to learn from; says what is missing."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of five-fold cross-validation: each row judged by a model that saw neither it nor its near-copies."""

    judged: tuple[Judged, ...]
    folds: tuple[tuple[Judged, ...], ...]


def train(rows: Sequence[Row], *, temperature: float = 1.0) -> LinearModel:
    """The model of all rows. ``temperature``: from :func:`evaluate`, which makes its probabilities honest.

    Raises :class:`TooFewRows`. 3,000 rows take about ten seconds.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    labels = _labels(rows)
    texts = [plain(text) for text, _ in rows]
    whole, opening = _part(texts), _part([text[:OPENING] for text in texts])
    empty = np.zeros((0, len(labels)))
    model = LinearModel(labels, whole, opening, empty, np.zeros(len(labels)), temperature)
    x = _matrix(model, [text for text, _ in rows])
    y = np.array([labels.index(label) for _, label in rows])
    two = len(labels) == 2
    machine = LinearSVC(C=1.0).fit(x, y)
    first = np.vstack([-machine.coef_[0], machine.coef_[0]]) if two else machine.coef_
    first_bias = np.array([-machine.intercept_[0], machine.intercept_[0]]) if two else machine.intercept_
    second, second_bias = np.zeros((len(labels), x.shape[1])), np.zeros(len(labels))
    for c in range(len(labels)):
        mine = SMOOTHING + np.asarray(x[y == c].sum(axis=0)).ravel()
        others = SMOOTHING + np.asarray(x[y != c].sum(axis=0)).ravel()
        ratio = np.log((mine / mine.sum()) / (others / others.sum()))
        judge = LinearSVC(C=1.0, class_weight="balanced").fit(x @ sparse.diags(ratio), y == c)
        second[c], second_bias[c] = ratio * judge.coef_[0], judge.intercept_[0]
    third = ComplementNB(alpha=BAYES_SMOOTHING).fit(x, y).feature_log_prob_
    weights, bias = np.zeros((x.shape[1], len(labels))), np.zeros(len(labels))
    judges = ((first, first_bias), (second, second_bias), (third, np.zeros(len(labels))))
    for share, (own, own_bias) in zip(SHARES, judges, strict=True):
        spread = float(_centred(np.asarray(x @ own.T) + own_bias).std()) or 1.0
        weights += share / spread * own.T
        bias += share / spread * own_bias
    weights -= weights.mean(axis=1, keepdims=True)
    return replace(model, weights=weights.astype(np.float16), bias=(bias - bias.mean()).astype(np.float32))


def _centred(scores: ndarray) -> ndarray:
    return scores - scores.mean(axis=1, keepdims=True)


def _labels(rows: Sequence[Row]) -> tuple[str, ...]:
    counts = Counter(label for _, label in rows)
    if len(counts) < 2:
        raise TooFewRows("at least two labels are needed")
    for label, n in sorted(counts.items()):
        if n < FEWEST_OF_A_LABEL:
            raise TooFewRows(f"{label} has {n} rows; {FEWEST_OF_A_LABEL} are the fewest")
    return tuple(sorted(counts))


def _part(texts: Sequence[str]) -> Part:
    """The grams that at least two texts hold, with idf = ln((1 + n) / (1 + texts that hold it)) + 1."""
    import numpy as np

    seen: Counter[str] = Counter()
    for text in texts:
        seen.update(grams(text).keys())
    kept = sorted(gram for gram, n in seen.items() if n >= SEEN_IN)
    idf = [math.log((1 + len(texts)) / (1 + seen[gram])) + 1 for gram in kept]
    return Part({gram: row for row, gram in enumerate(kept)}, np.array(idf, dtype=np.float32))


def _matrix(model: LinearModel, texts: Sequence[str]) -> csr_matrix:
    import numpy as np
    from scipy import sparse

    at: list[int] = []
    values: list[float] = []
    ends = [0]
    for text in texts:
        own_at, own = model.vector(text)
        at += own_at
        values += own
        ends.append(len(at))
    width = len(model.whole.rows) + len(model.opening.rows)
    parts: Any = (np.array(values), np.array(at, dtype=np.int64), np.array(ends, dtype=np.int64))
    return sparse.csr_matrix(parts, shape=(len(texts), width))


def evaluate(rows: Sequence[Row], *, progress: Callable[[int, int], None] = lambda done, of: None) -> Evaluation:
    """Five-fold cross-validation, near-copies in one fold. The temperature of each fold is found on the other four by
    a further split, so no row helps to judge itself. Raises :class:`TooFewRows`."""
    _labels(rows)
    fold_of = folds_of([label for _, label in rows], groups_of([text for text, _ in rows]))
    folds: list[tuple[Judged, ...]] = []
    for k in range(FOLDS):
        others = [row for row, fold in zip(rows, fold_of, strict=True) if fold != k]
        held = [row for row, fold in zip(rows, fold_of, strict=True) if fold == k]
        model = train(others, temperature=temperature_for(others))
        folds.append(judge(model, held))
        progress(k + 1, FOLDS)
    return Evaluation(tuple(row for fold in folds for row in fold), tuple(folds))


def judge(model: LinearModel, rows: Sequence[Row]) -> tuple[Judged, ...]:
    """What the model says of rows whose label is known."""
    return tuple(Judged(label, *model.suggest(text)[0]) for text, label in rows)


def temperature_for(rows: Sequence[Row]) -> float:
    """The temperature under which probabilities fit what comes true best (least log loss), on a fifth held back."""
    import numpy as np

    labels = _labels(rows)
    fold_of = folds_of([label for _, label in rows], groups_of([text for text, _ in rows]))
    others = [row for row, fold in zip(rows, fold_of, strict=True) if fold]
    held = [row for row, fold in zip(rows, fold_of, strict=True) if not fold]
    if min(Counter(label for _, label in others).values()) < FEWEST_OF_A_LABEL or not held:
        return 1.0
    model = train(others)
    if model.labels != labels:
        return 1.0
    scores = np.vstack([model.scores(text) for text, _ in held])
    truth = np.array([labels.index(label) for _, label in held])

    def loss(temperature: float) -> float:
        chances = softmax(scores, temperature)[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chances, 1e-9)).mean())

    return min((0.1 * 1.05**k for k in range(80)), key=loss)


def figures(done: Evaluation) -> dict[str, Any]:
    """What was measured, as it is told and kept with the model."""
    return {
        "n": len(done.judged),
        "macro_f1": round(rules.macro_f1(done.judged), 4),
        "accuracy": round(rules.accuracy(done.judged), 4),
        "folds": [round(rules.macro_f1(fold), 4) for fold in done.folds],
        "labels": {label: round(value, 4) for label, value in rules.f1_by_label(done.judged).items()},
        "calibration_error": round(rules.calibration_error(done.judged), 4),
        "calibration": [
            {"from": b.low, "to": b.high, "n": b.n, "said": round(b.said, 3), "right": round(b.right, 3)}
            for b in rules.calibration(done.judged)
        ],
        "confused": [list(row) for row in rules.confusions(done.judged)],
    }
