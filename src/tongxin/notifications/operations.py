"""To tell people something, each once, by their own channel; and to bring on its way what waits.

Nothing here writes an entry of its own: a notice belongs to the operation that tells, whose entry says what happened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, override

from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import ChannelState, Delivery, Notice
from tongxin.notifications.push import CHANNEL, Push
from tongxin.notifications.queries import notices_of, unpacked
from tongxin.notifications.rules import LEASE, LONGEST_SLOWED, MOST_ATTEMPTS, next_attempt, take_turn
from tongxin.notifications.senders import PACES, Message, Refused, SlowDown, Unreachable, sender, sms_ready
from tongxin.people.queries.contacts import mobiles_of
from tongxin.record.keys import field_cipher
from tongxin.record.writes import write_new

ADDRESS, TEXT = "delivery.address", "delivery.text"
SEPARATOR = "\x1f"
NOTHING = b""


def tell(
    people: Sequence[UUID],
    *,
    kind: str,
    message: str,
    params: Mapping[str, Any],
    subject: tuple[str, UUID] | None = None,
    link: str = "",
    key: str,
    now: datetime,
    asks: bool = False,
    by_text: bool = False,
) -> None:
    """Tell each person once under ``key``: a notice in the app, and a text message where it waits for an answer.

    ``by_text``: a text message as well, though it only informs: of what somebody else did in the person's name.
    The rest as in :func:`notices_for`. Within the caller's transaction: nothing is told of what did not happen. Three
    statements, however many people.
    """
    notices = notices_for(
        people, kind=kind, message=message, params=params, subject=subject, link=link, key=key, now=now, asks=asks
    )
    if not notices:
        return
    write_new(notices, {Notice: "DO NOTHING"})
    if not (asks or by_text) or not sms_ready():
        return
    told = {notice.id: notice for notice in Notice.objects.filter(id__in=[notice.id for notice in notices])}
    mobiles = mobiles_of([notice.person_id for notice in told.values()])
    Delivery.objects.bulk_create(
        _delivery(mobiles[notice.person_id], message, params, now, notice)
        for notice in told.values()
        if notice.person_id in mobiles
    )


def notices_for(
    people: Sequence[UUID],
    *,
    kind: str,
    message: str,
    params: Mapping[str, Any],
    subject: tuple[str, UUID] | None,
    link: str,
    key: str,
    now: datetime,
    asks: bool = False,
) -> list[Notice]:
    """The notices that :func:`tell` writes, for who writes them with rows of their own. Then ``key`` must be new.

    ``message`` is an English message id with ``%(name)s`` places for ``params``; it is shown in the reader's language.
    """
    return [
        Notice(
            id=uuid7(now),
            person_id=person,
            kind=kind,
            subject_kind=subject[0] if subject else "",
            subject_id=subject[1] if subject else None,
            message=message,
            params=dict(params),
            link=link,
            asks=asks,
            key=f"{key}:{person}",
            created_at=now,
        )
        for person in dict.fromkeys(people)
    ]


def text(
    mobile: str, *, message: str, params: Mapping[str, Any], now: datetime, expires_at: datetime | None = None
) -> bool:
    """Send a text message to a phone, whoever holds it: sign-in codes, links for workers without an account.

    False if this installation sends no text messages: then nothing was put on its way.
    """
    if not sms_ready():
        return False
    delivery = _delivery(mobile, message, params, now, None)
    delivery.expires_at = expires_at
    delivery.save(force_insert=True)
    return True


def _delivery(mobile: str, message: str, params: Mapping[str, Any], now: datetime, notice: Notice | None) -> Delivery:
    """A text message on its way, in Chinese: phones do not tell us their language."""
    with override("zh-hans"):
        words = gettext(message) % params
    if notice is not None and notice.link:
        words = f"{words} {settings.PUBLIC_URL}{notice.link}"
    cipher = field_cipher()
    return Delivery(
        id=uuid7(now),
        notice=notice,
        channel="sms",
        address_cipher=cipher.encrypt(mobile, ADDRESS),
        text_cipher=cipher.encrypt(words, TEXT),
        next_attempt_at=now,
        created_at=now,
    )


def delivery(
    channel: str, to: str, text: str, *, title: str = "", link: str = "", due_at: datetime, now: datetime
) -> Delivery:
    """A message by any channel, not yet written: for who writes many with rows of their own. ``link``: a path of ours."""
    cipher = field_cipher()
    packed = SEPARATOR.join((title, f"{settings.PUBLIC_URL}{link}" if link else "", text))
    return Delivery(
        id=uuid7(now),
        channel=channel,
        address_cipher=cipher.encrypt(to, ADDRESS),
        text_cipher=cipher.encrypt(packed, TEXT),
        next_attempt_at=due_at,
        created_at=now,
    )


def send_message(
    channel: str, to: str, text: str, *, title: str = "", link: str = "", due_at: datetime | None = None, now: datetime
) -> UUID:
    """Put one message on its way by a channel, such as to a group's robot; its id, by which one sees what became of it."""
    row = delivery(channel, to, text, title=title, link=link, due_at=due_at or now, now=now)
    row.save(force_insert=True)
    return row.pk


