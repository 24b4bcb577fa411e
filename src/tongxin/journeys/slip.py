"""To answer with a slip: number and code open the case; a code to the phone that was noted proves whose word it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongxin.cases.operations.by_phone import slip_of
from tongxin.journeys.sign_in import send_code
from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import N_
from tongxin.people.fields import clean_phone
from tongxin.people.operations.codes import check_code

PURPOSE = "slip"


def send_slip_code(case_id: UUID, *, address: str, now: datetime) -> UUID:
    """Send a code to the phone under which the case was noted; the id under which it is checked.

    Raises :class:`NotFound` where the reporter is in the register, :class:`Invalid` without a mobile number, and as
    ``send_code``.
    """
    slip = slip_of(case_id)
    if not slip.mobile:
        raise Invalid("No mobile phone was noted. Please ring your community.", field="code", code="no-mobile")
    message = N_("Your code to answer is %(code)s. It is valid for 5 minutes. Tell it to nobody.")
    return send_code(slip.mobile, address=address, now=now, purpose=PURPOSE, message=message)


def prove_slip(case_id: UUID, code_id: UUID, typed: str, *, address: str, now: datetime) -> None:
    """Raise unless the typed code proves the phone under which the case was noted. Errors: as for ``check_code``."""
    proved = check_code(code_id=code_id, typed=typed, purpose=PURPOSE, address=address, now=now)
    if clean_phone(slip_of(case_id).mobile) != proved:
        raise Invalid("This code belongs to another phone.", field="code", code="other-phone")
