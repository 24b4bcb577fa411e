"""Who visits which household, in which rhythm, and the visits. A matter's case is known by its id alone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.people.models import Household, Person
from tongxin.places.models import Area


class AreaRhythm(models.Model):
    """The rhythm of an area and of all below it that have none of their own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.OneToOneField(Area, on_delete=models.PROTECT, related_name="+")
    every_days = models.PositiveSmallIntegerField()
    special_days = models.PositiveSmallIntegerField()
    special = models.JSONField(default=list)


class Assignment(models.Model):
    """A visitor and a household. ``due_on``, ``tries`` and ``last_outcome`` follow from the visits, and are kept for lists."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visitor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    estate = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    since = models.DateField()
    until = models.DateField(null=True, help_text=_("exclusive; empty: still so"))
    special = models.BooleanField(default=False, help_text=_("visited more often"))
    due_on = models.DateField()
    last_met_on = models.DateField(null=True)
    last_outcome = models.CharField(max_length=10, blank=True)
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("in vain since somebody was met"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(until=None), name="one_visitor"),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="assignment_dates"),
        ]
        indexes = [
            models.Index(fields=["visitor", "due_on", "id"], condition=Q(until=None), name="visits_of_visitor"),
            models.Index(fields=["estate", "due_on", "id"], condition=Q(until=None), name="visits_of_estate"),
        ]


class Visit(models.Model):
    """One visit, written once under its key. ``occurred_at`` is what the visitor says, ``recorded_at`` ours."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    once = models.UUIDField(unique=True)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="visits")
    visitor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    estate = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10)
    text = models.CharField(max_length=2000, blank=True)
    consent = models.BooleanField(default=False, help_text=_("spoken, to file the matters in their name"))
    same_day = models.BooleanField(default=False)
    signature = models.CharField(max_length=8, default="none")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["household", "-id"], name="visits_of_household"),
            models.Index(fields=["visitor", "-id"], name="visits_made"),
            models.Index(fields=["estate", "-id"], name="visits_in_estate"),
        ]


class Matter(models.Model):
    """What was found: it became the case ``case_id`` in the name of ``person``."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="matters")
    row = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    case_id = models.UUIDField(unique=True)
    number = models.CharField(max_length=24)

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["visit", "row"], name="matter_row")]


class VisitTally(models.Model):
    """How many visits of an outcome, or matters, an estate had on a day: figures never count visits."""

    id = models.BigAutoField(primary_key=True)
    estate = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=10)
    amount = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["estate", "day", "kind"], name="visit_tally_once")]


class EstateStanding(models.Model):
    """How many households of an estate have a visitor, and how many of them are due since before ``counted_on``."""

    estate = models.OneToOneField(Area, on_delete=models.CASCADE, primary_key=True, related_name="+")
    households = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField(default=0)
    counted_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["counted_on"], name="standing_counted_on")]
