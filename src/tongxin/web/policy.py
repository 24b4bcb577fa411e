"""Who may open a page. Every view states it; a test walks the routes and refuses one that does not.

This decides who may see the page at all. What they may see and do on it is asked again, by area, in the query or the
operation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import NotAllowed
from tongxin.people.rules.trust import check_level
from tongxin.web.request import Request

SIGN_IN, STAFF_SIGN_IN = "/sign-in/", "/staff/sign-in/"

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Policy:
    """What a view asks of its visitor. ``name`` is ``public``, ``signed_in`` or empty."""

    name: str = ""
    trust: Trust | None = None
    permission: str | None = None

    def __str__(self) -> str:
        if self.permission is not None:
            return f"permission {self.permission}"
        return f"trust {self.trust.name.lower()}" if self.trust is not None else self.name


def policy(name: str = "", *, trust: Trust | None = None, permission: str | None = None) -> Callable[[View], View]:
    """State the policy of a view: exactly one of ``"public"``, ``"signed_in"``, ``trust=``, ``permission=``.

    A permission (``"a|b"``: one of both) must be held somewhere. Who is not signed in is sent to sign in and comes
    back; who is, but does not reach the level, gets a 403 that says what is needed and how to reach it.
    """
    if sum((bool(name), trust is not None, permission is not None)) != 1 or name not in {"", "public", "signed_in"}:
        raise ValueError("a view states exactly one policy")
    stated = Policy(name, trust, permission)

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            if stated.name != "public":
                if not request.actor.signed_in:
                    return _to_sign_in(request, stated)
                _check(request, stated)
            return view(request, *args, **kwargs)

        guarded.policy = stated  # type: ignore[attr-defined]
        return guarded

    return decorate


def _check(request: Request, stated: Policy) -> None:
    actor = request.actor
    if stated.trust is not None:
        check_level(stated.trust, actor.trust)
    if stated.permission is not None and not any(actor.may_somewhere(p) for p in stated.permission.split("|")):
        raise NotAllowed("This page is for people in office.", code="no-permission", permission=stated.permission)


def _to_sign_in(request: Request, stated: Policy) -> HttpResponse:
    """To the sign-in page that fits. A form that was sent comes back to the page it stood on, not to its action."""
    back = request.get_full_path()
    if request.method not in {"GET", "HEAD"}:
        parts = urlsplit(request.headers.get("Referer", ""))
        back = parts._replace(scheme="", netloc="", fragment="").geturl() if parts.netloc == request.get_host() else "/"
    page = STAFF_SIGN_IN if stated.permission is not None else SIGN_IN
    response = HttpResponseRedirect(f"{page}?{urlencode({'next': back})}")
    response.status_code = 302 if request.method in {"GET", "HEAD"} else 303
    return response


def safe_next(request: Request, default: str = "/") -> str:
    """Where to go on after a form: ``next`` if it is a page of this site, else ``default``."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return default


class SeeOther(HttpResponseRedirect):
    """303: go there and get it. What every form answers with when it is done."""

    status_code = 303
