"""The people and places that tests speak of: a small 王湾社区, and a way to be signed in as somebody.

Made by the models, because tests of one part must not depend on the operations of another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from django.conf import settings

from tongxin.kernel.ids import uuid7
from tongxin.people.models import (
    Account,
    Appointment,
    Household,
    Organisation,
    Ownership,
    Person,
    Residence,
)
from tongxin.people.sessions import SessionStore
from tongxin.places.models import Area, Building, Home, Level, Unit

START = date(2020, 1, 1)
MADE_AT = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LEVELS = ("city", "county", "street", "community", "estate")


@dataclass(frozen=True)
class Wangwan:
    """City 十堰, county 张湾, street 车城路, communities 王湾 and 花果, estate 国瑞 with one home."""

    city: Area
    county: Area
    street: Area
    community: Area
    other_community: Area
    estate: Area
    home: Home
    office: Organisation
    company: Organisation


def area(code: str, name: str, level: str, parent: Area | None = None, **more: Any) -> Area:
    """An area below its parent; `level` is one of `LEVELS`."""
    rank = LEVELS.index(level)
    row, _ = Level.objects.get_or_create(code=level, defaults={"name": level, "name_en": level, "rank": rank})
    path = f"{parent.path if parent else ''}{code}/"
    return Area.objects.create(
        code=code, name=name, level=row, parent=parent, path=path, depth=rank, valid_from=START, **more
    )


def wangwan() -> Wangwan:
    """Build the places. Once per test."""
    city = area("4203", "十堰市", "city")
    county = area("420303", "张湾区", "county", city)
    street = area("420303001", "车城路街道", "street", county)
    community = area("420303001001", "王湾社区", "community", street, number_prefix="WW")
    other = area("420303001002", "花果社区", "community", street, number_prefix="HG")
    estate = area("420303001001-01", "国瑞中央花园", "estate", community)
    building = Building.objects.create(estate=estate, name="3号楼")
    unit = Unit.objects.create(building=building, name="2单元")
    home = Home.objects.create(unit=unit, name="501", floor=5)
    office = Organisation.objects.create(kind="community", name="王湾社区居委会", area=community, since=START)
    company = Organisation.objects.create(kind="property_company", name="国瑞物业", area=community, since=START)
    return Wangwan(city, county, street, community, other, estate, home, office, company)


def person(name: str, community: Area | None = None, **more: Any) -> Person:
    """A person with an account."""
    one = Person.objects.create(name=name, community=community, created_at=MADE_AT, **more)
    Account.objects.create(person=one, created_at=MADE_AT)
    return one


def resident(name: str, place: Wangwan, **more: Any) -> Person:
    """A person who lives in the home."""
    one = person(name, place.community, **more)
    household = Household.objects.create(home=place.home, since=START)
    Residence.objects.create(household=household, person=one, since=START)
    return one


def owner(name: str, place: Wangwan, **more: Any) -> Person:
    """A person who lives in the home and owns it by the register."""
    one = resident(name, place, **more)
    Ownership.objects.create(home=place.home, person=one, source=Ownership.Source.REGISTER, since=START)
    return one


def officer(name: str, role: str, organisation: Organisation, where: Area, **more: Any) -> Person:
    """A person with an appointment."""
    one = person(name)
    Appointment.objects.create(person=one, organisation=organisation, role=role, area=where, since=START, **more)
    return one


def sign_in(client: Any, who: Person, *, strong: bool = False) -> None:
    """Give a test client the cookie of a session, as the sign-in pages would after the code, or after TOTP."""
    now = datetime.now(UTC)
    session = SessionStore()
    session.update(
        {
            "id": str(uuid7()),
            "account": str(who.account.pk),
            "way": "password" if strong else "phone",
            "strong": strong,
            "started": now.isoformat(),
            "seen": now.isoformat(),
        }
    )
    session.save()
    assert session.session_key is not None
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def sign_in_browser(context: Any, url: str, who: Person, *, strong: bool = False) -> None:
    """The same for a context of Playwright."""
    jar = SimpleNamespace(cookies={})
    sign_in(jar, who, strong=strong)
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": jar.cookies["sessionid"], "url": url}])
