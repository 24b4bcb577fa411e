"""To tell people something, each once, by their own channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext, override

from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Delivery, Notice
from tongxin.people.queries.contacts import mobiles_of
from tongxin.record.keys import field_cipher

ADDRESS, TEXT = "delivery.address", "delivery.text"


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
) -> None:
    """Tell each person once under ``key``: a notice in the app, and a text message where it waits for an answer.

    ``message`` is an English message id with ``%(name)s`` places for ``params``; it is shown in the reader's language.
    Within the caller's transaction: nothing is told of what did not happen. Three statements, however many people.
    """
    notices = [
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
    if not notices:
        return
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
    if not asks:
        return
    told = {notice.id: notice for notice in Notice.objects.filter(id__in=[notice.id for notice in notices])}
    mobiles = mobiles_of([notice.person_id for notice in told.values()])
    Delivery.objects.bulk_create(
        _delivery(mobiles[notice.person_id], message, {**params, "link": settings.PUBLIC_URL + link}, now, notice)
        for notice in told.values()
        if notice.person_id in mobiles
    )


def text(mobile: str, *, message: str, params: Mapping[str, Any], now: datetime) -> None:
    """Send a text message to a phone, whoever holds it: sign-in codes, links for workers without an account."""
    _delivery(mobile, message, params, now, None).save(force_insert=True)


def _delivery(mobile: str, message: str, params: Mapping[str, Any], now: datetime, notice: Notice | None) -> Delivery:
    """A text message on its way, in Chinese: phones do not tell us their language."""
    with override("zh-hans"):
        words = gettext(message) % params
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
