"""Signing in by phone: a code goes out as a text message and comes back; then whose account it is may be clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tongxin.kernel.errors import DomainError
from tongxin.kernel.text import N_
from tongxin.notifications.operations import text
from tongxin.notifications.senders import sms_ready
from tongxin.people.fields import clean_phone
from tongxin.people.operations.accounts import open_account, open_visitor
from tongxin.people.operations.codes import check_code, issue_code
from tongxin.people.queries.signin import holders_of
from tongxin.people.rules.signin import CODE_LIVES

SIGN_IN = "sign-in"


class NoTextMessages(DomainError):
    """This installation has no sender, so nobody can be sent a code."""

    status = 503
    code = "no-text-messages"


def send_code(phone: str, *, address: str, now: datetime, purpose: str = SIGN_IN, message: str = "") -> UUID:
    """Send six digits to a phone, known or not; gives back the id under which they are checked.

    ``message`` is a message id with a place ``%(code)s``. Errors: as for ``issue_code``; :class:`NoTextMessages`.
    """
    if not sms_ready():
        raise NoTextMessages("This installation does not send text messages yet. Please ask at your community's desk.")
    code_id, code = issue_code(phone=phone, purpose=purpose, address=address, now=now)
    words = message or N_("Your sign-in code is %(code)s. It is valid for 5 minutes. Tell it to nobody.")
    text(clean_phone(phone), message=words, params={"code": code}, now=now, expires_at=now + CODE_LIVES)
    return code_id


def prove_phone(code_id: UUID, typed: str, *, address: str, now: datetime) -> str:
    """The phone that the typed code proves, normalised. Errors: as for ``check_code``."""
    return check_code(code_id=code_id, typed=typed, purpose=SIGN_IN, address=address, now=now)


def account_of_phone(phone: str, *, now: datetime) -> UUID | None:
    """The account that a proved phone leads to, or None if several people have it and one must be chosen and proved.

    A phone that nobody has makes a visitor; one that exactly one person has is that person's.
    """
    holders = holders_of(phone)
    if not any(holder.registered for holder in holders):
        return open_visitor(phone, now=now)
    if len(holders) == 1:
        return open_account(holders[0].person_id, now=now)
    return None
