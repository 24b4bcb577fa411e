"""The authenticator of staff (TOTP) and the codes for the day on which it is lost."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.crypto import keyed_digest
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.people.models import RecoveryCode, SecondFactor
from tongxin.people.operations._limits import forgive, spend
from tongxin.people.operations.sessions import note_account, self_of
from tongxin.people.queries.signin import account_of
from tongxin.people.rules import signin as rules
from tongxin.record.keys import derived_key, field_cipher


def _context(account_id: UUID) -> str:
    return f"people.second_factor.{account_id}"


def _recovery_hash(account_id: UUID, code: str) -> bytes:
    return keyed_digest(derived_key("recovery code v1"), f"{account_id}:{rules.typed_digits(code)}".encode())


def _account(account_id: UUID) -> Any:
    account = account_of(account_id)
    if account is None:
        raise NotFound("There is no such account.", code="no-account")
    return account


def _secret(factor: SecondFactor) -> bytes:
    return bytes.fromhex(field_cipher().decrypt(factor.secret_cipher, _context(factor.account_id)))


def start_enrolment(account_id: UUID, *, now: datetime) -> bytes:
    """The secret for a new authenticator: the same one until it is confirmed, so that a reload does not confuse.

    :class:`Conflict` if a confirmed one exists: only ``reset_staff_account`` takes it away.
    """
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(account_id=account_id).first()
        if factor is not None and factor.confirmed_at is not None:
            raise Conflict("You have an authenticator already.", code="enrolled-already")
        if factor is None:
            secret = rules.new_totp_secret()
            cipher = field_cipher().encrypt(secret.hex(), _context(account_id))
            factor = SecondFactor.objects.create(account_id=account_id, secret_cipher=cipher, created_at=now)
            note_account(self_of(_account(account_id)), "enrolment_started", _account(account_id), now)
        return _secret(factor)


def confirm_enrolment(account_id: UUID, typed: str, *, now: datetime) -> list[str]:
    """The first code from the new authenticator makes it count; gives back the recovery codes, which are told once."""
    account = _account(account_id)
    _count(account, now)
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(account_id=account_id, confirmed_at=None).first()
        if factor is None:
            raise Conflict("You have an authenticator already.", code="enrolled-already")
        step = rules.matching_step(_secret(factor), typed, now, factor.last_step)
        if step is not None:
            factor.last_step, factor.confirmed_at = step, now
            factor.save()
            codes = rules.new_recovery_codes()
            RecoveryCode.objects.filter(account_id=account_id).delete()
            RecoveryCode.objects.bulk_create(
                RecoveryCode(account_id=account_id, code_hash=_recovery_hash(account_id, code)) for code in codes
            )
            note_account(self_of(account), "enrolled", account, now)
    if step is None:
        raise _wrong()
    forgive(rules.SECOND_FACTORS, str(account_id))
    return codes


def check_second_factor(account_id: UUID, typed: str, *, now: datetime) -> None:
    """Pass if the code is the authenticator's of this moment and was not used before.

    Errors: :class:`Invalid` (field ``code``); ``TooMany`` after five tries in a quarter of an hour.
    """
    account = _account(account_id)
    last = _count(account, now)
    with transaction.atomic():
        factor = (
            SecondFactor.objects.select_for_update().filter(account_id=account_id, confirmed_at__isnull=False).first()
        )
        step = rules.matching_step(_secret(factor), typed, now, factor.last_step) if factor is not None else None
        if factor is not None and step is not None:
            factor.last_step = step
            factor.save()
        elif last:
            note_account(SYSTEM, "locked", account, now, why="second factor")
    if step is None:
        raise _wrong()
    forgive(rules.SECOND_FACTORS, str(account_id))


def use_recovery_code(account_id: UUID, typed: str, *, now: datetime) -> int:
    """Pass with one of the recovery codes, which is then used up; how many are left. Errors as for the authenticator."""
    account = _account(account_id)
    last = _count(account, now)
    wanted = _recovery_hash(account_id, typed)
    with transaction.atomic():
        rows = list(RecoveryCode.objects.select_for_update().filter(account_id=account_id, used_at=None))
        found = next((row for row in rows if hmac.compare_digest(bytes(row.code_hash), wanted)), None)
        if found is not None:
            found.used_at = now
            found.save()
            note_account(self_of(account), "recovery_used", account, now, left=len(rows) - 1)
        elif last:
            note_account(SYSTEM, "locked", account, now, why="recovery code")
    if found is None:
        raise _wrong()
    forgive(rules.SECOND_FACTORS, str(account_id))
    return len(rows) - 1


def _count(account: Any, now: datetime) -> bool:
    return spend(rules.SECOND_FACTORS, str(account.pk), now)


def _wrong() -> Invalid:
    return Invalid("The code is not right.", field="code", code="wrong-code")
