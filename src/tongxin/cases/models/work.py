"""Who works on a case, against which clocks, and what they ask for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.cases.models.case import Case
from tongxin.kernel.ids import uuid7
from tongxin.people.models import Organisation, Person


class Assignment(models.Model):
    """A case given to an organisation, as lead or as co-handler with its own sub-task.

    A pool order has no organisation until somebody takes it. The claim is one conditional update, so two can never
    take the same.
    """

    class Role(models.TextChoices):
        LEAD = "lead", _("lead")
        CO = "co", _("co-handler")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be claimed")
        CLAIMED = "claimed", _("claimed")
        DONE = "done", _("answered")
        WAIVED = "waived", _("waived")
        ENDED = "ended", _("taken back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    role = models.CharField(max_length=6, choices=Role, default=Role.LEAD)
    mode = models.CharField(max_length=10)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    task = models.CharField(max_length=500, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    by_route = models.BooleanField(default=False)
    whistle = models.BooleanField(default=False, help_text=_("called in by a street 街道吹哨"))
    area_path = models.CharField(max_length=160, help_text=_("of the case: where a pool order is near"))
    given_by = models.UUIDField()
    given_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    answer = models.TextField(max_length=10_000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(role="lead", ended_at=None), name="one_lead"),
            models.UniqueConstraint(fields=["case", "organisation"], condition=Q(ended_at=None), name="assigned_once"),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], condition=Q(ended_at=None), name="assignment_of_org"),
            models.Index(
                fields=["area_path", "id"], condition=Q(mode="pool", state="waiting", ended_at=None), name="pool"
            ),
        ]


class TaskLink(models.Model):
    """A link to the phone of a worker without an account, for one assignment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="links")
    worker_name = models.CharField(max_length=60)
    phone_cipher = models.BinaryField()
    token_hash = models.BinaryField(unique=True, max_length=32)
    made_by = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class CaseClock(models.Model):
    """A running or stopped time limit. ``next_at`` is when the ticker has something to do with it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")
    kind = models.CharField(max_length=20)
    subject = models.UUIDField(null=True, help_text=_("the co-handler whose clock it is"))
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20)
    extension = models.PositiveSmallIntegerField(default=0, help_text=_("added on approval, in the same unit"))
    started_at = models.DateTimeField()
    by = models.DateTimeField(null=True, help_text=_("a deadline that was given from outside, which no pause moves"))
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    provisional = models.BooleanField(default=False)
    pauses = models.JSONField(default=list, help_text=_("pairs of ISO times"))
    paused_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    met = models.BooleanField(null=True)
    next_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(stopped_at=None, subject=None), name="clock_once"
            ),
            models.UniqueConstraint(
                fields=["case", "kind", "subject"], condition=Q(stopped_at=None), name="clock_of_co_handler_once"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="clock_next"),
            models.Index(fields=["case", "kind"], name="clock_of_case"),
            models.Index(fields=["id"], condition=Q(stopped_at=None, provisional=True), name="clock_provisional"),
        ]


class Petition(models.Model):
    """Something asked for within a case and decided by somebody else."""

    class Kind(models.TextChoices):
        OBJECTION = "objection", _("objection to the dispatch")
        EXTENSION = "extension", _("extension")
        SUSPENSION = "suspension", _("suspension")
        INFORMATION = "information", _("more information")

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="petitions")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = models.CharField(max_length=1000)
    days = models.PositiveSmallIntegerField(null=True)
    review_on = models.DateField(null=True)
    asked_by = models.UUIDField()
    asked_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "kind"], condition=Q(state="pending"), name="petition_once")
        ]
