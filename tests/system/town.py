"""A town with one of everything and everybody, for tests that inspect the whole: 王湾社区 and, beside it, 花果社区.

Every role sits in each of the two communities, once more with an office that ended yesterday, and beside them owner,
resident and visitor. Everything with a page of its own exists once, in 王湾. What nobody may read without a right to
it is seeded with values that occur nowhere else (:data:`SECRETS`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from tests.cast import MADE_AT, START, Wangwan, area, officer, person, resident, wangwan
from tongxin.announcements.models import Announcement, Recipient
from tongxin.cases.models import AnswerTemplate, CallBack, Case, Category, Party, Route
from tongxin.cases.operations import contacts, desk, settlement, work
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.tests.stage import photo
from tongxin.deputies.models import Suggestion
from tongxin.deputies.operations import note_opinion
from tongxin.files import queries as files
from tongxin.files.models import Attachment
from tongxin.files.operations import process_due
from tongxin.hotline import operations as hotline
from tongxin.hotline.models import Ticket
from tongxin.hotline.rules import fitted
from tongxin.journeys.deputies import file_suggestion
from tongxin.journeys.hotline import file_new
from tongxin.journeys.visiting import FoundHere, make_visit
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.hashing import merkle_root
from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Notice
from tongxin.people.fields import ID_NUMBER, PHONE, sealed
from tongxin.people.models import (
    Appointment,
    CommitteeMembership,
    FamilyLink,
    FamilyRequest,
    Household,
    Organisation,
    Ownership,
    Person,
    ReportIn,
    Residence,
    Service,
    Tenancy,
    VerificationRequest,
)
from tongxin.people.operations import tokens as api_tokens
from tongxin.people.queries.actors import actor_for
from tongxin.people.roles import ROLES
from tongxin.people.rules.tokens import OFFICE_SCOPES, OWN_SCOPES
from tongxin.places.imports import operations as imports
from tongxin.places.models import Area, Building, Grid, Home, PlaceCode, Unit
from tongxin.record import queries as record
from tongxin.record import rules as record_rules
from tongxin.record.models import Seal
from tongxin.visits import operations as visits
from tongxin.visits.operations import Filled
from tongxin.visits.queries.rounds import my_visits

OWN, SIBLING, ENDED = "own", "sibling", "ended"
HIGHER = ("city_officer", "county_officer", "street_officer")
HERE = {"lat": 32.6312, "lng": 110.7734}
NO_OFFICE = ("owner", "resident", "visitor")
NOBODY = ("signed-out", "")
REPORTER = ("reporter", OWN)
CITY = ("city_officer", "city")
"""Who keeps what holds for the whole installation; beside :func:`everybody`, whose offices are a community's."""

Who = tuple[str, str]
"""A role (or owner, resident, visitor, reporter, signed-out) and where: in 王湾, in 花果, or in an office that ended."""

SECRETS = {
    "phone": "13907199031",
    "id": "42030319560101123X",
    "name": "欧阳隐雪",  # reported with her name hidden
    "phone in words": "13907199032",  # in what she wrote
    "contact phone": "13907199033",  # of a caller who is not in the register
    "worker's phone": "13907199034",
    "neighbour's phone": "13907199035",
}


def everybody() -> list[Who]:
    """Every role × (own area, sibling area, ended office), and those without an office."""
    roles = [(role, where) for role in ROLES for where in (OWN, SIBLING, ENDED)]
    return [*roles, *((who, where) for who in NO_OFFICE for where in (OWN, SIBLING)), REPORTER, NOBODY]


