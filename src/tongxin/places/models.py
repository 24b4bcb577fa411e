"""Areas by level, and below them estates' buildings, units and homes; grids; QR codes; the calendar's overrides."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tongxin.kernel.ids import uuid7

PATH_MAX = 160


class Level(models.Model):
    """A level of the administrative tree: data, because another city has other levels."""

    code = models.CharField(primary_key=True, max_length=20)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=40)
    rank = models.PositiveSmallIntegerField(unique=True, help_text=_("0 is the top"))

    class Meta:
        ordering = ["rank"]


class Area(models.Model):
    """A node of the administrative tree.

    ``path`` is the chain of codes from the top, each followed by a slash (``4203/420303/420303001/``): it is the
    same in every installation, so counties can be merged upward without renumbering, and a prefix is a subtree.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=80)
    level = models.ForeignKey(Level, on_delete=models.PROTECT)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=PATH_MAX)
    depth = models.PositiveSmallIntegerField(help_text=_("0 is the top"))
    number_prefix = models.CharField(max_length=6, blank=True, help_text=_("of case numbers, for communities"))
    is_village = models.BooleanField(default=False)
    address = models.CharField(max_length=200, blank=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    shape = models.JSONField(null=True, help_text=_("GeoJSON MultiPolygon in WGS-84"))
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text=_("exclusive"))

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(valid_until=None), name="area_code_now"),
            models.UniqueConstraint(fields=["path"], condition=Q(valid_until=None), name="area_path_now"),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("valid_from")), name="area_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "code"], name="area_children"),
            models.Index(fields=["path"], name="area_path_idx"),
            models.Index(fields=["lat", "lng"], name="area_position"),
        ]

    def __str__(self) -> str:
        return self.name


class Grid(models.Model):
    """网格: a set of buildings of one community; the responsible worker is an appointment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    community = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="grids")
    code = models.CharField(max_length=24)
    name = models.CharField(max_length=40)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["community", "code"], condition=Q(valid_until=None), name="grid_code_now")
        ]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """楼栋 of an estate."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    estate = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="buildings")
    grid = models.ForeignKey(Grid, on_delete=models.SET_NULL, null=True, related_name="buildings")
    name = models.CharField(max_length=40)
    floors = models.PositiveSmallIntegerField(null=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    shape = models.JSONField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="building_name")]
        indexes = [models.Index(fields=["lat", "lng"], name="building_position")]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """单元 of a building; a building without units has one with an empty name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["building", "name"], name="unit_name")]

    def __str__(self) -> str:
        return self.name


class Home(models.Model):
    """户: the smallest exclusive unit. ``floor_area`` in square metres, two decimals, never a float."""

    class Use(models.TextChoices):
        DWELLING = "dwelling", _("dwelling")
        SHOP = "shop", _("shop")
        OTHER = "other", _("other")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="homes")
    name = models.CharField(max_length=40)
    floor = models.SmallIntegerField(null=True)
    floor_area = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    use = models.CharField(max_length=10, choices=Use, default=Use.DWELLING)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="home_name"),
            models.CheckConstraint(condition=Q(floor_area=None) | Q(floor_area__gt=0), name="home_area_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceCode(models.Model):
    """The QR code on a poster: a short code that stands for one place."""

    class Kind(models.TextChoices):
        AREA = "area", _("area")
        BUILDING = "building", _("building")
        UNIT = "unit", _("unit")

    code = models.CharField(primary_key=True, max_length=12)
    kind = models.CharField(max_length=10, choices=Kind)
    place_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "place_id"], name="place_code_once")]


class CalendarDay(models.Model):
    """An override of the working-day calendar, filled when the State Council's notice comes."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField()
    note = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["day"]
