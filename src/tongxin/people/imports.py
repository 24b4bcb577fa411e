"""The import of residents with their homes and ownership, on the staging that all imports share (``places/imports``)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from tongxin.kernel.errors import Invalid
from tongxin.kernel.masking import mask_id, mask_phone
from tongxin.people.operations._bulk import (
    HomeFacts,
    Plan,
    ResidentRow,
    day_problem,
    home_facts,
    known_by_code,
    known_by_number,
)
from tongxin.people.queries.areas import day_of
from tongxin.people.rules.residents import check_resident_row
from tongxin.places.imports.spec import Column, Importer, Prepared, StagedRow
from tongxin.places.models import Area, Home
from tongxin.places.rules import COMMUNITY_LEVEL, ESTATE_LEVEL, Problem

Address = tuple[str, str, str]  # building, unit, room


@dataclass(slots=True)
class Known:
    """Look-ups of one pass: the homes of each estate as they are met, and what the file said of owners so far."""

    area: Area
    today: date
    estates: dict[str, UUID]
    homes: dict[UUID, dict[Address, tuple[UUID, Decimal | None]]] = field(default_factory=dict)
    shares: dict[UUID, Fraction] = field(default_factory=dict)
    equal: set[UUID] = field(default_factory=set)
    names: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def only_estate(self) -> str | None:
        return self.area.name if self.area.level_id == ESTATE_LEVEL else None

    def home(self, estate: str, address: Address) -> tuple[UUID, Decimal | None] | None:
        """The home of an address and its floor area. One query for each estate that the file speaks of."""
        estate_id = self.estates.get(estate)
        if estate_id is None:
            return None
        if estate_id not in self.homes:
            rows = Home.objects.filter(unit__building__estate=estate_id)
            columns = ("unit__building__name", "unit__name", "name", "pk", "floor_area")
            self.homes[estate_id] = {
                (building, unit, room): (pk, area)
                for building, unit, room, pk, area in rows.values_list(*columns).iterator(2000)
            }
        return self.homes[estate_id].get(address)

    def number_problem(self, number: str, name: str) -> str:
        """What is wrong with one more row of an ID number, given the name that the file had with it before."""
        if number and self.names.setdefault(number, name) != name:
            return "This ID number stands in the file under another name too."
        return ""

    def body_problem(self, code: str, name: str) -> str:
        """What is wrong with an organisation as an owner, looked up once for each code."""
        if code not in self.bodies:
            self.bodies[code] = known_by_code([code]).get(code, (None, ()))[1]
        if not self.bodies[code]:
            return "No organisation on the register has this credit code. Enter it under Organisations first."
        return "" if name in self.bodies[code] else "This credit code is on the register under another name."

    def share_problem(self, home_id: UUID, share: str) -> str:
        """What is wrong with one more owner of a home, given those whom the file named before; else nothing."""
        if not share:
            if home_id in self.shares:
                return "Write the shares of all owners of this home, or of none."
            self.equal.add(home_id)
            return ""
        if home_id in self.equal:
            return "Write the shares of all owners of this home, or of none."
        total = self.shares.get(home_id, Fraction(0)) + Fraction(share)
        if total > 1:
            return "The owners would hold more than the whole home."
        self.shares[home_id] = total
        return ""


class ResidentsImport(Importer):
    """Residents and owners of one estate, or of all estates of a community; their homes must be on the register."""

    kind = "residents"
    title = "Residents"
    permission = "people.manage"
    columns = (
        Column("name", ("姓名", "name"), required=True, example="张桂兰"),
        Column("id_number", ("证件号码", "身份证号", "身份证号码", "公民身份号码"), example="", width=20),
        Column("phone", ("手机", "手机号", "手机号码", "电话", "联系电话"), example="", width=14),
        Column("gender", ("性别",), example="女"),
        Column("birth_date", ("出生日期", "出生年月日"), example="1961-03-04"),
        Column("estate", ("小区", "小区名称", "小区/组"), example="东苑小区", width=20),
        Column("building", ("楼栋", "楼号", "栋号", "楼栋号"), required=True, example="3号楼"),
        Column("unit", ("单元", "单元号"), example="1单元"),
        Column("home", ("房号", "房间号", "户号", "室号"), required=True, example="302"),
        Column("relation", ("与户主关系", "关系"), example="户主"),
        Column("lives", ("是否居住", "居住"), example="是"),
        Column("owner", ("产权人", "是否产权人", "业主"), example="是"),
        Column("share", ("产权份额", "份额"), example="1/2"),
        Column("floor_area", ("面积", "建筑面积", "建筑面积（平方米）"), example="89.56"),
        Column("party", ("党员", "是否党员"), example="否"),
        Column("moved_in", ("入住日期", "入住时间", "迁入日期"), example="2019-05-01"),
        Column("rents_from", ("租期自", "租赁开始日期", "起租日期"), example=""),
        Column("rents_until", ("租期至", "租赁结束日期", "租期止", "到租日期"), example=""),
    )

    def accepts(self, area: Area) -> None:
        """Residents come into an estate or a community."""
        if area.level_id not in (ESTATE_LEVEL, COMMUNITY_LEVEL):
            raise Invalid("Residents are imported into an estate or a community.", field="area", code="wrong-level")

    def context(self, area: Area, now: datetime) -> Known:
        """The estates of the area; homes follow by need."""
        if area.level_id == ESTATE_LEVEL:
            return Known(area, day_of(now), {area.name: area.pk})
        rows = Area.objects.filter(parent=area, valid_until=None).values_list("name", "pk")
        return Known(area, day_of(now), dict(rows))

    def check(self, cells: Mapping[str, str], context: Known) -> tuple[Mapping[str, Any] | None, Sequence[Problem]]:
        """The row's meaning, its home found, its floor area and shares compared."""
        row, problems = check_resident_row(cells, context.only_estate, context.today)
        if row is None:
            return None, problems
        found = context.home(row.estate, (row.building, row.unit, row.home))
        if found is None:
            return None, [Problem("home", "There is no such home on the register. Import the homes first.")]
        if row.credit_code and (why := context.body_problem(row.credit_code, row.name)):
            return None, [Problem("id_number", why)]
        if why := context.number_problem(row.id_number, row.name):
            return None, [Problem("id_number", why)]
        home_id, area = found
        if row.floor_area and area is not None and Decimal(row.floor_area) != area:
            return None, [Problem("floor_area", "The register says %(area)s.", {"area": str(area)})]
        if row.owner and (why := context.share_problem(home_id, row.share)):
            return None, [Problem("share", why)]
        return {**asdict(row), "home_id": str(home_id)}, ()

    def key(self, values: Mapping[str, Any]) -> Hashable:
        """The same person or organisation in the same home."""
        return (values["home_id"], values.get("credit_code", "") or values["id_number"] or values["name"])

    def there(self, rows: Sequence[StagedRow], context: Known) -> Mapping[int, Problem]:
        """Who lives there already, whose ID number has another name, and homes that have all their owners."""
        facts = home_facts((UUID(row.values["home_id"]) for row in rows), context.today)
        numbers = known_by_number(row.values["id_number"] for row in rows)
        bodies = known_by_code(row.values.get("credit_code", "") for row in rows)
        found: dict[int, Problem] = {}
        for row in rows:
            if problem := _on_register(row.values, facts[UUID(row.values["home_id"])], numbers, bodies):
                found[row.number] = problem
        return found

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The preview shows phones and ID numbers masked."""
        hidden = {
            "id_number": mask_id(values["id_number"]) if values["id_number"] else values.get("credit_code", ""),
            "phone": mask_phone(values["phone"]) if values["phone"] else "",
            "gender": {"f": "女", "m": "男"}.get(values["gender"], ""),
        }
        if until := _day(values.get("rents_until", "")):  # kept as the first day without, shown as it was written
            hidden["rents_until"] = (until - timedelta(days=1)).isoformat()
        flags = {key: "是" if values[key] else "否" for key in ("lives", "owner")}
        return {**values, **hidden, **flags, "party": "是" if values["is_party_member"] else "否"}

    def prepare(self, rows: Iterable[StagedRow], context: Known, now: datetime) -> Prepared:
        """Lay everything out: ids, encryption, who is known already."""
        plan = Plan([_row(row) for row in rows], since=context.today, today=context.today, now=now)
        return Prepared(plan.write, plan.told())


def _on_register(
    values: Mapping[str, Any],
    facts: HomeFacts,
    numbers: Mapping[str, tuple[UUID, str]],
    bodies: Mapping[str, tuple[UUID, tuple[str, str]]],
) -> Problem | None:
    if code := values.get("credit_code", ""):
        if code in bodies and bodies[code][0] in facts.owning:
            return Problem("name", "This organisation is on the register as an owner of this home already.")
        return Problem("owner", "This home has owners on the register. Transfer it there.") if facts.owned else None
    person_id, name = numbers.get(values["id_number"], (None, ""))
    if person_id is not None and name != values["name"]:
        return Problem("id_number", "This ID number is on the register under another name.")
    if person_id is None and not values["id_number"]:
        person_id = facts.by_name.get(values["name"])
    row = _cells(values)
    lives = not row.lives or person_id in facts.living
    owns = not row.owner or person_id in facts.owning
    period = (row.rents_from, row.rents_until)
    rents = row.rents_from is None or (person_id is not None and period in facts.renting.get(person_id, ()))
    if person_id is not None and lives and owns and rents:
        return Problem("name", "This person is on the register with this home already.")
    if values["owner"] and not owns and facts.owned:
        return Problem("owner", "This home has owners on the register. Transfer it there.")
    column, why, day = day_problem(row, person_id, facts)
    return Problem(column, why, {"day": str(day)}) if column else None


def _row(staged: StagedRow) -> ResidentRow:
    return _cells(staged.values, staged.number)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _cells(values: Mapping[str, Any], number: int = 0) -> ResidentRow:
    return ResidentRow(
        number=number,
        name=values["name"],
        home_id=UUID(values["home_id"]),
        id_number=values["id_number"],
        phone=values["phone"],
        gender=values["gender"],
        birth_date=_day(values["birth_date"]),
        relation=values["relation"],
        is_head=values["is_head"],
        lives=values["lives"],
        owner=values["owner"],
        share=Fraction(values["share"]) if values["share"] else None,
        is_party_member=values["is_party_member"],
        credit_code=values.get("credit_code", ""),
        # Files staged before there were these columns have none of them.
        moved_in=_day(values.get("moved_in", "")),
        rents_from=_day(values.get("rents_from", "")),
        rents_until=_day(values.get("rents_until", "")),
    )