@dataclass
class Town:
    """The scene: where, who, and the thing that each route is about (``things``, by the name in the route)."""

    place: Wangwan
    now: datetime
    company: Organisation
    people: dict[Who, Person] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    bodies: dict[tuple[str, str], Organisation] = field(default_factory=dict)
    elsewhere: tuple[Area, ...] = ()  # another city with a county and a street, beside which 王湾 does not lie

    def actor(self, who: Who) -> Actor:
        """Somebody at their desk."""
        return actor_for(self.people[who].account, True, self.now)

    def home(self, where: str = OWN) -> Home:
        return self.things["home_id"] if where == OWN else self.things["other_home"]

    def report(self, text: str, category: str = "lighting", **more: Any) -> Report:
        return Report(text=text, category=category, area_id=self.place.estate.pk, **more)

    def number(self, name: str) -> str:
        return str(self.things[name].number)

    def token(self, who: Who) -> str:
        """A program of theirs: for their office where they have one that programs have a use for, else for themselves;
        empty where there can be none."""
        until = self.now + timedelta(days=30)
        if who == NOBODY:
            return ""
        office = Appointment.objects.filter(person=self.people[who]).first()
        if office is None:
            actor = actor_for(self.people[who].account, False, self.now)
            return api_tokens.make_personal_token(actor, self.now, name="小程序", scopes=OWN_SCOPES, expires_at=until)[
                1
            ]
        scopes = OFFICE_SCOPES & ROLES[office.role]
        if not scopes:
            return ""
        ends, office.until = office.until, None
        office.save()
        secret = api_tokens.make_office_token(
            SYSTEM, self.now, appointment_id=office.pk, name="工单系统", scopes=scopes, expires_at=until
        )[1]
        office.until = ends
        office.save()
        return secret


def build() -> Town:
    """Build it, about a second."""
    place, now = wangwan(), timezone.now()
    town = Town(place, now, place.company)
    city = area("4206", "襄阳市", "city")
    county = area("420602", "襄城区", "county", city)
    town.elsewhere = (city, county, area("420602001", "红卫街道", "street", county))
    _bodies(town)
    _places(town)
    _people(town)
    _register(town)
    _cases(town)
    _visits(town)
    return town


@contextmanager
def kept_for_a_module(blocker: Any) -> Iterator[Town]:
    """The town in a transaction that is rolled back when the module is done; tests within only add savepoints."""
    with blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


def _bodies(town: Town) -> None:
    place = town.place
    there = place.other_community
    make = Organisation.objects.create
    town.bodies = {
        ("office", OWN): place.office,
        ("office", SIBLING): make(kind="community", name="花果社区居委会", area=there, since=START),
        ("worker", OWN): place.company,
        ("worker", SIBLING): make(kind="property_company", name="花果物业", area=there, since=START),
        ("higher", OWN): make(kind="government", name="车城路街道办", area=place.street, since=START),
        ("higher", SIBLING): make(kind="government", name="红卫街道办", area=town.elsewhere[2], since=START),
        ("other", OWN): make(kind="other", name="王湾综合室", area=place.community, since=START),
        ("other", SIBLING): make(kind="other", name="花果综合室", area=there, since=START),
    }
    committee = make(kind="general_party_committee", name="王湾大党委", area=place.community, since=START)
    partner = make(kind="partner_unit", name="东风医院", area=place.community, since=START)
    member = CommitteeMembership.objects.create(committee=committee, unit=partner, since=START)
    service = Service.objects.create(organisation=place.company, area=place.estate, kind="property", since=START)
    town.things |= {
        "organisation_id": place.company, "membership_id": member, "service_id": service, "committee": committee,
        "empty_body": make(kind="social", name="老年大学", area=place.community, since=START),
        "unit_to_join": make(kind="merchant", name="便民超市", area=place.community, since=START),
    }  # fmt: skip


def _places(town: Town) -> None:
    place = town.place
    unit = place.home.unit
    estate = Area.objects.create(
        code="420303001002-01", name="花果园", level=place.estate.level, parent=place.other_community,
        path=f"{place.other_community.path}420303001002-01/", depth=4, valid_from=START,
    )  # fmt: skip
    other = Building.objects.create(estate=estate, name="1号楼")
    area("420303009", "新街街道", "street", place.county)
    grid = Grid.objects.create(community=place.community, code="WW-01", name="第一网格", valid_from=START)
    PlaceCode.objects.create(code="WANGWAN00001", kind="building", place_id=unit.building_id, created_at=MADE_AT)
    heads = "小区,楼栋,单元,房号\n国瑞中央花园,3号楼,2单元,502\n"
    batch = imports.upload_import(SYSTEM, "homes", place.estate.pk, "住户.csv", heads.encode(), town.now)
    town.things |= {
        "grid_id": grid, "building_id": unit.building, "unit_id": unit, "home_id": place.home, "batch_id": batch,
        "other_home": Home.objects.create(unit=Unit.objects.create(building=other, name="1单元"), name="101"),
        "empty_home": Home.objects.create(unit=unit, name="601", floor=6), "estate_id": place.estate,
        "new_building_id": Building.objects.create(estate=place.estate, name="7号楼"),
        "code": place.estate.code, "community_code": place.community.code,
        "other_community_code": place.other_community.code, "place_code": "WANGWAN00001",
    }  # fmt: skip


