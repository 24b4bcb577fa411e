"""Names, numbers and paths as people in communities write them."""

import csv
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.places import rules
from tongxin.places.operations.divisions import SHIPPED


@pytest.mark.parametrize(
    ("room", "floor"),
    [
        ("302", 3),
        ("1101", 11),
        ("0302", 3),
        ("1-1101", 11),
        ("２０１", 2),
        ("101室", 1),
        ("B102", -1),
        ("负102", -1),
        ("地下101", -1),
        ("-101", -1),
        ("商铺2", None),
        ("10101", None),
        ("01", None),
        ("0012", None),
        ("", None),
    ],
)
def test_the_floor_is_read_from_the_room_number_where_it_stands_in_it(room, floor):
    assert rules.floor_of_room(room) == floor


def test_names_sort_as_people_count():
    names = ["10号楼", "3号楼", "1号楼", "附2号楼", "附10号楼", "A2栋", "A11栋", "b1栋"]
    assert sorted(names, key=rules.natural_key) == [
        "1号楼", "3号楼", "10号楼", "A2栋", "A11栋", "b1栋", "附2号楼", "附10号楼",
    ]  # fmt: skip
    units = ["十一单元", "二单元", "十单元", "三单元", "二十单元"]
    assert sorted(units, key=rules.natural_key) == ["二单元", "三单元", "十单元", "十一单元", "二十单元"]


@given(st.integers(0, 99_999), st.integers(0, 99_999))
def test_numbers_in_names_compare_as_numbers(a, b):
    assert (rules.natural_key(f"{a}号楼") < rules.natural_key(f"{b}号楼")) == (a < b)


@given(st.text(max_size=80))
def test_a_sort_key_fits_its_column_whatever_the_name(name):
    assert len(rules.natural_key(name)) <= 80


def test_paths_are_chains_of_codes():
    path = rules.child_path(rules.child_path("", "4203"), "420303")
    assert path == "4203/420303/"
    assert rules.lineage_paths(path) == ["4203/", "4203/420303/"]
    assert rules.depth_of(path) == 1
    assert rules.is_within(path, "4203/")
    assert not rules.is_within("42030/", "4203/")
    assert rules.moved_path("4203/420303/420303001/", "4203/420303/", "42/4299/") == "42/4299/420303001/"
    with pytest.raises(ValueError, match="does not lie in"):
        rules.moved_path("4203/", "5/", "6/")


@given(st.text("0123456789/", min_size=1, max_size=12), st.text("0123456789/", max_size=12))
def test_a_range_of_paths_is_the_same_as_a_prefix(prefix, path):
    assert path.startswith(prefix) == (prefix <= path < rules.after_prefix(prefix))


@pytest.mark.parametrize(
    ("official", "name", "village"),
    [
        ("顾家岗社区居委会", "顾家岗社区", False),
        ("二堰铺社区居民委员会", "二堰铺社区", False),
        ("铸一新村社区居民委员会", "铸一新村社区", False),
        ("李家边居委会", "李家边社区", False),
        ("体育场社区居民委员", "体育场社区", False),
        ("岔河村委会", "岔河村", True),
        ("土门村村委会", "土门村", True),
        ("郭沟村村民委员会", "郭沟村", True),
        ("东苑社区", "东苑社区", False),
    ],
)
def test_the_name_that_people_use(official, name, village):
    assert rules.common_name(official) == name
    assert rules.is_village(official) == village


def test_prefixes_are_initials_and_nobody_shares_one():
    assert rules.number_prefix("五堰社区", set()) == "WY"
    assert rules.number_prefix("五堰社区", {"WY"}) == "WY2"
    assert rules.number_prefix("花果园社区", set()) == "HGY"
    assert rules.number_prefix("燊社区", set()) == "XQ"


def test_every_division_of_the_reference_city_has_a_short_name_and_a_prefix():
    with SHIPPED.open(encoding="utf-8") as file:
        rows = [rules.check_division(row) for row in csv.DictReader(file)]
    communities = [row for row in rows if row.level == "community"]
    assert (len(rows), len(communities)) == (2117, 1979)
    taken: set[str] = set()
    for row in communities:
        assert rules.common_name(row.official_name).endswith(("村", "社区"))
        prefix = rules.number_prefix(rules.common_name(row.official_name), taken)
        assert 2 <= len(prefix) <= 6
        taken.add(prefix)
    assert len(taken) == 1979


def test_the_next_code_is_the_next_free_number():
    assert rules.next_code("420303002001", []) == "420303002001001"
    assert rules.next_code("4203", ["4203007", "4203x", "9"]) == "4203008"


@pytest.mark.parametrize(
    ("text", "area"),
    [("89.56", "89.56"), ("89.5㎡", "89.50"), ("１２０平方米", "120.00"), ("1,020.1", "1020.10"), ("", None)],
)
def test_floor_areas_as_they_are_written(text, area):
    assert rules.parse_floor_area(text) == (None if area is None else Decimal(area))


@pytest.mark.parametrize("text", ["约90", "0", "-1", "89.561", "NaN", "Infinity", "1e12", "100000000"])
def test_what_is_no_floor_area(text):
    with pytest.raises(ValueError, match="The floor area"):
        rules.parse_floor_area(text)


@pytest.mark.parametrize(("text", "floor"), [("3", 3), ("3层", 3), ("第3层", 3), ("负1", -1), ("B2", -2), ("", None)])
def test_floors_as_they_are_written(text, floor):
    assert rules.parse_floor(text) == floor


def test_a_row_speaks_of_the_only_estate_if_it_names_none():
    row, problems = rules.check_home_row({"building": "1号楼", "home": "302"}, "东苑小区")
    assert problems == []
    assert row == rules.HomeRow("东苑小区", "1号楼", "", "302", 3, None, "dwelling")
    row, problems = rules.check_home_row({"building": "1号楼", "home": "x" * 41}, None)
    assert [(p.column, p.message) for p in problems] == [
        ("estate", "The estate is missing."),
        ("home", "This has more than %(limit)d characters."),
    ]
