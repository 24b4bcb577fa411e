"""The extra questions of a category: which kinds there are, and what counts as an answer. PURE.

No and nought are answers; only what was left blank is missing. An answer is kept in the form that its kind says,
whether it came from a page (words alone) or from a programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import clean_line

KINDS: Final = ("text", "choice", "choices", "yes_no", "number")
"""In words, one of several, several of several, yes or no, a number."""
YES: Final = "yes"
NO: Final = "no"
MOST_WORDS: Final = 200
MOST_NUMBER: Final = 1_000_000_000
Question = Mapping[str, Any]
_SAID: Final = {YES: True, "true": True, "1": True, NO: False, "false": False, "0": False}


def blank(value: Any) -> bool:
    """True for what a form leaves empty. ``False`` and ``0`` were said."""
    return value is None or (
        isinstance(value, str | list | tuple) and not [part for part in value if str(part).strip()]
    )


def unanswered(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[str]:
    """Codes of the required questions that have no answer."""
    return [str(q["code"]) for q in questions if q.get("required") and blank(answers.get(q["code"]))]


def checked(questions: Iterable[Question], answers: Mapping[str, Any], *, left_open: bool = False) -> dict[str, Any]:
    """The answers to these questions, each as its kind keeps it; what nobody asked is left out.

    ``left_open``: required ones may stay without an answer. Raises :class:`Invalid`, field ``answers.CODE``.
    """
    found: dict[str, Any] = {}
    for question in questions:
        code, value = str(question["code"]), answers.get(question["code"])
        if not blank(value):
            found[code] = _as_kind(question, value)
        elif question.get("required") and not left_open:
            raise _invalid(question, "Please answer: %(question)s")
    return found


def _as_kind(question: Question, value: Any) -> Any:
    options = [str(option) for option in question.get("options") or ()]
    match question.get("kind", "text"):
        case "yes_no":
            said = value if isinstance(value, bool) else _SAID.get(str(value).strip().lower())
            if said is None:
                raise _invalid(question, "Please answer yes or no: %(question)s")
            return said
        case "number":
            return _number(question, value)
        case "choice":
            if isinstance(value, list | tuple | bool) or str(value) not in options:
                raise _invalid(question, "Please choose one of the answers: %(question)s")
            return str(value)
        case "choices":
            several = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
            if not set(several) <= set(options):
                raise _invalid(question, "Please choose from the answers: %(question)s")
            return [option for option in options if option in several]
    if isinstance(value, list | tuple | bool) or len(str(value)) > MOST_WORDS:
        raise _invalid(question, "Please answer in at most %(most)s characters: %(question)s", most=MOST_WORDS)
    return clean_line(str(value), MOST_WORDS)


def _number(question: Question, value: Any) -> int | str:
    """A whole number, or a decimal as it was written: no float."""
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool | list | tuple) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > MOST_NUMBER:
        raise _invalid(question, "Please answer with a number: %(question)s")
    return int(number) if number == number.to_integral_value() else str(number)


def _invalid(question: Question, message: str, **params: Any) -> Invalid:
    return Invalid(message, field=f"answers.{question['code']}", question=question.get("label", ""), **params)
