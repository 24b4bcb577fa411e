"""Keys with which programs act."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.people.models.register import Appointment, Person


class ApiToken(models.Model):
    """A key with which a program acts for a person, or for one appointment. Only a hash of it is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60, help_text=_("which program has it"))
    secret_hash = models.BinaryField(unique=True, max_length=32)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, null=True, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, null=True, related_name="+")
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