def _people(town: Town) -> None:
    place = town.place
    yesterday = (town.now - timedelta(days=2)).date()
    areas = {OWN: place.community, SIBLING: place.other_community, ENDED: place.community}
    for role in ROLES:
        for where, community in areas.items():
            area = _higher(town, role, where) or community
            one = person(f"{role}·{where}", None)
            side = SIBLING if where == SIBLING else OWN
            Appointment.objects.create(
                person=one, organisation=town.bodies[_body_of(role), side], role=role, area=area, since=START,
                until=yesterday if where == ENDED else None,
            )  # fmt: skip
            town.people[role, where] = one
    town.people[CITY] = officer("市级管理员", "city_officer", town.bodies["office", OWN], place.city)
    Appointment.objects.create(
        person=town.people[CITY], organisation=town.bodies["office", OWN], role="system_administrator", area=place.city,
        since=START,
    )  # fmt: skip
    for where in (OWN, SIBLING):
        town.people["visitor", where] = person(f"过客{where}", areas[where])
        for who in ("owner", "resident"):
            one = person(f"{who}·{where}", areas[where])
            _settle(town.home(where), one)
            if who == "owner":
                Ownership.objects.create(
                    home=town.home(where), person=one, source=Ownership.Source.REGISTER, since=START
                )
            town.people[who, where] = one


def _higher(town: Town, role: str, where: str) -> Area | None:
    """Where the officers of street, county and city sit: above 王湾, or, beside it, above another community."""
    if role not in HIGHER:
        return None
    there, place = town.elsewhere, town.place
    above = {"city_officer": place.city, "county_officer": place.county, "street_officer": place.street}
    beside = dict(zip(HIGHER, there, strict=True))
    return beside[role] if where == SIBLING else above[role]


def _body_of(role: str) -> str:
    """Desks and grids are the community's; who only handles belongs to the body that has the case; the rest elsewhere."""
    if role in HIGHER:
        return "higher"
    if "case.desk" in ROLES[role] or role in {"grid_worker", "police_officer"}:
        return "office"
    return "worker" if "case.handle" in ROLES[role] else "other"


def _settle(home: Home, one: Person) -> Residence:
    household = Household.objects.create(home=home, since=START)
    return Residence.objects.create(household=household, person=one, since=START)


def _register(town: Town) -> None:
    """欧阳隐雪 with numbers, a tenancy, a parent she acts for, and what waits to be decided."""
    place, things = town.place, town.things
    phone, phone_index = sealed(SECRETS["phone"], PHONE)
    number, number_index = sealed(SECRETS["id"], ID_NUMBER)
    reporter = resident(
        SECRETS["name"], place, phone_cipher=phone, phone_index=phone_index, id_number_cipher=number,
        id_number_index=number_index, birth_date=date(1956, 1, 1),
    )  # fmt: skip
    town.people[REPORTER] = reporter
    phone, phone_index = sealed(SECRETS["neighbour's phone"], PHONE)
    neighbour = resident("邻居老何", place, phone_cipher=phone, phone_index=phone_index)
    parent = resident("何奶奶", place)
    asked_at = town.now - timedelta(days=1)
    family = FamilyRequest.objects.create(
        child=reporter, parent=parent, parent_name="何奶奶", home=place.home, community=place.community,
        consent=FamilyLink.Consent.choices[0][0], created_at=asked_at,
    )  # fmt: skip
    ends = town.now + timedelta(days=30)
    token, _ = api_tokens.make_personal_token(
        actor_for(reporter.account, False, town.now), town.now, name="小程序", scopes=OWN_SCOPES, expires_at=ends
    )
    things |= {
        "token_id": token.id,
        "officer": town.people["handler", OWN],
        "person_id": neighbour,
        "residence_id": neighbour.residences.get(),
        "household_id": neighbour.residences.get().household,
        "tenancy_id": Tenancy.objects.create(home=place.home, person=neighbour, since=START),
        "appointment_id": Appointment.objects.get(person=town.people["handler", OWN]),
        "link_id": FamilyLink.objects.create(
            child=reporter, parent=parent, consent=FamilyLink.Consent.choices[0][0], since=asked_at
        ),
        "family_request": family,
        "row_id": ReportIn.objects.create(
            person=neighbour, community=place.community, home_unit="东风公司", since=START
        ),
        "request_id": VerificationRequest.objects.create(
            person=neighbour, kind=VerificationRequest.Kind.choices[0][0], home=place.home,
            community=place.community, claimed_name="邻居老何", created_at=asked_at,
        ),
    }  # fmt: skip


