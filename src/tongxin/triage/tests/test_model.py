"""The model learns, is judged on what it has not seen, and its file can run nothing."""

from __future__ import annotations

import json
import pickle
import zipfile

import numpy as np
import pytest

from tongxin.triage import linear
from tongxin.triage.grouping import folds_of, groups_of
from tongxin.triage.linear import LARGEST_FILE, ModelUnreadable
from tongxin.triage.rules import macro_f1
from tongxin.triage.tests.said import rows
from tongxin.triage.training import TooFewRows, evaluate, train


@pytest.fixture(scope="module")
def model():
    return train(rows())


def test_it_knows_what_an_unseen_sentence_is_about(model) -> None:
    assert model.suggest("五楼的灯又不亮了，黑得很")[0][0] == "照明"
    assert model.suggest("垃圾没人收")[0][0] == "垃圾"
    assert sum(share for _, share in model.suggest("随便说说")) == pytest.approx(1.0, abs=1e-5)
    assert model.suggest("")  # says how the kinds are spread, and does not fail


def test_the_file_gives_the_same_answers_and_holds_only_data(model, tmp_path) -> None:
    path = tmp_path / "triage" / "model.npz"
    assert linear.save(model, path) == path.stat().st_size < LARGEST_FILE
    again = linear.load(path)
    for text in ("楼道灯坏了", "地锁", "Parking"):
        assert [label for label, _ in again.suggest(text)] == [label for label, _ in model.suggest(text)]
        assert dict(again.suggest(text)) == pytest.approx(dict(model.suggest(text)), abs=1e-3)
    assert not list(path.parent.glob("*.part"))


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a model file was run",))


def test_a_file_with_something_to_run_is_refused(tmp_path) -> None:
    path = tmp_path / "model.npz"
    np.savez(path, head=np.array([Bomb()], dtype=object))
    with pytest.raises(ModelUnreadable):
        linear.load(path)
    path.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(ModelUnreadable):
        linear.load(path)


@pytest.mark.parametrize("harm", ["cut", "version", "shape"])
def test_a_damaged_file_is_refused(model, tmp_path, harm) -> None:
    path = tmp_path / "model.npz"
    linear.save(model, path)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-200])
    else:
        with np.load(path) as stored:
            parts = dict(stored)
        if harm == "version":
            head = json.loads(parts["head"].tobytes()) | {"format": 99}
            parts["head"] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
        else:
            parts["weights"] = parts["weights"][:-1]
        np.savez(path, **parts)
    with pytest.raises((ModelUnreadable, zipfile.BadZipFile)):
        linear.load(path)


def test_copies_stand_in_one_fold() -> None:
    texts = ["东园小区五号楼和六号楼之间没有路灯，晚上走路很怕", "请问医保卡在哪里补办，需要带什么材料去办理"]
    texts += [texts[0] + "！", "求助：" + texts[0], texts[1] + "谢谢"]
    groups = groups_of(texts)
    assert groups[0] == groups[2] == groups[3] != groups[1] == groups[4]
    folds = folds_of(["灯", "医", "灯", "灯", "医"], groups)
    assert folds[0] == folds[2] == folds[3] and folds[1] == folds[4]


def test_every_row_is_judged_once_by_a_model_that_has_not_seen_it() -> None:
    done = evaluate(rows())
    assert len(done.judged) == len(rows())
    assert sum(map(len, done.folds)) == len(rows())
    assert (
        macro_f1(done.judged) > 0.5
    )  # a sentence in other places is one fold, so each is judged by the two others of its kind


@pytest.mark.parametrize("few", [rows()[:24], [*rows(), ("一句", "气象")], []])
def test_too_few_rows_are_refused_in_words(few) -> None:
    with pytest.raises(TooFewRows):
        train(few)
