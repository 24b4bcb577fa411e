"""What is sent by somebody who means no good: ids of others' things, words where ids belong, floods."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import sign_in
from tongxin.cases.operations import desk, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo
from tongxin.files.models import Attachment
from tongxin.people.models import Person

pytestmark = pytest.mark.django_db


def browser(who: Person, *, strong: bool = True) -> Client:
    client = Client(raise_request_exception=False)
    sign_in(client, who, strong=strong)
    return client


def test_a_photo_of_another_community_is_not_opened_by_way_of_ones_own_matter(s: Scene) -> None:
    now = timezone.now()
    own = submit_case(s.actor(s.zhang, now), s.report("地锁", category="parking", photos=[photo()]), now)
    there = s.report("路坏了", category="parking", area_id=s.place.other_community.pk, photos=[photo()])
    other = submit_case(s.actor(s.zhang, now), there, now)
    mine = Attachment.objects.get(owner_id=own.updates.get(verb="submit").pk)
    theirs = Attachment.objects.get(owner_id=other.updates.get(verb="submit").pk)
    client = browser(s.wu)
    assert client.get(f"/desk/cases/{own.number}/photos/{mine.pk}/").status_code == 200
    assert client.get(f"/desk/cases/{own.number}/photos/{theirs.pk}/").status_code == 404
    assert client.get(f"/desk/cases/{own.number}/photos/{uuid4()}/").status_code == 404


def test_words_where_an_id_belongs_are_refused_in_words(s: Scene) -> None:
    assert browser(s.wu).post("/desk/filter/keep/", {"drop": "no id"}).status_code == 422
    sent = {"area": str(s.place.street.pk), "mode": "rotation", "members": ["no id"]}
    assert browser(s.street).post("/desk/settings/routes/", sent).status_code == 422
    assert browser(s.wu).get("/desk/?show=all&after=MTIz").status_code == 404
    assert browser(s.wu).get("/desk/?q=楼道灯&after=wrI").status_code == 404


def test_a_flood_is_refused_before_it_is_read(settings: Any) -> None:
    settings.MAX_BODY_BYTES = 1000
    answer = Client().post("/report/", b"x" * 1001, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 413


def test_who_was_not_content_is_asked_on_their_page_in_every_round(s: Scene) -> None:
    now = timezone.now() - timedelta(hours=9)
    case = submit_case(s.actor(s.zhang, now), s.report(), now)
    client = browser(s.zhang, strong=False)
    for _ in range(2):
        work.claim_case(s.actor(s.li, now), case.pk, now)
        work.answer_case(s.actor(s.li, now), case.pk, now + timedelta(hours=1), text="修好了")
        page = client.get(f"/cases/{case.number}/").content.decode()
        assert re.search(rf'action="/cases/{case.number}/answer/"', page), "both answers are there to be tapped"
        resident.say_not_solved(s.actor(s.zhang, now), case.pk, now + timedelta(hours=2), reason="还是不亮")
        now += timedelta(hours=3)
        desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.place.company.pk)


@pytest.mark.django_db
def test_a_nul_in_an_address_is_refused_to_people_and_to_programs_in_their_own_way(client):
    assert client.get("/public/?area=%00").status_code == 400
    answer = client.get("/api/v1/queue?q=%00")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert set(answer.json()) >= {"type", "title", "status", "detail", "code"}
