"""What is offered, and how honest its sureness is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.triage.rules import (
    MOST,
    SURE,
    Judged,
    Target,
    accuracy,
    calibration,
    calibration_error,
    confusions,
    f1_by_label,
    labels_to_offer,
    macro_f1,
    suggest,
)

SHARES = st.lists(st.floats(0.001, 1.0), min_size=1, max_size=7).map(
    lambda parts: sorted(((str(i), part / sum(parts)) for i, part in enumerate(parts)), key=lambda row: -row[1])
)


def words(*said: str) -> frozenset[str]:
    return frozenset(said)


def test_who_is_sure_says_one_thing_who_is_not_says_several_who_does_not_know_says_nothing() -> None:
    assert labels_to_offer([("照明", 0.93), ("垃圾", 0.05)]) == [("照明", 0.93)]
    assert [row[0] for row in labels_to_offer([("照明", 0.5), ("垃圾", 0.3), ("停车", 0.12), ("电梯", 0.08)])] == [
        "照明", "垃圾", "停车",
    ]  # fmt: skip
    assert labels_to_offer([(str(i), 0.1) for i in range(10)]) == []
    assert labels_to_offer([]) == []


def test_a_label_of_several_kinds_offers_first_what_the_text_speaks_of() -> None:
    city = {"城乡建设": [Target("road", words("路面", "积水")), Target("building", words("墙皮", "门禁"))]}
    assert [s.code for s in suggest([("城乡建设", 0.95)], city, words("墙皮", "掉了"))] == ["building", "road"]
    assert [s.code for s in suggest([("城乡建设", 0.95)], city, words("你好"))] == ["road", "building"]


def test_each_of_two_unsure_labels_has_its_first_kind_before_either_has_its_second() -> None:
    said = {"照明": [Target("lamp", words()), Target("power", words())], "垃圾": [Target("waste", words())]}
    assert [s.code for s in suggest([("照明", 0.5), ("垃圾", 0.4)], said, words())] == ["lamp", "waste", "power"]


def test_a_label_that_means_nothing_here_is_silent() -> None:
    assert suggest([("气象", 0.99)], {}, words()) == []


@given(SHARES)
def test_never_more_than_three_and_never_one_that_is_less_likely_before_one_that_is_more(ranked) -> None:
    offered = labels_to_offer(ranked)
    assert len(offered) <= MOST
    assert offered == sorted(offered, key=lambda row: -row[1])
    if ranked[0][1] >= SURE:
        assert offered == ranked[:1]


RIGHT = [
    Judged("照明", "照明", 0.9),
    Judged("照明", "垃圾", 0.6),
    Judged("垃圾", "垃圾", 0.8),
    Judged("停车", "垃圾", 0.5),
]


def test_the_figures_by_hand() -> None:
    assert accuracy(RIGHT) == 0.5
    assert f1_by_label(RIGHT) == pytest.approx({"照明": 2 / 3, "垃圾": 0.5, "停车": 0.0})
    assert macro_f1(RIGHT) == pytest.approx((2 / 3 + 0.5) / 3)
    assert confusions(RIGHT) == [("停车", "垃圾", 1), ("照明", "垃圾", 1)]
    assert macro_f1([]) == accuracy([]) == calibration_error([]) == 0.0


def test_sureness_is_held_beside_what_came_true() -> None:
    rows = [Judged("a", "a", 0.95)] * 9 + [Judged("a", "b", 0.95)] + [Judged("a", "b", 0.35)]
    assert [(b.n, round(b.said, 2), round(b.right, 2)) for b in calibration(rows)] == [(1, 0.35, 0.0), (10, 0.95, 0.9)]
    assert calibration_error(rows) == pytest.approx((10 * 0.05 + 0.35) / 11)
