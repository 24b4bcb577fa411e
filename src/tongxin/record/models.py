"""The append-only history, what may be erased from beside it, and the daily seals."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.record.rules import READ_VERB


class Entry(models.Model):
    """One thing that was done to one subject. Never changed, never deleted (see ``triggers.py``).

    Subjects, actors and organisations are opaque ids: this layer knows none of them. ``data`` holds nothing personal.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    subject_seq = models.PositiveIntegerField(help_text=_("1 is the subject's first entry"))
    verb = models.CharField(max_length=60)
    actor_id = models.UUIDField()
    actor_kind = models.CharField(max_length=12)
    organisation_id = models.UUIDField(null=True)
    on_behalf_of = models.UUIDField(null=True)
    area_path = models.CharField(max_length=160, blank=True)
    occurred_at = models.DateTimeField(help_text=_("what somebody says"))
    recorded_at = models.DateTimeField(help_text=_("ours: orders and seals"))
    data = models.JSONField(default=dict)
    personal_commit = models.CharField(max_length=64, blank=True)
    state_commit = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "subject_kind", "subject_seq"], name="entry_in_chain"),
        ]
        indexes = [
            models.Index(fields=["recorded_at"], name="entry_by_day"),
            models.Index(fields=["actor_id", "recorded_at"], name="entry_by_actor"),
            models.Index(fields=["recorded_at"], condition=models.Q(verb=READ_VERB), name="entry_readings"),
        ]


class PersonalPart(models.Model):
    """The personal part of an entry, encrypted. The entry holds only a salted commitment to it.

    Erasing takes data and salt away (个人信息保护法 47): the commitment then says nothing, the chain still verifies.
    """

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="personal_part")
    salt = models.BinaryField()
    data = models.BinaryField()
    erased_at = models.DateTimeField(null=True)
    erased_reason = models.CharField(max_length=200, blank=True)
    erased_by = models.UUIDField(null=True)


class Head(models.Model):
    """The end of a subject's chain; locked while appending. ``salt`` belongs to the newest commitment of the state."""

    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    seq = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    salt = models.BinaryField()
    mac = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_id", "subject_kind"], name="head_of_subject"),
        ]


class Seal(models.Model):
    """A finished day: Merkle root over its entries, chained to the day before. Public, never changed."""

    day = models.DateField(primary_key=True)
    count = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["day"]


class Witnessed(models.Model):
    """A seal on its way to one witness outside: sent once the witness has said yes, tried again until then."""

    class State(models.TextChoices):
        WAITING = "waiting", _("on its way")
        SENT = "sent", _("taken by the witness")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, related_name="witnessed")
    witness = models.CharField(max_length=300, help_text=_("https://… or mailto:…"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["witness", "seal"], name="witnessed_once")]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="waiting"), name="witnessed_due"),
        ]
