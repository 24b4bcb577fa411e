"""Signed calls of hotlines (docs/hotline.md): tickets in, answers out. No token: the signature is the proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from tongxin.api import calls, limits, problems
from tongxin.api.policy import PUBLIC
from tongxin.hotline import operations, queries, rules
from tongxin.hotline.queries import HotlineSource
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import Conflict, DomainError, Invalid, NotAllowed

MOST_BYTES: Final = 1024 * 1024
MOST_AT_ONCE: Final = 200
PER_MINUTE: Final = 60
View = Callable[[HttpRequest, HotlineSource, bytes], HttpResponse]


def _signed(method: str, view: View) -> Callable[[HttpRequest, str], HttpResponse]:
    """Around a call: its size, its rate, its signature, and that it is taken once."""

    def checked(request: HttpRequest, source: str) -> HttpResponse:
        if request.method != method:
            return HttpResponseNotAllowed([method])
        now = timezone.now()
        try:
            limits.spend(f"address {calls.address_of(request)}", limits.PER_ADDRESS, now)
            if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
                raise Invalid("This is too large.", code="too-large", status=413)
            body = request.body if method == "POST" else request.get_full_path().encode()
            found = _of(request, source, body, now)
            limits.spend(f"hotline {found.slug}", PER_MINUTE, now)
            return view(request, found, body)
        except DomainError as error:
            return problems.refused(error)

    return calls.outermost(checked, {method: PUBLIC})


def _of(request: HttpRequest, slug: str, body: bytes, now: Any) -> HotlineSource:
    """The hotline that signed this, and its nonce spent. One answer for an unknown hotline and a wrong signature."""
    time, nonce = request.headers.get("X-Tongxin-Time", ""), request.headers.get("X-Tongxin-Nonce", "")
    signature = request.headers.get("X-Tongxin-Signature", "")
    try:
        source = queries.source_of(slug)
        secret = queries.secret_of(source)
    except DomainError:
        secret = b""
    if not secret or not rules.is_signed(secret, time, nonce, body, signature, now):
        raise NotAllowed("The signature is wrong or its time is over.", code="hotline-signature", status=401)
    if not operations.spend_nonce(source, nonce, now):
        raise Conflict("This call was taken before. Sign it anew.", code="nonce-spent")
    return source


def _tickets(request: HttpRequest, source: HotlineSource, body: bytes) -> HttpResponse:
    try:
        sent = json.loads(body)
    except ValueError:  # of the decoding too
        sent = None
    listed = sent.get("tickets") if isinstance(sent, dict) else None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_AT_ONCE:
        raise Invalid("Send an object with 1 to 200 tickets.", code="unfit", field="tickets")
    incoming, found = [], []
    for nth, one in enumerate(listed):
        row = {str(key): str(value) for key, value in one.items()} if isinstance(one, dict) else {}
        fields, wrong = rules.fitted(row)
        found += [{"loc": ("tickets", nth, name), "msg": gettext(text)} for name, text in wrong.items()]
        incoming.append(operations.Incoming(fields, row))
    if found:
        return problems.unfit(found)
    done = operations.take_in(SYSTEM, source, incoming, timezone.now())
    return JsonResponse({"new": done.new, "changed": done.changed, "same": done.same})


def _answers(request: HttpRequest, source: HotlineSource, body: bytes) -> HttpResponse:
    text = request.GET.get("after", "")
    try:
        after = UUID(text) if text else None
    except ValueError:
        raise Invalid("This cursor is not one of this list.", code="cursor", status=400) from None
    rows = queries.answers_after(source, after)
    return JsonResponse({"answers": rows, "next": rows[-1]["id"] if rows else None})


urlpatterns = [
    path("<slug:source>/tickets", _signed("POST", _tickets), name="hotline-tickets"),
    path("<slug:source>/answers", _signed("GET", _answers), name="hotline-answers"),
]
