"""Codes on posters and doors: each stands for one place, for good, and tells nobody's name."""

import pytest

from tongxin.kernel.errors import NotAllowed, NotFound, TooMany
from tongxin.places import operations, queries, rules
from tongxin.places.models import PlaceCode
from tongxin.places.tests.conftest import NOW
from tongxin.record.models import Entry


def test_a_code_stands_for_one_place_for_good(town, wang):
    building = operations.add_building(wang, town.estate.id, "3号楼", NOW)
    unit = operations.add_unit(wang, building.id, "1单元", NOW)
    code = operations.ensure_place_code(wang, "unit", unit.id, NOW)
    assert operations.ensure_place_code(wang, "unit", unit.id, NOW) == code
    place = queries.place_of_code(f" {code.lower()} ")
    assert (place.kind, place.id, place.name) == ("unit", unit.id, "1单元")
    assert place.names == ("红卫街道", "东苑社区", "东苑小区", "3号楼", "1单元")
    assert place.path == town.estate.path
    assert operations.ensure_codes_of_estate(wang, town.estate.id, NOW) == 2
    assert operations.ensure_codes_of_estate(wang, town.estate.id, NOW) == 0
    posters = queries.places_of_estate(town.estate)
    assert [place.name for place, _ in posters] == ["东苑小区", "3号楼", "1单元"]
    assert all(code for _, code in posters)
    with pytest.raises(NotFound):
        queries.place_of_code("NOSUCH")
    with pytest.raises(NotFound):
        operations.ensure_place_code(wang, "castle", unit.id, NOW)


def test_every_home_of_a_building_gets_a_code_that_knows_the_address_alone(town, wang, li):
    building = operations.add_building(wang, town.estate.id, "3号楼", NOW)
    first = operations.add_unit(wang, building.id, "1单元", NOW)
    second = operations.add_unit(wang, building.id, "2单元", NOW)
    for unit, room in ((second, "101"), (first, "1001"), (first, "302")):
        operations.add_home(wang, unit.id, room, NOW)
    rows = operations.ensure_codes_of_homes(wang, "building", building.id, NOW)
    assert [place.names[-2:] for place, _ in rows] == [("1单元", "302"), ("1单元", "1001"), ("2单元", "101")]
    assert len({code for _, code in rows}) == 3
    assert operations.ensure_codes_of_homes(wang, "unit", first.id, NOW) == rows[:2]
    home, code = rows[0]
    assert operations.ensure_codes_of_homes(wang, "home", home.id, NOW) == rows[:1]
    assert queries.place_of_code(code) == home
    entries = Entry.objects.filter(verb="place.codes_made")
    assert [(entry.subject_kind, entry.data) for entry in entries] == [("building", {"codes": 3, "of": "home"})]
    operations.remove_home(wang, home.id, NOW)
    with pytest.raises(NotFound):
        queries.place_of_code(code)
    with pytest.raises(NotAllowed):
        operations.ensure_codes_of_homes(li, "building", building.id, NOW)


def test_stickers_are_printed_in_bounds(town, wang, monkeypatch):
    building = operations.add_building(wang, town.estate.id, "3号楼", NOW)
    unit = operations.add_unit(wang, building.id, "", NOW)
    with pytest.raises(NotFound):
        operations.ensure_codes_of_homes(wang, "unit", unit.id, NOW)
    for room in ("101", "102", "103"):
        operations.add_home(wang, unit.id, room, NOW)
    monkeypatch.setattr(rules, "MOST_STICKERS", 2)
    with pytest.raises(TooMany):
        operations.ensure_codes_of_homes(wang, "building", building.id, NOW)
    assert not PlaceCode.objects.exists()
    with pytest.raises(NotFound):
        operations.ensure_codes_of_homes(wang, "area", town.estate.id, NOW)


def test_a_grid_has_a_code_too(town, wang, li):
    grid = operations.make_grid(wang, town.community.id, "第一网格", NOW)
    place = queries.place_of_code(operations.ensure_place_code(wang, "grid", grid.id, NOW))
    assert (place.kind, place.names, place.path) == (
        "grid",
        ("红卫街道", "东苑社区", "第一网格"),
        town.community.path,
    )
    with pytest.raises(NotAllowed):
        operations.ensure_place_code(li, "grid", grid.id, NOW)


def test_a_removed_building_takes_its_code_along(town, wang):
    building = operations.add_building(wang, town.estate.id, "3号楼", NOW)
    operations.ensure_place_code(wang, "building", building.id, NOW)
    operations.remove_building(wang, building.id, NOW)
    assert not PlaceCode.objects.exists()
