"""Reads of notices and of what is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from tongxin.kernel.text import N_
from tongxin.notifications.models import Delivery, Notice
from tongxin.notifications.senders import sms_ready
from tongxin.people.queries.areas import rows_of_person
from tongxin.record.keys import field_cipher
from tongxin.record.statements import Statement

PAGE = 30
MOST_COUNTED = 100
MOST_DEMO_MESSAGES = 30


@dataclass(frozen=True, slots=True)
class Told:
    """One notice in the reader's language."""

    id: UUID
    kind: str
    text: str
    link: str
    asks: bool
    unread: bool
    at: datetime


ASKS_SOLVED = frozenset({"case.ask_resident", "case.answer_directly", "case.remind"})
"""Kinds of notices that ask “solved or not”."""


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """What was told of one subject, the newest first. ``latest`` stands for all; ``earlier`` is below it."""

    latest: Told
    earlier: tuple[Told, ...]

    @property
    def unread(self) -> bool:
        return self.latest.unread or any(one.unread for one in self.earlier)

    @property
    def question(self) -> Told | None:
        """The notice that asks whether a matter is solved, if one does: it is answered right there."""
        return next((one for one in (self.latest, *self.earlier) if one.asks and one.kind in ASKS_SOLVED), None)

    @property
    def asks(self) -> bool:
        return any(one.asks for one in (self.latest, *self.earlier))


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A text message of the demo, which went nowhere else."""

    to: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Channel:
    """How text messages fare: those that failed within a day, and those that should have left some time ago."""

    failed: int
    late: int


def unpacked(text: str) -> tuple[str, str, str]:
    """(title, link, words) of what a delivery carries; plain text has neither title nor link."""
    title, mark, rest = text.partition("\x1f")
    if not mark:
        return "", "", text
    link, _mark, words = rest.partition("\x1f")
    return title, link, words


def channel_health(now: datetime) -> Channel:
    """For the page of the system. Two queries, each counted up to a hundred."""
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, created_at__gt=now - timedelta(days=1))
    failed = failed.exclude(error__in=("withdrawn", "too late"))
    late = Delivery.objects.filter(state=Delivery.State.WAITING, next_attempt_at__lt=now - timedelta(minutes=5))
    return Channel(failed[:MOST_COUNTED].count(), late[:MOST_COUNTED].count())


def notices_of(person_id: UUID) -> QuerySet[Notice]:
    """The notices of a person, also those told before the register knew them."""
    return Notice.objects.filter(person_id__in=rows_of_person(person_id))


def unread_count(person_id: UUID) -> int:
    """How many notices a person has not read; at most 100 are counted, the bell then says “99+”. One query."""
    return len(_UNREAD(person_id))


_UNREAD: Statement[UUID] = Statement(
    lambda person_id: notices_of(person_id).filter(read_at=None).order_by().values_list("pk", flat=True)[:MOST_COUNTED]
)


def notice_groups(person_id: UUID, after: UUID | None = None) -> tuple[list[NoticeGroup], UUID | None]:
    """A page of notices, the newest first, grouped by what they are about; and the key of the next page. One query."""
    rows = notices_of(person_id).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: PAGE + 1])
    groups: dict[Any, list[Told]] = {}
    for row in found[:PAGE]:
        about = (row.subject_kind, row.subject_id) if row.subject_id is not None else row.pk
        groups.setdefault(about, []).append(_told(row))
    more = found[PAGE - 1].pk if len(found) > PAGE else None
    return [NoticeGroup(told[0], tuple(told[1:])) for told in groups.values()], more


def notice_page(
    person_id: UUID, *, after: UUID | None = None, limit: int = PAGE, only: Q | None = None
) -> tuple[list[Told], UUID | None]:
    """A page of notices one by one, the newest first, and the key of the next page. One query.

    ``only``: a condition on the notice, of a capability that knows what it is about.
    """
    rows = notices_of(person_id).filter(only or Q()).order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: limit + 1])
    return [_told(row) for row in found[:limit]], found[limit - 1].pk if len(found) > limit else None


def notice(person_id: UUID, notice_id: UUID) -> Told | None:
    """One of the person's notices."""
    row = notices_of(person_id).filter(pk=notice_id).first()
    return _told(row) if row is not None else None


def _told(row: Notice) -> Told:
    words = gettext(row.message)
    return Told(
        row.pk,
        row.kind,
        words % row.params if row.params else words,
        row.link,
        row.asks,
        row.read_at is None,
        row.created_at,
    )


def channel_warning() -> str:
    """What is missing for people to be reached outside of the app; a message id, empty if nothing."""
    if sms_ready():
        return ""
    return N_(
        "No sender of text messages is set up: people are told in the app alone, and nobody can sign in by phone."
    )


def demo_messages() -> list[DemoMessage]:
    """The last text messages of the demo, the newest first. Nothing outside of a demo."""
    if not settings.DEMO or settings.SMS_SENDER != "demo":
        return []
    cipher = field_cipher()
    rows = Delivery.objects.exclude(text_cipher=b"").order_by("-id")[:MOST_DEMO_MESSAGES]
    shown = []
    for row in rows:
        title, link, words = unpacked(cipher.decrypt(row.text_cipher, "delivery.text"))
        text = " ".join(part for part in (f"【{title}】" if title else "", words, link) if part)
        shown.append(DemoMessage(cipher.decrypt(row.address_cipher, "delivery.address"), text, row.created_at))
    return shown


def delivered_counts(ids: Sequence[UUID]) -> dict[str, int]:
    """How many of these deliveries are in which state. One query; at most some hundred ids."""
    rows = Delivery.objects.filter(pk__in=list(ids)).order_by().values_list("state").annotate(n=Count("pk"))
    return dict(rows)


def failed_deliveries() -> int:
    """How many text messages were given up, for the office to see; at most 100 are counted."""
    rows = Delivery.objects.filter(state=Delivery.State.FAILED).exclude(error__in=("withdrawn", "too late"))
    return rows.order_by()[:MOST_COUNTED].count()
