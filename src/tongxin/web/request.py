"""The request as views of Tongxin know it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from tongxin.kernel.actor import Actor


class Request(HttpRequest):
    """What :class:`tongxin.web.middleware.ActorMiddleware` adds. Only annotations: Django makes the object."""

    now: datetime
    actor: Actor
    account: Any  # the account behind the session, or None; models are not for shells, so it has no type here
    strong: bool  # the session passed the second factor
    view: str  # "standard" or "elder"
    LANGUAGE_CODE: str
