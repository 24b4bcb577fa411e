"""The page of a case: what it shows of those concerned, and that it asks for them once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxin.cases.models import Party
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.view import case_for, public_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import NotFound
from tongxin.people.models import Person

pytestmark = pytest.mark.django_db
MOST = {"zhang": 4, "wu": 5, "li": 5}
"""Queries for who reported, for the desk and for the handler: the case, who has it, those concerned, the desk; and for
who has no part in it themselves whether they act for family."""


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.mark.parametrize("who", MOST)
def test_those_concerned_are_asked_for_once(s: Scene, who: str) -> None:
    case, actor = submit_case(s.actor(s.zhang), s.report(), MONDAY), s.actor(getattr(s, who))
    case_for(actor, case.number, MONDAY)
    with CaptureQueriesContext(connection) as asked:
        case_for(actor, case.number, MONDAY)
    assert len(asked) <= MOST[who], [query["sql"] for query in asked]


def test_a_row_made_before_the_register_knew_her_is_hers_and_a_disowned_one_is_not(s: Scene) -> None:
    case, zhang = submit_case(s.actor(s.zhang), s.report(), MONDAY), s.actor(s.zhang)
    before = Person.objects.create(name="张阿姨", same_as=s.zhang, created_at=MONDAY)
    Party.objects.filter(case=case).update(person=before)
    mine = case_for(zhang, case.number, MONDAY).mine
    assert mine is not None and mine.person_id == before.pk
    Party.objects.filter(case=case).update(disowned_at=MONDAY)
    with pytest.raises(NotFound):
        case_for(zhang, case.number, MONDAY)
    assert case_for(s.actor(s.wu), case.number, MONDAY).reporter is None


def test_who_joined_unnamed_is_no_reporter_and_stays_unnamed(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    reported = Party.objects.get(case=case)
    joined = {"role": Party.Role.JOINED, "hidden": True, "person": s.chen, "helper": None}
    Party.objects.create(case=case, joined_at=reported.joined_at, **joined)
    view = case_for(s.actor(s.zhang), case.number, MONDAY)
    assert view.reporter_ids == {s.zhang.pk}
    assert view.access.hidden == {s.chen.pk}
    case.is_public = True
    case.save()
    assert public_case(case.number, MONDAY).access.names == (s.zhang.name,)
