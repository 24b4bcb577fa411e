"""The notice board: what was announced, for everybody; and what providers tell us of our messages."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.announcements import queries
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.notifications.operations import note_receipt
from tongxin.places.queries import area_by_code, top_areas
from tongxin.web.announcements import words
from tongxin.web.announcements.desk import key_of
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

MOST_REPORTS = 500


@require_safe
@policy("public")
def board(request: Request) -> HttpResponse:
    """What was announced where one lives, or in ``area``."""
    code = request.GET.get("area", "")[:40]
    community = request.account.person.community if request.account is not None else None
    if code:
        community = area_by_code(code)
    path = community.path if community is not None else next((top.path for top in top_areas(request.now)), "")
    rows, after = queries.public_page(path, key_of(request.GET.get("after", "")))
    more = f"?area={code}&after={after}" if code else f"?after={after}"
    return page(
        request,
        "announcements/board.html",
        rows=rows,
        more=more if after else "",
        name=community.name if community is not None else "",
        words=words,
    )


@require_safe
@policy("public")
def read(request: Request, announcement_id: UUID) -> HttpResponse:
    """One announcement, with what became of it."""
    row = queries.public_one(request.actor, announcement_id)
    return page(request, "announcements/read.html", row=row, correction=queries.correction_of(row), words=words)


# What providers tell us.


def _no_such() -> NotFound:
    return NotFound("There is no such page.", code="no-page")


@require_POST
@policy("public")
def sms_report(request: Request, secret: str) -> HttpResponse:
    """Aliyun's ``SmsReport``: which text messages arrived. The secret in the address is all that it can show."""
    if not settings.HOOK_SECRET or not hmac.compare_digest(settings.HOOK_SECRET.encode(), secret.encode()):
        raise _no_such()
    try:
        told = json.loads(request.body)
        reports = [one for one in told[:MOST_REPORTS] if isinstance(one, dict)] if isinstance(told, list) else None
    except ValueError:
        reports = None
    if reports is None:
        raise Invalid("This is no list of reports.", code="no-reports")
    for one in reports:
        for known in (str(one.get("out_id", "")), str(one.get("biz_id", ""))):
            arrived, error = one.get("success") is True, str(one.get("err_code", ""))
            if note_receipt("sms", known[:100], arrived=arrived, error=error, now=request.now):
                break
    return JsonResponse({"code": 0, "msg": "ok"})


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def wechat_event(request: Request) -> HttpResponse:
    """WeChat's events of the official account: the handshake, and what became of a template message. Signed by SHA-1
    over our token, the time and a number used once, in order, as its documents say."""
    given = request.GET
    parts = sorted([settings.HOOK_SECRET, given.get("timestamp", ""), given.get("nonce", "")])
    right = hashlib.sha1("".join(parts).encode()).hexdigest()  # noqa: S324 - WeChat's own choice
    if not settings.HOOK_SECRET or not hmac.compare_digest(right.encode(), given.get("signature", "").encode()):
        raise _no_such()
    if request.method != "POST":
        return HttpResponse(given.get("echostr", "")[:100], content_type="text/plain")
    event = _event(request.body[:10_000].decode(errors="replace"))
    if event.get("Event") == "TEMPLATESENDJOBFINISH" and event.get("MsgID", "").isdecimal():
        status = event.get("Status", "")
        note_receipt("wechat", f"wx{event['MsgID']}", arrived=status == "success", error=status, now=request.now)
    return HttpResponse("success", content_type="text/plain")


_FIELD = re.compile(r"<(MsgID|Event|Status)>(?:<!\[CDATA\[)?([^<\]]{0,100})(?:\]\]>)?</\1>")


def _event(text: str) -> dict[str, str]:
    """The three fields that matter, read without an XML parser: nothing of what strangers send is expanded."""
    return dict(_FIELD.findall(text))


for _hook in (sms_report, wechat_event):
    hook: Any = _hook
    hook.csrf_exempt = True  # no browser sends these; each shows a secret or a signature
