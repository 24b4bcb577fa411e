"""Kinds offered while one writes, and the page that says what the model's labels mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.cast import officer
from tongxin.cases.operations.desk import reclassify_case
from tongxin.journeys.triage import corrections
from tongxin.triage import linear
from tongxin.triage.classifier import model_path
from tongxin.triage.models import LabelTarget
from tongxin.triage.queries import label_map
from tongxin.triage.tests.said import rows
from tongxin.triage.training import evaluate, figures, train
from tongxin.web.tests.desk_stage import at_desk, body, parked

PAGE = "/desk/settings/suggestions/"


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


@pytest.fixture
def trained(data, db):
    about = figures(evaluate(rows())) | {"trained_at": "2026-11-25T08:00:00+00:00"}
    linear.save(replace(train(rows()), about=about), model_path())


def test_the_page_says_that_there_is_no_model_and_nothing_is_offered(data, s, client) -> None:
    assert "tongxin triage train" in body(at_desk(s.street).get(PAGE))
    assert client.post("/report/kinds.json", {"text": "楼道灯坏了三天"}).json() == {"kinds": []}


def test_an_office_maps_a_label_and_it_is_offered_from_then_on(trained, s, client) -> None:
    city = at_desk(officer("高市长", "city_officer", s.place.office, s.place.city))
    page = body(city.get(PAGE))
    assert "照明" in page and "macro-F1" in page
    assert client.post("/report/kinds.json", {"text": "三号楼楼道灯坏了"}).json() == {"kinds": []}
    assert city.post(PAGE, {"label": "照明", "codes": ["lighting"]}).status_code == 303
    assert label_map() == {"照明": ("lighting",)}
    assert client.post("/report/kinds.json", {"text": "三号楼楼道灯坏了"}).json()["kinds"][0][0] == "lighting"
    assert city.post(PAGE, {"label": "照明", "codes": ["no.such"]}).status_code == 422
    assert label_map() == {"照明": ("lighting",)}


def test_what_staff_put_right_becomes_rows_in_the_labels_of_the_model(trained, s, now) -> None:
    case = parked(s, now, "三轮车停在楼道灯下面，灯也不亮")
    reclassify_case(s.actor(s.wu, now), case.pk, now, category="lighting", note="是灯的事")
    assert corrections({"lighting"}) == [("三轮车停在楼道灯下面，灯也不亮", "lighting")]
    assert corrections({"照明"}) == []
    LabelTarget.objects.create(label="照明", category="lighting")
    label_map.forget()
    assert corrections({"照明"}) == [("三轮车停在楼道灯下面，灯也不亮", "照明")]