def note_receipt(channel: str, receipt: str, *, arrived: bool, error: str = "", now: datetime) -> int:
    """What a provider says became of a message, known by the receipt that it gave, or by our own id. How many rows.

    Only what was sent, or is being sent at this moment, can have arrived; saying the same again changes nothing.
    """
    rows = Delivery.objects.filter(channel=channel, receipt=receipt, state=Delivery.State.SENT)
    if (own := _as_id(receipt)) is not None:
        rows = Delivery.objects.filter(
            channel=channel, pk=own, attempts__gt=0, state__in=(Delivery.State.SENT, Delivery.State.WAITING)
        )
    if not receipt:
        return 0
    if arrived:
        return rows.update(
            state=Delivery.State.DELIVERED,
            delivered_at=now,
            sent_at=Coalesce("sent_at", Value(now)),
            text_cipher=NOTHING,
        )
    return rows.update(state=Delivery.State.FAILED, error=error[:200] or "not delivered", text_cipher=NOTHING)


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def mark_read(person_id: UUID, *, now: datetime, notice_id: UUID | None = None) -> int:
    """A person has read one notice, or all that only inform and had come by ``now``. What waits for an answer stays
    until it is answered.

    How many were marked; somebody else's notice is simply not among them.
    """
    rows = notices_of(person_id).filter(read_at=None)
    rows = rows.filter(pk=notice_id) if notice_id is not None else rows.filter(asks=False, created_at__lte=now)
    return rows.update(read_at=now)


def withdraw(subject: tuple[str, UUID], *, now: datetime, people: Sequence[UUID] | None = None) -> int:
    """Take back what still asks about a subject: it was answered, or the question is gone. How many notices that were.

    The notices stay to be read, without asking; text messages that have not left yet do not leave.
    """
    kind, subject_id = subject
    rows = Notice.objects.filter(subject_kind=kind, subject_id=subject_id, asks=True)
    if people is not None:
        rows = rows.filter(person_id__in=people)
    ids = list(rows.values_list("pk", flat=True))
    if ids:
        waiting = Delivery.objects.filter(notice_id__in=ids, state=Delivery.State.WAITING)
        waiting.update(state=Delivery.State.FAILED, error="withdrawn", text_cipher=NOTHING)
        Notice.objects.filter(pk__in=ids).update(asks=False, read_at=now)
    return len(ids)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one round of sending."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def deliver_due(now: datetime, limit: int = 50) -> Delivered:
    """Send what is due, at most ``limit`` messages. For the ticker; several may run at once.

    Rows are claimed under a lease in one short transaction, sent outside of it, and marked only after the sender took
    them. Should this process die between the two, the message goes out again when the lease ends, under the same id,
    by which the receiver knows it: at least once, and never marked as sent when it was not.
    """
    counts = {"sent": 0, "later": 0, "failed": 0}
    for row in _claim(now, limit):
        counts[_deliver(row, now)] += 1
    return Delivered(**counts)


