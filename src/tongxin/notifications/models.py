"""What people are told, and how it reached them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7


class Notice(models.Model):
    """One thing told to one person. Text is a message id with its values, so that it reads in their language."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.UUIDField(null=True)
    message = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    link = models.CharField(max_length=200, blank=True)
    asks = models.BooleanField(default=False, help_text=_("waits for the person's answer"))
    key = models.CharField(max_length=120, unique=True, help_text=_("the same key is told once"))
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_id", "-id"], name="notice_of_person")]


class Delivery(models.Model):
    """A notice (or a sign-in code) on its way by one channel. The row is the work queue."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, null=True, related_name="deliveries")
    channel = models.CharField(max_length=20)
    address_cipher = models.BinaryField(help_text=_("phone or other address, encrypted"))
    text_cipher = models.BinaryField(help_text=_("encrypted, erased once delivered"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, help_text=_("of no use afterwards, such as a code"))
    receipt = models.CharField(max_length=100, blank=True)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, help_text=_("when a sender took it"))
    delivered_at = models.DateTimeField(null=True, help_text=_("when its receipt said so"))

    class Meta:
        indexes = [
            models.Index(fields=["receipt"], condition=~models.Q(receipt=""), name="delivery_by_receipt"),
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="waiting"), name="delivery_due"),
        ]


class PushSubscription(models.Model):
    """A browser that asked for web pushes, as long as its session lasts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField(db_index=True)
    session_id = models.UUIDField(unique=True, help_text=_("the session in which it asked; it ends with it"))
    endpoint_index = models.BinaryField(unique=True, max_length=64, help_text=_("keyed index of its address"))
    secret_cipher = models.BinaryField(help_text=_("its address and keys, encrypted"))
    everything = models.BooleanField(default=False, help_text=_("also of what only informs"))
    created_at = models.DateTimeField()


class ChannelState(models.Model):
    """What the workers share about a channel, or about one address of it: how soon the next message may leave, and a
    token that the provider gave us for a while."""

    key = models.CharField(
        primary_key=True, max_length=80, help_text=_("channel, or channel and a hash of the address")
    )
    ready_at = models.DateTimeField(null=True, help_text=_("the theoretical time of the next message; see rules.Pace"))
    secret_cipher = models.BinaryField(null=True, help_text=_("encrypted"))
    until = models.DateTimeField(null=True, help_text=_("the secret holds until then"))
