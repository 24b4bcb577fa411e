"""Somebody with the database in their hands gives themselves an office, or turns a route: ``verify`` names it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tongxin.cases.models import Route
from tongxin.cases.operations.setup import RouteData, end_route, set_route
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.actor import SYSTEM
from tongxin.people.models import Appointment
from tongxin.people.operations.appointments import Office, appoint, end_appointment, stand_in
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 16)


@pytest.fixture
def s() -> Scene:
    return scene()


def found(key: object) -> bool:
    return any(str(key) in finding.where for finding in verify_all().findings)


def test_an_office_made_changed_or_prolonged_behind_the_back_is_found(s: Scene) -> None:
    office = Office("handler", s.place.company.pk, s.place.estate.pk)
    made = appoint(SYSTEM, s.chen.pk, office, since=TODAY, now=MONDAY)
    stood = stand_in(
        SYSTEM, made.pk, s.zhang.pk, since=TODAY + timedelta(days=2), until=TODAY + timedelta(days=5), now=MONDAY
    )
    assert not found(made.pk) and not found(stood.pk)
    end_appointment(SYSTEM, made.pk, on=TODAY + timedelta(days=1), reason="离职", now=MONDAY)
    assert not found(made.pk) and not found(stood.pk), "the stand-in to come is lawfully gone"
    Appointment.objects.filter(pk=made.pk).update(until=None)
    assert found(made.pk)
    slipped_in = Appointment.objects.create(
        person=s.zhang, organisation=s.place.office, role="community_secretary", area=s.place.community, since=TODAY
    )
    assert found(slipped_in.pk)


def test_a_route_turned_behind_the_back_is_found(s: Scene) -> None:
    data = RouteData(category="parking", organisation=s.bureau.pk)
    first = set_route(SYSTEM, s.place.community.pk, data, MONDAY)
    company = RouteData(category="parking", organisation=s.place.company.pk)
    second = set_route(SYSTEM, s.place.community.pk, company, MONDAY + timedelta(days=1))
    third = set_route(SYSTEM, s.place.community.pk, data, MONDAY + timedelta(days=1))
    assert not found(first.pk) and not found(third.pk)
    assert not Route.objects.filter(pk=second.pk).exists() and not found(second.pk)
    Route.objects.filter(pk=third.pk).update(organisation=s.place.company)
    assert found(third.pk)
    end_route(SYSTEM, third.pk, MONDAY + timedelta(days=3))
    turns = RouteData(category="noise", mode="rotation", members=(s.bureau.pk, s.place.company.pk))
    taken = set_route(SYSTEM, s.place.community.pk, turns, MONDAY)
    assert not found(taken.pk)
    taken.turns.all()[:1].get().delete()
    assert found(taken.pk)
