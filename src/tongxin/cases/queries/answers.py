"""What was answered to a category's extra questions, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tongxin.cases.models import Case
from tongxin.cases.rules_questions import blank


def answers_of(case: Case) -> tuple[tuple[str, str], ...]:
    """(question, answer) of the case, in the order in which they were asked."""
    labels = {question["code"]: question["label"] for question in case.category.questions}
    return tuple((labels.get(code, code), said(value)) for code, value in case.answers.items() if not blank(value))


def said(value: Any) -> str:
    """The answer to an extra question, in words."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
