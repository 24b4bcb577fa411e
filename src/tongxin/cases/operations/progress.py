"""To look up a case by its number and the code on its slip: five tries, then an hour's wait."""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.models import CodeTry
from tongxin.cases.queries.progress import TRIES, WAIT, case_of_code, wait_until
from tongxin.cases.queries.view import clean_number
from tongxin.kernel.errors import Invalid, TooMany
from tongxin.kernel.ids import CASE_NUMBER_PATTERN


def open_by_code(number: str, code: str, now: datetime) -> UUID:
    """The case's id. Raises :class:`TooMany` while the number waits, :class:`Invalid` for a wrong number or code.

    Tries are counted by number, whether or not there is such a case, so that nobody learns which numbers exist.
    """
    wanted = clean_number(number)
    case_id, left, until = _try(wanted, code, now)
    if case_id is not None:
        return case_id
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
