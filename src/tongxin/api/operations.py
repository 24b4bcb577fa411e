"""Writes done once, however often they are sent."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import connection, transaction

from tongxin.api import rules
from tongxin.api.models import CallCount, IdempotentCall
from tongxin.kernel.crypto import digest, keyed_digest
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.record.keys import derived_key, field_cipher

_SWEPT_PER_WRITE = 20
_COUNTED: Final = """
INSERT INTO api_callcount (key, minute, calls) VALUES (%s, %s, %s)
ON CONFLICT (key) DO UPDATE SET
  calls = CASE WHEN api_callcount.minute = excluded.minute THEN api_callcount.calls ELSE 0 END + excluded.calls,
  minute = excluded.minute
RETURNING calls
"""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a write was answered with; ``replayed`` if that was earlier."""

    status: int
    body: str
    replayed: bool


def answer_once(
    caller: UUID, key: str, call: str, request_digest: bytes, now: datetime, act: Callable[[], tuple[int, str]]
) -> Answered:
    """Do ``act`` and keep its answer under the caller's key, in one transaction: a crash leaves both or neither.

    ``caller``: the appointment or person for whom the program acts, whichever token it shows.
    The same key with the same request is answered as before and nothing is done; with another request it raises
    :class:`Invalid`; while the first still runs, :class:`Conflict`. A refusal changes nothing and is not kept.
    """
    with transaction.atomic():
        _alone(caller, key)
        earlier = IdempotentCall.objects.filter(actor_id=caller, key=key).first()
        if earlier is not None:
            return _again(earlier, call, request_digest)
        forget_calls(now, limit=_SWEPT_PER_WRITE)
        status, body = act()
        call_id = uuid7(now)
        IdempotentCall.objects.create(
            id=call_id,
            actor_id=caller,
            key=key,
            call=call,
            request_digest=request_digest,
            status=status,
            body_cipher=field_cipher().encrypt(body, _context(call_id)),
            created_at=now,
        )
    return Answered(status, body, replayed=False)


def _alone(caller: UUID, key: str) -> None:
    """Until the transaction ends nobody else does the same. SQLite has one writer: whoever comes second has waited."""
    if connection.vendor != "postgresql":
        return
    number = int.from_bytes(digest(caller.bytes + key.encode())[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise Conflict("The same is being done at this moment. Ask again in a second.", code="in-progress")


def _again(earlier: IdempotentCall, call: str, request_digest: bytes) -> Answered:
    if earlier.call != call or not hmac.compare_digest(bytes(earlier.request_digest), request_digest):
        raise Invalid(
            "This Idempotency-Key was used for something else.", field="Idempotency-Key", code="idempotency-key-reused"
        )
    body = field_cipher().decrypt(bytes(earlier.body_cipher), _context(earlier.pk))
    return Answered(earlier.status, body, replayed=True)


def _context(call_id: UUID) -> str:
    return f"api.call:{call_id}"


def forget_calls(now: datetime, limit: int = 5000) -> int:
    """Delete answers older than seven days, at most ``limit`` at once; returns how many.

    Every write takes a few along, so that the table stays as large as the last week was busy.
    """
    with transaction.atomic():
        old = IdempotentCall.objects.filter(created_at__lt=now - rules.CALLS_KEPT).order_by("created_at")
        found = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
        return IdempotentCall.objects.filter(pk__in=found).delete()[0] if found else 0


def count_calls(who: str, minute: int, calls: int) -> int:
    """Report ``calls`` of ``who`` within a minute; returns what all processes have reported of it. One statement.

    A row is used again in later minutes; those of callers who went away are swept, a few with each new row.
    """
    key = keyed_digest(derived_key("api limits v1"), who.encode()).hex()
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [key, minute, calls])
        total = int(cursor.fetchone()[0])
    if total == calls:  # the first report of this minute
        old = CallCount.objects.filter(minute__lt=minute - rules.COUNTS_KEPT_MINUTES).order_by("minute")
        CallCount.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_SWEPT_PER_WRITE])).delete()
    return total
