"""What level something takes is said on the page that offers it, before it is pressed, and where it was refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import resident
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import publish, work
from tongxin.cases.operations.resident import confirm_solved
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.people.models import Person
from tongxin.web.tests.test_cases import NOW, browser, form, text

pytestmark = pytest.mark.django_db
TAKES = "This is for confirmed residents."


@pytest.fixture
def s() -> Scene:
    return scene()


def guest(s: Scene) -> Person:
    """Somebody with a phone, who lives nowhere that we know of."""
    who = resident("外人", s.place)
    who.residences.all().delete()
    return who


def lamp(s: Scene) -> Case:
    case = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    return case


def ended(s: Scene) -> Case:
    case = lamp(s)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="修好了")
    confirm_solved(s.actor(s.zhang, NOW), case.pk, NOW + timedelta(minutes=1))
    return case


@pytest.mark.parametrize("made", [lamp, ended])
def test_a_public_matter_says_what_joining_and_reopening_take(s: Scene, made: Any) -> None:
    case = made(s)
    signed_out = text(Client().get(f"/public/{case.number}/"))
    assert (
        "这一项只对已认证居民开放。" in signed_out
        and f'href="/sign-in/?next=%2Fpublic%2F{case.number}%2F"' in signed_out
    )
    visitor = text(browser(guest(s)).get(f"/public/{case.number}/"))
    assert TAKES in visitor and 'href="/me/home/"' in visitor and "You are: signed in by phone." in visitor
    action = "/report/join/" if made is lamp else f"/public/{case.number}/reopen/"
    assert f'action="{action}' not in visitor
    neighbour = text(browser(s.chen).get(f"/public/{case.number}/"))
    assert TAKES not in neighbour and f'action="{action}' in neighbour


def test_who_presses_all_the_same_is_told_and_led_there(s: Scene) -> None:
    case, client = lamp(s), browser(guest(s))
    for path in (f"/report/join/{case.pk}/", f"/public/{case.number}/reopen/"):
        refused = client.post(path, {"text": "还是不亮"})
        assert refused.status_code == 403
        assert TAKES in text(refused) and 'href="/me/home/"' in text(refused)
    assert Party.objects.filter(case=case).count() == 1


def test_similar_matters_are_shown_to_a_visitor_with_what_joining_takes(s: Scene) -> None:
    lamp(s)
    sent = form(s)
    page = text(browser(guest(s)).post("/report/", sent))
    assert TAKES in page and "/report/join/" not in page
    assert TAKES not in text(browser(s.chen).post("/report/", sent))


def test_reporting_in_says_what_it_takes(s: Scene) -> None:
    page = text(browser(guest(s)).get("/me/report-in/"))
    assert TAKES in page and 'name="home_unit"' not in page


def test_me_tells_what_each_level_allows(s: Scene) -> None:
    page = text(browser(guest(s)).get("/me/"))
    assert "What each level allows" in page and "report in as a party member" in page
