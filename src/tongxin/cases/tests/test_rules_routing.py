"""Who gets a case, and that somebody always does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.cases.rules import Mode
from tongxin.cases.rules_routing import (
    Desk,
    Order,
    Route,
    Taker,
    Turn,
    choose_desk,
    choose_route,
    may_take_from_pool,
    rotation_next,
    why_not_take,
)

CITY, COUNTY, STREET = "4203/", "4203/420303/", "4203/420303/003/"
COMMUNITY, ESTATE = "4203/420303/003/010/", "4203/420303/003/010/01/"
DESKS = [Desk(COMMUNITY, "东园社区"), Desk(STREET, "红卫街道"), Desk(COUNTY, "张湾区")]
LIGHTS, GAS = "housing/lights/", "housing/gas/"
ROUTES = [
    Route(ESTATE, "housing/", "国瑞物业", automatic=True, id=1),
    Route(COUNTY, GAS, "天然气公司", id=2),
    Route(COMMUNITY, LIGHTS, "社区电工队", id=3),
    Route(COMMUNITY, "service/", None, Mode.POOL, id=4),
    Route(COMMUNITY, "patrol/", None, Mode.ROTATION, turns=(Turn("甲队", 1), Turn("乙队", 2)), id=5),
]


def chosen(area: str, category: str, excluded: frozenset[str] = frozenset()) -> tuple[object, bool]:
    choice = choose_route(area, category, ROUTES, DESKS, excluded)
    return choice.organisation, choice.fallback


def test_the_property_company_gets_what_happens_in_its_estate() -> None:
    assert choose_route(ESTATE, "housing/doors/", ROUTES, DESKS).organisation == "国瑞物业"
    assert choose_route(ESTATE, "housing/doors/", ROUTES, DESKS).automatic


def test_what_it_is_about_decides_before_where_it_is() -> None:
    assert chosen(ESTATE, GAS) == ("天然气公司", False), "gas is not for the estate's catch-all"
    assert chosen(ESTATE, LIGHTS) == ("社区电工队", False)


def test_the_smaller_area_wins_for_the_same_matter() -> None:
    routes = [Route(COUNTY, LIGHTS, "市政中心"), Route(ESTATE, LIGHTS, "国瑞物业"), Route(STREET, LIGHTS, "街道")]
    assert choose_route(ESTATE, LIGHTS, routes, DESKS).organisation == "国瑞物业"
    assert choose_route(COMMUNITY, LIGHTS, routes, DESKS).organisation == "街道", (
        "an estate's route is not its community's"
    )


def test_what_has_no_route_reaches_the_community_desk() -> None:
    choice = choose_route(ESTATE, "other/", ROUTES, DESKS)
    assert (choice.organisation, choice.area_path, choice.fallback) == ("东园社区", COMMUNITY, True)
    assert not choice.automatic and choice.because == "No route fits; the desk decides."


def test_who_is_complained_of_does_not_get_it() -> None:
    assert chosen(ESTATE, "housing/doors/", frozenset({"国瑞物业"})) == ("东园社区", True)


def test_a_complaint_about_the_desk_is_read_one_level_higher() -> None:
    choice = choose_route(ESTATE, "other/", ROUTES, DESKS, {"东园社区"})
    assert (choice.organisation, choice.area_path) == ("红卫街道", STREET)


def test_if_all_are_complained_of_the_highest_still_reads_it() -> None:
    assert choose_desk(DESKS, {"东园社区", "红卫街道", "张湾区"}).organisation == "张湾区"


def test_a_place_without_any_desk_is_not_set_up() -> None:
    with pytest.raises(ValueError, match="desk"):
        choose_route(ESTATE, "other/", ROUTES, [])


def test_orders_go_to_the_pool_and_patrols_in_turn() -> None:
    pool = choose_route(ESTATE, "service/", ROUTES, DESKS)
    assert (pool.mode, pool.organisation, pool.fallback) == (Mode.POOL, None, False)
    assert choose_route(ESTATE, "patrol/", ROUTES, DESKS).organisation == "甲队"
    assert choose_route(ESTATE, "patrol/", ROUTES, DESKS, {"甲队"}).organisation == "乙队"
    assert choose_route(ESTATE, "patrol/", ROUTES, DESKS, {"甲队", "乙队"}).fallback


@given(
    area=st.sampled_from([CITY, COUNTY, STREET, COMMUNITY, ESTATE, "4203/420304/", "9999/"]),
    category=st.sampled_from([LIGHTS, GAS, "service/", "patrol/", "other/", ""]),
    routes=st.lists(st.sampled_from(ROUTES)),
    excluded=st.frozensets(st.sampled_from(["国瑞物业", "天然气公司", "东园社区", "红卫街道", "甲队"])),
)
def test_nothing_dead_ends(area: str, category: str, routes: list[Route], excluded: frozenset[str]) -> None:
    choice = choose_route(area, category, routes, DESKS, excluded)
    assert choice.mode is Mode.POOL or choice.organisation is not None
    assert choice.organisation not in excluded


def test_a_rotation_gives_to_whoever_waited_longest() -> None:
    monday, tuesday = datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 24, tzinfo=UTC)
    turns = [Turn("甲队", 1, tuesday), Turn("乙队", 2, monday), Turn("丙队", 3)]
    assert rotation_next(turns) == "丙队"
    assert rotation_next(turns, {"丙队"}) == "乙队"
    assert rotation_next([replace(turn, last_given_at=monday) for turn in turns]) == "甲队"
    assert rotation_next([]) is None


class TestThePool:
    ORDER = Order(ESTATE, frozenset({"electrician"}), reporter="女儿", complained_of=frozenset({"国瑞物业"}))
    XIAO_ZHOU = Taker("小周", (COMMUNITY,), frozenset({"electrician"}))

    def test_near_and_fit(self) -> None:
        assert may_take_from_pool(self.ORDER, self.XIAO_ZHOU)

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"area_paths": ("4203/420303/003/011/",)}, "not-near"),
            ({"area_paths": ()}, "not-near"),
            ({"skills": frozenset()}, "not-fit"),
            ({"person": "女儿"}, "own-order"),
            ({"organisations": frozenset({"国瑞物业"})}, "complained-of"),
            ({"open_orders": 5}, "enough"),
        ],
    )
    def test_why_not(self, change: dict[str, object], code: str) -> None:
        refused = why_not_take(self.ORDER, replace(self.XIAO_ZHOU, **change))  # type: ignore[arg-type]
        assert refused is not None and refused.code == code

    def test_orders_for_help_are_for_those_who_serve_neighbours(self) -> None:
        order = replace(self.ORDER, service=True)
        officer = why_not_take(order, replace(self.XIAO_ZHOU, roles=frozenset({"department_officer"})))
        assert officer is not None and officer.code == "not-your-role"
        assert why_not_take(order, replace(self.XIAO_ZHOU, roles=frozenset({"volunteer"}))) is None

    def test_taken_is_taken(self) -> None:
        refused = why_not_take(replace(self.ORDER, taken=True), self.XIAO_ZHOU)
        assert refused is not None and refused.code == "taken"
