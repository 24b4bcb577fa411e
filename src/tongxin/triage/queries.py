"""What is offered for a text, and what the map says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tongxin.kernel.text import search_tokens
from tongxin.record.kept import kept
from tongxin.triage.classifier import classifier, installed
from tongxin.triage.models import LabelTarget
from tongxin.triage.rules import SHORTEST, Suggestion, Target, suggest

LONGEST = 5000


@dataclass(frozen=True, slots=True)
class Kind:
    """A category in use, as the shell knows it. ``says``: its name and examples, whose words narrow a label down."""

    code: str
    says: str


@kept(LabelTarget)
def label_map() -> Mapping[str, Sequence[str]]:
    """Label → codes of categories, in their order. One query, and its answer kept."""
    found: dict[str, list[str]] = {}
    for row in LabelTarget.objects.order_by("label", "position"):
        found.setdefault(row.label, []).append(row.category)
    return {label: tuple(codes) for label, codes in found.items()}


def suggestions(text: str, kinds: Sequence[Kind]) -> list[Suggestion]:
    """At most three of ``kinds`` for a text, the likeliest first; empty without a model, or when it is unsure.

    A label that is itself the code of a category means that one.
    """
    if len(text.strip()) < SHORTEST:
        return []
    ranked = classifier().suggest(text[:LONGEST])
    if not ranked:
        return []
    words = {kind.code: frozenset(search_tokens(kind.says)) for kind in kinds}
    mapped = label_map()
    targets = {
        label: [Target(code, words[code]) for code in (*mapped.get(label, ()), label) if code in words]
        for label, _ in ranked
    }
    return suggest(ranked, targets, frozenset(search_tokens(text)))


def labels_known() -> tuple[str, ...]:
    """The labels that a map is needed for: those of the installed model, and those that have one."""
    model = installed()
    return tuple(sorted({*(model.labels if model is not None else ()), *label_map()}))
