"""To look up a case by its number and the code on its slip: five tries, then an hour's wait."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import CodeTry
from tongxin.cases.queries.progress import TRIES, WAIT, case_of_code, wait_until
from tongxin.cases.queries.view import clean_number
from tongxin.kernel.crypto import keyed_digest
from tongxin.kernel.errors import Invalid, TooMany
from tongxin.kernel.ids import CASE_NUMBER_PATTERN
from tongxin.record.keys import derived_key

TRIES_OF_ADDRESS = 30
"""Wrong codes from one address within the hour, over all numbers: an office's shared line slips as well."""


def open_by_code(number: str, code: str, now: datetime, *, address: str = "") -> UUID:
    """The case's id. Raises :class:`TooMany` while the number or the address waits, :class:`Invalid` for a wrong number
    or code.

    Tries are counted by number, whether or not there is such a case, so that nobody learns which numbers exist; and by
    ``address``, so that nobody tries a few codes for each of many numbers.
    """
    wanted, from_where = clean_number(number), _address_key(address)
    if from_where and wait_until(CodeTry.objects.filter(pk=from_where).first(), now, TRIES_OF_ADDRESS) is not None:
        raise TooMany("Too many wrong codes came from here. Please try again in an hour.", code="address-locked")
    case_id, left, until = _try(wanted, code, now)
    if case_id is not None:
        return case_id
    if from_where:
        _count_address(from_where, now)
    if until is not None:
        minutes = max(1, -(-int((until - now).total_seconds()) // 60))
        raise TooMany(
            "The code was wrong five times. Please try again in %(minutes)s minutes, or ring your community.",
            code="code-locked",
            minutes=minutes,
        )
    raise Invalid(
        "Number and code do not fit together. You can try %(left)s more times.",
        field="code",
        code="wrong-code",
        left=left,
    )


def _address_key(address: str) -> str:
    """An address as a row's key; it is kept as a keyed hash alone, and for an hour."""
    return f"@{keyed_digest(derived_key('progress addresses v1'), address.encode()).hex()[:20]}" if address else ""


@transaction.atomic
def _count_address(key: str, now: datetime) -> None:
    CodeTry.objects.bulk_create([CodeTry(number=key, tries=0, since=now)], ignore_conflicts=True)
    row = CodeTry.objects.select_for_update().get(pk=key)
    if now >= row.since + WAIT:
        row.tries, row.since = 0, now
    row.tries += 1
    row.save(update_fields=["tries", "since"])


def forget_tries(now: datetime, limit: int = 1000) -> int:
    """Delete what was counted more than an hour ago; returns how much. Call until it returns 0."""
    old = CodeTry.objects.filter(since__lt=now - WAIT).values_list("pk", flat=True)[:limit]
    return CodeTry.objects.filter(pk__in=list(old)).delete()[0]


@transaction.atomic
def _try(number: str, code: str, now: datetime) -> tuple[UUID | None, int, datetime | None]:
    """(case, tries left, wait until): committed also when the code is wrong."""
    if not re.fullmatch(CASE_NUMBER_PATTERN, number):
        return None, TRIES - 1, None  # no number at all: nothing to guess, nothing to count
    row = CodeTry.objects.select_for_update().filter(pk=number).first()
    until = wait_until(row, now)
    if until is not None:
        return None, 0, until
    case_id = case_of_code(number, code)
    if case_id is not None:
        CodeTry.objects.filter(pk=number).delete()
        return case_id, TRIES, None
    if row is None or now >= row.since + WAIT:
        CodeTry.objects.update_or_create(pk=number, defaults={"tries": 1, "since": now})
        return None, TRIES - 1, None
    row.tries += 1
    row.since = now if row.tries >= TRIES else row.since
    row.save(update_fields=["tries", "since"])
    return None, TRIES - row.tries, row.since + WAIT if row.tries >= TRIES else None