def _claim(now: datetime, limit: int) -> list[Delivery]:
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_attempt_at__lte=now)
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True).order_by("next_attempt_at", "pk")[:limit])
        claimed = due.filter(pk__in=[row.pk for row in rows])
        claimed.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1)
    return rows


def _turn_of(channel: str, address: str) -> str:
    """Whose turn it is to wait: the channel's, or that of one address where each has its own."""
    pace = PACES.get(channel)
    if pace is None or not pace.per_address:
        return channel
    return f"{channel}:{hashlib.sha256(address.encode()).hexdigest()[:40]}"


def _wait(channel: str, address: str, now: datetime) -> timedelta:
    """How long this message has to wait for its turn; nothing if it may leave now, and then its turn is taken."""
    pace, key = PACES.get(channel), _turn_of(channel, address)
    if pace is None:
        blocked = ChannelState.objects.filter(pk=key, ready_at__gt=now).first()
        return blocked.ready_at - now if blocked is not None and blocked.ready_at else timedelta()
    with transaction.atomic():
        state, _made = ChannelState.objects.select_for_update().get_or_create(pk=key)
        kept, wait = take_turn(state.ready_at, now, pace)
        if not wait:
            state.ready_at = kept
            state.save(update_fields=["ready_at"])
    return wait


def _slow_down(channel: str, address: str, until: datetime) -> None:
    """A provider said that we are too fast: everything of this turn waits."""
    pace, key = PACES.get(channel), _turn_of(channel, address)
    ready = until + pace.every * (pace.burst - 1) if pace is not None else until
    ChannelState.objects.update_or_create(pk=key, defaults={"ready_at": ready})


def _deliver(row: Delivery, now: datetime) -> str:
    """Send one claimed message and note what came of it: ``sent``, ``later`` or ``failed``."""
    attempts = row.attempts + 1
    mine = Delivery.objects.filter(pk=row.pk, state=Delivery.State.WAITING)
    if row.expires_at is not None and now >= row.expires_at:
        mine.update(state=Delivery.State.FAILED, error="too late", text_cipher=NOTHING)
        return "failed"
    cipher, use = field_cipher(), Push() if row.channel == CHANNEL else sender(row.channel)
    address = cipher.decrypt(row.address_cipher, ADDRESS)
    if wait := _wait(row.channel, address, now):
        mine.update(next_attempt_at=now + wait, attempts=row.attempts)
        return "later"
    title, link, words = unpacked(cipher.decrypt(row.text_cipher, TEXT))
    try:
        receipt = use.send(Message(row.pk, address, words, title, link))
    except Refused as error:
        mine.update(state=Delivery.State.FAILED, error=str(error)[:200], text_cipher=NOTHING)
        return "failed"
    except SlowDown as error:
        if now - row.created_at < LONGEST_SLOWED:
            until = now + timedelta(seconds=error.retry_after)
            _slow_down(row.channel, address, until)
            mine.update(next_attempt_at=until, attempts=row.attempts, error=str(error)[:200])
            return "later"
        mine.update(state=Delivery.State.FAILED, error=str(error)[:200], text_cipher=NOTHING)
        return "failed"
    except Unreachable as error:
        if attempts >= MOST_ATTEMPTS:
            mine.update(state=Delivery.State.FAILED, error=str(error)[:200], text_cipher=NOTHING)
            return "failed"
        mine.update(next_attempt_at=next_attempt(attempts, now), error=str(error)[:200])
        return "later"
    done: dict[str, Any] = {"state": Delivery.State.SENT, "sent_at": now, "receipt": receipt[:100], "error": ""}
    if not use.keeps_text:
        done["text_cipher"] = NOTHING
    mine.update(**done)
    return "sent"
