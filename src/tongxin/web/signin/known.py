"""The cookie of a browser in which a phone was proved. It outlives the session, for it is wanted after signing out."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpResponse

from tongxin.people.queries.known import LONGEST, cookie_with
from tongxin.web.request import Request

COOKIE: Final = "proved"
SECONDS: Final = 400 * 24 * 3600  # as long as browsers keep any


def kept(request: Request) -> str:
    """What the browser brings."""
    return request.COOKIES.get(COOKIE, "")[:LONGEST]


def keep(request: Request, response: HttpResponse, phone: str) -> HttpResponse:
    """Note that the phone was proved in this browser."""
    response.set_cookie(
        COOKIE, cookie_with(kept(request), phone), max_age=SECONDS, path="/sign-in/", secure=settings.HTTPS,
        httponly=True, samesite="Lax",
    )  # fmt: skip
    return response
