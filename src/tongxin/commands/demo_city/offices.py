"""Who does what in the demo city: offices, companies, the party's tree, and the people that a visitor can be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random
from typing import Any
from uuid import UUID

from tongxin.cases.operations.setup import RouteData, save_template, set_route
from tongxin.commands.demo_city import invented
from tongxin.commands.demo_city.people import Numbers
from tongxin.commands.demo_city.places import Community
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import local_day
from tongxin.people.operations.accounts import open_account, open_staff_account
from tongxin.people.operations.appointments import Office, appoint
from tongxin.people.operations.organisations import (
    OrganisationData,
    add_organisation,
    join_committee,
    start_service,
)
from tongxin.people.operations.ownership import register_ownership
from tongxin.people.operations.register import Member, PersonData, add_person, settle_household
from tongxin.places import queries

SINCE = date(2023, 1, 1)

DEPARTMENTS = (
    ("城管", "张湾区城市管理执法局", "department"), ("住建", "张湾区住房和城乡建设局", "department"),
    ("环境", "市生态环境局张湾分局", "department"), ("民政", "张湾区民政局", "department"),
    ("消防", "张湾区消防救援大队", "department"), ("公安", "张湾公安分局", "police"),
    ("市监", "张湾区市场监督管理局", "department"), ("教育", "张湾区教育局", "department"),
    ("卫健", "张湾区卫生健康局", "department"), ("人社", "张湾区人力资源和社会保障局", "department"),
    ("规划", "张湾区自然资源和规划局", "department"), ("交通", "张湾区交通运输局", "department"),
    ("水利", "张湾区水利和湖泊局", "department"), ("应急", "张湾区应急管理局", "department"),
    ("信访", "张湾区信访局", "department"), ("残联", "张湾区残疾人联合会", "social"),
    ("司法", "张湾区司法局", "department"), ("供电", "张湾供电中心", "utility"), ("水务", "十堰水务集团", "utility"),
    ("燃气", "十堰中燃城市燃气", "utility"), ("纪委", "张湾区纪委监委", "department"),
)  # fmt: skip
CAST = frozenset({
    "city_officer", "county_officer", "system_admin", "security_admin", "audit_admin", "城管_officer", "纪委_officer",
    "street_officer:420303002", "secretary:0", "desk:0", "desk:1", "grid:0:0", "manager:国瑞物业", "worker:国瑞物业:0",
    "volunteer:0:0", "volunteer:0:1", "building_head", "branch", "committee", "police", "principal", "deputy:0",
    "deputy:1",
})  # fmt: skip
COMPANIES = ("国瑞物业", "东风阳光物业", "安泰物业", "家和物业")


@dataclass(slots=True)
class Offices:
    """Organisations by short name, and people in office by what they are called in ``cast``."""

    at: datetime
    numbers: Numbers
    random: Random
    organisations: dict[str, Any] = field(default_factory=dict)
    people: dict[str, Any] = field(default_factory=dict)
    accounts: dict[str, UUID] = field(default_factory=dict)
    handlers: dict[UUID, list[str]] = field(default_factory=dict)
    company_of: dict[UUID, Any] = field(default_factory=dict)

    def organisation(self, key: str, kind: str, name: str, area: Any, *, short: str = "", parent: Any = None,
                     phone: str = "") -> Any:  # fmt: skip
        data = OrganisationData(
            kind=kind, name=name, short_name=short, phone=phone, parent_id=parent.id if parent else None
        )
        self.organisations[key] = add_organisation(SYSTEM, data, area.id, since=SINCE, now=self.at)
        return self.organisations[key]

    def person(self, key: str, name: str, community: Any, *, age: int = 42, female: bool = False, phone: bool = True,
               party: bool = False) -> Any:  # fmt: skip
        self.numbers.person += 1
        born = invented.birthday(self.random, age, local_day(self.at))
        data = PersonData(
            name=name,
            id_number=self.numbers.id_number(self.random, born, female),
            phone=invented.phone(self.numbers.person) if phone else "",
            is_party_member=party,
        )
        self.people[key] = add_person(SYSTEM, data, community.id, now=self.at)
        self.accounts[key] = open_account(self.people[key].id, now=self.at)
        return self.people[key]

    def office(self, key: str, role: str, organisation: Any, area: Any, *, title: str = "", username: str = "",
               **where: Any) -> None:  # fmt: skip
        office = Office(role=role, organisation_id=organisation.id, area_id=area.id, title=title, **where)
        appoint(SYSTEM, self.people[key].id, office, since=SINCE, now=self.at)
        # A user name only for those whom a visitor can be: a password takes its time to be kept well.
        if username and key in CAST:
            open_staff_account(SYSTEM, self.people[key].id, username, now=self.at)
        self.handlers.setdefault(organisation.id, []).append(key)


def establish(communities: list[Community], numbers: Numbers, at: datetime) -> Offices:
    """Make all offices and fill them."""
    offices = Offices(at, numbers, Random(7))  # noqa: S311 - a demo that is the same each time
    city, county = queries.area_by_code("4203"), queries.area_by_code("420303")
    home = communities[0].area
    _governments(offices, city, county, home)
    _departments(offices, county, home)
    for number, community in enumerate(communities):
        _community(offices, community, number)
    _companies(offices, communities, county)
    _party(offices, communities)
    _routes(offices, communities, county)
    return offices


def _governments(o: Offices, city: Any, county: Any, home: Any) -> None:
    o.organisation("city", "government", "十堰市人民政府", city, short="市政府")
    o.organisation("county", "government", "张湾区人民政府", county, short="区政府")
    o.person("city_officer", "高远", home, age=39)
    o.office("city_officer", "city_officer", o.organisations["city"], city, title="市社会治理中心", username="gaoyuan")
    o.person("county_officer", "罗文", home, age=44)
    o.office(
        "county_officer", "county_officer", o.organisations["county"], county, title="区综治中心", username="luowen"
    )
    for key, name, role in (
        ("system_admin", "系统管理员", "system_administrator"),
        ("security_admin", "安全管理员", "security_administrator"),
        ("audit_admin", "审计管理员", "audit_administrator"),
    ):
        o.person(key, name, home)
        o.office(key, role, o.organisations["county"], county, username=key.replace("_", "."))


def _departments(o: Offices, county: Any, home: Any) -> None:
    for number, (short, name, kind) in enumerate(DEPARTMENTS):
        shown = short if kind == "utility" else name.removeprefix("张湾区").removeprefix("张湾")
        organisation = o.organisation(short, kind, name, county, short=shown, phone=f"0719-842{number:04d}")
        key = f"{short}_officer"
        age = o.random.randint(29, 55)
        o.person(key, "郑刚" if short == "城管" else invented.name(o.random, age, number % 3 == 0), home, age=age)
        role = "discipline_inspector" if short == "纪委" else "department_officer"
        o.office(key, role, organisation, county, username=f"dept{number:02d}")


def _community(o: Offices, community: Community, number: int) -> None:
    area = community.area
    street = queries.lineage(area.path)[-2]
    if f"street:{street.code}" not in o.organisations:
        body = o.organisation(f"street:{street.code}", "government", f"{street.name}办事处", street, short=street.name)
        key = f"street_officer:{street.code}"
        o.person(key, ("赵主任", "冯主任", "何主任")[number % 3], area, age=48)
        o.office(key, "street_officer", body, street, title="街道党工委", username=f"street{number}")
    committee = o.organisation(
        f"community:{number}", "community", f"{area.name}居民委员会" if number < 2 else f"{area.name}村民委员会", area,
        short=area.name, phone=f"0719-86{number}5110",
    )  # fmt: skip
    for key, name, role, title in (
        (f"secretary:{number}", ("周明", "邓红梅", "龚大成")[number], "community_secretary", "书记"),
        (f"desk:{number}", ("吴敏", "江晓玲", "黎敏")[number], "community_worker", "社区工作者"),
    ):
        o.person(key, name, area, age=41, female=key.startswith("desk"), party=True)
        o.office(key, role, committee, area, title=title, username=f"{key.replace(':', '')}")
    for position, grid in enumerate(community.grids):
        key = f"grid:{number}:{position}"
        named = "王敏" if (number, position) == (0, 0) else invented.name(o.random, 35, position % 2 == 0)
        o.person(key, named, area, age=o.random.randint(26, 52), female=position % 2 == 0)
        username = f"grid{number}{position:02d}"
        o.office(key, "grid_worker", committee, area, title=grid.name, username=username, grid_id=grid.id)


def _companies(o: Offices, communities: list[Community], county: Any) -> None:
    for number, name in enumerate(COMPANIES):
        o.organisation(
            name, "property_company", f"十堰{name}有限公司", county, short=name, phone=f"0719-88{number}6677"
        )
    for number, community in enumerate(communities[:2]):
        for position, (name, estate) in enumerate(community.estates.items()):
            if name.endswith("院"):
                continue  # an old yard without a property company: its cases fall to the desk
            company = o.organisations[COMPANIES[(position + number * 2) % len(COMPANIES)]]
            start_service(SYSTEM, company.id, estate.id, "property", since=SINCE, now=o.at)
            o.company_of[estate.id] = company
    for number, name in enumerate(COMPANIES):
        company, area = o.organisations[name], communities[number % 2].area
        o.person(f"manager:{name}", ("钱卫东", "万丽", "武强", "史娟")[number], area, age=45, female=number % 2 == 1)
        o.office(f"manager:{name}", "company_manager", company, county, title="项目经理", username=f"manager{number}")
        for place, worker in enumerate(
            (("李师傅", "小刘"), ("孙师傅", "马师傅"), ("胡师傅", "谭师傅"), ("邹师傅", "姜师傅"))[number]
        ):
            o.person(f"worker:{name}:{place}", worker, area, age=38)
            o.office(
                f"worker:{name}:{place}", "handler", company, county, title="维修工", username=f"worker{number}{place}"
            )


def _party(o: Offices, communities: list[Community]) -> None:
    for number, community in enumerate(communities):
        area = community.area
        party = o.organisation(
            f"party:{number}", "general_party_committee", f"{area.name}大党委", area, short=f"{area.name}大党委"
        )
        for name, estate in list(community.estates.items())[:6]:
            branch = o.organisation(f"branch:{number}:{name}", "party_branch", f"{name}党支部", estate, parent=party)
            for group in (1, 2):
                o.organisation(
                    f"group:{number}:{name}:{group}", "party_group", f"{name}第{group}党小组", estate, parent=branch
                )
        for unit in ("东风商用车车架厂", "十堰市第二医院") if number == 0 else ("十堰职业技术学院", "汉江银行张湾支行"):
            if unit not in o.organisations:
                o.organisation(unit, "partner_unit", unit, area)
                join_committee(SYSTEM, party.id, o.organisations[unit].id, since=SINCE, now=o.at)
        team = o.organisation(
            f"volunteers:{number}", "volunteers", f"{area.name}志愿服务队", area, short=f"{area.name}志愿队"
        )
        for place in range(5):
            key = f"volunteer:{number}:{place}"
            name = "陈护士" if (number, place) == (0, 0) else invented.name(o.random, 40, place % 2 == 0)
            o.person(key, name, area, age=o.random.randint(24, 66), female=place % 2 == 0, party=place < 3)
            username = f"volunteer{number}{place}"
            o.office(key, "party_member" if place in {1, 2} else "volunteer", team, area, username=username)
    estate = next(iter(communities[0].estates.values()))
    building = queries.buildings(estate)[2]
    o.person("building_head", "熊桂英", communities[0].area, age=63, female=True, party=True)
    o.office("building_head", "building_head", o.organisations["community:0"], estate, title="3号楼楼栋长",
             username="building3", building_id=building.id)  # fmt: skip


def _routes(o: Offices, communities: list[Community], county: Any) -> None:
    """The tables of who gets what; everything else falls to the community's desk."""
    property_: dict[str, Any] = {"service": "property", "automatic": True}
    pool: dict[str, Any] = {"mode": "pool", "automatic": True}

    def to(key: str, automatic: bool = False) -> dict[str, Any]:
        return {"organisation": o.organisations[key].id, "automatic": automatic}

    table: dict[str, dict[str, Any]] = {
        "lighting": property_, "drain": property_, "waste": property_, "lift": property_, "building": property_,
        "green": property_, "water.leak": property_, "fire.corridor": property_, "water.supply": to("水务", True),
        "water.power": to("供电", True), "water.gas": to("燃气", True), "lighting.street": to("城管"),
        "parking": to("城管"), "illegal": to("城管"), "road": to("住建"), "food": to("市监"), "fire": to("消防"),
        "noise": to("公安"),
    }  # fmt: skip
    for category, data in table.items():
        set_route(SYSTEM, county.id, RouteData(category=category, **data), o.at)
    for community in communities:
        set_route(SYSTEM, community.area.id, RouteData(category="care", **pool), o.at)
        for name, text in TEMPLATES:
            save_template(SYSTEM, area_id=community.area.id, name=name, text=text, now=o.at)


TEMPLATES = (
    ("已修好", "您反映的问题已于今日处理完毕，请您看看是否解决。如有不妥请告诉我们。"),
    ("解释政策", "您好，您咨询的事项按现行规定办理如下："),
    ("转有关单位", "此事由有关部门负责，我们已转交并将跟踪到办结，结果会告诉您。"),
)


def live_at(o: Offices, key: str, home_id: UUID, *, owner: bool = True, with_: tuple[str, ...] = ()) -> None:
    """Let invented people of the cast live in a home, as owners or not."""
    members = [Member(person_id=o.people[key].id, is_head=True, relation="户主")]
    members += [Member(person_id=o.people[other].id, relation="家人") for other in with_]
    settle_household(SYSTEM, home_id, members, since=SINCE, now=o.at)
    if owner:
        own(o, key, home_id)


def own(o: Offices, key: str, home_id: UUID) -> None:
    """Put somebody of the cast into the property register."""
    from tongxin.people.operations.ownership import Owner

    register_ownership(SYSTEM, home_id, [Owner(person_id=o.people[key].id)], source="register", since=SINCE, now=o.at)
