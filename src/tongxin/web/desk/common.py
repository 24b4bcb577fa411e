"""What the desk's views share: where one came from, and the place at the head of the page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpResponse

from tongxin.cases.queries import choices
from tongxin.cases.queries.queue import Filter
from tongxin.cases.queries.scope import Scope, scope_of, sees_cases
from tongxin.kernel.errors import DomainError
from tongxin.web.errors import message_of
from tongxin.web.policy import safe_next
from tongxin.web.request import Request
from tongxin.web.shell import page

CASES = "/desk/cases/"
OFFICE = "case.read|case.handle"
"""Who works with cases at all; the queries narrow it to their areas or organisations."""


def scope_and_place(request: Request, wanted: Filter | None = None) -> tuple[Scope, dict[str, Any]]:
    """What the reader looks after, and the names at the head of the page."""
    scope = scope_of(request.actor, wanted.area if wanted else "")
    name, note = choices.place_names(scope)
    return scope, {"place": name, "place_note": note}


def desk_page(request: Request, template: str, /, **context: Any) -> HttpResponse:
    """A page of the desk with its place at the head, for those who have one: administrators look after no cases."""
    place: dict[str, Any] = scope_and_place(request)[1] if sees_cases(request.actor) else {}
    return page(request, template, **place, **context)


def is_pane(request: Request) -> bool:
    """True if pane.js asks for the detail alone, to put it beside the list that stands already."""
    return request.headers.get("X-Pane") == "1"


def back(request: Request, number: str = "") -> str:
    """The page to go back to: that of the list with the case beside it, else the case's own."""
    return safe_next(request, f"{CASES}{number}/" if number else "/desk/")


def errors_of(form: forms.Form) -> list[tuple[str, str]]:
    """(id of the field, words) of what a form was refused for, for the summary above it."""
    if not form.is_bound:
        return []
    found = [("main", str(words)) for words in form.non_field_errors()]
    for name, words in form.errors.items():
        if name != "__all__" and words:
            found.append((f"f-{name}", f"{form.fields[name].label}：{words[0]}"))
    return found


def refuse(form: forms.Form, error: DomainError, field: str | None = None) -> None:
    """Say beside the field why the operation refused, and keep the status that this has."""
    form.add_error(field if field in form.fields else None, message_of(error))
    form.refused_with = error.status  # type: ignore[attr-defined]


def status_of(form: forms.Form) -> int:
    """The status of a page with this form: 403 and 409 stay what they are, whatever stands on the page."""
    return int(getattr(form, "refused_with", 422)) if form.is_bound else 200
