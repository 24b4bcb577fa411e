"""One settlement for many parties, and the own word of each of them on it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.cases.models.case import Case, Party
from tongxin.kernel.ids import uuid7


class Settlement(models.Model):
    """What all parties of a case are asked to agree to. A newer one takes the place of the one before, with all its words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="settlements")
    text = models.TextField(max_length=10_000)
    proposed_by = models.UUIDField()
    proposed_name = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case"], condition=Q(ended_at=None), name="one_settlement")]


class Acceptance(models.Model):
    """A party's own word on a settlement: given on the screen, or on paper that one records and another checks."""

    class Word(models.TextChoices):
        ACCEPTED = "accepted", _("agrees")
        REFUSED = "refused", _("does not agree")

    class Way(models.TextChoices):
        SCREEN = "screen", _("on the screen")
        PAPER = "paper", _("signed on paper")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    settlement = models.ForeignKey(Settlement, on_delete=models.CASCADE, related_name="acceptances")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="acceptances")
    word = models.CharField(max_length=10, choices=Word)
    way = models.CharField(max_length=10, choices=Way)
    reason = models.CharField(max_length=500, blank=True)
    sheet = models.UUIDField(null=True, help_text=_("the step of the case that holds the scanned sheet"))
    recorded_by = models.UUIDField()
    recorded_name = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    checked_by = models.UUIDField(null=True)
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["settlement", "party"], name="one_word_on_a_settlement")]
        indexes = [models.Index(fields=["sheet"], condition=Q(sheet__isnull=False), name="acceptance_of_sheet")]
