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
    name = models.CharField(max_length=80, help_text=_("as people say it"))
    official_name = models.CharField(max_length=80, blank=True, help_text=_("where it differs from the name"))
    level = models.ForeignKey(Level, on_delete=models.PROTECT)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = models.CharField(max_length=PATH_MAX, db_index=True)
    depth = models.PositiveSmallIntegerField(help_text=_("0 is the top"))
    number_prefix = models.CharField(max_length=6, blank=True, help_text=_("of case numbers, for communities"))
    is_village = models.BooleanField(default=False)
    address = models.CharField(max_length=200, blank=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    shape = models.JSONField(null=True, help_text=_("GeoJSON MultiPolygon in WGS-84"))
    # The box around the shape, so that "which area is here" asks few polygons.
    south = models.FloatField(null=True)
    west = models.FloatField(null=True)
    north = models.FloatField(null=True)
    east = models.FloatField(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text=_("exclusive"))

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(valid_until=None), name="area_code_now"),
            models.UniqueConstraint(fields=["path"], condition=Q(valid_until=None), name="area_path_now"),
            models.UniqueConstraint(
                fields=["number_prefix"], condition=Q(valid_until=None) & ~Q(number_prefix=""), name="area_prefix_now"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("valid_from")), name="area_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "code"], name="area_children"),
            models.Index(fields=["lat", "lng"], name="area_position"),
            models.Index(fields=["south", "north"], name="area_box", condition=Q(south__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name


class AreaPast(models.Model):
    """What an area was called and where it hung until ``valid_until``: renaming and moving keep the area's id."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="past")
    name = models.CharField(max_length=80)
    official_name = models.CharField(max_length=80, blank=True)
    path = models.CharField(max_length=PATH_MAX)
    valid_from = models.DateField()
    valid_until = models.DateField(help_text=_("exclusive"))

    class Meta:
        ordering = ["valid_until", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(valid_until__gt=models.F("valid_from")), name="area_past_dates"),
        ]


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
    estate = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="buildings", db_index=False)
    grid = models.ForeignKey(Grid, on_delete=models.SET_NULL, null=True, related_name="buildings")
    name = models.CharField(max_length=40)
    sort_key = models.CharField(max_length=80, default="", help_text=_("3号楼 before 10号楼"))
    floors = models.PositiveSmallIntegerField(null=True)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    shape = models.JSONField(null=True)

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [models.UniqueConstraint(fields=["estate", "name"], name="building_name")]
        indexes = [models.Index(fields=["lat", "lng"], name="building_position")]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """单元 of a building; a building without units has one with an empty name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="units", db_index=False)
    name = models.CharField(max_length=40, blank=True)
    sort_key = models.CharField(max_length=80, default="")

    class Meta:
        ordering = ["sort_key", "id"]
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
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="homes", db_index=False)
    name = models.CharField(max_length=40)
    sort_key = models.CharField(max_length=80, default="")
    floor = models.SmallIntegerField(null=True)
    floor_area = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    use = models.CharField(max_length=10, choices=Use, default=Use.DWELLING)

    class Meta:
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="home_name"),
            models.CheckConstraint(condition=Q(floor_area=None) | Q(floor_area__gt=0), name="home_area_positive"),
        ]

    def __str__(self) -> str:
        return self.name


class PlaceCode(models.Model):
    """The QR code on a poster or a door: a short code by chance that stands for one place, and tells nobody's name."""

    class Kind(models.TextChoices):
        AREA = "area", _("area")
        BUILDING = "building", _("building")
        UNIT = "unit", _("unit")
        HOME = "home", _("home")
        GRID = "grid", _("grid")

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


class ConfirmedYear(models.Model):
    """A year whose State Council notice was entered in full as ``CalendarDay`` rows: no longer provisional."""

    year = models.PositiveSmallIntegerField(primary_key=True)


class ImportBatch(models.Model):
    """A file on its way into the register: read and checked in the background, previewed, then written whole.

    The row is also the work queue: ``lease_until`` says until when a worker holds it. See ``imports/README.md``.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("waiting to be read")
        CHECKING = "checking", _("being read and checked")
        REFUSED = "refused", _("the file cannot be read")
        READY = "ready", _("checked, waiting for your word")
        CONFIRMED = "confirmed", _("waiting to be written")
        WRITING = "writing", _("being written")
        DONE = "done", _("written")
        CANCELLED = "cancelled", _("cancelled")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    parameters = models.JSONField(default=dict)
    file_name = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    good_rows_only = models.BooleanField(default=False)
    rows_read = models.PositiveIntegerField(default=0)
    rows_good = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    rows_there = models.PositiveIntegerField(default=0, help_text=_("bad because they are in the register already"))
    progress = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0, help_text=_("0: not known"))
    columns = models.JSONField(default=dict, help_text=_("our column: letter and heading in the file"))
    unused = models.JSONField(default=list, help_text=_("headings of the file that nothing reads"))
    message = models.CharField(max_length=200, blank=True)
    message_params = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    actor_id = models.UUIDField()
    actor_kind = models.CharField(max_length=12)
    actor_name = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "area", "-id"], name="import_by_area"),
            models.Index(
                fields=["id"],
                condition=Q(state__in=["uploaded", "checking", "confirmed", "writing"]),
                name="import_due",
            ),
        ]


class ImportFile(models.Model):
    """The uploaded file, sealed by its importer; thrown away when the batch is over."""

    batch = models.OneToOneField(ImportBatch, on_delete=models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()


class ImportPack(models.Model):
    """Some hundred good rows, sealed by the importer; thrown away when the batch is over."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="packs", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_pack_number")]


class ImportProblem(models.Model):
    """What is wrong with a cell. Only the first thousand of a batch are kept; the counts are exact."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="problems", db_index=False)
    row = models.PositiveIntegerField()
    cell = models.CharField(max_length=12, help_text=_("such as C17"))
    message = models.CharField(max_length=200)
    params = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["batch", "row", "id"], name="import_problem_row")]
