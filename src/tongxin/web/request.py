"""The request as views of Tongxin know it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tongxin.kernel.actor import Actor


class Request(HttpRequest):
    """What :class:`tongxin.web.middleware.ActorMiddleware` adds. Only annotations: Django makes the object."""

    now: datetime
    actor: Actor
    account: Any  # the account behind the session, or None; models are not for shells, so it has no type here
    strong: bool  # the session passed the second factor
    view: str  # "standard" or "elder"
    acted: bool  # did something in an office just now: figures that are kept for some seconds would be wrong to them
    LANGUAGE_CODE: str


def client_address(request: HttpRequest) -> str:
    """The address that a request comes from. Behind our own proxy it is the last one that the proxy noted."""
    if settings.BEHIND_PROXY:
        noted = request.headers.get("X-Forwarded-For", "").rsplit(",", 1)[-1].strip()
        if noted:
            return noted[:50]
    return str(request.META.get("REMOTE_ADDR", ""))
