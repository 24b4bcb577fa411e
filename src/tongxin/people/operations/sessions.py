"""Sessions begin with a fresh key and end when their owner says so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.ids import uuid7
from tongxin.people.models import Account, SignInCode, SignInLimit, SignInSession
from tongxin.people.operations._support import note, require_over_staff
from tongxin.people.queries.signin import account_of
from tongxin.people.rules.signin import address_prefix, device_words
from tongxin.people.rules.trust import require_level

WAYS = ("phone", "wechat", "password", "demo")


def self_of(account: Any) -> Actor:
    """The person of an account acting for themselves, without any office: who signs in, enrols, signs out."""
    return Actor(id=account.person_id, person_id=account.person_id, name=account.person.name)


def home_path(account: Any) -> str:
    """The area path under which an account's entries stand."""
    return account.person.community.path if account.person.community is not None else ""


def note_account(actor: Actor, verb: str, account: Any, now: datetime, **more: Any) -> None:
    """An entry about an account."""
    note(actor, f"account.{verb}", ("account", account.pk), home_path(account), now, **more)


def begin_session(
    session: SessionBase,
    account_id: UUID,
    *,
    way: str,
    strong: bool,
    user_agent: str,
    address: str,
    now: datetime,
) -> None:
    """Sign an account in: whatever the session held is gone and its key is new, so that none can be planted.

    ``strong`` only after the second factor; such a session ends after ``STRONG_IDLE_HOURS`` without use. Raises
    :class:`NotFound` if the account is closed.
    """
    if way not in WAYS:
        raise ValueError(f"no such way to sign in: {way}")
    account = account_of(account_id)
    if account is None:
        raise NotFound("This account is closed. Please ask at your community's desk.", code="account-closed")
    session.flush()
    device, prefix = device_words(user_agent), address_prefix(address)
    session.update(
        {
            "id": str(uuid7()),
            "account": str(account_id),
            "way": way,
            "strong": strong,
            "device": device,
            "address_prefix": prefix,
            "started": now.isoformat(),
            "seen": now.isoformat(),
        }
    )
    session.set_expiry(settings.STRONG_IDLE_HOURS * 3600 if strong else settings.SESSION_COOKIE_AGE)
    with transaction.atomic():
        session.save()
        note_account(
            self_of(account),
            "signed_in",
            account,
            now,
            way=way,
            strong=strong,
            personal={"device": device, "address": prefix},
        )


def sign_out(session: SessionBase, *, now: datetime) -> None:
    """End the session at hand. Nothing happens if nobody is signed in."""
    account_id = session.get("account")
    account = account_of(UUID(account_id)) if account_id else None
    with transaction.atomic():
        session.flush()
        if account is not None:
            note_account(self_of(account), "signed_out", account, now)


def _end(actor: Actor, account: Account, rows: Any, now: datetime) -> int:
    ended = list(rows.values_list("id", flat=True))
    if ended:
        SignInSession.objects.filter(id__in=ended).delete()
        note_account(actor, "sessions_ended", account, now, sessions=[str(one) for one in ended])
    return len(ended)


def end_session(actor: Actor, session_id: UUID, *, now: datetime) -> None:
    """End one of one's own sessions. :class:`NotFound` if it is not one's own, or over."""
    with transaction.atomic():
        row = SignInSession.objects.select_related("account__person__community").filter(id=session_id).first()
        if row is None or row.account is None or row.account.person_id != actor.person_id:
            raise NotFound("This session is over already.", code="no-session")
        require_level(actor, "account.keep")
        _end(actor, row.account, SignInSession.objects.filter(id=session_id), now)


def end_other_sessions(actor: Actor, account_id: UUID, *, keep: UUID | None = None, now: datetime) -> int:
    """End all sessions of an account but ``keep``; how many there were.

    One's own account, or with ``security.administer`` over the person.
    """
    account = account_of(account_id)
    if account is None:
        raise NotFound("There is no such account.", code="no-account")
    if account.person_id != actor.person_id:
        require_over_staff(actor, "security.administer", account.person_id, now)
    else:
        require_level(actor, "account.keep")
    with transaction.atomic():
        rows = SignInSession.objects.filter(account_id=account_id)
        return _end(actor, account, rows.exclude(id=keep) if keep is not None else rows, now)


def purge_sign_in(*, now: datetime) -> int:
    """Delete sessions, codes and counters whose time is over; how many. For the ticker, once a day."""
    over = (
        SignInSession.objects.filter(expire_date__lte=now),
        SignInCode.objects.filter(expires_at__lte=now),
        # A counter that is just being made has a window that ends now; it must not vanish under the one who counts.
        SignInLimit.objects.filter(ends_at__lte=now - timedelta(hours=1)),
    )
    return sum(rows.delete()[0] for rows in over)
