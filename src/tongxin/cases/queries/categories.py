"""What a case can be about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongxin.cases.models import Category
from tongxin.record.kept import kept


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


@kept(Category)
def categories() -> Sequence[CategoryRow]:
    """The categories in use, in their order. One query, and its answer kept."""
    return tuple(
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
        for row in Category.objects.filter(is_active=True).select_related("parent").order_by("position", "code")
    )


@kept(Category)
def category_of(code: str) -> Category | None:
    """The category in use with this code. Kept, so nobody changes it."""
    return Category.objects.filter(code=code, is_active=True).first()
