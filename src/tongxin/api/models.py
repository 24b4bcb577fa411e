"""Tokens for programs, and what writes were answered with."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7


class ApiToken(models.Model):
    """A key with which a program acts for a person, or for one appointment. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, help_text=_("which program has it"))
    secret_hash = models.BinaryField(unique=True, max_length=32)
    person = models.ForeignKey("people.Person", on_delete=models.CASCADE, null=True, related_name="+")
    appointment = models.ForeignKey("people.Appointment", on_delete=models.CASCADE, null=True, related_name="+")
    scopes = models.JSONField(default=list)
    created_by = models.UUIDField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person=None, appointment__isnull=False) | Q(person__isnull=False, appointment=None),
                name="token_acts_for_one",
            )
        ]

    def __str__(self) -> str:
        return self.name


class IdempotentCall(models.Model):
    """A write that was done, and its answer: the same key gets it again. Kept for seven days.

    The answer may hold what is secret (the link of a task), so it is encrypted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor_id = models.UUIDField()
    key = models.CharField(max_length=100)
    call = models.CharField(max_length=200, help_text=_("method and path"))
    request_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body_cipher = models.BinaryField()
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor_id", "key"], name="call_once")]
