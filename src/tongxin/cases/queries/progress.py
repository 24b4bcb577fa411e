"""The code on a slip: with the case's number it opens the progress page. It is derived and stored nowhere."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tongxin.cases.models import Case, CodeTry
from tongxin.kernel.crypto import keyed_digest
from tongxin.kernel.ids import QUERY_CODE_ALPHABET, QUERY_CODE_LENGTH, normalise_query_code
from tongxin.record.keys import derived_key

TRIES: Final = 5
WAIT: Final = timedelta(hours=1)


def query_code(case_id: UUID) -> str:
    """The code of a case: eight characters that only the installation's key gives (about 36 bits)."""
    number = int.from_bytes(keyed_digest(derived_key("case query code v1"), case_id.bytes), "big")
    code = ""
    for _ in range(QUERY_CODE_LENGTH):
        number, digit = divmod(number, len(QUERY_CODE_ALPHABET))
        code += QUERY_CODE_ALPHABET[digit]
    return code


def spoken_code(case_id: UUID) -> str:
    """The code in two halves, as it is printed: “A7CD 9XKM”."""
    code = query_code(case_id)
    return f"{code[:4]} {code[4:]}"


def case_of_code(number: str, code: str) -> UUID | None:
    """The case with this number if the code is its own."""
    case_id = Case.objects.filter(number=number).values_list("id", flat=True).first()
    # A code is compared for numbers that do not exist as well: the answer takes as long.
    expected = query_code(case_id or UUID(int=0))
    right = hmac.compare_digest(expected.encode(), normalise_query_code(code).encode())
    return case_id if right else None


def wait_until(row: CodeTry | None, now: datetime, most: int = TRIES) -> datetime | None:
    """Until when a number must wait after ``most`` wrong codes; None if it need not."""
    if row is None or row.tries < most or now >= row.since + WAIT:
        return None
    return row.since + WAIT
