"""Opinions that deputies heard, and the suggestions they made of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.people.models import Appointment, Person
from tongxin.places.models import PATH_MAX, Area


class Suggestion(models.Model):
    """建议: who filed it, for which session. The matter itself is the case of that id, which this capability does not know."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case_id = models.UUIDField(unique=True)
    number = models.CharField(max_length=24, unique=True)
    seat = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="suggestions")
    deputy = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    deputy_title = models.CharField(max_length=40, blank=True, help_text=_("as it was at the filing"))
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    area_path = models.CharField(max_length=PATH_MAX)
    session = models.CharField(max_length=20)
    title = models.CharField(max_length=80)
    filed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["area_path", "-id"], name="suggestion_of_area"),
            models.Index(fields=["deputy", "-id"], name="suggestion_of_deputy"),
        ]

    def __str__(self) -> str:
        return self.number


class Opinion(models.Model):
    """意见: what one person said to a deputy. ``named``: they agreed to be named beside it."""

    class Way(models.TextChoices):
        IN_PERSON = "in_person", _("in person")
        PHONE = "phone", _("by phone")
        MEETING = "meeting", _("at a meeting")
        PAGE = "page", _("on the deputy's page")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    seat = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="opinions")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    said_by = models.CharField(max_length=60, blank=True, help_text=_("the name, where no person is registered"))
    named = models.BooleanField(default=False)
    way = models.CharField(max_length=10, choices=Way)
    text = models.TextField(max_length=2_000)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    suggestion = models.ForeignKey(Suggestion, on_delete=models.PROTECT, null=True, related_name="opinions")
    set_aside_at = models.DateTimeField(null=True)
    set_aside_reason = models.CharField(max_length=200, blank=True)
    once = models.UUIDField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["seat", "-id"], name="opinion_of_seat"),
            models.Index(fields=["person", "-id"], condition=Q(person__isnull=False), name="opinion_of_person"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(suggestion=None) | Q(set_aside_at=None), name="opinion_one_way"),
        ]
