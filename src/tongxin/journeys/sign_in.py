"""Signing in by phone: a code goes out as a text message and comes back; then whose account it is may be clear."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations.by_phone import claim_by_phone
from tongxin.kernel.errors import DomainError
from tongxin.kernel.text import N_
from tongxin.notifications.operations import text
from tongxin.notifications.senders import sms_ready
from tongxin.people.fields import clean_phone
from tongxin.people.operations.accounts import VISITOR_NAME, open_account, open_visitor, rename_self
from tongxin.people.operations.codes import check_code, issue_code
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.signin import account_of, holders_of, others_with_phone
from tongxin.people.rules.signin import CODE_LIVES

SIGN_IN = "sign-in"


class NoTextMessages(DomainError):
    """This installation has no sender, so nobody can be sent a code."""

    status = 503
    code = "no-text-messages"


def send_code(
    phone: str, *, address: str, now: datetime, browser: str = "", purpose: str = SIGN_IN, message: str = ""
) -> UUID:
    """Send six digits to a phone, known or not; gives back the id under which they are checked.

    ``message`` is a message id with a place ``%(code)s``, ``browser`` what the browser keeps of phones proved in it.
    Errors: as for ``issue_code``; :class:`NoTextMessages`.
    """
    if not sms_ready():
        raise NoTextMessages("This installation does not send text messages yet. Please ask at your community's desk.")
    code_id, code = issue_code(phone=phone, purpose=purpose, address=address, now=now, browser=browser)
    words = message or N_("Your sign-in code is %(code)s. It is valid for 5 minutes. Tell it to nobody.")
    text(clean_phone(phone), message=words, params={"code": code}, now=now, expires_at=now + CODE_LIVES)
    return code_id


def prove_phone(code_id: UUID, typed: str, *, address: str, now: datetime, browser: str = "") -> str:
    """The phone that the typed code proves, normalised. Errors: as for ``check_code``."""
    return check_code(code_id=code_id, typed=typed, purpose=SIGN_IN, address=address, now=now, browser=browser)


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


def take_over(account_id: UUID, phone: str, *, now: datetime) -> int:
    """Whoever has proved a phone finds what was noted under it among their own matters; how many those are.

    What was noted under another person's name who has the same phone stays for them. A visitor, of whom the phone is
    all we know, is called as the desk noted them.
    """
    account = account_of(account_id)
    if account is None:
        return 0
    others = others_with_phone(phone, account.person_id)
    with transaction.atomic():
        names = claim_by_phone(account.person_id, phone, now, others=others)
        visitor = account.person.name == VISITOR_NAME.format(tail=phone[-4:])
        if visitor and (known := next((name for name in names if name), "")):
            rename_self(actor_for(account, False, now), known, now=now)
    return len(names)
