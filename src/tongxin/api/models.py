"""What writes were answered with."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7


class IdempotentCall(models.Model):
    """A write that was done, and its answer: the same key gets it again. Kept for seven days.

    The answer may hold what is secret (the link of a task), so it is encrypted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor_id = models.UUIDField(help_text=_("the appointment or person: keys outlive the token"))
    key = models.CharField(max_length=100)
    call = models.CharField(max_length=200, help_text=_("method and path"))
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body_cipher = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="call_once")]


class CallCount(models.Model):
    """How many calls of one token or address all processes have reported for a minute, by a keyed hash of whom."""

    key = models.CharField(primary_key=True, max_length=64)
    minute = models.BigIntegerField(db_index=True, help_text=_("since 1970"))
    calls = models.PositiveIntegerField()
