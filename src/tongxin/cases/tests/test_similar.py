"""Which reports are alike, and which words call for an emergency number first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tongxin.cases.queries.progress import query_code, spoken_code
from tongxin.cases.rules_similar import ALIKE, emergencies_in, likeness
from tongxin.kernel.text import search_tokens

LAMP = set(search_tokens("3号楼2单元楼道灯不亮"))


def points(**changed: Any) -> int:
    values: dict[str, Any] = {
        "same_category": True,
        "same_building": True,
        "same_estate": True,
        "metres": None,
        "words": LAMP,
        "other_words": set(search_tokens("3号楼楼道灯坏了不亮")),
    }
    return likeness(**{**values, **changed})


def test_the_same_lamp_said_in_other_words_is_alike() -> None:
    assert points() >= ALIKE
    assert points(same_building=False) >= ALIKE, "in the same estate, with the same words"
    assert points(same_category=False) >= ALIKE, "people choose different kinds for one matter"


def test_what_lies_elsewhere_or_is_about_something_else_is_not_alike() -> None:
    assert points(same_building=False, same_estate=False) == 0
    assert points(same_building=False, same_estate=False, metres=5_000.0) == 0
    other = set(search_tokens("广场舞太吵"))
    assert points(same_category=False, other_words=other) < ALIKE
    assert points(same_building=False, other_words=other) < ALIKE
    gate = set(search_tokens("3号楼大门想装人脸识别，业委会什么意见"))
    assert points(same_category=False, other_words=gate) < ALIKE, "the name of the building is all they share"


def test_a_few_steps_away_counts_as_near() -> None:
    assert points(same_building=False, same_estate=False, metres=80.0) >= ALIKE


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("楼道里着火了", ["119"]),
        ("老人在楼下晕倒", ["120"]),
        ("有人打架，流血了", ["120", "110"]),
        ("家里有煤气味", ["119"]),
        ("楼道灯不亮", []),
        ("", []),
    ],
)
def test_words_that_call_for_an_emergency_number(said: str, numbers: list[str]) -> None:
    assert [row.number for row in emergencies_in(said)] == numbers


def test_the_code_of_a_slip_hangs_on_the_case_alone() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert query_code(one) == query_code(one) != query_code(other)
    assert len(query_code(one)) == 8
    assert spoken_code(one).replace(" ", "") == query_code(one)
