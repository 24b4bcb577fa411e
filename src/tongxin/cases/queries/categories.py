"""What a case can be about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tongxin.cases.models import Category
from tongxin.record.statements import Statement


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category as a form shows it. ``questions``: code, label, kind (``rules_questions.KINDS``), options, required."""

    code: str
    name: str
    name_en: str
    icon: str
    hint: str
    parent: str
    is_service: bool
    questions: tuple[Mapping[str, Any], ...]


def categories() -> list[CategoryRow]:
    """The categories in use, in their order. One query."""
    return [
        CategoryRow(
            row.code,
            row.name,
            row.name_en,
            row.icon,
            row.hint,
            row.parent.code if row.parent else "",
            row.is_service,
            tuple(row.questions),
        )
        for row in _IN_USE()
    ]


_IN_USE: Statement[Category] = Statement(
    lambda: Category.objects.filter(is_active=True).select_related("parent").order_by("position", "code")
)
