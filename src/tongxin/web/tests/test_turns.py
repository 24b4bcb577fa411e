"""What the stories asked of the pages: the answer in the notice, a grade in one tap, the mother's home, the hand-over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from tests.cast import resident, sign_in
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene
from tongxin.people.models import FamilyLink, Person

pytestmark = pytest.mark.django_db


def at(who: Person, *, strong: bool = False) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="zh-CN")
    sign_in(client, who, strong=strong)
    return client


def answered(s: Scene) -> Case:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(), now)
    work.claim_case(s.actor(s.li, now), case.pk, now)
    work.answer_case(s.actor(s.li, now), case.pk, now, text="换了灯")
    return case


def test_solved_in_one_tap_from_the_notice_and_rated_in_one_more(s: Scene) -> None:
    case, client = answered(s), at(s.zhang)
    page = client.get("/notices/").content.decode()
    assert f'action="/cases/{case.number}/answer/"' in page
    assert page.count('class="equal"') == 2 + 5, "both answers drawn alike, and so the five grades"
    assert client.post(f"/cases/{case.number}/answer/", {"answer": "yes"}).status_code == 303
    assert 'class="equal"' not in client.get("/notices/").content.decode(), "said is said"
    rate = client.get(f"/cases/{case.number}/").content.decode()
    assert rate.count('name="rating"') == 5
    assert client.post(f"/cases/{case.number}/do/rate/", {"rating": "5"}).status_code == 303
    assert Party.objects.get(case=case).rating == 5


def test_a_question_for_more_is_not_answered_by_solved(s: Scene) -> None:
    from tongxin.cases.operations import petitions

    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(category="parking"), now)
    petitions.request_information(s.actor(s.wu, now), case.pk, now, text="哪一层？")
    page = at(s.zhang).get("/notices/").content.decode()
    assert "哪一层？" in page
    assert 'class="equal"' not in page


def test_whose_home_it_is_for_them_the_report_is(s: Scene) -> None:
    mother = resident("刘桂兰", s.place)
    home = mother.residences.get().household.home
    FamilyLink.objects.create(child=s.officer, parent=mother, consent="code", since=datetime.now(UTC))
    client = at(s.officer)
    assert "刘桂兰" in client.get("/report/").content.decode()
    page = client.post("/report/", {"text": "借坐便椅", "category": "care", "home": str(home.pk)}).content.decode()
    assert f'value="{mother.pk}" checked' in page
    FamilyLink.objects.update(until=datetime.now(UTC))
    refused = client.post("/report/", {"text": "借坐便椅", "category": "care", "home": str(home.pk)})
    assert refused.status_code == 422, "a home that one does not act for is no place to choose"


def test_a_task_is_handed_to_a_colleague_on_its_page(s: Scene) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(), now)
    work.claim_case(s.actor(s.li, now), case.pk, now)
    client, url = at(s.li, strong=True), f"/work/{case.number}/"
    page = client.get(url).content.decode()
    assert "钱经理" in page and f"{url}do/hand_over/" in page
    assert client.post(f"{url}do/hand_over/", {"to": ""}).status_code == 422
    assert client.post(f"{url}do/hand_over/", {"to": str(s.zhang.pk)}).status_code == 422
    assert client.post(f"{url}do/hand_over/", {"to": str(s.qian.pk)}).status_code == 303
    assert Case.objects.get().holder_id == s.qian.pk


def test_the_desk_hands_it_to_a_person_or_to_the_next_organisation(s: Scene) -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)
    case = submit_case(s.actor(s.zhang, now), s.report(category="parking"), now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.place.company.pk)
    client, url = at(s.wu, strong=True), f"/desk/cases/{case.number}/hand-over/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"to": "person:nobody"}).status_code == 422
    assert client.post(url, {"to": f"person:{s.li.pk}"}).status_code == 303
    assert Case.objects.get().assignments.get(ended_at=None).person_id == s.li.pk, "named; to take it is still his"
    assert client.post(url, {"to": f"body:{s.bureau.pk}", "note": "属城管"}).status_code == 303
    case = Case.objects.get()
    assert (case.lead_id, case.holder_id, case.state) == (s.bureau.pk, None, "dispatched")
    assert at(s.outsider, strong=True).get(url).status_code == 404
