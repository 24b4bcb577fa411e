"""Announcements, those whom they reached, and the groups to which robots bring them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Delivery, Notice
from tongxin.places.models import Area, Building, Home


class Announcement(models.Model):
    """Something said to many. The audience is frozen when it is published: then there is a row for everyone."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WAITING = "waiting", _("waits for its release")
        SCHEDULED = "scheduled", _("goes out at its time")
        PUBLISHING = "publishing", _("on its way")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=160)
    organisation_name = models.CharField(max_length=100, blank=True, help_text=_("who says it"))
    title = models.CharField(max_length=60)
    text = models.TextField()
    kind = models.CharField(max_length=10)
    roles = models.JSONField(default=list)
    traits = models.JSONField(default=list)
    places = models.JSONField(default=list, help_text=_("(kind, id) within the area; empty: all of it"))
    channels = models.JSONField(default=list)
    groups = models.JSONField(default=list, help_text=_("ids of groups with a robot"))
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True, help_text=_("the last day"))
    is_public = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    written_by = models.UUIDField()
    released_by = models.UUIDField(null=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrections")
    reason = models.CharField(max_length=200, blank=True, help_text=_("why it was withdrawn"))
    created_at = models.DateTimeField()
    send_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True, help_text=_("when its audience was frozen"))
    withdrawn_at = models.DateTimeField(null=True)
    cursor = models.UUIDField(null=True, help_text=_("the last person that was written down"))
    people_count = models.PositiveIntegerField(default=0)
    app_count = models.PositiveIntegerField(default=0)
    message_count = models.PositiveIntegerField(default=0)
    none_count = models.PositiveIntegerField(default=0, help_text=_("reached by nothing"))
    read_count = models.PositiveIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["area_path", "-id"], name="announcement_by_area"),
            models.Index(
                fields=["send_at"], condition=Q(state__in=["scheduled", "publishing"]), name="announcement_due"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Recipient(models.Model):
    """One person whom an announcement is for, and how it came to them."""

    class Door(models.TextChoices):
        TOLD = "told", _("told at the door")
        NOBODY = "nobody", _("nobody home")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    announcement = models.ForeignKey(Announcement, on_delete=models.CASCADE, related_name="recipients", db_index=False)
    person_id = models.UUIDField()
    home = models.ForeignKey(Home, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    building = models.ForeignKey(Building, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    notice = models.OneToOneField(Notice, on_delete=models.SET_NULL, null=True, related_name="+")
    channel = models.CharField(max_length=10, blank=True)
    also = models.CharField(max_length=10, blank=True, help_text=_("a second channel, in an emergency"))
    due_at = models.DateTimeField(null=True, help_text=_("when its message is put together with others"))
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="+")
    messaged_at = models.DateTimeField(null=True)
    door = models.CharField(max_length=6, blank=True, choices=Door)
    door_by = models.UUIDField(null=True)
    door_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["announcement", "person_id"], name="told_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="message_due"),
            models.Index(fields=["person_id", "messaged_at"], name="messages_of_person"),
            models.Index(fields=["announcement", "building"], condition=Q(notice=None), name="recipient_by_door"),
        ]


class Group(models.Model):
    """A group with a robot, or a mailbox, that belongs to an area. The key is encrypted and never shown again."""

    class Channel(models.TextChoices):
        WECOM = "wecom", _("WeCom group")
        DINGTALK = "dingtalk", _("DingTalk group")
        EMAIL = "email", _("mailbox")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel)
    address_cipher = models.BinaryField(help_text=_("key or token with its secret, or mailbox; encrypted"))
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    tested = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class QuietHours(models.Model):
    """The quiet hours of an area and what lies below it, where they are not the usual ones."""

    area = models.OneToOneField(Area, on_delete=models.PROTECT, primary_key=True, related_name="+")
    start = models.TimeField()
    end = models.TimeField()
