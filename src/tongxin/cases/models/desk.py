"""Helps of the desk."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.cases.models.case import Case, Party
from tongxin.cases.models.setup import Category
from tongxin.kernel.ids import uuid7
from tongxin.places.models import PATH_MAX, Area


class CallBack(models.Model):
    """回访: a person to ring after a case, and what they said."""

    class Result(models.TextChoices):
        REACHED = "reached", _("reached")
        NOT_REACHED = "not_reached", _("not reached")
        REFUSED = "refused", _("did not want to talk")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="call_backs")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="call_backs")
    area_path = models.CharField(max_length=PATH_MAX)
    because = models.CharField(max_length=20)
    due_at = models.DateTimeField()
    result = models.CharField(max_length=12, choices=Result, blank=True)
    contacted = models.BooleanField(null=True, help_text=_("did the handler contact the reporter"))
    solved = models.BooleanField(null=True)
    rating = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=1000, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_by = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["party"], condition=Q(done_at=None), name="call_back_once")]
        indexes = [models.Index(fields=["area_path", "due_at"], condition=Q(done_at=None), name="call_back_due")]


class SavedFilter(models.Model):
    """A filter of the queue that a person keeps under a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person_id = models.UUIDField()
    name = models.CharField(max_length=30)
    query = models.CharField(max_length=500)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["person_id", "name"], name="saved_filter_name")]


class AnswerTemplate(models.Model):
    """A ready text for an answer, by area and category."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="templates")
    name = models.CharField(max_length=40)
    text = models.TextField(max_length=2000)

    class Meta:
        ordering = ["name"]


class CodeTry(models.Model):
    """Wrong query codes given for a number: five tries, then an hour's wait."""

    number = models.CharField(primary_key=True, max_length=24)
    tries = models.PositiveSmallIntegerField(default=0)
    since = models.DateTimeField()
