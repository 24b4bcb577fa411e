"""The seals, for everybody: each day's record under one hash, and the proof that a receipt is among them."""

from __future__ import annotations

import io
from datetime import date
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.cases.queries.numbers import case_id
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.record.queries import check_receipt, prove, public_seals, seals_until
from tongxin.web import speech
from tongxin.web.errors import message_of
from tongxin.web.policy import policy
from tongxin.web.print import pdf
from tongxin.web.request import Request
from tongxin.web.shell import page

PAGE, DAYS_ON_PAPER = 30, 7
PRINTERS = "case.desk|audit.read|system.administer"


@require_safe
@policy("public")
def seals(request: Request) -> HttpResponse:
    """The days, the newest first; with a number and a receipt, or the id of an entry, the proof for it."""
    before = request.GET.get("before", "")[:10]
    rows = public_seals(before=_day(before), limit=PAGE + 1)
    number, code = request.GET.get("number", "")[:24].strip().upper(), request.GET.get("receipt", "")[:40]
    return page(
        request,
        "system/seals.html",
        rows=rows[:PAGE],
        more=f"?before={rows[PAGE - 1].day}" if len(rows) > PAGE else "",
        prints=any(request.actor.may_somewhere(one) for one in PRINTERS.split("|")),
        number=number,
        receipt=code,
        **(_proof(number, code) if number or code else _proof_of(request.GET.get("entry", "")[:36])),
    )


def _proof_of(entry_id: str) -> dict[str, Any]:
    """The proof for an entry by its id, which its auditors know; it tells nothing of what the entry says."""
    if not entry_id:
        return {}
    try:
        return {"proof": prove(UUID(entry_id))}
    except ValueError:
        raise NotFound("There is no such entry.") from None


@require_safe
@policy(permission=PRINTERS)
def notice(request: Request, day: str) -> HttpResponse:
    """The seals of a week up to ``day`` as a paper for the notice board, in the language of the place."""
    rows = seals_until(_date(day), DAYS_ON_PAPER)
    address = f"{settings.PUBLIC_URL}/seals/"
    with speech.override(settings.LANGUAGE_CODE):
        data = {
            "title": _("Seals of the record"),
            "from": settings.PUBLIC_URL.partition("://")[2],
            "words": _(
                "Each night all that was recorded during the day goes under one seal, and each seal contains the one "
                "before. What hangs here shows whether anybody rewrites these days later."
            ),
            "seals": [
                {"day": row.day, "count": _("{n} entries").format(n=row.count), "hash": _in_groups(row.hash)}
                for row in rows
            ],
            "how": _(
                "Scan and compare, letter by letter: the seal of a day must be the same there and here. If it is not, "
                "tell the discipline inspection, and keep this paper."
            ),
            "address": address,
            "svg": _qr(address),
            "posted_by": _("Posted by: ____________________"),
            "posted_on": _("Posted on: ____________________"),
        }
    response = HttpResponse(pdf.render("seal.typ", data, request.now), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="seals-{rows[0].day}.pdf"'
    return response


def _in_groups(seal_hash: str) -> str:
    """As a person compares it, four by four."""
    return " ".join(seal_hash[i : i + 4] for i in range(0, len(seal_hash), 4))


def _qr(address: str) -> str:
    target = io.BytesIO()
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=2)
    return target.getvalue().decode()


def _day(text: str) -> str | None:
    return _date(text).isoformat() if text else None


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def _proof(number: str, code: str) -> dict[str, Any]:
    """The line and its proof; the same words whether the number or the receipt is wrong."""
    try:
        line = check_receipt(("case", case_id(number)), code)
    except NotFound:
        line = None
    if line is None:
        return {"wrong": True}
    try:
        return {"line": line, "proof": prove(line.id)}
    except DomainError as waits:
        return {"line": line, "waits": message_of(waits)}
