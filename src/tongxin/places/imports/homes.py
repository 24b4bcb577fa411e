"""The import of homes with their units, buildings and estates: 小区, 楼栋, 单元, 房号, 楼层, 建筑面积, 用途."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import Invalid
from tongxin.kernel.ids import uuid7
from tongxin.places import rules
from tongxin.places.imports.bulk import Insert
from tongxin.places.imports.spec import Column, Importer, Prepared, StagedRow
from tongxin.places.models import Area, Building, Home, Unit
from tongxin.places.rules import Problem

# On the screen: Estates, Buildings, Units, Homes.
_COUNTED = ("estates", "buildings", "units", "homes")


@dataclass(slots=True)
class Known:
    """What the register holds where the file may write: estates of the area, then by need what lies below them."""

    area: Area
    community: Area
    today: date
    estates: dict[str, UUID]
    buildings: dict[UUID, dict[str, UUID]] = field(default_factory=dict)
    units: dict[UUID, dict[str, UUID]] = field(default_factory=dict)
    homes: dict[UUID, set[str]] = field(default_factory=dict)

    @property
    def only_estate(self) -> str | None:
        return self.area.name if self.area.level_id == rules.ESTATE_LEVEL else None

    def building(self, estate: UUID, name: str) -> UUID | None:
        if estate not in self.buildings:
            rows = list(Building.objects.filter(estate=estate).values_list("name", "id"))
            self.buildings[estate] = dict(rows)
            for unit_id, unit_name, building in Unit.objects.filter(building__estate=estate).values_list(
                "id", "name", "building_id"
            ):
                self.units.setdefault(building, {})[unit_name] = unit_id
        return self.buildings[estate].get(name)

    def unit(self, row: Mapping[str, Any]) -> UUID | None:
        estate = self.estates.get(row["estate"])
        building = self.building(estate, row["building"]) if estate else None
        return self.units.get(building, {}).get(row["unit"]) if building else None

    def has(self, row: Mapping[str, Any]) -> bool:
        unit = self.unit(row)
        if unit is None:
            return False
        if unit not in self.homes:
            self.homes[unit] = set(Home.objects.filter(unit=unit).values_list("name", flat=True))
        return row["home"] in self.homes[unit]


class HomesImport(Importer):
    """Homes of one estate, or of all estates of a community; what lies above a home is made where it is missing."""

    kind = "homes"
    title = rules.N_("Homes")
    permission = "places.manage"
    columns = (
        Column("estate", ("小区", "小区名称", "小区/组", "estate"), example="东苑小区", width=20),
        Column("building", ("楼栋", "楼号", "栋号", "楼栋号", "building"), required=True, example="3号楼"),
        Column("unit", ("单元", "单元号", "unit"), example="1单元"),
        Column("home", ("房号", "房间号", "户号", "室号", "home"), required=True, example="302"),
        Column("floor", ("楼层", "所在楼层", "层", "floor"), example="3"),
        Column("floor_area", ("建筑面积", "面积", "建筑面积（平方米）", "floor_area"), example="89.56"),
        Column("use", ("用途", "房屋用途", "use"), example="住宅"),
    )

    def accepts(self, area: Area) -> None:
        if area.level_id not in (rules.ESTATE_LEVEL, rules.COMMUNITY_LEVEL):
            raise Invalid("Homes are imported into an estate or a community.", field="area", code="wrong-level")

    def context(self, area: Area, now: datetime) -> Known:
        if area.level_id == rules.ESTATE_LEVEL:
            # An estate hangs under its community; one that hangs under nothing makes no further estates.
            return Known(area, area.parent or area, rules.local_day(now), {area.name: area.id})
        rows = Area.objects.filter(parent=area, level=rules.ESTATE_LEVEL, valid_until=None).values_list("name", "id")
        return Known(area, area, rules.local_day(now), dict(rows))

    def check(self, cells: Mapping[str, str], context: Known) -> tuple[Mapping[str, Any] | None, Sequence[Problem]]:
        row, problems = rules.check_home_row(cells, context.only_estate)
        if row is None:
            return None, problems
        return {name: getattr(row, name) for name in row.__slots__}, ()

    def key(self, values: Mapping[str, Any]) -> Hashable:
        return (values["estate"], values["building"], values["unit"], values["home"])

    def there(self, rows: Sequence[StagedRow], context: Known) -> Mapping[int, Problem]:
        problem = Problem("home", rules.N_("This home is in the register already."))
        return {row.number: problem for row in rows if context.has(row.values)}

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**values, "use": str(Home.Use(values["use"]).label)}

    def prepare(self, rows: Iterable[StagedRow], context: Known, now: datetime) -> Prepared:
        new = _New(context)
        for row in rows:
            new.add_home(row.values)
        return Prepared(new.write)


class _New:
    """What the file adds, in the order in which it must be written."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self.estates: list[Area] = []
        codes = Area.objects.filter(parent=known.community).values_list("code", flat=True)
        self.codes = set(codes) if known.only_estate is None else set()
        self.buildings = Insert(
            Building, "id", "estate_id", "grid_id", "name", "sort_key", "floors", "lat", "lng", "shape"
        )
        self.units = Insert(Unit, "id", "building_id", "name", "sort_key")
        self.homes = Insert(Home, "id", "unit_id", "name", "sort_key", "floor", "floor_area", "use")

    def add_home(self, row: Mapping[str, Any]) -> None:
        unit = self.known.unit(row) or self._add_unit(row)
        area = row["floor_area"]
        name = row["home"]
        self.homes.add(
            uuid7(),
            unit,
            name,
            rules.natural_key(name),
            row["floor"],
            None if area is None else Decimal(area),
            row["use"],
        )

    def _add_unit(self, row: Mapping[str, Any]) -> UUID:
        estate = self.known.estates.get(row["estate"]) or self._add_estate(row["estate"])
        building = self.known.building(estate, row["building"])
        if building is None:
            building = self.known.buildings[estate][row["building"]] = uuid7()
            key = rules.natural_key(row["building"])
            self.buildings.add(building, estate, None, row["building"], key, None, None, None, None)
        unit = uuid7()
        self.known.units.setdefault(building, {})[row["unit"]] = unit
        self.units.add(unit, building, row["unit"], rules.natural_key(row["unit"]))
        return unit

    def _add_estate(self, name: str) -> UUID:
        community = self.known.community
        code = rules.next_code(community.code, self.codes)
        self.codes.add(code)
        estate = Area(
            code=code,
            name=name,
            level_id=rules.ESTATE_LEVEL,
            parent=community,
            path=rules.child_path(community.path, code),
            depth=community.depth + 1,
            is_village=community.is_village,
            valid_from=self.known.today,
        )
        self.estates.append(estate)
        self.known.estates[name] = estate.id
        self.known.buildings[estate.id] = {}
        return estate.id

    def write(self, now: datetime) -> Mapping[str, int]:
        Area.objects.bulk_create(self.estates)
        counts = (len(self.estates), self.buildings.run(), self.units.run(), self.homes.run())
        return dict(zip(_COUNTED, counts, strict=True))
