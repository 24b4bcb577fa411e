"""Codes by phone: six digits that prove who holds it. The code is told once, to the caller who sends it."""

from __future__ import annotations

import hmac
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.kernel.crypto import keyed_digest
from tongxin.kernel.errors import Invalid, TooMany
from tongxin.kernel.ids import uuid7
from tongxin.people import fields as stored
from tongxin.people.models import SignInCode
from tongxin.people.operations._limits import forgive, spend
from tongxin.people.queries.known import browser_that_proved
from tongxin.people.rules import signin as rules
from tongxin.record.keys import derived_key, field_cipher

_PHONE = "people.code.phone"


def _hash(code_id: UUID, code: str) -> bytes:
    return keyed_digest(derived_key("sign-in code v1"), f"{code_id}:{code}".encode())


def _phone_of(row: SignInCode | None, now: datetime) -> str:
    """The phone of a code that still counts."""
    if row is None or row.used_at is not None or now >= row.expires_at:
        raise Invalid("This code is no longer valid. Ask for a new one.", field="code", code="code-over")
    return field_cipher().decrypt(row.phone_cipher, _PHONE)


def issue_code(*, phone: str, purpose: str, address: str, now: datetime, browser: str = "") -> tuple[UUID, str]:
    """Make a code for a phone; gives back its id and the six digits, which are kept nowhere.

    ``browser`` is the cookie of ``queries.known``. Whether the phone is on the register makes no difference here. Errors:
    :class:`Invalid` (field ``phone``); ``TooMany`` beyond what ``rules.spent_by_code`` lists.
    """
    phone = stored.clean_phone(phone)
    if not phone:
        raise Invalid("Write the number of your mobile phone.", field="phone", code="phone-missing")
    known, place = browser_that_proved(browser, phone), rules.place_of(address)
    for limit, whom in rules.spent_by_code(phone=phone, purpose=purpose, place=place, browser=known):
        spend(limit, whom, now)
    code, code_id = rules.new_code(), uuid7()
    SignInCode.objects.create(
        id=code_id,
        purpose=purpose,
        phone_cipher=field_cipher().encrypt(phone, _PHONE),
        code_hash=_hash(code_id, code),
        created_at=now,
        expires_at=now + rules.CODE_LIVES,
    )
    return code_id, code


def check_code(*, code_id: UUID, typed: str, purpose: str, address: str, now: datetime, browser: str = "") -> str:
    """The phone that a right code proves. The code is used up, or one of its five tries is.

    Errors: :class:`Invalid` (field ``code``) if it is wrong, too old or used; ``TooMany`` after the fifth wrong try, and
    for too many tries from one address, or at one phone from one place. ``browser`` as in :func:`issue_code`.
    """
    place = rules.place_of(address)
    sent = SignInCode.objects.filter(pk=code_id, purpose=purpose).first()
    known = browser_that_proved(browser, field_cipher().decrypt(sent.phone_cipher, _PHONE)) if sent else ""
    if not known:
        spend(rules.TRIES_OF_ADDRESS, place, now)
    phone = _phone_of(sent, now)
    whom = f"{phone}:{known or place}"
    spend(rules.TRIES_OF_PHONE, whom, now)
    with transaction.atomic():
        row = SignInCode.objects.select_for_update().get(pk=code_id)
        _phone_of(row, now)
        if row.tries >= rules.CODE_TRIES:
            raise TooMany("This code was tried too often. Ask for a new one.", code="code-spent")
        row.tries += 1
        right = hmac.compare_digest(bytes(row.code_hash), _hash(row.pk, rules.typed_digits(typed)))
        row.used_at = now if right else None
        row.save()
    if not right:
        left = rules.CODE_TRIES - row.tries
        raise Invalid("The code is not right. Tries left: %(left)s.", field="code", code="wrong-code", left=left)
    forgive(rules.TRIES_OF_PHONE, whom)
    forgive(rules.CODES_FROM_PLACE, f"{phone}:{place}")  # whoever holds the phone may ask again from here
    return phone
