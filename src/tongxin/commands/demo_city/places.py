"""The places of the demo city: the real divisions, and invented estates with their homes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from shapely import MultiPoint, Point, voronoi_polygons

import tongxin.places
from tongxin.kernel.actor import SYSTEM
from tongxin.places import queries
from tongxin.places.imports.operations import confirm_import, upload_import
from tongxin.places.imports.worker import advance
from tongxin.places.operations.areas import set_position, set_shape
from tongxin.places.operations.divisions import import_divisions
from tongxin.places.operations.grids import assign_buildings_to_grid, make_grid

DIVISIONS = Path(tongxin.places.__file__).parent / "data" / "shiyan_divisions.csv"


REACH, STREET = 0.0021, 0.00008
"""How far an estate reaches from its middle, and half the width of a street, in degrees."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An invented estate: buildings × units × floors × homes on each floor."""

    name: str
    buildings: int
    units: int
    floors: int
    per_floor: int
    at: tuple[float, float]

    @property
    def homes(self) -> int:
        return self.buildings * self.units * self.floors * self.per_floor


@dataclass(frozen=True, slots=True)
class CommunityPlan:
    """A community to people: its real code, and how many people live there."""

    code: str
    residents: int
    over_sixty: float
    estates: tuple[Plan, ...]


# 王湾: an old community of 19,880 people, half of them over 60.
OLD = CommunityPlan(
    "420303002001",
    19_880,
    0.5,
    (
        Plan("钢砂厂小区", 24, 4, 6, 2, (32.6512, 110.7421)),
        Plan("东苑小区", 16, 4, 6, 2, (32.6530, 110.7452)),
        Plan("西苑小区", 14, 4, 6, 2, (32.6498, 110.7388)),
        Plan("永光新村", 22, 3, 6, 2, (32.6475, 110.7430)),
        Plan("富强小区", 18, 3, 6, 2, (32.6541, 110.7399)),
        Plan("轴承厂家属院", 20, 3, 6, 2, (32.6466, 110.7467)),
        Plan("蓝山郡小区", 12, 2, 11, 2, (32.6555, 110.7480)),
        Plan("阳光栖谷", 10, 2, 18, 2, (32.6520, 110.7503)),
        Plan("建设路48号院", 20, 3, 6, 2, (32.6487, 110.7515)),
        Plan("红卫小区", 24, 3, 6, 2, (32.6449, 110.7412)),
        Plan("茶树沟小区", 16, 3, 6, 2, (32.6433, 110.7446)),
        Plan("惠民小区", 12, 3, 6, 2, (32.6570, 110.7436)),
    ),
)
# 张湾社区 at the size of a large one: 11,000 homes, 38,000 people.
LARGE = CommunityPlan(
    "420303003004",
    38_000,
    0.19,
    (
        Plan("国瑞中央花园", 14, 2, 26, 3, (32.6605, 110.7702)),
        Plan("车城名苑", 12, 2, 18, 4, (32.6622, 110.7745)),
        Plan("东风新苑", 20, 3, 6, 3, (32.6588, 110.7668)),
        Plan("六堰山小区", 24, 3, 6, 2, (32.6571, 110.7731)),
        Plan("香格里拉城市花园", 10, 2, 24, 3, (32.6640, 110.7690)),
        Plan("金座公寓", 4, 1, 25, 8, (32.6615, 110.7780)),
        Plan("人民路一号", 6, 2, 28, 2, (32.6597, 110.7806)),
        Plan("江苏路小区", 18, 3, 6, 2, (32.6655, 110.7735)),
        Plan("公园路小区", 16, 3, 6, 2, (32.6668, 110.7770)),
        Plan("天麒广场", 5, 2, 24, 3, (32.6633, 110.7822)),
        Plan("锦绣花城", 8, 2, 17, 3, (32.6680, 110.7712)),
    ),
)
VILLAGE = CommunityPlan(
    "420303101201",
    1_260,
    0.38,
    (
        Plan("一组", 62, 1, 1, 1, (32.6103, 110.6502)),
        Plan("二组", 58, 1, 1, 1, (32.6131, 110.6554)),
        Plan("三组", 71, 1, 1, 1, (32.6088, 110.6590)),
        Plan("四组", 66, 1, 1, 1, (32.6152, 110.6611)),
        Plan("五组", 49, 1, 1, 1, (32.6071, 110.6537)),
    ),
)
COMMUNITIES = (OLD, LARGE, VILLAGE)


def small(plan: CommunityPlan) -> CommunityPlan:
    """The same community with two estates of a few homes: for tests, in seconds."""
    estates = tuple(
        Plan(e.name, min(e.buildings, 6), min(e.units, 2), min(e.floors, 2), 1, e.at) for e in plan.estates[:5]
    )
    return CommunityPlan(plan.code, sum(e.homes for e in estates) * 2, plan.over_sixty, estates)


