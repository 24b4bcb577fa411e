"""What goes wrong, said to a person: what happened, and what to do now."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import DataError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.errors import DomainError
from tongxin.web.levels import Lacking, lacked
from tongxin.web.request import Request
from tongxin.web.shell import page

logger = logging.getLogger(__name__)

API = "/api/"
TITLES: Final[dict[int, str | Promise]] = {
    400: _("This could not be understood"),
    403: _("Not for this account"),
    404: _("There is nothing here"),
    405: _("This cannot be opened this way"),
    409: _("Somebody was first"),
    413: _("This is too large"),
    422: _("Something is missing or wrong"),
    429: _("Too often"),
    500: _("This went wrong on our side"),
}


def message_of(error: DomainError) -> str:
    """The error's sentence in the language of the request, filled in after it was translated."""
    words = gettext(error.message)
    return words % error.params if error.params else words


def error_page(
    request: Request, status: int, message: str, *, lacking: Lacking | None = None, permission: str = ""
) -> HttpResponse:
    """A page that says what happened. ``lacking`` is a level of trust, ``permission`` one of people in office."""
    return page(
        request,
        "errors/error.html",
        status=status,
        title=str(TITLES.get(status, TITLES[400])),
        message=message,
        lacking=lacking,
        needs_office=bool(permission) and not request.actor.grants,
        at_work=request.path.startswith("/work/") and request.actor.may_somewhere("case.handle"),
    )


log = logging.getLogger(__name__)


class ErrorsMiddleware:
    """A :class:`DomainError` that no view caught becomes a page with its message and status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: Request, exception: Exception) -> HttpResponse | None:
        """Only errors that are meant for people; anything else is a fault and ends as a 500.

        A value that the database cannot hold at all (a NUL in a text, a number of forty digits) is no fault of ours.
        """
        if isinstance(exception, DataError) and not request.path.startswith(API):
            log.warning("%s: %s", request.path, exception)
            return bad_request(request)
        if not isinstance(exception, DomainError) or request.path.startswith(API):
            return None
        return error_page(
            request,
            exception.status,
            message_of(exception),
            lacking=lacked(exception),
            permission=str(exception.params.get("permission", "")),
        )


def _problem(status: int, title: str) -> JsonResponse:
    """An answer to a programme that never got as far as the API itself, in the API's own form (RFC 9457)."""
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return JsonResponse(
        {"type": f"/problems/{code}/", "title": title, "status": status, "detail": title, "code": code},
        status=status,
        content_type="application/problem+json",
    )


def _answer(request: HttpRequest, status: int, message: str) -> HttpResponse:
    """An error outside of views. Where the request never got as far as having an actor, a page without surroundings."""
    if request.path.startswith(API):
        return _problem(status, message)
    if not hasattr(request, "actor") or not hasattr(request, "view"):
        return _bare(status, message)
    return error_page(request, status, message)  # type: ignore[arg-type]


def _bare(status: int, message: str) -> HttpResponse:
    """A page that needs neither database nor session."""
    title = str(TITLES.get(status, TITLES[400]))
    try:
        html = render_to_string("errors/bare.html", {"title": title, "message": message})
    except Exception:  # the page of last resort must not fail for a template
        logger.exception("The page for errors could not be drawn")
        return HttpResponse(f"{title}\n{message}\n", status=status, content_type="text/plain; charset=utf-8")
    return HttpResponse(html, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, or 413 for what is too large or has too many parts."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _answer(request, 413, gettext("What you sent is larger than can be taken. Send less at once."))
    return _answer(request, 400, gettext("Please go back and try again."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 without a reason of the domain."""
    return _answer(request, 403, gettext("You may not open this."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404."""
    return _answer(
        request, 404, gettext("The page does not exist, or it is not for you. Check the address or start again.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: says nothing of the fault, and touches neither database nor session."""
    message = gettext("It has been noted. Nothing was lost that you were told was saved. Please try again in a moment.")
    return _problem(500, message) if request.path.startswith(API) else _bare(500, message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: mostly a page that stood open for very long, or cookies that are switched off."""
    logger.info("CSRF refused: %s", reason)
    return _answer(
        request,
        403,
        gettext(
            "This page stood open for too long, or your browser refuses cookies. Go back, reload it and try again."
        ),
    )
