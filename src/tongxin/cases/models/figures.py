"""Search texts and roll-ups: what keeps lists and figures fast, whatever their number."""

from __future__ import annotations

from django.db import models

from tongxin.cases.models.case import Case
from tongxin.places.models import Area


class SearchText(models.Model):
    """Tokens of a case: words, bigrams and the codes of its areas. Indexed by FTS5 or by tsvector and GIN."""

    id = models.BigAutoField(primary_key=True)
    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="search")
    body = models.TextField()


class TallyDelta(models.Model):
    """A change to a figure, written with the event and folded into :class:`Tally` by the ticker.

    So busy communities never queue for one counter row of their city.
    """

    id = models.BigAutoField(primary_key=True)
    area_path = models.CharField(max_length=160)
    day = models.DateField()
    kind = models.CharField(max_length=24)
    amount = models.SmallIntegerField(default=1)


class Tally(models.Model):
    """A figure by area, day and kind; every area has those of all areas below it."""

    id = models.BigAutoField(primary_key=True)
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    kind = models.CharField(max_length=24)
    amount = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["area", "day", "kind"], name="tally_once")]


class CaseCounter(models.Model):
    """The last number given in a community on a day."""

    id = models.BigAutoField(primary_key=True)
    prefix = models.CharField(max_length=24)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "day"], name="case_counter_once")]