@dataclass(slots=True)
class Community:
    """A community as it was made."""

    plan: CommunityPlan
    area: Any
    estates: dict[str, Any] = field(default_factory=dict)
    grids: list[Any] = field(default_factory=list)


def make_divisions(at: datetime, progress: Callable[[int], None]) -> None:
    """Import the real tree of Shiyan."""
    result = import_divisions(DIVISIONS, SYSTEM, at)
    progress(getattr(result, "added", 0) or 0)


def make_community(plan: CommunityPlan, at: datetime) -> Community:
    """Import the homes of a community as an office would: from a file, checked and confirmed."""
    area = queries.area_by_code(plan.code)
    batch = upload_import(SYSTEM, "homes", area.id, f"{area.name}.csv", _file(plan), at)
    while advance(lambda: at, batch.id):
        pass
    confirm_import(SYSTEM, batch.id, at)
    while advance(lambda: at, batch.id):
        pass
    made = Community(plan, area, {estate.name: estate for estate in queries.estates(area, at)})
    for estate in plan.estates:
        set_position(SYSTEM, "area", made.estates[estate.name].id, *estate.at, at)
    set_position(SYSTEM, "area", area.id, *plan.estates[0].at, at)
    _draw(made, at)
    _make_grids(made, at)
    return made


def _draw(made: Community, at: datetime) -> None:
    """Outlines: an estate is what lies nearest to its middle, with streets between; a community is all of them together.
    The middles are real quarters of the city, the outlines are invented."""
    plans = made.plan.estates
    middles = MultiPoint([(plan.at[1], plan.at[0]) for plan in plans])
    whole = middles.convex_hull.buffer(REACH)
    cells = list(voronoi_polygons(middles, extend_to=whole).geoms)
    for plan in plans:
        middle = Point(plan.at[1], plan.at[0])
        cell = next(cell for cell in cells if cell.contains(middle))
        shape = cell.intersection(middle.buffer(REACH, quad_segs=3)).buffer(-STREET, join_style="mitre")
        set_shape(SYSTEM, made.estates[plan.name].id, _geojson(shape), at)
    set_shape(SYSTEM, made.area.id, _geojson(whole), at)


def _geojson(shape: Any) -> dict[str, Any]:
    ring = [[round(lng, 6), round(lat, 6)] for lng, lat in shape.exterior.coords]
    return {"type": "Polygon", "coordinates": [ring]}


def _file(plan: CommunityPlan) -> bytes:
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["小区", "楼栋", "单元", "房号", "楼层", "建筑面积", "用途"])
    random = Random(plan.code)  # noqa: S311 - a demo that is the same each time
    for estate in plan.estates:
        sizes = [f"{random.uniform(48, 128):.2f}" for _ in range(8)]
        for row in _homes(estate):
            sheet.writerow([estate.name, *row, sizes[int(row[2][-1]) % 8], "住宅"])
    return text.getvalue().encode("utf-8-sig")


def _homes(estate: Plan) -> Iterator[tuple[str, str, str, str]]:
    """(building, unit, room, floor); a house of a village is a building with one home."""
    for building in range(1, estate.buildings + 1):
        for unit in range(1, estate.units + 1):
            for floor in range(1, estate.floors + 1):
                for place in range(1, estate.per_floor + 1):
                    lone = estate.units == 1 and estate.floors == 1
                    named = f"{building}号" if lone else f"{building}号楼"
                    yield named, "" if lone else f"{unit}单元", f"{floor}{place:02d}", str(floor)


def _make_grids(made: Community, at: datetime) -> None:
    """A grid for every four hundred homes or so, each of whole buildings of one estate."""
    number = 0
    for plan in made.plan.estates:
        buildings = list(queries.buildings(made.estates[plan.name], limit=500))
        each = max(1, round(400 / max(1, plan.homes / plan.buildings)))
        for start in range(0, len(buildings), each):
            number += 1
            grid = make_grid(SYSTEM, made.area.id, f"第{number}网格", at)
            ids: list[UUID] = [building.id for building in buildings[start : start + each]]
            assign_buildings_to_grid(SYSTEM, grid.id, ids, at)
            made.grids.append(grid)


def homes_of(community: Community) -> dict[str, list[tuple[UUID, Any, Any]]]:
    """(home id, unit, building) of every home, by estate."""
    found: dict[str, list[tuple[UUID, Any, Any]]] = {}
    for name, estate in community.estates.items():
        rows = found.setdefault(name, [])
        for building in queries.buildings(estate, limit=500):
            for unit in queries.units(building):
                rows += [(home.id, unit, building) for home in queries.homes(unit, limit=500)]
    return found
