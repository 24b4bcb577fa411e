"""A small town to test in: two communities of 张湾区, estates with homes, and the people who work there."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

from tongxin.kernel.actor import SYSTEM, Actor, Grant, Trust
from tongxin.people.models import Organisation, Person
from tongxin.people.operations.appointments import Office, appoint
from tongxin.people.operations.organisations import OrganisationData, add_organisation
from tongxin.people.operations.register import PersonData, add_person
from tongxin.people.roles import ROLES
from tongxin.places.models import Area, Building, Home, Level, Unit

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 10:00 in Shiyan
TODAY = date(2026, 11, 22)
LONG_AGO = date(2020, 1, 1)
LEVELS = ("city", "county", "street", "community", "estate")


def id_number(serial: int, born: str = "19610304", female: bool = True) -> str:
    """A valid ID number of 张湾区 (420303), invented."""
    body = f"420303{born}{serial:02d}{2 if female else 1}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def _area(code: str, name: str, level: str, parent: Area | None) -> Area:
    return Area.objects.create(
        code=code,
        name=name,
        level_id=level,
        parent=parent,
        path=f"{parent.path if parent else ''}{code}/",
        depth=parent.depth + 1 if parent else 0,
        valid_from=LONG_AGO,
    )


def _homes(estate: Area, building: str, names: list[str]) -> list[Home]:
    block = Building.objects.create(estate=estate, name=building, sort_key=building)
    unit = Unit.objects.create(building=block, name="1单元", sort_key="1")
    return [Home.objects.create(unit=unit, name=name, sort_key=name, floor_area="89.50") for name in names]


def actor(
    person: Person, *offices: tuple[str, str], trust: Trust = Trust.VISITOR, homes: tuple[str, ...] = ()
) -> Actor:
    """The person acting; ``offices`` are (role, area path)."""
    grants = tuple(Grant(role, ROLES[role], path) for role, path in offices)
    return Actor(id=person.pk, person_id=person.pk, name=person.name, trust=trust, home_paths=homes, grants=grants)


def person(name: str, community: Area, **data: object) -> Person:
    return add_person(SYSTEM, PersonData(name=name, **data), community.pk, now=NOW)  # type: ignore[arg-type]


def build() -> SimpleNamespace:
    """The town: areas, homes, organisations, and four actors at work in 五堰社区."""
    for rank, code in enumerate(LEVELS):
        Level.objects.get_or_create(code=code, defaults={"name": code, "name_en": code, "rank": rank})
    city = _area("4203", "十堰市", "city", None)
    county = _area("420303", "张湾区", "county", city)
    street = _area("420303004", "车城路街道", "street", county)
    wuyan = _area("420303004001", "五堰社区", "community", street)
    sanyan = _area("420303004002", "三堰社区", "community", street)
    dongyuan = _area("420303004001001", "东苑小区", "estate", wuyan)
    xiyuan = _area("420303004002001", "西苑小区", "estate", sanyan)
    homes = _homes(dongyuan, "5号楼", ["101", "102", "201"])
    far_homes = _homes(xiyuan, "1号楼", ["101"])

    def body(kind: str, name: str, area: Area, parent: UUID | None = None) -> Organisation:
        return add_organisation(
            SYSTEM, OrganisationData(kind, name, parent_id=parent), area.pk, since=LONG_AGO, now=NOW
        )

    office = body("community", "五堰社区居民委员会", wuyan)
    street_office = body("government", "车城路街道办事处", street)
    zhou, wang = person("周建国", wuyan), person("王秀兰", wuyan)
    clerk, officer = person("刘敏", wuyan), person("陈志强", wuyan)
    for who, role, area, org in (
        (zhou, "community_secretary", wuyan, office),
        (wang, "grid_worker", wuyan, office),
        (clerk, "community_worker", wuyan, office),
        (officer, "street_officer", street, street_office),
    ):
        appoint(SYSTEM, who.pk, Office(role, org.pk, area.pk), since=LONG_AGO, now=NOW)
    return SimpleNamespace(
        city=city,
        county=county,
        street=street,
        wuyan=wuyan,
        sanyan=sanyan,
        dongyuan=dongyuan,
        xiyuan=xiyuan,
        homes=homes,
        far_homes=far_homes,
        office=office,
        street_office=street_office,
        body=body,
        zhou_person=zhou,
        wang_person=wang,
        clerk_person=clerk,
        zhou=actor(zhou, ("community_secretary", wuyan.path)),
        wang=actor(wang, ("grid_worker", wuyan.path)),
        clerk=actor(clerk, ("community_worker", wuyan.path)),
        far_clerk=actor(officer, ("community_worker", sanyan.path)),
        officer=actor(officer, ("street_officer", street.path)),
    )
