"""The case, the people it concerns, and what happened to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxin.cases.models.setup import Category
from tongxin.kernel.ids import uuid7
from tongxin.people.models import Organisation, Person
from tongxin.places.models import PATH_MAX, Area, Building, Home, Unit

# The open cases that lists and counts ask for. A second condition (open) would make the planner believe in far fewer.
_LIVE = Q(due_at__isnull=False)
LINEAGE = ("l0", "l1", "l2", "l3", "l4", "l5")


def _code() -> models.CharField:
    return models.CharField(max_length=24, blank=True)


class Case(models.Model):
    """事项: one matter, one number, one history.

    ``l0`` … ``l5`` are the codes of the areas it lies in, from the top: a list of any level is one range of one
    index. ``due_at`` is the nearest running deadline. Only operations write.
    """

    class Kind(models.TextChoices):
        CASE = "case", _("case")
        COMMON = "common", _("common matter")
        SUGGESTION = "suggestion", _("suggestion of a deputy")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CASE)
    state = models.CharField(max_length=16)
    open = models.BooleanField(default=True)
    outcome = models.CharField(max_length=16, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="cases")
    urgency = models.CharField(max_length=10)
    channel = models.CharField(max_length=12)
    title = models.CharField(max_length=80)
    text = models.TextField(max_length=10_000)
    public_text = models.TextField(max_length=10_000, blank=True, help_text=_("masked"))
    public_title = models.CharField(max_length=80, blank=True, help_text=_("as the desk released it"))
    public_place = models.CharField(max_length=200, blank=True, help_text=_("as the desk released it"))
    answers = models.JSONField(default=dict, help_text=_("to the category's extra questions"))

    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="cases")
    area_path = models.CharField(max_length=PATH_MAX)
    l0 = _code()
    l1 = _code()
    l2 = _code()
    l3 = _code()
    l4 = _code()
    l5 = _code()
    building = models.ForeignKey(Building, on_delete=models.PROTECT, null=True, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, related_name="+")
    home = models.ForeignKey(Home, on_delete=models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=200, blank=True, help_text=_("as shown, such as 钢砂厂小区 3 号楼 2 单元"))
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)

    is_public = models.BooleanField(default=False)
    reporter_hidden = models.BooleanField(default=False)
    complained_of = models.JSONField(default=list, help_text=_("ids of organisations complained of"))
    # Who has it. A pool order that a person took has no lead organisation, only a holder.
    mode = models.CharField(max_length=10, default="assigned")
    lead = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    holder_name = models.CharField(max_length=60, blank=True)
    worker = models.UUIDField(null=True, help_text=_("link of a worker without an account"))
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="gathered")
    children_open = models.PositiveIntegerField(default=0)
    children_confirmed = models.PositiveIntegerField(default=0)
    joiners = models.PositiveIntegerField(default=0)
    reporter_present = models.BooleanField(default=True)
    filed_by_helper = models.BooleanField(default=False)

    # What waits for a decision, and what has been: the same names as ``rules_facts.CaseFacts``.
    objection_pending = models.BooleanField(default=False)
    objection_rejected = models.BooleanField(default=False)
    info_pending = models.BooleanField(default=False)
    extension_pending = models.BooleanField(default=False)
    suspension_pending = models.BooleanField(default=False)
    accepted_once = models.BooleanField(default=False)
    times_declined = models.PositiveSmallIntegerField(default=0)
    times_reopened = models.PositiveSmallIntegerField(default=0)
    asked = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)
    extensions = models.PositiveSmallIntegerField(default=0)
    info_requests = models.PositiveSmallIntegerField(default=0)
    answer_kind = models.CharField(max_length=16, default="solved")
    confirmed_by_helper = models.BooleanField(default=False)
    raised = models.PositiveSmallIntegerField(default=0, help_text=_("levels above the community that see to it"))
    supervised = models.BooleanField(default=False)
    review_on = models.DateField(null=True, help_text=_("of a suspension"))

    resolve_by = models.DateTimeField(
        null=True, help_text=_("a deadline given from outside: by the hotline, or the same day at a visit")
    )
    due_at = models.DateTimeField(null=True)
    due_kind = models.CharField(max_length=20, blank=True)
    due_provisional = models.BooleanField(default=False)

    source = models.CharField(max_length=120, blank=True, help_text=_("number of an imported case"))
    once = models.UUIDField(null=True, unique=True, help_text=_("the same key submits once"))
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            *(
                models.Index(fields=[level, "due_at", "id"], condition=_LIVE, name=f"case_due_{level}")
                for level in LINEAGE
            ),
            *(models.Index(fields=[level, "-id"], name=f"case_new_{level}") for level in LINEAGE),
            models.Index(fields=["lead", "due_at", "id"], condition=_LIVE, name="case_of_lead"),
            models.Index(fields=["l4", "category"], condition=_LIVE, name="case_similar"),
            models.Index(fields=["lead", "-id"], name="case_of_lead_all"),
            models.Index(fields=["l3", "-id"], condition=Q(is_public=True), name="case_public"),
            models.Index(fields=["lat", "lng"], condition=Q(open=True), name="case_position"),
            models.Index(fields=["parent"], condition=Q(parent__isnull=False), name="case_gathered"),
            models.Index(fields=["-id"], condition=Q(kind="suggestion"), name="case_suggestion"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_at=None) | Q(open=True), name="case_due_while_open"),
            models.UniqueConstraint(fields=["source"], condition=~Q(source=""), name="case_source_once"),
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="case_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.number


class Party(models.Model):
    """Whom a case concerns: its reporter, and everyone who joined. Each is told and asked themselves."""

    class Role(models.TextChoices):
        REPORTER = "reporter", _("reporter")
        JOINED = "joined", _("joined")

    class Word(models.TextChoices):
        NONE = "", _("nothing said yet")
        SOLVED = "solved", _("solved")
        NOT_SOLVED = "not_solved", _("not solved")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parties")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    contact_name = models.CharField(max_length=60, blank=True, help_text=_("where no person is registered"))
    contact_cipher = models.BinaryField(null=True)
    contact_index = models.BinaryField(
        null=True, max_length=32, help_text=_("keyed: finds who signs in with that phone")
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.REPORTER)
    hidden = models.BooleanField(default=False)
    helper = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    first_case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="+")
    word = models.CharField(max_length=10, choices=Word, default=Word.NONE, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    rating = models.PositiveSmallIntegerField(null=True, help_text=_("5 very satisfied … 1 very dissatisfied"))
    rating_text = models.CharField(max_length=500, blank=True)
    joined_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    disowned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "person"], name="party_once"),
            models.CheckConstraint(condition=Q(rating=None) | Q(rating__range=(1, 5)), name="party_rating"),
        ]
        indexes = [
            models.Index(fields=["person", "-id"], name="party_of_person"),
            models.Index(
                fields=["contact_index"], condition=Q(contact_index__isnull=False, person=None), name="party_by_phone"
            ),
        ]


class Update(models.Model):
    """One line of a case's timeline. ``text`` is for those who may see the case, ``note`` for the offices."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("everybody")
        PARTIES = "parties", _("the people concerned")
        STAFF = "staff", _("the offices")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="updates")
    verb = models.CharField(max_length=30)
    state = models.CharField(max_length=16, help_text=_("after it"))
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PARTIES)
    text = models.TextField(max_length=10_000, blank=True)
    note = models.TextField(max_length=10_000, blank=True)
    data = models.JSONField(default=dict)
    actor_id = models.UUIDField()
    actor_name = models.CharField(max_length=60, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.UUIDField(null=True)
    files_count = models.PositiveSmallIntegerField(default=0)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="update_of_case")]
