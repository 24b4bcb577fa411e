"""The import of who visits whom: one line a household, on the staging that all imports share (``places/imports``)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import N_, clean_line
from tongxin.kernel.times import local_day
from tongxin.people.models import Household, Residence
from tongxin.people.queries.areas import current
from tongxin.places.imports.spec import Column, Importer, Prepared, StagedRow
from tongxin.places.models import Area
from tongxin.places.rules import COMMUNITY_LEVEL, ESTATE_LEVEL, Problem, check_home_row
from tongxin.visits.operations import give
from tongxin.visits.queries.rounds import visitors_at

_STEP = 400
Address = tuple[str, str, str]


@dataclass(slots=True)
class Known:
    """Look-ups of one pass: the households of each estate as they are met, and visitors by name."""

    area: Area
    now: datetime
    estates: dict[str, UUID]
    visitors: dict[str, list[UUID]]
    households: dict[UUID, dict[Address, list[UUID]]] = field(default_factory=dict)

    def at(self, estate: str, address: Address) -> list[UUID]:
        """The households of an address. One query for each estate that the file speaks of."""
        key = self.estates.get(estate)
        if key is None:
            return []
        if key not in self.households:
            found: dict[Address, list[UUID]] = defaultdict(list)
            rows = Household.objects.filter(current(local_day(self.now)), home__unit__building__estate=key)
            columns = ("pk", "home__unit__building__name", "home__unit__name", "home__name")
            for pk, building, unit, home in rows.values_list(*columns).iterator(2000):
                found[building, unit, home].append(pk)
            self.households[key] = found
        return self.households[key].get(address, [])


class VisitorsImport(Importer):
    """Who visits whom in one estate, or in all estates of a community; households must be on the register."""

    kind = "visitors"
    title = N_("Who visits whom")
    permission = "visit.plan"
    columns = (
        Column("estate", ("小区", "小区名称", "小区/组", "estate"), example="东苑小区", width=20),
        Column("building", ("楼栋", "楼号", "栋号", "楼栋号", "building"), required=True, example="3号楼"),
        Column("unit", ("单元", "单元号", "unit"), example="1单元"),
        Column("home", ("房号", "房间号", "户号", "室号", "home"), required=True, example="302"),
        Column("visitor", ("走访人", "包保干部", "联系人", "网格员", "visitor"), required=True, example="王敏"),
    )

    def accepts(self, area: Area) -> None:
        """Households are given in an estate or a community."""
        if area.level_id not in (ESTATE_LEVEL, COMMUNITY_LEVEL):
            raise Invalid("Visitors are imported into an estate or a community.", field="area", code="wrong-level")

    def context(self, area: Area, now: datetime) -> Known:
        """The estates of the area and who may visit there; households follow by need."""
        names: dict[str, list[UUID]] = defaultdict(list)
        for one in visitors_at(area.path, now):
            names[one.name].append(one.id)
        if area.level_id == ESTATE_LEVEL:
            return Known(area, now, {area.name: area.pk}, names)
        rows = Area.objects.filter(parent=area, valid_until=None).values_list("name", "pk")
        return Known(area, now, dict(rows), names)

    def check(self, cells: Mapping[str, str], context: Known) -> tuple[Mapping[str, Any] | None, Sequence[Problem]]:
        """The households of the address, and the one visitor of that name."""
        only = context.area.name if context.area.level_id == ESTATE_LEVEL else None
        row, problems = check_home_row({**cells, "floor": "", "floor_area": "", "use": ""}, only)
        if row is None:
            return None, problems
        households = context.at(row.estate, (row.building, row.unit, row.home))
        if not households:
            return None, [Problem("home", N_("No household of the register lives there."))]
        name = clean_line(cells["visitor"], 60)
        found = context.visitors.get(name, [])
        if len(found) != 1:
            why = N_("Several visitors here have this name.") if found else N_("Nobody of this name may visit here.")
            return None, [Problem("visitor", why)]
        said = {"estate": row.estate, "building": row.building, "unit": row.unit, "home": row.home, "visitor": name}
        return {**said, "households": [str(key) for key in households], "visitor_id": str(found[0])}, ()

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """One visitor a home."""
        return (values["estate"], values["building"], values["unit"], values["home"])

    def there(self, rows: Sequence[StagedRow], context: Known) -> Mapping[int, Problem]:
        """Whoever would visit their own home."""
        by_household = {UUID(key): row for row in rows for key in row.values["households"]}
        living = Residence.objects.filter(current(local_day(context.now)), household__in=by_household)
        found: dict[int, Problem] = {}
        for household, person in living.values_list("household_id", "person_id"):
            row = by_household[household]
            if str(person) == row.values["visitor_id"]:
                found[row.number] = Problem("visitor", N_("Nobody visits their own home."))
        return found

    def prepare(self, rows: Iterable[StagedRow], context: Known, now: datetime) -> Prepared:
        """Who is wanted for which household; the rest is one step of writing after another."""
        wanted = {UUID(key): UUID(row.values["visitor_id"]) for row in rows for key in row.values["households"]}

        def write(at: datetime) -> Mapping[str, int]:
            keys, given = iter(wanted), 0
            while chunk := list(islice(keys, _STEP)):
                found = Household.objects.filter(pk__in=chunk).select_related("home__unit__building__estate")
                given += sum(len(some) for some in give(list(found), wanted, at).values())
            return {"households": given}

        return Prepared(write, {"visitors": len(set(wanted.values()))})
