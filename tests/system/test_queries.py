"""No page reads more because there is more: a bound for each list, detail and home page, the same with ten times the rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import START, officer, resident
from tests.system.matrix import TABLE, Row
from tests.system.town import OWN, REPORTER, Town, Who, everybody
from tests.system.walking import Visitor, address
from tongxin.api import limits
from tongxin.cases.models import AnswerTemplate, CallBack, Category, Party, Route
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import photo
from tongxin.hotline import operations as hotline
from tongxin.hotline.queries import source_of
from tongxin.hotline.rules import fitted
from tongxin.journeys.hotline import file_new
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.ids import uuid7
from tongxin.people.models import (
    Appointment,
    CommitteeMembership,
    FamilyLink,
    Organisation,
    Person,
    ReportIn,
    Service,
    Tenancy,
    VerificationRequest,
)  # fmt: skip
from tongxin.people.operations import tokens
from tongxin.people.queries.actors import actor_for
from tongxin.people.rules.tokens import OWN_SCOPES
from tongxin.places.imports import operations as imports
from tongxin.places.models import Building, Grid, Home, Unit
from tongxin.visits.models import Assignment
from tongxin.visits.operations import Filled, record_visit

pytestmark = pytest.mark.django_db
DESK, HANDLER = ("community_worker", OWN), ("handler", OWN)
SAME_AS_OTHERS = {"county_officer", "city_officer", "volunteer", "party_member", "department_officer", "owner"}
"""Roles with the same pages and grants as another that is tried: higher officers, those who handle, residents."""
MOST = 30
FURTHER = {"readyz": 60}
"""Pages that may take more, and why: readyz asks for the migrations of every application."""
SMALL = {
    "healthz": 2, "language/": 4, "seals/": 10, "me/": 18, "me/tokens/": 14, "me/family/": 14, "me/home/": 16,
    "notices/": 16, "public/": 16, "public/map.json": 12, "report/": 20, "report/places.json": 10, "areas/options/": 10,
    "desk/callbacks/": 18, "desk/petitions/": 18, "desk/report-ins/": 16, "desk/verify/": 18, "desk/people/": 20,
    "desk/organisations/": 18, "desk/settings/accounts/": 18, "desk/settings/answers/": 18, "desk/settings/routes/": 20,
    "desk/places/imports/": 18, "desk/places/": 16, "desk/points/": 14, "desk/map/": 18, "cases/": 20, "work/": 22,
}  # fmt: skip
"""What these take at most, for whoever opens them; every other page takes at most :data:`MOST`."""
READERS: tuple[Who, ...] = (
    *(who for who in everybody() if who[1] == OWN and who[0] not in SAME_AS_OTHERS),
    ("signed-out", ""),
)


def _cost(visitor: Visitor, url: str) -> int:
    cache.clear()
    limits.forget()
    visitor.get(url)  # what a process reads once
    with CaptureQueriesContext(connection) as asked:
        visitor.get(url)
    return sum(1 for query in asked if "SAVEPOINT" not in query["sql"])


def _more(town: Town, numbers: range) -> None:
    """More of everything that a list could show."""
    reporter, desk_worker, handler = (town.actor(who) for who in (REPORTER, DESK, HANDLER))
    for number in numbers:
        case = submit_case(
            reporter, town.report(f"第{number}处占道", "parking" if number % 2 else "lighting"), town.now
        )
        if number % 3 == 0 and case.lead_id is not None:
            work.claim_case(handler, case.pk, town.now, start=True)
            work.request_extension(handler, case.pk, town.now, reason="等配件", extra=1)
        _more_places(town, number)
        _more_people(town, number)
        _more_settings(town, number)
        _more_tickets(town, number)
        _more_of_the_case(town, number, desk_worker)
        party = Party.objects.get(case=case)
        CallBack.objects.create(case=case, party=party, area_path=case.area_path, because="asked", due_at=town.now)


def _more_places(town: Town, number: int) -> None:
    building = Building.objects.create(estate=town.place.estate, name=f"{number + 10}号楼")
    unit = Unit.objects.create(building=building, name="1单元")
    Home.objects.bulk_create(Home(unit=unit, name=f"{floor}01", floor=floor) for floor in range(1, 4))
    Unit.objects.create(building=town.things["building_id"], name=f"{number + 5}单元")
    Home.objects.create(unit=town.things["unit_id"], name=f"9{number}", floor=9)
    Grid.objects.create(community=town.place.community, code=f"WW-1{number}", name=f"第{number}网格", valid_from=START)
    heads = f"小区,楼栋,单元,房号\n国瑞中央花园,3号楼,2单元,8{number}\n"
    imports.upload_import(SYSTEM, "homes", town.place.estate.pk, f"{number}.csv", heads.encode(), town.now)


def _more_people(town: Town, number: int) -> None:
    """Neighbours in the same home, each with something that waits; office-holders; family of the reporter."""
    place, body = (
        town.place,
        Organisation.objects.create(kind="partner_unit", name=f"单位{number}", area=town.place.community, since=START),
    )
    one = resident(f"新邻居{number}", place)
    Tenancy.objects.create(home=place.home, person=one, since=START)
    ReportIn.objects.create(person=one, community=place.community, home_unit="东风公司", since=START)
    VerificationRequest.objects.create(
        person=one, kind="resident", home=place.home, community=place.community, claimed_name=one.name,
        created_at=town.now,
    )  # fmt: skip
    Appointment.objects.create(
        person=one, organisation=place.company, role="handler", area=place.community, since=START
    )
    CommitteeMembership.objects.create(committee=town.things["committee"], unit=body, since=START)
    Service.objects.create(organisation=place.company, area=place.community, kind="other", since=START)
    FamilyLink.objects.create(child=town.people[REPORTER], parent=one, consent="code", since=town.now)
    _more_visits(town, one)


def _more_visits(town: Town, one: Person) -> None:
    """One more household of the grid worker's, visited once in vain, and long due."""
    before, worker = town.now - timedelta(days=20), town.people["grid_worker", OWN]
    household = one.residences.get().household
    row = Assignment.objects.create(
        visitor=worker, household=household, estate=town.place.estate, since=before.date(), due_on=before.date()
    )
    record_visit(town.actor(("grid_worker", OWN)), Filled(uuid7(), row.pk, "nobody"), town.now)


