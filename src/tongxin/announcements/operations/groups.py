"""Robots of groups, mailboxes, and the quiet hours of an area."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from tongxin.announcements.models import Group, QuietHours
from tongxin.announcements.operations._common import GROUP, require
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.notifications.operations import send_message
from tongxin.notifications.senders import channel_ready
from tongxin.places.models import Area
from tongxin.record.keys import field_cipher
from tongxin.record.operations import append_entry


def add_group(
    actor: Actor, area_id: UUID, *, name: str, channel: str, key: str, secret: str = "", now: datetime
) -> Group:
    """Register a group's robot or a mailbox of an area. ``key``: the webhook's address or its key, or the mailbox."""
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area", code="no-area")
    require(actor, area, now)
    name = clean_line(name, 40)
    if not name:
        raise Invalid("Write the name.", field="name", code="name-missing")
    if channel not in Group.Channel.values:
        raise Invalid("Please choose from the list.", field="channel", code="choice-unknown")
    address = _address(channel, key.strip(), secret.strip())
    with transaction.atomic():
        group = Group.objects.create(
            id=uuid7(now),
            area=area,
            name=name,
            channel=channel,
            address_cipher=field_cipher().encrypt(address, GROUP),
            created_at=now,
        )
        _note_group(actor, "added", group, now, new=True)
    return group


def _address(channel: str, key: str, secret: str) -> str:
    if channel == Group.Channel.EMAIL:
        try:
            validate_email(key)
        except ValidationError:
            raise Invalid("This is no e-mail address.", field="key", code="no-mailbox") from None
        return key
    for mark in ("key=", "access_token="):
        if mark in key:
            key = key.partition(mark)[2].partition("&")[0]
    if not key or not all(letter.isalnum() or letter in "-_" for letter in key) or len(key) > 200:
        raise Invalid("Paste the robot's address or its key.", field="key", code="no-robot-key")
    if any(letter.isspace() for letter in secret) or len(secret) > 200:
        raise Invalid("Paste the robot's secret as it stands there.", field="secret", code="no-robot-secret")
    return f"{key} {secret}".strip()


def _note_group(actor: Actor, verb: str, group: Group, now: datetime, *, new: bool = False) -> None:
    append_entry(
        actor=actor,
        verb=f"group.{verb}",
        subject=("group", group.pk),
        area_path=group.area.path,
        now=now,
        data={"channel": group.channel, "name": group.name},
        new=new,
    )


def _group(actor: Actor, group_id: UUID, now: datetime) -> Group:
    group = Group.objects.select_for_update(of=("self",)).select_related("area").filter(pk=group_id).first()
    if group is None or group.ended_at is not None:
        raise NotFound("There is no such group.", code="no-group")
    require(actor, group.area, now)
    return group


def end_group(actor: Actor, group_id: UUID, *, now: datetime) -> None:
    """Nothing goes to this group any more; its key is forgotten."""
    with transaction.atomic():
        group = _group(actor, group_id, now)
        group.ended_at, group.address_cipher = now, b""
        group.save(update_fields=["ended_at", "address_cipher"])
        _note_group(actor, "ended", group, now)


def try_group(actor: Actor, group_id: UUID, *, now: datetime) -> None:
    """Send a word to a group, to see that it arrives. :class:`Conflict` if this installation sends by no such channel."""
    with transaction.atomic():
        group = _group(actor, group_id, now)
        if not channel_ready(group.channel):
            raise Conflict("This channel is not set up here.", code="channel-off")
        address = field_cipher().decrypt(bytes(group.address_cipher), GROUP)
        words = f"{group.area.name}：这是一条测试消息，收到即说明已接通。"
        group.tested_id = send_message(group.channel, address, words, title="测试消息", now=now)
        group.save(update_fields=["tested"])
        _note_group(actor, "tested", group, now)


def set_quiet_hours(actor: Actor, area_id: UUID, start: time, end: time, *, now: datetime) -> None:
    """From now on these are the quiet hours of an area and of all below it that has none of its own."""
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise Invalid("Please choose where it is.", field="area", code="no-area")
    require(actor, area, now)
    with transaction.atomic():
        QuietHours.objects.update_or_create(area=area, defaults={"start": start, "end": end})
        append_entry(
            actor=actor,
            verb="area.quiet_hours",
            subject=("area", area.pk),
            area_path=area.path,
            now=now,
            data={"start": start.isoformat("minutes"), "end": end.isoformat("minutes")},
        )
