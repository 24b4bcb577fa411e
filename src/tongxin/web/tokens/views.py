"""Tokens with which programs act for me, or for an office of my organisation."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.functional import Promise
from django.views.decorators.http import require_http_methods, require_POST

from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.operations.tokens import make_office_token, make_personal_token, revoke_token
from tongxin.people.queries.tokens import office_tokens, offices_to_choose, own_tokens
from tongxin.people.roles import ROLE_NAMES
from tongxin.people.rules.tokens import OWN_SCOPES
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.speech import gettext_lazy as _

SCOPES: Final[dict[str, str | Promise]] = {
    "own.read": _("read my own matters"),
    "own.write": _("report and answer in my name"),
    "case.read": _("read matters of the area"),
    "case.handle": _("take and answer what is given to us"),
    "case.desk": _("accept, dispatch and check"),
    "case.supervise": _("supervise and decide"),
    "case.submit_for": _("report for residents"),
    "case.see_reporter": _("see reporters hidden by name"),
    "case.callback": _("ring reporters and note what they say"),
    "file.release": _("release photos to the public"),
    "people.read_sensitive": _("read phones, each time on the record"),
}
LIVES: Final = (30, 90, 365)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def tokens(request: Request) -> HttpResponse:
    """The tokens there are, and a form for a new one; its secret stands on the page that answers, this once."""
    if request.method != "POST":
        return _page(request)
    try:
        return _page(request, secret=_made(request))
    except DomainError as error:
        return _page(request, error=error)


def _made(request: Request) -> str:
    """Make the token that the form asks for; its secret."""
    whose, days = request.POST.get("whose", ""), request.POST.get("days", "")
    if days not in {str(one) for one in LIVES}:
        raise Invalid("A token ends within a year.", field="days")
    name, scopes = request.POST.get("name", "")[:200], frozenset(request.POST.getlist("scopes"))
    expires_at = request.now + timedelta(days=int(days))
    if not whose:
        return make_personal_token(
            request.actor, request.now, name=name, scopes=scopes & OWN_SCOPES, expires_at=expires_at
        )[1]
    try:
        office = UUID(whose)
    except ValueError:
        raise Invalid("There is no such office.", field="whose") from None
    return make_office_token(
        request.actor, request.now, appointment_id=office, name=name, scopes=scopes - OWN_SCOPES, expires_at=expires_at
    )[1]


def _page(request: Request, *, secret: str = "", error: DomainError | None = None) -> HttpResponse:
    offices = offices_to_choose(request.actor, request.now)
    offered = [*sorted(OWN_SCOPES), *sorted({scope for office in offices for scope in office.scopes})]
    typed = request.POST if error is not None else {}
    response = page(
        request,
        "tokens/tokens.html",
        status=error.status if error else 200,
        mine=own_tokens(request.actor),
        ours=office_tokens(request.actor),
        choices=[(one.id, f"{one.name} · {ROLE_NAMES[one.role]} · {one.organisation}") for one in offices],
        scopes=[(scope, SCOPES[scope]) for scope in offered],
        names=SCOPES,
        lives=[(days, days) for days in LIVES],
        secret=secret,
        typed=typed,
        chosen=request.POST.getlist("scopes") if error is not None else [],
        error=message_of(error) if error else "",
        error_field=(error.field or "name") if isinstance(error, Invalid) else "",
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@policy("signed_in")
def revoke(request: Request, token_id: UUID) -> HttpResponse:
    """End a token at once."""
    revoke_token(request.actor, request.now, token_id=token_id)
    return SeeOther("/me/tokens/")
