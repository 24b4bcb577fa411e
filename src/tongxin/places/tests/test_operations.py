"""王社工 keeps estates, buildings, homes and grids; the city's administrator the tree and the calendar."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tongxin.kernel import geo
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.places import operations, queries
from tongxin.places.models import Area, AreaPast, Building, Grid, Home, Level
from tongxin.places.tests.conftest import NOW, worker
from tongxin.record.models import Entry

SQUARE = {
    "type": "Polygon",
    "coordinates": [[[110.78, 32.64], [110.80, 32.64], [110.80, 32.66], [110.78, 32.66], [110.78, 32.64]]],
}


def verbs(subject_id):
    return list(Entry.objects.filter(subject_id=subject_id).order_by("subject_seq").values_list("verb", flat=True))


def test_levels_are_data_in_every_installation(db):
    assert [(level.code, level.name) for level in queries.levels()] == [
        ("city", "市"),
        ("county", "区县"),
        ("street", "街道（乡镇）"),
        ("community", "社区（村）"),
        ("estate", "小区（组）"),
    ]
    assert Level.objects.get(code="estate").name_en == "Estate or group"


def test_an_estate_is_added_below_its_community(town, wang):
    estate = operations.add_area(wang, parent_id=town.community.id, level="estate", name=" 南苑 小区 ", now=NOW)
    assert (estate.name, estate.code, estate.path) == (
        "南苑 小区",
        "420303002001002",
        "4203/420303/420303002/420303002001/420303002001002/",
    )
    assert verbs(estate.id) == ["area.added"]
    with pytest.raises(Conflict):
        operations.add_area(wang, parent_id=town.community.id, level="estate", name="南苑 小区", now=NOW)
    with pytest.raises(Invalid):
        operations.add_area(wang, parent_id=estate.id, level="community", name="倒置社区", now=NOW)
    with pytest.raises(Invalid):
        operations.add_area(wang, parent_id=town.community.id, level="estate", name=" ", now=NOW)
    with pytest.raises(Invalid):
        operations.add_area(wang, parent_id=town.community.id, level="estate", name="坏码", code="a/b", now=NOW)


def test_nobody_manages_the_community_next_door(town, wang, li):
    refused = [
        lambda: operations.add_area(li, parent_id=town.community.id, level="estate", name="x", now=NOW),
        lambda: operations.rename_area(li, town.estate.id, "x", NOW),
        lambda: operations.set_number_prefix(li, town.community.id, "XX", NOW),
        lambda: operations.move_area(li, town.estate.id, town.other_community.id, NOW),
        lambda: operations.close_area(li, town.estate.id, date(2027, 1, 1), NOW),
        lambda: operations.set_position(li, "area", town.estate.id, 32.6, 110.7, NOW),
        lambda: operations.set_shape(li, town.estate.id, SQUARE, NOW),
        lambda: operations.add_building(li, town.estate.id, "1号楼", NOW),
        lambda: operations.make_grid(li, town.community.id, "第一网格", NOW),
        lambda: operations.ensure_place_code(li, "area", town.estate.id, NOW),
        lambda: operations.ensure_codes_of_estate(li, town.estate.id, NOW),
        lambda: operations.set_calendar_day(wang, date(2026, 12, 31), True, NOW),
        lambda: operations.confirm_year(wang, 2027, True, NOW),
    ]
    before = Entry.objects.count()
    for attempt in refused:
        with pytest.raises(NotAllowed):
            attempt()
    assert Entry.objects.count() == before


def test_a_renamed_area_keeps_its_old_name_with_its_dates(town, wang):
    operations.rename_area(wang, town.estate.id, "东苑花园", NOW)
    town.estate.refresh_from_db()
    assert town.estate.name == "东苑花园"
    assert queries.name_on(town.estate, date(2025, 6, 1)) == "东苑小区"
    assert queries.name_on(town.estate, date(2026, 11, 22)) == "东苑花园"
    # A slip of the pen corrected on the same day never was a name.
    operations.rename_area(wang, town.estate.id, "东苑花苑", NOW)
    assert [past.name for past in queries.past_of(town.estate)] == ["东苑小区"]
    with pytest.raises(Invalid):
        operations.rename_area(wang, town.estate.id, "未来苑", NOW, day=date(2026, 12, 1))
    with pytest.raises(Invalid):
        operations.rename_area(wang, town.estate.id, "过去苑", NOW, day=date(2026, 1, 1))


def test_a_moved_street_takes_all_below_it_along(town):
    other = operations.add_area(SYSTEM, parent_id=town.city.id, level="county", name="茅箭区", code="420302", now=NOW)
    old, new = operations.move_area(SYSTEM, town.street.id, other.id, NOW)
    assert (old, new) == ("4203/420303/420303002/", "4203/420302/420303002/")
    town.estate.refresh_from_db()
    assert town.estate.path == "4203/420302/420303002/420303002001/420303002001001/"
    assert town.estate.depth == 4
    assert AreaPast.objects.get(area=town.estate).path.startswith(old)
    assert [a.name for a in queries.lineage(town.estate.path)] == [
        "十堰市",
        "茅箭区",
        "红卫街道",
        "东苑社区",
        "东苑小区",
    ]
    with pytest.raises(Conflict):
        operations.move_area(SYSTEM, town.street.id, town.community.id, NOW)
    with pytest.raises(Conflict):
        operations.move_area(SYSTEM, town.county.id, town.street.id, NOW)
    assert operations.move_area(SYSTEM, town.street.id, other.id, NOW) == (new, new)


def test_moving_needs_the_permission_at_both_ends(town, wang):
    with pytest.raises(NotAllowed):
        operations.move_area(wang, town.estate.id, town.other_community.id, NOW)


def test_a_closed_area_goes_when_its_day_has_come_and_frees_its_code(town, wang):
    with pytest.raises(Conflict):
        operations.close_area(SYSTEM, town.community.id, date(2027, 1, 1), NOW)
    operations.close_area(wang, town.estate.id, date(2027, 1, 1), NOW)
    assert [e.name for e in queries.estates(town.community, NOW)] == ["东苑小区"]
    assert queries.estates(town.community, NOW + timedelta(days=60)) == []
    with pytest.raises(Conflict):
        operations.close_area(wang, town.estate.id, date(2027, 1, 1), NOW)
    again = operations.add_area(
        wang, parent_id=town.community.id, level="estate", name="东苑小区", code=town.estate.code, now=NOW,
        valid_from=date(2027, 1, 1),
    )  # fmt: skip
    assert queries.area_by_code(town.estate.code).id == again.id


def test_prefixes_of_case_numbers_are_one_communitys_alone(town, wang, li):
    assert (town.community.number_prefix, town.other_community.number_prefix) == ("DY", "XY")
    operations.set_number_prefix(wang, town.community.id, "dong1", NOW)
    assert Area.objects.get(id=town.community.id).number_prefix == "DONG1"
    with pytest.raises(Conflict):
        operations.set_number_prefix(li, town.other_community.id, "DONG1", NOW)
    for bad in ("", "1A", "A", "TOOLONG7", "A-1"):
        with pytest.raises(Invalid):
            operations.set_number_prefix(wang, town.community.id, bad, NOW)


def test_positions_from_chinese_maps_are_stored_as_gps(town, wang):
    gps = (32.6502, 110.7911)
    for crs, given in (("gcj02", geo.wgs84_to_gcj02(*gps)), ("bd09", geo.wgs84_to_bd09(*gps)), ("wgs84", gps)):
        stored = operations.set_position(wang, "area", town.estate.id, *given, NOW, crs=crs)
        assert stored == pytest.approx(gps, abs=1e-6)
    with pytest.raises(Invalid):
        operations.set_position(wang, "area", town.estate.id, 32.6, 110.7, NOW, crs="utm")
    with pytest.raises(Invalid):
        operations.set_position(wang, "area", town.estate.id, 110.7, 320.6, NOW)
    with pytest.raises(NotFound):
        operations.set_position(wang, "home", town.estate.id, 32.6, 110.7, NOW)


def test_the_lowest_area_around_a_point_is_found(town):
    operations.set_shape(SYSTEM, town.community.id, SQUARE, NOW)
    small = {
        "type": "Polygon",
        "coordinates": [[[110.78, 32.64], [110.79, 32.64], [110.78, 32.65], [110.78, 32.64]]],
    }
    operations.set_shape(SYSTEM, town.estate.id, small, NOW)
    assert queries.area_at(32.642, 110.782) == town.estate
    assert queries.area_at(32.649, 110.789) == town.community, "inside the box of the estate, outside of its outline"
    assert queries.area_at(32.70, 110.79) is None
    operations.set_shape(SYSTEM, town.estate.id, None, NOW)
    assert queries.area_at(32.642, 110.782) == town.community
    with pytest.raises(geo.InvalidPolygon):
        operations.set_shape(SYSTEM, town.estate.id, {"type": "Point", "coordinates": [110, 32]}, NOW)


def test_an_outline_from_a_chinese_map_is_converted(town):
    def shifted(lng, lat):
        new_lat, new_lng = geo.wgs84_to_gcj02(lat, lng)
        return [new_lng, new_lat]

    drawn = {"type": "Polygon", "coordinates": [[shifted(*point) for point in SQUARE["coordinates"][0]]]}
    area = operations.set_shape(SYSTEM, town.community.id, drawn, NOW, crs="gcj02")
    assert (area.west, area.south, area.east, area.north) == pytest.approx((110.78, 32.64, 110.80, 32.66), abs=1e-6)


def test_what_is_near_comes_nearest_first(town, wang):
    first = operations.add_building(wang, town.estate.id, "1号楼", NOW)
    second = operations.add_building(wang, town.estate.id, "2号楼", NOW)
    operations.set_position(wang, "building", first.id, 32.6510, 110.7911, NOW)
    operations.set_position(wang, "building", second.id, 32.6503, 110.7911, NOW)
    operations.set_position(wang, "area", town.estate.id, 32.6520, 110.7911, NOW)
    found = queries.nearest(32.6502, 110.7911)
    assert [place.name for _, place in found] == ["2号楼", "1号楼", "东苑小区"]
    assert found[0][0] == pytest.approx(11, abs=1)
    assert found[0][1].full_name == "红卫街道 东苑社区 东苑小区 2号楼"
    assert [place.name for _, place in queries.nearest(32.6502, 110.7911, radius_m=50)] == ["2号楼"]


def test_a_home_of_a_unit_of_a_building(town, wang):
    building = operations.add_building(wang, town.estate.id, "3号楼", NOW, floors=18)
    unit = operations.add_unit(wang, building.id, "1单元", NOW)
    home = operations.add_home(wang, unit.id, "1101", NOW, floor_area=Decimal("89.56"))
    assert (home.floor, home.use) == (11, "dwelling")
    operations.edit_home(wang, home.id, "1102", NOW, floor=11, floor_area=Decimal("90.10"), use="shop")
    entry = Entry.objects.get(subject_id=home.id, verb="home.edited")
    assert (entry.data["floor_area_from"], entry.data["floor_area"]) == ("89.56", "90.1")
    assert queries.find_home(town.estate, "3号楼", "1单元", "1102") == home
    assert queries.find_home(town.estate, "3号楼", "1单元", "1101") is None
    for attempt in (
        lambda: operations.add_home(wang, unit.id, "1102", NOW),
        lambda: operations.add_unit(wang, building.id, "1单元", NOW),
        lambda: operations.add_building(wang, town.estate.id, "3号楼", NOW),
        lambda: operations.remove_unit(wang, unit.id, NOW),
        lambda: operations.remove_building(wang, building.id, NOW),
    ):
        with pytest.raises(Conflict):
            attempt()
    for attempt in (
        lambda: operations.add_home(wang, unit.id, "1103", NOW, floor_area=Decimal(-1)),
        lambda: operations.add_home(wang, unit.id, "1103", NOW, use="castle"),
        lambda: operations.add_building(wang, town.community.id, "4号楼", NOW),
        lambda: operations.edit_building(wang, building.id, "3号楼", NOW, floors=0),
    ):
        with pytest.raises(Invalid):
            attempt()
    operations.edit_unit(wang, unit.id, "二单元", NOW)
    operations.edit_building(wang, building.id, "3栋", NOW, floors=17)
    operations.remove_home(wang, home.id, NOW)
    operations.remove_unit(wang, unit.id, NOW)
    operations.remove_building(wang, building.id, NOW)
    assert not Building.objects.exists()
    assert verbs(building.id) == ["building.added", "building.edited", "building.removed"]


def test_lists_page_by_key_in_the_order_people_count(town, wang):
    for name in ("10号楼", "2号楼", "1号楼", "3号楼"):
        operations.add_building(wang, town.estate.id, name, NOW)
    first = queries.buildings(town.estate, limit=2)
    last = first[-1]
    second = queries.buildings(town.estate, (last.sort_key, last.id), limit=2)
    assert [b.name for b in (*first, *second)] == ["1号楼", "2号楼", "3号楼", "10号楼"]
    unit = operations.add_unit(wang, last.id, "", NOW)
    for room in ("1101", "201", "102"):
        operations.add_home(wang, unit.id, room, NOW)
    homes = queries.homes(unit, limit=2)
    rest = queries.homes(unit, (homes[-1].sort_key, homes[-1].id))
    assert [h.name for h in (*homes, *rest)] == ["102", "201", "1101"]
    assert queries.home_counts([town.estate.id]) == {town.estate.id: 3}


def test_a_grid_is_a_set_of_buildings(town, wang):
    one, two, three = (operations.add_building(wang, town.estate.id, f"{n}号楼", NOW) for n in (1, 2, 3))
    first = operations.make_grid(wang, town.community.id, "第一网格", NOW)
    second = operations.make_grid(wang, town.community.id, "第二网格", NOW)
    assert (first.code, second.code) == ("420303002001W01", "420303002001W02")
    operations.assign_buildings_to_grid(wang, first.id, [one.id, two.id], NOW)
    operations.assign_buildings_to_grid(wang, second.id, [two.id, three.id], NOW)
    assert {b.name: b.grid for b in queries.buildings(town.estate)} == {
        "1号楼": first,
        "2号楼": second,
        "3号楼": second,
    }
    assert [(g.name, g.building_count) for g in queries.grids(town.community, NOW)] == [
        ("第一网格", 1),
        ("第二网格", 2),
    ]
    operations.assign_buildings_to_grid(wang, second.id, [three.id], NOW)
    assert queries.building(two.id).grid is None
    with pytest.raises(Conflict):
        operations.make_grid(wang, town.community.id, "第一网格", NOW)
    with pytest.raises(Invalid):
        operations.make_grid(wang, town.estate.id, "小区网格", NOW)
    with pytest.raises(Conflict):
        operations.rename_grid(wang, second.id, "第一网格", NOW)
    operations.rename_grid(wang, second.id, "北片网格", NOW)
    operations.close_grid(wang, second.id, date(2026, 11, 23), NOW)
    assert queries.building(three.id).grid is None
    assert [g.name for g in queries.grids(town.community, NOW + timedelta(days=2))] == ["第一网格"]
    assert Grid.objects.count() == 2


def test_a_grid_takes_no_building_from_next_door(town, wang, li):
    estate = operations.add_area(li, parent_id=town.other_community.id, level="estate", name="西苑小区", now=NOW)
    foreign = operations.add_building(li, estate.id, "1号楼", NOW)
    grid = operations.make_grid(wang, town.community.id, "第一网格", NOW)
    with pytest.raises(Invalid):
        operations.assign_buildings_to_grid(wang, grid.id, [foreign.id], NOW)


def test_names_are_searched_within_ones_areas(town, wang):
    assert [a.name for a in queries.search("东苑", NOW)] == ["东苑社区", "东苑小区"]
    assert [a.name for a in queries.search("苑", NOW, within=[town.other_community.path])] == ["西苑社区"]
    assert [a.name for a in queries.search("420303002001", NOW)] == ["东苑社区", "东苑小区"]
    assert queries.search("  ", NOW) == []
    assert queries.search("苑", NOW, within=[]) == []


def test_the_tree_is_walked_from_what_one_manages(town, wang):
    both = worker("双岗", town.community.path)
    assert [a.name for a in queries.managed_roots(both, NOW)] == ["东苑社区"]
    assert [a.name for a in queries.managed_roots(SYSTEM, NOW)] == ["十堰市"]
    assert [(a.name, a.child_count) for a in queries.children(town.street, NOW)] == [("东苑社区", 1), ("西苑社区", 0)]
    assert [a.name for a in queries.children(town.street, NOW, after="420303002001")] == ["西苑社区"]
    assert queries.area_options(town.street, NOW) == [
        ("420303002001", "东苑社区", True),
        ("420303002002", "西苑社区", False),
    ]
    assert [e.name for e in queries.estates(town.community, NOW)] == ["东苑小区"]
    assert queries.community_of(town.estate.path) == town.community
    assert queries.community_of(town.street.path) is None
    assert [c.name for c in queries.communities(town.county.path, NOW)] == ["东苑社区", "西苑社区"]
    with pytest.raises(NotAllowed):
        queries.managed_area(wang, town.other_community.code)
    with pytest.raises(NotFound):
        queries.area_by_code("999")


def test_the_administrator_decides_days_when_the_notice_comes(town):
    admin = worker("系统管理员", town.city.path, "system.administer", "places.manage")
    saturday = date(2026, 12, 26)
    assert not queries.work_calendar(NOW).is_working_day(saturday)
    operations.set_calendar_day(admin, saturday, True, NOW, note="调休上班")
    assert queries.work_calendar(NOW).is_working_day(saturday)
    assert [(d.day, d.note) for d in queries.decided_days(2026)] == [(saturday, "调休上班")]
    operations.set_calendar_day(admin, saturday, None, NOW)
    assert not queries.work_calendar(NOW).is_working_day(saturday)
    with pytest.raises(Invalid):
        operations.set_calendar_day(admin, date(1999, 1, 1), True, NOW)


def test_a_year_without_a_notice_is_a_warning_until_it_is_entered(town):
    admin = worker("系统管理员", town.city.path, "system.administer")
    far = NOW.replace(year=2039)
    assert queries.provisional_years(far) == [2039, 2040]
    operations.confirm_year(admin, 2039, True, NOW)
    assert queries.provisional_years(far) == [2040]
    assert queries.confirmed_years() == {2039}
    operations.confirm_year(admin, 2039, False, NOW)
    assert queries.provisional_years(far) == [2039, 2040]
    with pytest.raises(Invalid):
        operations.confirm_year(admin, 1900, True, NOW)


def test_the_calendar_is_read_again_after_a_change(transactional_db):
    Area.objects.create(code="4203", name="十堰市", level_id="city", path="4203/", depth=0, valid_from=date(2020, 1, 1))
    saturday = date(2026, 12, 26)
    assert not queries.work_calendar(NOW).is_working_day(saturday)
    operations.set_calendar_day(SYSTEM, saturday, True, NOW)
    assert queries.work_calendar(NOW).is_working_day(saturday)


def test_a_home_with_an_area_of_zero_is_impossible(town, wang):
    from django.db import IntegrityError, transaction

    building = operations.add_building(wang, town.estate.id, "3号楼", NOW)
    unit = operations.add_unit(wang, building.id, "", NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Home.objects.create(unit=unit, name="101", floor_area=0)
