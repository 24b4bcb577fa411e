"""How alike two reports are, and which words call for an emergency number first. PURE."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Final

NEAR_METRES: Final = 300
ALIKE: Final = 4
"""Points from which a neighbour is asked whether it is the same matter."""


def likeness(
    *,
    same_category: bool,
    same_building: bool,
    same_estate: bool,
    metres: float | None,
    words: Set[str],
    other_words: Set[str],
) -> int:
    """Points for how likely two reports are of one matter: what it is about, where, and the words they share.

    Words are search tokens (pairs of characters). A shared place or category alone is not enough, and of
    another category a quarter of the words must be the same.
    """
    near = 3 if same_building else 2 if metres is not None and metres <= NEAR_METRES else 1 if same_estate else 0
    if not near:
        return 0
    share = len(words & other_words) / max(1, min(len(words), len(other_words)))
    spoken = 3 if share >= 0.5 else 2 if share >= 0.25 else 1 if share >= 0.1 else 0
    if not same_category and spoken < 2:  # the name of a building alone makes some words the same
        return 0
    return near + spoken + (2 if same_category else 0) if spoken or near > 1 else 0


@dataclass(frozen=True, slots=True)
class Emergency:
    """A number to ring first, and the words that call for it. ``label`` is a message id."""

    number: str
    label: str
    words: tuple[str, ...]


EMERGENCIES: Final = (
    Emergency(
        "119",
        "Fire",
        ("着火", "起火", "失火", "火灾", "冒烟", "烧起来", "爆炸", "困在电梯", "电梯困人", "on fire", "smoke"),
    ),
    Emergency(
        "120",
        "Ambulance",
        (
            "晕倒", "昏迷", "昏倒", "没有呼吸", "没呼吸", "心梗", "中风", "流血", "大出血", "摔伤", "骨折", "受伤",
            "煤气中毒", "触电", "溺水", "unconscious", "injured",
        ),
    ),
    Emergency(
        "110",
        "Police",
        (
            "打架", "斗殴", "持刀", "抢劫", "小偷", "入室", "家暴", "跳楼", "轻生", "走失", "拐卖", "被拐", "威胁",
            "robbery",
        ),
    ),
    Emergency(
        "119",
        "Gas leak: leave first, then ring outside",
        ("煤气味", "燃气味", "漏气", "煤气泄漏", "燃气泄漏", "天然气味", "gas leak"),
    ),
)  # fmt: skip
"""Ordered by how near death is. Sources: the state's emergency numbers; gas companies' rule to ring from outside."""


def emergencies_in(text: str) -> tuple[Emergency, ...]:
    """The numbers that a text calls for, each once; nothing for most texts."""
    said = text.lower()
    return tuple(row for row in EMERGENCIES if any(word in said for word in row.words))
