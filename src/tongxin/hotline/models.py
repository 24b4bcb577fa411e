"""Hotlines, their tickets in every version that came, and the answers on their way back. A case is known by its id alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.places.models import PATH_MAX, Area


class HotlineSource(models.Model):
    """A hotline that sends tickets for an area: how its sheets are headed, what its words mean, and what it signs with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.CharField(max_length=40, unique=True, help_text=_("stands in the address of its calls"))
    name = models.CharField(max_length=60)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField(default=dict, help_text=_("field → heading in its sheets, where not the usual one"))
    categories = models.JSONField(default=dict, help_text=_("its word → code of our category"))
    answers_url = models.CharField(max_length=300, blank=True)
    secret_cipher = models.BinaryField(null=True)


class Ticket(models.Model):
    """工单: one number of one hotline. ``seen`` is the latest version that came, ``adopted`` the one that the case goes by."""

    class Stage(models.TextChoices):
        NEW = "new", _("new")
        IN_HAND = "in_hand", _("in hand")
        ANSWERED = "answered", _("answered")
        REFUSED = "refused", _("could not become a matter")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(HotlineSource, on_delete=models.PROTECT, related_name="tickets")
    number = models.CharField(max_length=60)
    area_path = models.CharField(max_length=PATH_MAX)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.NEW)
    watch_until = models.DateTimeField(null=True, help_text=_("its case ended and may be taken up again until then"))
    seen = models.PositiveIntegerField(default=1)
    adopted = models.PositiveIntegerField(default=0)
    changed = models.BooleanField(default=False, help_text=_("the hotline changed it, and the desk has not looked"))
    case_id = models.UUIDField(null=True, unique=True)
    case_number = models.CharField(max_length=24, blank=True)
    case_version = models.PositiveIntegerField(default=0, help_text=_("of the case when answers were last looked for"))
    why = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="ticket_once")]
        indexes = [
            models.Index(fields=["area_path", "-id"], name="ticket_of_area"),
            models.Index(fields=["id"], condition=Q(stage="new"), name="ticket_new"),
            models.Index(fields=["id"], condition=Q(case_id__isnull=False, watch_until=None), name="ticket_open"),
            models.Index(fields=["watch_until"], condition=Q(watch_until__isnull=False), name="ticket_watched"),
        ]


class Version(models.Model):
    """What the hotline said of a ticket, once. Never changed. The caller and the raw row are encrypted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="versions")
    nth = models.PositiveIntegerField()
    fields = models.JSONField(help_text=_("what stands in it, without the caller"))
    caller_cipher = models.BinaryField(null=True)
    raw_cipher = models.BinaryField(null=True, help_text=_("all columns as they came"))
    digest = models.CharField(max_length=64)
    came_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "nth"], name="ticket_version_once")]


class Answer(models.Model):
    """What became of a ticket, to be sent to the hotline: once for each step of the case."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting to be sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not taken by the hotline")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="answers")
    update_id = models.UUIDField()
    body = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    taken_at = models.DateTimeField(null=True, help_text=_("taken away in a sheet"))
    receipt = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "update_id"], name="answer_once")]
        indexes = [models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="answer_next")]


class Nonce(models.Model):
    """A call that was taken: it is taken once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(HotlineSource, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "nonce"], name="nonce_once")]
        indexes = [models.Index(fields=["at"], name="nonce_at")]
