"""What an office sets up: categories, time limits, routes. Data, because they vary by place."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.people.models import Organisation, Service
from tongxin.places.models import Area


class Category(models.Model):
    """What a case is about. ``path`` is the chain of codes from the top, each followed by a slash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, blank=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=130)
    position = models.PositiveSmallIntegerField(default=0)
    icon = models.CharField(max_length=20, blank=True)
    hint = models.CharField(max_length=100, blank=True, help_text=_("examples, as a resident would say them"))
    questions = models.JSONField(default=list, help_text=_("extra questions: code, label, kind, options, required"))
    urgency = models.CharField(max_length=10, default="normal")
    needs_verification = models.BooleanField(default=False)
    public = models.BooleanField(default=True, help_text=_("cases may be shown to the public, masked"))
    is_service = models.BooleanField(default=False, help_text=_("an order for help 点单 rather than a problem"))
    call_script = models.TextField(
        max_length=1000, blank=True, help_text=_("questions to read when somebody is rung, one a line")
    )
    skills = models.JSONField(default=list, help_text=_("what it takes to do it, for orders in the pool"))
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class ClockRule(models.Model):
    """A time limit for one kind of clock, by category and urgency. Empty category: for all."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, related_name="clock_rules")
    urgency = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)
    amount = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["category", "urgency", "kind"], name="clock_rule_once"),
            models.UniqueConstraint(
                fields=["urgency", "kind"], condition=Q(category=None), name="clock_rule_for_all_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="clock_rule_amount"),
        ]


class AreaPractice(models.Model):
    """What an area settled for itself; what is empty is as the area above has it (``rules_practice.Practice``)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.OneToOneField(Area, on_delete=models.PROTECT, related_name="+")
    reopen_days = models.PositiveSmallIntegerField(null=True)
    asks = models.PositiveSmallIntegerField(null=True)
    remind_days = models.PositiveSmallIntegerField(null=True)
    extension_days = models.PositiveSmallIntegerField(null=True)
    warn_percent = models.PositiveSmallIntegerField(null=True)
    urge_hours = models.PositiveSmallIntegerField(null=True)
    sample_percent = models.PositiveSmallIntegerField(null=True)
    suggestion_months = models.PositiveSmallIntegerField(null=True)
    suggestion_complex_months = models.PositiveSmallIntegerField(null=True)
    watermark = models.BooleanField(null=True)


class Route(models.Model):
    """Area × category → who gets it. ``service``: whoever serves the place at that moment (its property company)."""

    class Mode(models.TextChoices):
        ASSIGNED = "assigned", _("assigned")
        POOL = "pool", _("pool")
        ROTATION = "rotation", _("in turn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="routes")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="routes")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="routes")
    service = models.CharField(max_length=12, blank=True, choices=Service.Kind)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.ASSIGNED)
    automatic = models.BooleanField(default=False, help_text=_("dispatched at once, without the desk"))
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gt=F("since")), name="route_dates"),
            models.UniqueConstraint(fields=["area", "category"], condition=Q(until=None), name="route_once"),
            models.UniqueConstraint(fields=["area"], condition=Q(until=None, category=None), name="route_for_all_once"),
        ]


class RouteTurn(models.Model):
    """Members of a rotation, and when each was last given something."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="turns")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    last_given_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["route", "organisation"], name="route_turn_once")]
