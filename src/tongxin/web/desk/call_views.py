"""People to ring, and requests to decide."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.cases.operations import contacts, resident
from tongxin.cases.queries import calls as queries
from tongxin.cases.queries.asked import waiting_decisions
from tongxin.kernel.errors import DomainError
from tongxin.web.desk import export, words
from tongxin.web.desk.common import desk_page
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

_YES_NO = {"1": True, "0": False}


@require_GET
@policy(permission="case.callback")
def calls(request: Request) -> HttpResponse:
    """Whom to ring, the longest waiting first."""
    rows, after = queries.calls(request.actor, after=request.GET.get("after", "")[:100])
    more = f"?{urlencode({'after': after})}" if after else ""
    return desk_page(
        request, "desk/calls.html", calls=rows, more=more, words=words,
        may_export=export.may_take_call_backs(request.actor),
    )  # fmt: skip


@require_POST
@policy(permission="case.callback")
def take_away(request: Request) -> Any:
    """The list as a workbook, put on the record."""
    return export.call_backs(request.actor, request.now)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.callback")
def call(request: Request, call_id: UUID) -> HttpResponse:
    """One call: what to say, and what they said."""
    row = queries.call(request.actor, call_id)
    phone, error, status = "", "", 200
    if request.method == "POST":
        try:
            if "reveal" in request.POST:
                phone = contacts.reveal_phone(request.actor, row.party, _("call-back"), request.now)
            else:
                _record(request, call_id)
                messages.success(request, _("Noted."))
                return SeeOther("/desk/callbacks/")
        except DomainError as refused:
            error, status = message_of(refused), refused.status
    return desk_page(
        request, "desk/call.html", status=status, call=row, phone=phone, error=error, words=words,
        given=request.POST,
    )  # fmt: skip


def _record(request: Request, call_id: UUID) -> None:
    given = request.POST
    rating = given.get("rating", "")
    resident.record_call_back(
        request.actor,
        call_id,
        request.now,
        result=given.get("result", ""),
        contacted=_YES_NO.get(given.get("contacted", "")),
        solved=_YES_NO.get(given.get("solved", "")),
        rating=int(rating) if rating in {"1", "2", "3", "4", "5"} else None,
        note=given.get("note", ""),
    )


@require_GET
@policy(permission="case.desk")
def petitions(request: Request) -> HttpResponse:
    """Objections, extensions and suspensions that wait for a decision."""
    return desk_page(request, "desk/petitions.html", asked=waiting_decisions(request.actor, request.now), words=words)
