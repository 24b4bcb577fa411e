"""The extra questions of a category as fields of a form: one map from the kind of a question to how it is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _

from tongxin.cases.rules_questions import MOST_WORDS, NO, YES, Question
from tongxin.kernel.text import clean_line

DRAWN: Final = {"text": "text", "choice": "radio", "choices": "checks", "yes_no": "radio", "number": "text"}
"""How each kind of question is drawn (see ``ui.field``). Numbers are typed: the rules say what is one."""
_MOST: Final = 20


def question_fields(
    questions: Iterable[Question], given: Mapping[str, Any], errors: Mapping[str, str], *, required: bool = True
) -> list[dict[str, Any]]:
    """The questions as arguments of ``ui.field``. ``required`` False: the browser does not insist."""
    return [_field(question, given, errors, required) for question in questions]


def _field(question: Question, given: Mapping[str, Any], errors: Mapping[str, str], required: bool) -> dict[str, Any]:
    name, kind = f"answers.{question['code']}", str(question.get("kind", "text"))
    value = given.get(question["code"], "")
    drawn = DRAWN.get(kind, "text")
    attrs: dict[str, Any] | None = {"maxlength": MOST_WORDS} if kind == "text" else None
    if kind == "number":
        attrs = {"inputmode": "decimal", "maxlength": 20}
    return {
        "name": name,
        "label": question["label"],
        "kind": drawn,
        "value": [value] if drawn == "checks" and isinstance(value, str) else value,
        "options": [(YES, _("Yes")), (NO, _("No"))]
        if kind == "yes_no"
        else [(str(option), str(option)) for option in question.get("options", ())],
        "required": required and bool(question.get("required")),
        "error": errors.get(name, ""),
        "attrs": attrs,
    }


def answers_in(data: Any) -> dict[str, Any]:
    """What a form (a ``QueryDict``) says to ``answers.CODE``: one value, or a list of several. At most twenty."""
    found: dict[str, Any] = {}
    for name in list(data)[:200]:
        if name.startswith("answers.") and len(found) < _MOST:
            given = [clean_line(value, 1000) for value in data.getlist(name)[:_MOST] if value.strip()]
            if given:
                found[clean_line(name.removeprefix("answers."), 40)] = given if len(given) > 1 else given[0]
    return found
