"""Persons and their homes, organisations, appointments, and the accounts by which they sign in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7
from tongxin.places.models import Area, Building, Grid, Home

UNTIL = _("exclusive; empty: still so")


def _dates(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name=name)


class Person(models.Model):
    """A natural person. Phone and ID number are encrypted; the indexes are keyed hashes to find them by."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=60)
    gender = models.CharField(max_length=1, blank=True, choices=[("f", _("female")), ("m", _("male"))])
    birth_date = models.DateField(null=True)
    id_number_cipher = models.BinaryField(null=True)
    id_number_index = models.BinaryField(null=True, max_length=32)
    phone_cipher = models.BinaryField(null=True)
    phone_index = models.BinaryField(null=True, max_length=32)
    is_party_member = models.BooleanField(default=False)
    community = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    trust_note = models.CharField(
        max_length=20, blank=True, help_text=_("how the person was confirmed: register, visit")
    )
    confirmed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)
    same_as = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="other_rows",
        help_text=_("a row made at sign-in, found to be this person of the register"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["id_number_index"], name="person_id_number"),
        ]
        indexes = [
            models.Index(fields=["phone_index"], name="person_phone"),
            models.Index(fields=["name"], name="person_by_name"),
            models.Index(fields=["community", "name"], name="person_by_community"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountManager(BaseUserManager["Account"]):
    """Accounts are made by operations; Django asks only for the look-up by natural key."""

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(AbstractBaseUser):
    """A way to sign in as a person: by phone code, WeChat, or user name with password and TOTP."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="account")
    username = models.CharField(max_length=40, unique=True, null=True, help_text=_("of staff"))  # noqa: DJ001 – many have none
    is_active = models.BooleanField(default=True)
    password_is_temporary = models.BooleanField(default=False, help_text=_("given by somebody else: to be changed"))
    elder_view = models.BooleanField(default=False)
    language = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField()

    objects = AccountManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []


class Household(models.Model):
    """户籍 or people who live together in a home."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="households")
    traits = models.JSONField(default=list, help_text=_("such as lives alone, low income; codes"))
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [_dates("household_dates")]


class Residence(models.Model):
    """A person lives in a household's home."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="residences")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="residences")
    relation = models.CharField(max_length=20, blank=True)
    is_head = models.BooleanField(default=False)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            _dates("residence_dates"),
            models.UniqueConstraint(fields=["household", "person"], condition=Q(until=None), name="residence_once"),
        ]


class Organisation(models.Model):
    """Any body that can act. ``parent`` is the tree it belongs to: the party's tree for party bodies."""

    class Kind(models.TextChoices):
        GOVERNMENT = "government", _("city, county or street government")
        DEPARTMENT = "department", _("department")
        COMMUNITY = "community", _("community or village committee")
        PARTY_COMMITTEE = "party_committee", _("party working committee")
        GENERAL_PARTY_COMMITTEE = "general_party_committee", _("general party committee of a community")
        PARTY_BRANCH = "party_branch", _("estate or village party branch")
        PARTY_GROUP = "party_group", _("building party group or micro-grid")
        MEMBER_HOUSEHOLD = "member_household", _("party member household")
        PROPERTY_COMPANY = "property_company", _("property company")
        OWNERS_COMMITTEE = "owners_committee", _("owners' committee")
        PARTNER_UNIT = "partner_unit", _("partner unit")
        MERCHANT = "merchant", _("merchant")
        SOCIAL = "social", _("social organisation")
        VOLUNTEERS = "volunteers", _("volunteer team")
        SCHOOL = "school", _("school")
        HEALTH = "health", _("health institution")
        POLICE = "police", _("police station")
        UTILITY = "utility", _("utility")
        OTHER = "other", _("other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=24, choices=Kind)
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="organisations")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    phone = models.CharField(max_length=30, blank=True, help_text=_("public service phone"))
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        ordering = ["name"]
        constraints = [
            _dates("organisation_dates"),
            models.UniqueConstraint(
                fields=["credit_code"], condition=~Q(credit_code="") & Q(until=None), name="organisation_credit_code"
            ),
        ]
        indexes = [models.Index(fields=["area", "kind"], name="organisation_by_area")]

    def __str__(self) -> str:
        return self.short_name or self.name


class CommitteeMembership(models.Model):
    """A unit is a member of a community's general party committee 大党委."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    committee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="unit_memberships")
    unit = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="committee_memberships")
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            _dates("committee_membership_dates"),
            models.UniqueConstraint(fields=["committee", "unit"], condition=Q(until=None), name="unit_joined_once"),
        ]


class Service(models.Model):
    """An organisation serves an area: the property company of an estate, the department of a street."""

    class Kind(models.TextChoices):
        PROPERTY = "property", _("property management")
        DEPARTMENT = "department", _("department in charge")
        PARTNER = "partner", _("partner unit")
        VOLUNTEERS = "volunteers", _("volunteer team")
        OTHER = "other", _("other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="services")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=12, choices=Kind)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            _dates("service_dates"),
            models.UniqueConstraint(
                fields=["area"], condition=Q(kind="property", until=None), name="one_property_company"
            ),
        ]
        indexes = [models.Index(fields=["area", "kind"], name="service_by_area")]


class Appointment(models.Model):
    """任职: a person holds a role in an organisation for an area, from and until."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=30)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="appointments")
    grid = models.ForeignKey(Grid, on_delete=models.PROTECT, null=True, related_name="appointments")
    building = models.ForeignKey(Building, on_delete=models.PROTECT, null=True, related_name="appointments")
    stands_in_for = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="stand_ins")
    successor = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("takes the open work when it ends")
    )
    title = models.CharField(max_length=40, blank=True, help_text=_("as on the door"))
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [_dates("appointment_dates")]
        indexes = [
            models.Index(fields=["person", "until"], name="appointment_of_person"),
            models.Index(fields=["organisation", "until"], name="appointment_of_org"),
            models.Index(fields=["area", "role"], name="appointment_of_area"),
        ]


