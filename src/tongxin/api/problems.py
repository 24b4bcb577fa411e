"""Errors as RFC 9457 problems, in the language that the program asks for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongxin.api.words import callable_names
from tongxin.cases.rules import NotLawful
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.rules.trust import TrustTooLow

MEDIA_TYPE: Final = "application/problem+json"
TITLES: Final[dict[int, str | Promise]] = {
    400: _("This could not be understood"),
    401: _("A valid token is needed"),
    403: _("Not for this token"),
    404: _("There is nothing here"),
    405: _("This cannot be done here"),
    409: _("The state has moved on"),
    413: _("This is too large"),
    415: _("This kind of content is not taken"),
    422: _("Something is missing or wrong"),
    429: _("Too often"),
}
FieldErrors = Sequence[Mapping[str, str]]


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: FieldErrors = (),
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> HttpResponse:
    """An answer that says what is wrong. ``code`` is stable; ``errors`` name fields; ``more`` are further members.

    ``type`` leads to the page that says what the code means and what to do (the pages keep one for each).
    """
    body: dict[str, Any] = {
        "type": f"/problems/{code}/",
        "title": str(TITLES.get(status, TITLES[400])),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = list(errors)
    content = json.dumps(body | more, ensure_ascii=False)
    return HttpResponse(content, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))


def refused(error: DomainError) -> HttpResponse:
    """The problem for what an operation, a query or a rule refused."""
    words = gettext(error.message)
    words = words % error.params if error.params else words
    errors = [{"field": error.field, "detail": words}] if isinstance(error, Invalid) and error.field else []
    more: dict[str, Any] = {}
    if isinstance(error, NotLawful):
        more = {"state": str(error.state), "possible": callable_names(error.possible)}
    if isinstance(error, TrustTooLow):
        more = {"needed": error.needed.name.lower(), "have": error.have.name.lower()}
        if error.way is not None:
            more["reach"] = {"detail": gettext(error.way.message), "href": error.way.href}
    headers: dict[str, str] = {}
    if error.status == 429 or error.code == "in-progress":
        seconds = error.params.get("seconds") or 60 * int(error.params.get("minutes") or 0) or 1
        headers["Retry-After"] = str(seconds)
    return problem(error.status, error.code, words, errors=errors, headers=headers, **more)


def unauthorised() -> HttpResponse:
    """401: no token, or one that opens nothing."""
    detail = gettext("Send a valid token: Authorization: Bearer …")
    return problem(401, "unauthorised", detail, headers={"WWW-Authenticate": 'Bearer realm="tongxin"'})


def lacking_scope(scopes: Sequence[str]) -> HttpResponse:
    """403: the token was not made for this (RFC 6750, 3.1)."""
    detail = gettext("This token was not made for this. It needs one of: %(scopes)s.") % {"scopes": ", ".join(scopes)}
    challenge = f'Bearer realm="tongxin", error="insufficient_scope", scope="{" ".join(scopes)}"'
    return problem(403, "insufficient-scope", detail, headers={"WWW-Authenticate": challenge})


def unfit(found: Sequence[Mapping[str, Any]], *, status: int = 422) -> HttpResponse:
    """The problem for fields that do not fit the schema; ``found`` as pydantic tells it, in English."""
    errors = [{"field": ".".join(str(part) for part in one["loc"]), "detail": str(one["msg"])} for one in found[:50]]
    return problem(status, "unfit", gettext("Some fields do not fit; see errors."), errors=errors)
