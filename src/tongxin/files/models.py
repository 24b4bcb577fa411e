"""Files that people handed in: the row tells what is on the disk, and what may be shown to whom."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.files.rules import NAME_MAX, WATERMARK_MAX
from tongxin.kernel.ids import uuid7


class Attachment(models.Model):
    """A picture or document. The row is also the worker's queue while its state is ``raw``.

    ``sha256`` and ``size`` are those of the bytes as handed in. ``variants`` maps a size to file, digest, MIME type and
    dimensions of what is kept. Position and time from the camera are for staff only; no kept picture carries them.
    """

    class State(models.TextChoices):
        RAW = "raw", _("being prepared")
        READY = "ready", _("ready")
        REFUSED = "refused", _("cannot be opened")
        ERASED = "erased", _("erased")

    class Purpose(models.TextChoices):
        REPORT = "report", _("report")
        BEFORE = "before", _("before the work")
        ANSWER = "answer", _("after the work")
        EVIDENCE = "evidence", _("evidence")
        POLICY = "policy", _("policy document")
        DOCUMENT = "document", _("document")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner_kind = models.CharField(max_length=40)
    owner_id = models.UUIDField()
    area_path = models.CharField(max_length=160, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose)
    state = models.CharField(max_length=8, choices=State, default=State.RAW)
    name = models.CharField(max_length=NAME_MAX, blank=True)
    mime = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text=_("bytes"))
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField(null=True, help_text=_("pixels, as shown"))
    height = models.PositiveIntegerField(null=True, help_text=_("pixels, as shown"))
    lat = models.FloatField(null=True, help_text=_("WGS-84, from the camera"))
    lng = models.FloatField(null=True, help_text=_("WGS-84, from the camera"))
    taken_at = models.DateTimeField(null=True, help_text=_("from the camera"))
    watermark = models.CharField(max_length=WATERMARK_MAX, blank=True)
    uploaded_by = models.UUIDField()
    recorded_at = models.DateTimeField()
    is_public = models.BooleanField(default=False, help_text=_("released by staff"))
    blurred = models.JSONField(default=list, help_text=_("rectangles in thousandths: left, top, width, height"))
    variants = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["owner_id", "owner_kind"], name="attachment_of_owner"),
            models.Index(fields=["next_attempt_at"], condition=Q(state="raw"), name="attachment_due"),
        ]
