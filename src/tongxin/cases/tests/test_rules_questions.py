"""Extra questions: what counts as an answer, by kind."""

from __future__ import annotations

from typing import Any

import pytest

from tongxin.cases.rules_questions import checked, unanswered
from tongxin.kernel.errors import Invalid


def question(kind: str, *, required: bool = True, options: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"code": "q1", "label": "问", "kind": kind, "required": required, "options": list(options)}


@pytest.mark.parametrize(
    ("asked", "given", "kept"),
    [
        (question("yes_no"), False, False),
        (question("yes_no"), "no", False),
        (question("yes_no"), "yes", True),
        (question("number"), 0, 0),
        (question("number"), "0", 0),
        (question("number"), " 3.50 ", "3.50"),
        (question("choice", options=("亮", "不亮")), "亮", "亮"),
        (question("choices", options=("甲", "乙", "丙")), ["丙", "甲"], ["甲", "丙"]),
        (question("choices", options=("甲", "乙")), "乙", ["乙"]),
        (question("text"), " 三楼 ", "三楼"),
    ],
)
def test_an_answer_is_kept_as_its_kind_says(asked: dict[str, Any], given: Any, kept: Any) -> None:
    assert checked([asked], {"q1": given, "evil": "x"}) == {"q1": kept}
    assert unanswered([asked], {"q1": given}) == []


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        (question("yes_no"), "maybe"),
        (question("number"), "三"),
        (question("number"), "NaN"),
        (question("number"), "1e400"),
        (question("number"), True),
        (question("choice", options=("亮", "不亮")), "闪"),
        (question("choice", options=("亮", "不亮")), ["亮", "不亮"]),
        (question("choices", options=("甲", "乙")), ["甲", "丁"]),
        (question("text"), "长" * 201),
        (question("text"), "  "),
        (question("choices", options=("甲", "乙")), []),
    ],
)
def test_what_is_no_answer_is_refused_by_its_field(asked: dict[str, Any], given: Any) -> None:
    with pytest.raises(Invalid) as refused:
        checked([asked], {"q1": given})
    assert refused.value.field == "answers.q1"


def test_what_may_wait_is_named_as_open() -> None:
    asked = [question("text")]
    assert checked(asked, {}, left_open=True) == {}
    assert unanswered(asked, {}) == ["q1"]
