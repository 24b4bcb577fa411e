"""The seals, for everybody: each day's record under one hash, and the proof that a receipt is among them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tongxin.cases.queries.numbers import case_id
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.record.queries import check_receipt, prove, public_seals
from tongxin.web.errors import message_of
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

PAGE = 30


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


def _day(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
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
