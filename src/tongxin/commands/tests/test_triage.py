"""``tongxin triage``: a model is judged, then installed; what cannot be learnt from changes nothing."""

from __future__ import annotations

import csv
import json

import pytest

from tongxin.commands.main import main
from tongxin.triage.classifier import installed
from tongxin.triage.tests.said import rows


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


def test_it_says_how_good_it_is_and_installs_what_it_trained(data, capsys) -> None:
    file = data / "rows.csv"
    with file.open("w", encoding="gb18030", newline="") as out:
        csv.writer(out).writerows([("text", "label"), *rows()])
    assert main(["triage", "evaluate", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["n"] == len(rows()) and 0 < told["macro_f1"] <= 1 and 0 < told["accuracy"] <= 1
    assert installed() is None
    assert main(["triage", "train", str(file)]) == 0
    assert "macro-F1" in capsys.readouterr().out
    assert installed().about["macro_f1"] == told["macro_f1"]


@pytest.mark.parametrize("wrong", ["no-file", "no-column", "few"])
def test_what_cannot_be_learnt_from_is_refused_and_nothing_is_installed(data, db, capsys, wrong) -> None:
    file = data / "rows.csv"
    if wrong != "no-file":
        file.write_text({"no-column": "text,kind\n灯,a\n", "few": "text,label\n灯,a\n"}[wrong], encoding="utf-8")
    assert main(["triage", "train", str(file)]) == 2
    assert capsys.readouterr().err
    assert not (data / "triage").exists()