def _cases(town: Town) -> None:
    place, things, now = town.place, town.things, town.now
    lighting = Category.objects.get(code="lighting")
    route = Route.objects.create(
        area=place.community, category=lighting, service="property", automatic=True, since=START
    )
    reporter, worker = town.actor(REPORTER), town.actor(("community_worker", OWN))
    words = f"{SECRETS['name']}家门口的灯坏了，请打{SECRETS['phone in words']}"
    at = now - timedelta(hours=3)
    lamp = submit_case(reporter, town.report(words, hidden=True, photos=[photo()], **HERE), at)
    process_due(at)
    Case.objects.filter(pk=lamp.pk).update(is_public=True)  # as if she had hidden her name after it was released
    waiting = submit_case(reporter, town.report(f"{words}，还有人占道", "parking", hidden=True, **HERE), at)
    asked = submit_case(reporter, town.report(f"{words}，楼上", hidden=True), at)
    handler = town.actor(("handler", OWN))
    work.claim_case(handler, asked.pk, at, start=True)
    work.answer_case(handler, asked.pk, at, text="已换灯")
    caller = Report(
        text="来电说路灯不亮", category="lighting", area_id=place.estate.pk, contact_name="来电人", channel="phone",
        contact_phone=SECRETS["contact phone"], **HERE,
    )  # fmt: skip
    rung = submit_case(worker, caller, at)
    work.claim_case(handler, rung.pk, at, start=True)
    link = work.hand_to_worker(handler, rung.pk, at, name="小刘", phone=SECRETS["worker's phone"])
    party = Party.objects.get(case=lamp)
    shown = files.get(Attachment.objects.get(owner_kind="update").pk)
    things["file_token"] = files.link(shown, next(iter(shown.sizes)), now=now).removeprefix("/f/")
    things |= {
        "lamp": lamp, "waiting": waiting, "asked": asked, "rung": rung, "case_id": lamp, "party": party,
        "caller": Party.objects.get(case=rung),
        "photo_id": Attachment.objects.get(owner_kind="update"), "task_token": link, "route_id": route,
        "call_id": CallBack.objects.create(
            case=asked, party=Party.objects.get(case=asked), area_path=asked.area_path, because="asked", due_at=at
        ),
        "template_id": AnswerTemplate.objects.create(area=place.community, name="换灯", text="已换灯。"),
        "announcement_id": Announcement.objects.create(
            area=place.community, area_path=place.community.path, title="停水通知", text="明天停水。", kind="notice",
            roles=["residents"], state="published", written_by=town.people["community_worker", OWN].pk,
            created_at=at, published_at=at, send_at=at, people_count=12, app_count=9, none_count=1, counted_at=at,
        ),
        "notice_id": Notice.objects.filter(person_id=town.people[REPORTER].pk).earliest("id"),
    }  # fmt: skip
    _deputies(town, at)
    _hotline(town, at)
    settlement.propose_settlement(worker, waiting.pk, at, text="三轮车月底前移走。")
    things["recipient"] = Recipient.objects.create(
        announcement=things["announcement_id"], person_id=things["person_id"].pk, home=place.home,
        building=place.home.unit.building,
    )  # fmt: skip
    # A quiet day long before everything else: a seal over a day keeps entries out of it.
    sealed, root = (now - timedelta(days=40)).date(), merkle_root([]).hex()
    Seal.objects.create(
        day=sealed, count=0, root=root, hash=record_rules.seal_hash(sealed, 0, root, "", now), sealed_at=now
    )
    things["sealed_day"] = sealed.isoformat()
    contacts.reveal_phone(worker, party.pk, "回电核实位置", at)
    things["entry"] = record.history(("case", lamp.pk))[0].id
    things["state"] = {
        name: Case.objects.get(pk=things[name].pk).state for name in ("lamp", "waiting", "asked", "rung")
    }