class Ownership(models.Model):
    """Who owns a home, in which share, on what evidence. Co-owners are several rows; shares are exact."""

    class Source(models.TextChoices):
        REGISTER = "register", _("property register")
        SURVEY = "survey", _("survey")
        CONTRACT = "contract", _("sales contract")
        DELIVERY = "delivery", _("delivery of the home proved")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="ownerships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="ownerships")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="ownerships")
    share_numerator = models.PositiveIntegerField(default=1)
    share_denominator = models.PositiveIntegerField(default=1)
    source = models.CharField(max_length=10, choices=Source)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            _dates("ownership_dates"),
            models.CheckConstraint(
                condition=Q(person=None, organisation__isnull=False) | Q(person__isnull=False, organisation=None),
                name="ownership_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(share_numerator__gt=0) & Q(share_numerator__lte=F("share_denominator")),
                name="ownership_share",
            ),
        ]


class Tenancy(models.Model):
    """A person rents a home."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="tenancies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="tenancies")
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [_dates("tenancy_dates")]


class ReportIn(models.Model):
    """双报到: a party member reports in to the community they live in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="report_ins")
    community = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="report_ins")
    home_unit = models.CharField(max_length=100, help_text=_("the party organisation at work"))
    skills = models.CharField(max_length=200, blank=True)
    received_by = models.UUIDField(null=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            _dates("report_in_dates"),
            models.UniqueConstraint(fields=["person"], condition=Q(until=None), name="report_in_once"),
        ]


class FamilyLink(models.Model):
    """亲情账号: ``child`` acts for ``parent`` after the parent's consent."""

    class Consent(models.TextChoices):
        CODE = "code", _("by a code sent to the parent's phone")
        GRID_WORKER = "grid_worker", _("given before the grid worker")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="acts_for")
    parent = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="helped_by")
    consent = models.CharField(max_length=12, choices=Consent)
    witness = models.UUIDField(null=True, help_text=_("the grid worker's person"))
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text=UNTIL)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["child", "parent"], condition=Q(until=None), name="family_link_once"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="family_link_two_people"),
        ]


class FamilyRequest(models.Model):
    """A child asks to act for a parent. ``parent`` is empty if nobody of that name was found, which is not told."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        LINKED = "linked", _("linked")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    child = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    parent_name = models.CharField(max_length=60)
    home = models.ForeignKey(Home, on_delete=models.PROTECT, null=True, related_name="+")
    community = models.ForeignKey(Area, on_delete=models.PROTECT, null=True, related_name="+")
    consent = models.CharField(max_length=12, choices=FamilyLink.Consent)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["community", "state", "id"], name="family_request_queue"),
            models.Index(fields=["child", "-id"], name="family_request_of_child"),
        ]


class VerificationRequest(models.Model):
    """A person asks to be known as resident or owner of a home; a worker or the register decides."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", _("resident")
        OWNER = "owner", _("owner")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="verification_requests")
    kind = models.CharField(max_length=10, choices=Kind)
    home = models.ForeignKey(Home, on_delete=models.PROTECT, related_name="+")
    community = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    claimed_name = models.CharField(max_length=60)
    evidence = models.UUIDField(null=True, help_text=_("a file: the paper that shows the delivery of the home"))
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "home"], condition=Q(state="waiting"), name="verification_once"
            )
        ]
        indexes = [
            models.Index(fields=["community", "state", "id"], name="verification_queue"),
            models.Index(fields=["person", "created_at"], name="verification_of_person"),
        ]
