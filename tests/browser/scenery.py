"""Where the stories are played: places, register, offices, routes. Nothing that happens in a story happens here.

Stories know people by their names alone. What somebody needs to sign in (phone, user name, the secret of an authenticator)
is in :class:`Scenery`, for ``tests.browser.play``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from tests.cast import START, Wangwan, area, person, wangwan
from tongxin.cases.models import Category, Route
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import (
    Appointment,
    CommitteeMembership,
    Household,
    Organisation,
    Person,
    Residence,
    Service,
)
from tongxin.people.operations import second_factor
from tongxin.people.rules.signin import totp, totp_step
from tongxin.places.models import Area, Building, Home, Level, Unit

PASSWORD: Final = "湖北十堰 张湾 王湾"
VILLAGE: Final = {
    "type": "Polygon",
    "coordinates": [[[110.70, 32.64], [110.73, 32.64], [110.73, 32.67], [110.70, 32.67], [110.70, 32.64]]],
}
ESTATES: Final = ("东苑小区", "西苑小区", "南苑小区", "北苑小区")


@dataclass
class Scenery:
    """Who can sign in, and how. ``phones``: of residents. ``secrets``: of the authenticators of those in office."""

    phones: dict[str, str] = field(default_factory=dict)
    usernames: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, bytes] = field(default_factory=dict)


def lay(now: datetime) -> Scenery:
    """王湾社区 with five estates, its desk and grid worker, 国瑞物业, three bureaus and a volunteer team."""
    scenery, place = Scenery(), wangwan()
    for code, name in (("county", "县区"), ("street", "街道"), ("community", "社区"), ("estate", "小区")):
        Level.objects.filter(code=code).update(name=name)
    homes = {"国瑞中央花园": place.home} | {
        name: _estate(place, f"0{n}", name) for n, name in enumerate(ESTATES, start=2)
    }
    bodies = _bodies(place, homes)
    _residents(scenery, place, homes)
    _offices(scenery, place, bodies, now)
    _routes(place)
    return scenery


def _estate(place: Wangwan, number: str, name: str) -> Home:
    estate = area(f"{place.community.code}-{number}", name, "estate", place.community)
    for building in ("5号楼", "6号楼"):
        Building.objects.create(estate=estate, name=building)
    unit = Unit.objects.create(building=Building.objects.create(estate=estate, name="3号楼"), name="2单元")
    return Home.objects.create(unit=unit, name="301", floor=3)


def _bodies(place: Wangwan, homes: dict[str, Home]) -> dict[str, Organisation]:
    make = Organisation.objects.create
    bodies = {
        "居委会": place.office,
        "国瑞物业": place.company,
        "街道办": make(kind="government", name="车城路街道办", area=place.street, since=START),
        "路灯管理所": make(kind="department", name="区路灯管理所", area=place.county, since=START),
        "城管执法局": make(kind="department", name="区城管执法局", area=place.county, since=START),
        "东风小学": make(kind="school", name="东风小学", area=place.community, since=START),
        "市场监管局": make(kind="department", name="区市场监督管理局", area=place.county, since=START),
        "联络站": make(kind="other", name="车城路街道代表联络站", area=place.street, since=START),
        "东苑小学": make(kind="school", name="东苑小学", area=place.community, since=START),
        "志愿队": make(kind="volunteers", name="王湾暖心志愿队", area=place.community, since=START),
    }
    committee = make(kind="general_party_committee", name="王湾社区大党委", area=place.community, since=START)
    CommitteeMembership.objects.create(committee=committee, unit=bodies["城管执法局"], since=START)
    for home in homes.values():
        estate = home.unit.building.estate
        Service.objects.create(organisation=place.company, area=estate, kind="property", since=START)
    return bodies


def _residents(scenery: Scenery, place: Wangwan, homes: dict[str, Home]) -> None:
    listed = (
        ("张秀英", "东苑小区", "13907280001"), ("陈建国", "西苑小区", "13907280002"),
        ("刘志强", "南苑小区", "13907280003"), ("赵小兰", "北苑小区", "13907280004"),
        ("何丽", "国瑞中央花园", "13907280005"), ("周小雅", "国瑞中央花园", "13907280006"),
    )  # fmt: skip
    for name, estate, phone in listed:
        scenery.phones[name] = phone
        cipher, index = sealed(phone, PHONE)
        _settle(homes[estate], person(name, place.community, phone_cipher=cipher, phone_index=index))
    Person.objects.bulk_create(
        Person(name=f"业主{number:03}", community=place.community, created_at=now_of(place)) for number in range(1, 142)
    )
    for name, estate, born in (("郑淑珍", "东苑小区", date(1929, 3, 8)), ("刘桂兰", "西苑小区", date(1946, 5, 2))):
        one = Person.objects.create(name=name, community=place.community, birth_date=born, created_at=now_of(place))
        _settle(homes[estate], one)


def now_of(place: Wangwan) -> datetime:
    """When the register was written."""
    return datetime.combine(place.community.valid_from, datetime.min.time()).astimezone()


def _settle(home: Home, one: Person) -> None:
    household = Household.objects.create(home=home, since=START)
    Residence.objects.create(household=household, person=one, since=START)


def _offices(scenery: Scenery, place: Wangwan, bodies: dict[str, Organisation], now: datetime) -> None:
    listed: tuple[tuple[str, str, str, Area], ...] = (
        ("吴敏", "community_worker", "居委会", place.community),
        ("周明", "community_secretary", "居委会", place.community),
        ("王敏", "grid_worker", "居委会", place.community),
        ("李师傅", "handler", "国瑞物业", place.community),
        ("钱经理", "company_manager", "国瑞物业", place.community),
        ("赵主任", "street_officer", "街道办", place.street),
        ("孙所长", "department_officer", "路灯管理所", place.county),
        ("郑队长", "department_officer", "城管执法局", place.county),
        ("孟科长", "department_officer", "市场监管局", place.county),
        ("丁校长", "handler", "东苑小学", place.community),
        ("王代表", "deputy", "联络站", place.street),
        ("陈护士", "volunteer", "志愿队", place.community),
        ("小林", "volunteer", "志愿队", place.community),
        ("许校长", "handler", "东风小学", place.community),
    )
    for number, (name, role, body, where) in enumerate(listed, start=1):
        one = person(name)
        title = "张湾区人大代表" if role == "deputy" else ""
        Appointment.objects.create(
            person=one, organisation=bodies[body], role=role, area=where, title=title, since=START
        )
        _enrol(scenery, one, f"staff{number}", now)


def _enrol(scenery: Scenery, one: Person, username: str, now: datetime) -> None:
    """User name, password and authenticator, enrolled an hour ago: a code serves once, and the present one is for
    signing in."""
    account: Any = one.account
    account.username = username
    account.set_password(PASSWORD)
    account.save()
    then = now - timedelta(hours=1)
    secret = second_factor.start_enrolment(account.pk, now=then)
    second_factor.confirm_enrolment(account.pk, totp(secret, totp_step(then)), now=then)
    scenery.usernames[one.name], scenery.secrets[one.name] = account.username, secret


def _routes(place: Wangwan) -> None:
    """Stair lights go to the property company by themselves; everything else comes to the desk."""
    stairs = Category.objects.get(code="lighting.stairs")
    Route.objects.create(area=place.county, category=stairs, service="property", automatic=True, since=START)


def lay_village(scenery: Scenery, now: datetime) -> None:
    """后沟村 with its outline, its forest chief 宋林长 and its electrician 郭师傅; what is green comes to the village at once."""
    street = Area.objects.get(code="420303001")
    place = area("420303001201", "后沟村", "community", street, number_prefix="HGC", is_village=True, shape=VILLAGE,
                 south=32.64, north=32.67, west=110.70, east=110.73)  # fmt: skip
    body = Organisation.objects.create(kind="community", name="后沟村委会", area=place, since=START)
    for number, name in enumerate(("宋林长", "郭师傅"), start=1):
        one = person(name, place)
        Appointment.objects.create(person=one, organisation=body, role="handler", area=place, since=START)
        _enrol(scenery, one, f"village{number}", now)
    green = Category.objects.get(code="green")
    Route.objects.create(area=place, category=green, organisation=body, automatic=True, since=START)
