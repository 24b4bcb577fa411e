"""Accounts: how a person comes to have one, and the passwords of staff."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.identity import normalise_id_number
from tongxin.kernel.text import N_, clean_line
from tongxin.people import fields as stored
from tongxin.people.models import Account, Person, SecondFactor, SignInSession
from tongxin.people.operations._limits import forgive, spend
from tongxin.people.operations._support import load_person, require_over_staff
from tongxin.people.operations.sessions import note_account, self_of
from tongxin.people.queries.signin import account_of, holders_of
from tongxin.people.rules import signin as rules
from tongxin.people.rules.trust import require_level

VISITOR_NAME = "手机用户{tail}"  # what a desk calls somebody of whom it knows the phone alone; data, so in Chinese
USERNAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789._-")
TEMPORARY_PASSWORD_LENGTH = 12
PASSWORD_MESSAGES = {
    "password_too_short": N_("A password has at least ten characters."),
    "password_too_common": N_("This password is among those that everybody tries first."),
    "password_entirely_numeric": N_("A password of digits alone is guessed too easily."),
    "password_too_similar": N_("The password is too much like your user name."),
}


def open_account(person_id: UUID, *, now: datetime) -> UUID:
    """The account of a person, made if there is none yet. :class:`NotFound` if it is closed or there is no such person."""
    with transaction.atomic():
        person = load_person(person_id, lock=True)
        account, new = Account.objects.select_related("person__community").get_or_create(
            person=person, defaults={"created_at": now, "password": make_password(None)}
        )
        if not account.is_active:
            raise NotFound("This account is closed. Please ask at your community's desk.", code="account-closed")
        if new:
            note_account(self_of(account), "opened", account, now, new=True)
    return account.pk


def open_visitor(phone: str, *, now: datetime) -> UUID:
    """The account of somebody of whom the proved phone is all we know; made anew only if the phone has none."""
    for holder in holders_of(phone):
        if not holder.registered:
            return open_account(holder.person_id, now=now)
    with transaction.atomic():
        cipher, index = stored.sealed(phone, stored.PHONE)
        person = Person.objects.create(
            name=VISITOR_NAME.format(tail=phone[-4:]), phone_cipher=cipher, phone_index=index, created_at=now
        )
        return open_account(person.pk, now=now)


def prove_holder(phone: str, person_id: UUID, last_four: str, *, now: datetime) -> UUID:
    """The account of one of several who share a proved phone, shown by the last four characters of the ID number.

    Who only ever signed in by this phone needs no more than the phone; nor does the only one whom the register has with
    it, if it knows no ID number of theirs. Errors: :class:`NotAllowed` if others have the phone too and there is no ID
    number to compare; :class:`Invalid` (field ``last_four``) if it is another; ``TooMany`` after five tries in a day;
    :class:`NotFound` if it is not their phone.
    """
    holders = holders_of(phone)
    holder = next((one for one in holders if one.person_id == person_id), None)
    if holder is None:
        raise NotFound("This is not one of those who have this phone.", code="no-holder")
    if not holder.registered or (not holder.provable and sum(one.registered for one in holders) == 1):
        return open_account(person_id, now=now)
    if not holder.provable:
        raise NotAllowed(
            "The register has no ID number of yours to compare. Please go to your community's desk.",
            code="not-provable",
        )
    spend(rules.PROOFS_OF_PERSON, str(person_id), now)
    number = stored.opened(load_person(person_id).id_number_cipher, stored.ID_NUMBER)
    typed = normalise_id_number(last_four)
    if len(typed) != 4 or not hmac.compare_digest(number[-4:].encode(), typed.encode()):
        raise Invalid("These are not the last four characters.", field="last_four", code="wrong-proof")
    forgive(rules.PROOFS_OF_PERSON, str(person_id))
    return open_account(person_id, now=now)


def rename_self(actor: Actor, name: str, *, now: datetime) -> None:
    """Say one's name, as long as the register does not know it. :class:`NotAllowed` for those whom it knows."""
    name = clean_line(name, 60)
    if not name:
        raise Invalid("Write the person's name.", field="name", code="name-missing")
    if actor.person_id is None:
        raise NotAllowed("Sign in with a code sent to your phone.", code="not-signed-in")
    require_level(actor, "account.keep")
    with transaction.atomic():
        person = load_person(actor.person_id, lock=True)
        account = Account.objects.select_related("person__community").get(person=person)
        phone = stored.opened(person.phone_cipher, stored.PHONE)
        if any(one.registered for one in holders_of(phone) if one.person_id == person.pk) or not phone:
            raise NotAllowed(
                "Your name is on the register. The community's desk can correct it.", code="name-on-register"
            )
        person.name = name
        person.save(update_fields=["name"])
        note_account(actor, "named", account, now, personal={"name": name})


def _check_username(username: str) -> str:
    username = username.strip().lower()
    if not 3 <= len(username) <= 40 or not set(username) <= USERNAME_CHARACTERS:
        raise Invalid(
            "A user name has 3 to 40 small letters, digits, dots or dashes.", field="username", code="username-odd"
        )
    return username


