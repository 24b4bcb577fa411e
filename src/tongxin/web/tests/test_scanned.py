"""Whoever scans a code on a poster or a door finds the report form with the place filled in, and nobody's name."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from tongxin.cases.models import Case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.places.models import Grid, PlaceCode
from tongxin.web.tests.test_cases import browser, text

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
def s() -> Scene:
    return scene()


def test_the_code_on_a_poster_fills_in_the_place(s: Scene) -> None:
    PlaceCode.objects.create(code="ABCD2345", kind="unit", place_id=s.place.home.unit_id, created_at=NOW)
    client = browser(s.zhang)
    assert "国瑞中央花园 3号楼 2单元" in text(client.get("/report/?place=ABCD2345"))
    sent = {"text": "楼道灯不亮", "category": "lighting", "place": "ABCD2345", "send": "1"}
    assert client.post("/report/", sent).status_code == 303
    assert Case.objects.get().unit_id == s.place.home.unit_id
    assert "This code belongs to no place" in text(client.get("/report/?place=NONSENSE"))


def test_the_code_on_a_door_fills_in_the_home_and_nobody_who_lives_there(s: Scene) -> None:
    home = s.place.home
    PlaceCode.objects.create(code="DOOR2345", kind="home", place_id=home.id, created_at=NOW)
    for reader in (Client(), browser(s.zhang)):
        shown = text(reader.get("/report/?place=DOOR2345"))
        assert f"国瑞中央花园 3号楼 2单元 {home.name}" in shown
    assert s.zhang.name not in text(Client().get("/report/?place=DOOR2345"))
    sent = {"text": "水管漏水", "category": "lighting", "place": "DOOR2345", "send": "1"}
    assert browser(s.zhang).post("/report/", sent).status_code == 303
    case = Case.objects.get()
    assert (case.home_id, case.unit_id) == (home.id, home.unit_id)


def test_the_code_of_a_grid_fills_in_the_community_and_the_grid_as_long_as_it_is_one(s: Scene) -> None:
    grid = Grid.objects.create(community=s.place.community, code="WW-01", name="第一网格", valid_from=date(2020, 1, 1))
    PlaceCode.objects.create(code="GRID2345", kind="grid", place_id=grid.id, created_at=NOW)
    client = browser(s.zhang)
    assert "王湾社区 第一网格" in text(client.get("/report/?place=GRID2345"))
    sent = {"text": "路口堆了垃圾", "category": "lighting", "place": "GRID2345", "spot": "北路口", "send": "1"}
    assert client.post("/report/", sent).status_code == 303
    case = Case.objects.get()
    assert (case.area_id, case.place) == (s.place.community.pk, "王湾社区 第一网格 北路口")
    grid.valid_until = date(2021, 1, 1)
    grid.save()
    shown = text(client.get("/report/?place=GRID2345"))
    assert "王湾社区" in shown
    assert "第一网格" not in shown


@pytest.mark.parametrize("kind", ["home", "building", "unit"])
def test_the_code_at_an_estate_that_is_no_more_lets_one_choose_oneself(s: Scene, kind: str) -> None:
    home = s.place.home
    where = {"home": home.id, "unit": home.unit_id, "building": home.unit.building_id}
    PlaceCode.objects.create(code="GONE2345", kind=kind, place_id=where[kind], created_at=NOW)
    s.place.estate.valid_until = date(2021, 1, 1)
    s.place.estate.save()
    shown = text(browser(s.zhang).get("/report/?place=GONE2345"))
    assert "Please choose where it is." in shown
    assert "国瑞中央花园 3号楼 2单元" not in shown.split("Please choose where it is.")[0]
