"""Web push: messages that a browser shows though no page of ours is open. Opted in to, per browser and session.

A push says that something waits, never what: it lies on locked screens and travels through the browser's maker. Beside
the notice in the app and the text message, in place of neither.

``push_due`` looks at notices of the last minutes rather than being told of each: who tells need not know of it, and who has
no browser that asked costs nothing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext, override

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.notifications.models import Delivery, Notice, PushSubscription
from tongxin.notifications.rules_push import (
    CURVE,
    SALT_BYTES,
    Subscription,
    authorization,
    b64,
    encrypted,
    public_key,
    subscription,
    unb64,
    vapid_key,
)
from tongxin.notifications.senders.base import Gone, Message, Refused, post
from tongxin.people.queries.signin import live_sessions
from tongxin.people.rules.trust import require_level
from tongxin.record.keys import derived_key, field_cipher

CHANNEL: Final = "push"
SUBSCRIPTION, ADDRESS, TEXT = "push.subscription", "delivery.address", "delivery.text"
LOOKED_BACK: Final = timedelta(minutes=30)
"""What is older is no news: it stands in the app, and went out as a text message if it asks."""
GOOD_FOR: Final = timedelta(hours=12)
MOST_AT_ONCE: Final = 200
MOST_BROWSERS: Final = 10
"""Of one person; the oldest gives way."""
ASKS = N_("Something waits for your answer. Open it to see what.")
TELLS = N_("There is news of something that concerns you. Open it to see what.")


def push_ready() -> bool:
    """True if this installation sends web pushes at all (``TONGXIN_PUSH_SERVICES``)."""
    return bool(_services())


def _services() -> tuple[str, ...]:
    return tuple(name for name in settings.PUSH_SERVICES if name != "none")


def _key() -> ec.EllipticCurvePrivateKey:
    return vapid_key(derived_key("web push v1"))


def application_key() -> str:
    """The public key with which a browser subscribes. It stays the same as long as the field key does."""
    return public_key(_key())


def subscription_of(session_id: UUID) -> PushSubscription | None:
    """What this session's browser asked for, if it did."""
    return PushSubscription.objects.filter(session_id=session_id).first()


def subscribe(
    actor: Actor, session_id: UUID, *, endpoint: str, p256dh: str, auth: str, everything: bool, now: datetime
) -> None:
    """Send pushes to this browser, as long as this session lasts. ``everything``: also of what only informs.

    The same browser again takes the place of what it asked for before, whoever it was: it is in one pair of hands at
    a time. Raises :class:`Invalid`, :class:`NotAllowed`.
    """
    require_level(actor, "account.keep")
    if actor.person_id is None:
        raise NotFound("There is no such account.")
    given = subscription(endpoint, p256dh, auth, _services())
    cipher = field_cipher()
    packed = json.dumps({"endpoint": given.endpoint, "p256dh": b64(given.p256dh), "auth": b64(given.auth)})
    index = cipher.blind_index(given.endpoint, SUBSCRIPTION)
    with transaction.atomic():
        PushSubscription.objects.filter(Q(endpoint_index=index) | Q(session_id=session_id)).delete()
        PushSubscription.objects.create(
            id=uuid7(now), person_id=actor.person_id, session_id=session_id, endpoint_index=index,
            secret_cipher=cipher.encrypt(packed, SUBSCRIPTION), everything=everything, created_at=now,
        )  # fmt: skip
        newest = PushSubscription.objects.filter(person_id=actor.person_id).order_by("-id").values("pk")
        PushSubscription.objects.filter(
            pk__in=[row["pk"] for row in newest[MOST_BROWSERS : MOST_BROWSERS * 2]]
        ).delete()


def forget_session(session_id: UUID) -> int:
    """This session's browser is sent nothing any more: it signed out, or said so. How many subscriptions that were."""
    return PushSubscription.objects.filter(session_id=session_id).delete()[0]


def push_due(now: datetime) -> int:
    """Put on its way, once, what was told lately to people whose browsers asked for it. How many messages. For the ticker.

    Subscriptions of sessions that are over go. What was read meanwhile is not pushed.
    """
    if not push_ready() or not PushSubscription.objects.exists():
        return 0
    asked = PushSubscription.objects.filter(person_id=OuterRef("person_id"), created_at__lte=OuterRef("created_at"))
    pushed = Delivery.objects.filter(notice=OuterRef("pk"), channel=CHANNEL)
    people = PushSubscription.objects.values("person_id")
    notices = list(
        Notice.objects.filter(person_id__in=people, id__gte=_first_id(now - LOOKED_BACK), read_at=None)
        .filter(Exists(asked.filter(everything=True)) | (Q(asks=True) & Exists(asked)), ~Exists(pushed))
        .order_by("id")[:MOST_AT_ONCE]
    )
    rows = list(PushSubscription.objects.filter(person_id__in={notice.person_id for notice in notices}))
    live = live_sessions([row.session_id for row in rows], now)
    PushSubscription.objects.filter(pk__in=[row.pk for row in rows if row.session_id not in live]).delete()
    deliveries = list(_deliveries(notices, [row for row in rows if row.session_id in live], now))
    Delivery.objects.bulk_create(deliveries)
    return len(deliveries)


def _first_id(moment: datetime) -> UUID:
    """The lowest key of that millisecond: keys begin with their time."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _deliveries(notices: list[Notice], rows: list[PushSubscription], now: datetime) -> Iterable[Delivery]:
    cipher = field_cipher()
    for notice in notices:
        for row in rows:
            if row.person_id != notice.person_id or not (notice.asks or row.everything):
                continue
            yield Delivery(
                id=uuid7(now), notice=notice, channel=CHANNEL, created_at=now, next_attempt_at=now,
                address_cipher=cipher.encrypt(str(row.pk), ADDRESS), expires_at=now + GOOD_FOR,
                text_cipher=cipher.encrypt(ASKS if notice.asks else TELLS, TEXT),
            )  # fmt: skip


class Push:
    """Carries one message to one browser's push service. ``address``: the id of the subscription."""

    keeps_text = False

    def send(self, message: Message) -> str:
        row = PushSubscription.objects.filter(pk=UUID(message.to)).first()
        if row is None:
            raise Refused("the browser is signed out")
        to = _opened(row)
        with override("zh-hans"):
            payload = {
                "title": gettext("Tongxin"),
                "body": gettext(message.text),
                "url": "/notices/",
                "tag": str(message.id),
            }
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(int(GOOD_FOR.total_seconds())),
            "Urgency": "high" if message.text == ASKS else "normal",
            "Topic": b64(message.id.bytes),  # the same message again takes the place of itself
            "Authorization": authorization(to.endpoint, _key(), _contact(), int(time.time())),
        }
        body = encrypted(
            json.dumps(payload, ensure_ascii=False).encode(), to, ec.generate_private_key(CURVE), os.urandom(SALT_BYTES)
        )
        try:
            answer = post(to.endpoint, content=body, headers=headers)
        except Gone:
            row.delete()
            raise
        return urlsplit(answer.headers.get("Location", "")).path.rpartition("/")[2][:100]


def _contact() -> str:
    return settings.PUBLIC_URL if settings.HTTPS else "mailto:nobody@localhost"


def _opened(row: PushSubscription) -> Subscription:
    kept = json.loads(field_cipher().decrypt(bytes(row.secret_cipher), SUBSCRIPTION))
    return Subscription(kept["endpoint"], unb64(kept["p256dh"]), unb64(kept["auth"]))
