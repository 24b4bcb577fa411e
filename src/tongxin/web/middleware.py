"""What every request carries: who acts, when it is, in which language and in which view.

A signed-in request costs two queries here: the session with its account and person, and what ties the person to
places today. An anonymous one costs none.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from tongxin.cases.queries.counts import KEPT_SECONDS
from tongxin.kernel.actor import NOBODY
from tongxin.people.queries.actors import actor_for
from tongxin.web import speech
from tongxin.web.errors import bad_request
from tongxin.web.request import Request

SEEN_EVERY = timedelta(minutes=5)  # writing the session on every request would make SQLite's one writer the bottleneck
VIEW_COOKIE = "view"
VIEWS = ("standard", "elder")
ACTED_COOKIE = "acted"
ACTED_SECONDS = 2 * KEPT_SECONDS  # what is kept thereafter was counted after the deed


def _expired(session: SessionBase, now: datetime) -> bool:
    """True for a session of staff that was idle too long. Its row has the same limit; the clock here is the request's."""
    if not session.get("strong"):
        return False
    seen = datetime.fromisoformat(session["seen"])
    return now - seen > timedelta(hours=settings.STRONG_IDLE_HOURS)


def _language(request: Request) -> str:
    """The person's own language, else the browser's choice on this site, else Chinese: never the browser's default."""
    account = request.account
    wanted = account.language if account and account.language else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    return wanted if wanted in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _view(request: Request) -> str:
    if request.account is not None:
        return "elder" if request.account.elder_view else "standard"
    view = request.COOKIES.get(VIEW_COOKIE, "")
    return view if view in VIEWS else "standard"


class BodySizeMiddleware:
    """Refuses what no page takes: an address with a NUL in it; a body too large, by what it says of itself and before it is read.

    Without a length nothing is read at all (Django reads as much as was announced).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        announced = str(request.META.get("CONTENT_LENGTH") or "0")
        if announced.isdigit() and int(announced) > settings.MAX_BODY_BYTES:
            return bad_request(request, RequestDataTooBig())
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return bad_request(request)  # nobody types this, and PostgreSQL keeps no text with it
        return self.get_response(request)


class ActorMiddleware:
    """Sets ``request.now``, ``.account``, ``.actor``, ``.strong`` and ``.view``, and speaks the person's language."""

    def __init__(self, get_response: Callable[[Request], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponse:
        request.now = timezone.now()
        self._sign_in(request)
        request.view = _view(request)
        request.acted = ACTED_COOKIE in request.COOKIES
        language = _language(request)
        request.LANGUAGE_CODE = language
        with speech.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        if request.method not in {"GET", "HEAD"} and request.actor.grants:
            response.set_cookie(
                ACTED_COOKIE, "1", ACTED_SECONDS, secure=settings.HTTPS, httponly=True, samesite="Lax"
            )  # fmt: skip
        return response

    @staticmethod
    def _sign_in(request: Request) -> None:
        request.account, request.actor, request.strong = None, NOBODY, False
        session = request.session
        if not session.get("account"):
            return
        account = session.account  # type: ignore[attr-defined]  # of our own session engine
        if account is None or not account.is_active or account.person.erased_at is not None:
            session.flush()
            return
        if _expired(session, request.now):
            session.flush()
            return
        request.account = account
        request.strong = bool(session.get("strong"))
        request.actor = actor_for(account, request.strong, request.now)
        if request.now - datetime.fromisoformat(session["seen"]) >= SEEN_EVERY:
            session["seen"] = request.now.isoformat()
