"""Messages on this phone: one's own choice, for this browser, until signing out."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from tongxin.notifications import push
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

CHARACTERS = 1000


@require_POST
@policy("signed_in")
def begin(request: Request) -> HttpResponse:
    """This browser asks for messages; it says where it is reached."""
    given = {name: request.POST.get(name, "")[: CHARACTERS + 1] for name in ("endpoint", "p256dh", "auth")}
    everything = request.POST.get("everything") == "1"
    session_id = UUID(request.session["id"])
    push.subscribe(request.actor, session_id, **given, everything=everything, now=request.now)
    return SeeOther("/me/#push")


@require_POST
@policy("signed_in")
def end(request: Request) -> HttpResponse:
    """This browser wants none any more."""
    push.forget_session(UUID(request.session["id"]))
    return SeeOther("/me/#push")
