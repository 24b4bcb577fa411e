"""Answers on their way to the hotlines: signed calls, tried again, marked only once the hotline took them."""

from __future__ import annotations

import json
import secrets
from datetime import datetime

import httpx

from tongxin.hotline import operations, queries, rules
from tongxin.hotline.models import Answer
from tongxin.kernel.hashing import canonical_json

TIMEOUT_SECONDS = 10


def send_due(now: datetime) -> int:
    """Send the answers that are due; how many were tried. A hotline that asks for patience gets no more in this round."""
    rows = operations.claim_answers(now)
    patience: dict[object, int] = {}
    for row in rows:
        source = row.ticket.source_id
        if source in patience:
            operations.note_not_sent(row, "status 429", now, wait_seconds=patience[source], paced=True)
            continue
        try:
            answer = _post(row, now)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            operations.note_not_sent(row, type(error).__name__, now)
            continue
        if answer.is_success:
            operations.note_sent(row, _receipt(answer), now)
        elif answer.status_code == 429:
            patience[source] = _seconds(answer.headers.get("Retry-After", ""))
            operations.note_not_sent(row, "status 429", now, wait_seconds=patience[source], paced=True)
        else:
            operations.note_not_sent(row, f"status {answer.status_code}", now)
    return len(rows)


def _post(row: Answer, now: datetime) -> httpx.Response:
    body = canonical_json({"id": str(row.id), **row.body})
    time, nonce = str(int(now.timestamp())), secrets.token_hex(16)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Tongxin-Time": time,
        "X-Tongxin-Nonce": nonce,
        "X-Tongxin-Signature": rules.signature(queries.secret_of(row.ticket.source), time, nonce, body),
    }
    return httpx.post(row.ticket.source.answers_url, content=body, headers=headers, timeout=TIMEOUT_SECONDS)


def _receipt(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return ""
    return str(told.get("receipt", "")) if isinstance(told, dict) else ""


def _seconds(text: str) -> int:
    return min(int(text), 3600) if text.isascii() and text.isdigit() else 60