def open_staff_account(actor: Actor, person_id: UUID, username: str, *, now: datetime) -> tuple[UUID, str]:
    """Let somebody in office sign in with a user name; gives back the account and a password for the first time.

    Needs ``people.appoint`` over the person. :class:`Conflict` if the name is taken or the person has one.
    """
    username = _check_username(username)
    require_over_staff(actor, "people.appoint", person_id, now)
    password = secrets.token_urlsafe(TEMPORARY_PASSWORD_LENGTH)[:TEMPORARY_PASSWORD_LENGTH]
    with transaction.atomic():
        if Account.objects.filter(username=username).exists():
            raise Conflict("This user name is taken.", code="username-taken")
        account = account_of(open_account(person_id, now=now))
        if account.username is not None:
            raise Conflict("This person has a user name already.", code="has-username")
        account.username, account.password_is_temporary = username, True
        account.set_password(password)
        account.save()
        note_account(actor, "staff_opened", account, now)
    return account.pk, password


def reset_staff_account(actor: Actor, account_id: UUID, *, now: datetime) -> str:
    """For who lost password or authenticator: a new password for one time, no second factor, no session left.

    Needs ``security.administer`` over the person, who must be somebody else.
    """
    account = account_of(account_id)
    if account is None or account.username is None:
        raise NotFound("There is no such account.", code="no-account")
    if account.person_id == actor.person_id:
        raise NotAllowed("Somebody else must do this for you.", code="not-for-oneself")
    require_over_staff(actor, "security.administer", account.person_id, now)
    password = secrets.token_urlsafe(TEMPORARY_PASSWORD_LENGTH)[:TEMPORARY_PASSWORD_LENGTH]
    with transaction.atomic():
        account.set_password(password)
        account.password_is_temporary = True
        account.save()
        SecondFactor.objects.filter(account=account).delete()
        account.recovery_codes.all().delete()
        SignInSession.objects.filter(account=account).delete()
        note_account(actor, "reset", account, now)
    forgive(rules.PASSWORDS_OF_NAME, account.username)
    forgive(rules.SECOND_FACTORS, str(account.pk))
    return password


def unlock_staff_account(actor: Actor, account_id: UUID, *, now: datetime) -> None:
    """Forget wrong tries at a user name, its second factor and its proofs; those from one place end by themselves soon.

    Needs ``security.administer`` over the person, who must be somebody else.
    """
    account = account_of(account_id)
    if account is None or account.username is None:
        raise NotFound("There is no such account.", code="no-account")
    if account.person_id == actor.person_id:
        raise NotAllowed("Somebody else must do this for you.", code="not-for-oneself")
    require_over_staff(actor, "security.administer", account.person_id, now)
    with transaction.atomic():
        forgive(rules.PASSWORDS_OF_NAME, account.username)
        forgive(rules.SECOND_FACTORS, str(account.pk))
        forgive(rules.PROOFS_OF_PERSON, str(account.person_id))
        note_account(actor, "unlocked", account, now)


def check_password(username: str, password: str, *, address: str, now: datetime) -> UUID:
    """The account whose user name and password these are. Who signs in by it has not passed the second factor yet.

    Unknown names, closed accounts and wrong passwords are answered alike, and take as long. Errors: :class:`Invalid`
    (field ``password``); ``TooMany`` after five tries from one place or thirty at one name.
    """
    username = clean_line(username, 40).lower()
    spend(rules.TRIES_OF_ADDRESS, address, now)
    place = f"{username}|{address}"
    last = spend(rules.PASSWORDS_FROM_ONE_PLACE, place, now)
    last = spend(rules.PASSWORDS_OF_NAME, username, now) or last
    account: Any = Account.objects.select_related("person__community").filter(username=username).first()
    if account is None:
        make_password(password)  # as much work as for a name that exists
        right = False
    else:
        right = account.check_password(password) and account.is_active and account.person.erased_at is None
    if not right:
        if last and account is not None:
            with transaction.atomic():
                note_account(SYSTEM, "locked", account, now, why="password")
        raise Invalid("User name or password is not right.", field="password", code="wrong-password")
    forgive(rules.PASSWORDS_FROM_ONE_PLACE, place)
    forgive(rules.PASSWORDS_OF_NAME, username)
    return account.pk


def change_password(account_id: UUID, old: str, new: str, *, keep_session: UUID, now: datetime) -> None:
    """Change one's password by the present one. Errors: :class:`Invalid` (``old`` or ``password``), ``TooMany``."""
    account = account_of(account_id)
    spend(rules.SECOND_FACTORS, str(account_id), now)
    if account is None or account.username is None or not account.check_password(old):
        raise Invalid("This is not your present password.", field="old", code="wrong-password")
    forgive(rules.SECOND_FACTORS, str(account_id))
    set_password(account_id, new, keep_session=keep_session, now=now)


def set_password(account_id: UUID, password: str, *, keep_session: UUID | None = None, now: datetime) -> None:
    """Choose one's own password. All other sessions end. :class:`Invalid` (field ``password``) if it is too weak."""
    account = account_of(account_id)
    if account is None or account.username is None:
        raise NotFound("There is no such account.", code="no-account")
    if account.check_password(password):
        raise Invalid("This is the password you have. Choose another.", field="password", code="same-password")
    try:
        validate_password(password, account)
    except ValidationError as error:
        code = str(error.error_list[0].code)
        raise Invalid(
            PASSWORD_MESSAGES.get(code, N_("Choose another password.")), field="password", code=code
        ) from None
    with transaction.atomic():
        account.set_password(password)
        account.password_is_temporary = False
        account.save()
        others = SignInSession.objects.filter(account=account)
        (others.exclude(id=keep_session) if keep_session is not None else others).delete()
        note_account(self_of(account), "password_changed", account, now)