def _more_tickets(town: Town, number: int) -> None:
    """A further ticket of the hotline's, filed, and changed since."""
    said = {"number": f"SY9{number}", "text": "井盖坏了", "name": "罗大爷"}
    for row in (said, said | {"address": "路边"}):
        hotline.take_in(SYSTEM, source_of("sy12345"), [hotline.Incoming(fitted(row)[0], row)], town.now)
        file_new(town.now, lambda text: "other")


def _more_settings(town: Town, number: int) -> None:
    category = Category.objects.exclude(code="lighting").order_by("code")[number]
    Route.objects.create(area=town.place.community, category=category, mode="pool", since=START)
    AnswerTemplate.objects.create(area=town.place.community, name=f"模板{number}", text="已处理。")
    if number % 6:  # one account may have few
        return
    ends = town.now + timedelta(days=30)
    tokens.make_personal_token(
        actor_for(town.people[REPORTER].account, False, town.now), town.now, name=f"程序{number}",
        scopes=OWN_SCOPES, expires_at=ends,
    )  # fmt: skip


def _more_of_the_case(town: Town, number: int, desk_worker: Any) -> None:
    """One case with a long story: words, photos, neighbours who joined, bodies that help."""
    lamp = town.things["lamp"]
    desk.add_note(desk_worker, lamp.pk, town.now, text=f"第{number}次看过", internal=False, photos=[photo()])
    body = Organisation.objects.create(kind="department", name=f"局{number}", area=town.place.community, since=START)
    officer(f"协办{number}", "department_officer", body, town.place.community)
    desk.add_co_handler(desk_worker, lamp.pk, town.now, organisation=body.pk, task="到场")
    Party.objects.create(
        case=lamp, person=resident(f"也反映的{number}", town.place), role=Party.Role.JOINED, joined_at=town.now
    )


def _opened(row: Row) -> bool:
    return row.get == 200


@pytest.mark.parametrize("who", READERS, ids=lambda who: who[0])
def test_a_page_costs_no_more_queries_when_there_is_more(town: Town, who: Who) -> None:
    visitor = Visitor(town, who)
    pages: dict[str, str] = {
        pattern: address(town, pattern, dict(row.parts)) + row.query
        for pattern, row in TABLE.items()
        if row.admits(who) and _opened(row)
    }
    with transaction.atomic():
        _more(town, range(3))
        few: dict[str, Any] = {pattern: _cost(visitor, url) for pattern, url in pages.items()}
        _more(town, range(3, 30))
        many = {pattern: _cost(visitor, url) for pattern, url in pages.items()}
        transaction.set_rollback(True)
    wrong = [
        f"{pattern}: {few[pattern]} → {many[pattern]}"
        for pattern in pages
        if many[pattern] > few[pattern] + 2 or many[pattern] > FURTHER.get(pattern, SMALL.get(pattern, MOST))
    ]
    assert not wrong, "\n".join(wrong)
