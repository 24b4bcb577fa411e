"""Something well-formed to send with every write, by the name of its row in the table of policies."""

from __future__ import annotations

from typing import Any

from tongxin.api.tests.program import report
from tongxin.cases.tests.stage import Scene


def samples(s: Scene) -> dict[str, Any]:
    """A body for every write."""
    company, why = str(s.place.company.pk), {"reason": "情况属实"}
    bare = (
        "confirm", "withdraw", "join", "urge", "not-mine", "claim", "start", "resume", "accept", "verify",
        "ask-resident",
    )  # fmt: skip
    because = (
        "not-solved", "reopen", "object", "put-back", "send-back", "supervise", "lift-supervision", "escalate",
        "separate",
    )  # fmt: skip
    simple: dict[str, Any] = {name: {} for name in bare} | dict.fromkeys(because, why)
    return simple | {
        "submitCase": report(),
        "makeCommonMatter": {"report": report(), "cases": ["WW-20200101-0001"]},
        "getProgress": {"number": "WW-20200101-0001", "code": "AAAA AAAA"},
        "rate": {"rating": 5},
        "provide-information": {"text": "在三楼"},
        "answer": {"text": "修好了"},
        "answer-sub-task": {"organisation": company, "text": "已通知"},
        "request-extension": why | {"extra": 2},
        "request-suspension": why | {"review_on": "2027-03-01"},
        "hand-over": {"to_person": str(s.qian.pk)},
        "hand-to-worker": {"name": "小刘", "phone": "13907280001"},
        "request-information": {"text": "哪一层？"},
        "note": {"text": "已看过", "internal": True},
        "decline": why | {"elsewhere": "请找自来水公司"},
        "answer-directly": {"text": "已答复"},
        "dispatch": why | {"lead": company},
        "add-co-handler": {"organisation": company, "task": "通知商户"},
        "waive-co-handler": why | {"organisation": company},
        "reclassify": {"urgency": "urgent"},
        "decide": why | {"kind": "objection", "grant": True},
        "publish": {"public": True},
        "gather": {"cases": ["WW-20200101-0001"]},
    }  # fmt: skip
