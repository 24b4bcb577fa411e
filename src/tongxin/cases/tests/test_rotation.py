"""In turn 轮派: each gets one and then the next, also when two cases come at the same moment."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection

from tests.cast import START, officer
from tongxin.cases.defaults import ensure_categories
from tongxin.cases.models import Case, Category, Route, RouteTurn
from tongxin.cases.operations import route
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.people.models import Organisation


def in_turn(s: Scene) -> list[Organisation]:
    parking = Category.objects.get(code="parking")
    rota = Route.objects.create(area=s.place.county, category=parking, mode="rotation", automatic=True, since=START)
    teams = []
    for n in (1, 2):
        team = Organisation.objects.create(kind="department", name=f"执法{n}队", area=s.place.county, since=START)
        officer(f"{n}队长", "department_officer", team, s.place.county)
        RouteTurn.objects.create(route=rota, organisation=team, position=n)
        teams.append(team)
    return teams


@pytest.mark.django_db
def test_each_has_one_and_then_the_next() -> None:
    here = scene()
    first, second = in_turn(here)
    given = []
    for n in range(4):
        now = MONDAY.replace(minute=n)
        given.append(submit_case(here.actor(here.zhang), here.report(f"停车乱{n}", category="parking"), now).lead_id)
    assert given == [first.pk, second.pk, first.pk, second.pk]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_go_to_two(monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_categories()
    here = scene()
    teams = in_turn(here)
    real = route.choose

    def slowly(case: Case, now: Any) -> Any:
        chosen = real(case, now)
        time.sleep(0.3)  # long enough for the other to have read the same turns
        return chosen

    monkeypatch.setattr(route, "choose", slowly)
    begin = threading.Barrier(2)

    def submit(who: Any, n: int) -> None:
        begin.wait()
        # In two communities: within one, the counter of its numbers lets one case in after the other already.
        where = (here.place.estate, here.place.other_community)[n].pk
        report = here.report(f"停车乱{n}", category="parking", area_id=where)
        submit_case(here.actor(who), report, MONDAY.replace(minute=n))
        connection.close()

    threads = [threading.Thread(target=submit, args=(who, n)) for n, who in enumerate((here.zhang, here.chen))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Case.objects.values_list("lead_id", flat=True)) == {team.pk for team in teams}
