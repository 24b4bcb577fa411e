"""Which categories of this installation a label of the model means."""

from __future__ import annotations

from django.db import models

from tongxin.kernel.ids import uuid7


class LabelTarget(models.Model):
    """One category that a label may mean. ``category`` is its code: the row itself lies in another room."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    label = models.CharField(max_length=60)
    category = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["label", "position"]
        constraints = [models.UniqueConstraint(fields=["label", "category"], name="label_target_once")]
