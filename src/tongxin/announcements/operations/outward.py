"""On its way in small steps, for the ticker."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction

from tongxin.announcements import queries, rules
from tongxin.announcements.models import Announcement, Group, Recipient
from tongxin.announcements.operations._common import GROUP, State, note
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.notifications.models import Delivery, Notice
from tongxin.notifications.operations import delivery, notices_for, send_message
from tongxin.notifications.senders import channel_ready
from tongxin.people.queries.areas import day_of
from tongxin.people.queries.contacts import Reach, reach_of
from tongxin.record.keys import field_cipher
from tongxin.record.writes import write_new

BATCH: Final = 500
"""People written down in one transaction."""
MESSAGES: Final = 200
COUNTED_DAYS: Final = timedelta(days=30)
COUNT_EVERY: Final = timedelta(minutes=2)
TOLD: Final = N_("%(area)s: %(title)s")


def advance(now: datetime) -> int:
    """Publish what is due: one batch of people in one transaction. How many were written; 0 when nothing is left."""
    with transaction.atomic():
        row = (
            Announcement.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("area")
            .filter(state__in=(State.PUBLISHING, State.SCHEDULED), send_at__lte=now)
            .order_by("send_at", "pk")
            .first()
        )
        if row is None:
            return 0
        if row.published_at is None:
            row.published_at, row.state = now, State.PUBLISHING
            note(SYSTEM, "begun", row, now)
        written = _write_batch(row, now)
        if written < BATCH:
            _finish(row, now)
        row.save()
    return max(written, 1)


def _write_batch(row: Announcement, now: datetime) -> int:
    """The next people of the audience as it was when the first batch was written."""
    frozen = row.published_at or now
    day = day_of(frozen)
    people = queries.audience(row, day).filter(created_at__lte=frozen).order_by("pk")
    if row.cursor is not None:
        people = people.filter(pk__gt=row.cursor)
    batch = list(people.values_list("pk", flat=True)[:BATCH])
    if not batch:
        return 0
    reach, homes = reach_of(batch), queries.homes_of(row, batch, day)
    chosen = [name for name in row.channels if channel_ready(name)]
    due = rules.leaves_at(row.kind, now, queries.quiet_hours(row.area_path))
    told = notices_for(
        [person for person in batch if reach[person].account],
        kind=f"announcement.{row.kind}",
        message=TOLD,
        params={"area": row.organisation_name, "title": row.title},
        subject=("announcement", row.pk),
        link=f"/announcements/{row.pk}/",
        key=f"announcement:{row.pk}",
        now=now,
    )
    notices = {notice.person_id: notice for notice in told}
    rows = [
        _recipient(row, person, reach[person], homes.get(person), notices.get(person), chosen, due, now)
        for person in batch
    ]
    write_new([*told, *rows])
    row.cursor = batch[-1]
    row.people_count += len(rows)
    row.app_count += len(told)
    row.message_count += sum(1 for one in rows if one.channel)
    row.none_count += sum(1 for one in rows if not one.channel and one.notice_id is None)
    return len(batch)


def _recipient(
    row: Announcement,
    person: UUID,
    reach: Reach,
    home: tuple[UUID, UUID] | None,
    notice: Notice | None,
    chosen: Sequence[str],
    due: datetime,
    now: datetime,
) -> Recipient:
    ways = rules.channels_for(row.kind, chosen, mobile=bool(reach.mobile), openid=bool(reach.openid))
    return Recipient(
        id=uuid7(now),
        announcement_id=row.pk,
        person_id=person,
        home_id=home[0] if home else None,
        building_id=home[1] if home else None,
        notice_id=notice.pk if notice else None,
        channel=ways[0] if ways else "",
        also=ways[1] if len(ways) > 1 else "",
        due_at=due if ways else None,
    )


def _finish(row: Announcement, now: datetime) -> None:
    """Everybody is written down: the groups get their word, and the record the figures."""
    row.state, row.counted_at = State.PUBLISHED, now
    quiet = queries.quiet_hours(row.area_path)
    due = now if row.kind == "emergency" else quiet.over(now)
    cipher = field_cipher()
    for group in Group.objects.filter(pk__in=row.groups, ended_at=None):
        if channel_ready(group.channel):
            address = cipher.decrypt(bytes(group.address_cipher), GROUP)
            title, text = rules.words_of([(row.title, row.text)])
            link = f"/announcements/{row.pk}/" if row.is_public else ""
            send_message(group.channel, address, text, title=title, link=link, due_at=due, now=now)
    note(
        SYSTEM,
        "published",
        row,
        now,
        people=row.people_count,
        app=row.app_count,
        messages=row.message_count,
        none=row.none_count,
    )


def send_messages(now: datetime) -> int:
    """Put together what is due into one message per person and channel, and put that on its way; how many rows were
    dealt with. Who had today's message already gets the rest tomorrow, in one."""
    with transaction.atomic():
        due = Recipient.objects.filter(due_at__lte=now)
        first = list(due.select_for_update(of=("self",), skip_locked=True).order_by("due_at", "pk")[:MESSAGES])
        if not first:
            return 0
        rows = list(
            Recipient.objects.select_for_update(of=("self",))
            .filter(person_id__in={one.person_id for one in first}, due_at__lte=now)
            .select_related("announcement")
            .order_by("announcement_id")
        )
        people = {one.person_id for one in rows}
        since = rules.day_start(now)
        had = set(
            Recipient.objects.filter(person_id__in=people, messaged_at__gte=since)
            .exclude(announcement__kind="emergency")
            .values_list("person_id", flat=True)
        )
        reach = reach_of(list(people))
        _write_messages(rows, had, reach, now)
    return len(rows)


def _write_messages(rows: Sequence[Recipient], had: set[UUID], reach: dict[UUID, Reach], now: datetime) -> None:
    bundles: dict[tuple[Any, ...], list[Recipient]] = defaultdict(list)
    for one in rows:
        urgent = one.announcement.kind == "emergency"
        if not urgent and one.person_id in had:
            one.due_at = rules.next_day(now, queries.quiet_hours(one.announcement.area_path))
        else:
            for channel in filter(None, (one.channel, one.also)):
                bundles[(one.person_id, channel, one.pk if urgent else None)].append(one)
            one.due_at, one.messaged_at = None, now
    made: list[Delivery] = []
    for (person, channel, _alone), parts in bundles.items():
        to = reach[person].openid if channel == "wechat" else reach[person].mobile
        if not to:
            continue
        title, text = rules.words_of([(one.announcement.title, one.announcement.text) for one in parts])
        link = f"/announcements/{parts[0].announcement_id}/" if len(parts) == 1 else "/announcements/"
        made.append(delivery(channel, to, text, title=title, link=link, due_at=now, now=now))
        for one in parts:
            if channel == one.channel:
                one.delivery = made[-1]
    Delivery.objects.bulk_create(made)
    Recipient.objects.bulk_update(rows, ["due_at", "messaged_at", "delivery"])


def count_read(now: datetime) -> int:
    """Count anew how many read one announcement in the app; the one that was counted longest ago. 0 if none is due."""
    row = (
        Announcement.objects.filter(
            state=State.PUBLISHED, published_at__gt=now - COUNTED_DAYS, counted_at__lt=now - COUNT_EVERY
        )
        .order_by("counted_at")
        .first()
    )
    if row is None:
        return 0
    read = row.recipients.filter(notice__read_at__isnull=False).count()
    Announcement.objects.filter(pk=row.pk).update(read_count=read, counted_at=now)
    return 1