def _visits(town: Town) -> None:
    """A household that the grid worker visits, and a visit whose matter was answered and waits for the household's word."""
    at, things = town.now - timedelta(hours=2), town.things
    worker, grid_worker = town.actor(("community_worker", OWN)), town.actor(("grid_worker", OWN))
    visits.share_out(worker, [things["household_id"].pk], [grid_worker.id], at)
    row = my_visits(grid_worker, at)[0][0]
    filled = Filled(uuid7(), row.id, "met", "家常", consent=True)
    found = [FoundHere("楼道灯一闪一闪的", "lighting", things["person_id"].pk)]
    things |= {"assignment_id": row.id, "visit_id": make_visit(grid_worker, filled, found, at)}
    case = Case.objects.latest("id")
    handler = town.actor(("handler", OWN))
    work.claim_case(handler, case.pk, at, start=True)
    work.answer_case(handler, case.pk, at, text="已换灯")
    things["visited"] = case


def _hotline(town: Town, at: datetime) -> None:
    """The street's 12345 sent a ticket about the estate, and has moved its deadline since."""
    officer, said = town.actor(("street_officer", OWN)), {"number": "SY1", "text": "路灯不亮", "name": "罗大爷"}
    source = hotline.save_source(
        officer, None, name="十堰12345", slug="sy12345", area_id=town.place.street.pk, columns={}, categories={}, now=at
    )
    for row in (said | {"address": town.place.estate.name}, said | {"deadline": "2030-01-01"}):
        hotline.take_in(officer, source, [hotline.Incoming(fitted(row)[0], row)], at)
        file_new(at, lambda text: "other")
    town.things["ticket_id"] = Ticket.objects.get()


def _deputies(town: Town, at: datetime) -> None:
    """The deputy of 王湾 has two opinions before them, and has made suggestions of two more; one was answered."""
    deputy = town.actor(("deputy", OWN))
    seat = Appointment.objects.get(person=town.people["deputy", OWN])
    rows = [
        note_opinion(deputy, seat.pk, text=text, way="meeting", now=at)
        for text in ("修坡道", "加路灯", "公交进小区", "补种行道树")
    ]
    number = file_suggestion(
        deputy, seat.pk, opinions=[rows[2].pk], title="公交进小区", text="建议公交进小区", category="road", now=at
    )
    answered = file_suggestion(
        deputy, seat.pk, opinions=[rows[3].pk], title="补种行道树", text="建议补种行道树", category="road", now=at
    )
    town.things["answered_suggestion"] = Case.objects.get(number=answered)
    desk.answer_directly(
        town.actor(("street_officer", OWN)), town.things["answered_suggestion"].pk, at, text="已补种。"
    )
    town.things |= {"seat_id": seat, "opinion_id": rows[0], "second_opinion": rows[1]}
    town.things["suggestion"] = Suggestion.objects.get(number=number)


def pk(thing: Any) -> str:
    """The id of a thing of the town, as it stands in an address."""
    return str(thing) if isinstance(thing, str | UUID) else str(thing.pk)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """The town, built once for the tests of a module."""
    with kept_for_a_module(django_db_blocker) as built:
        yield built


__all__ = ["CITY", "ENDED", "NOBODY", "OWN", "REPORTER", "SECRETS", "SIBLING", "Town", "Who", "everybody", "pk", "town"]
