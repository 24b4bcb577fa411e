"""The resident's phone: pages of people who report, wait, answer, join and look things up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations import work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo, scene
from tongxin.files import operations as files
from tongxin.people.operations.preferences import choose_language

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC) - timedelta(hours=2)


@pytest.fixture
def s() -> Scene:
    return scene()


def browser(who: Any, *, strong: bool = False) -> Client:
    """A phone on which somebody is signed in, in English, so that tests read as the sources do."""
    client = Client()
    choose_language(account_id=who.account.pk, language="en")
    sign_in(client, who, strong=strong)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def picture(name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo().read(), "image/jpeg")


def answered(s: Scene, **report: Any) -> Case:
    """张阿姨's lamp, mended by 李师傅: it waits for her word."""
    case = submit_case(s.actor(s.zhang, NOW), s.report(photos=[photo()], **report), NOW)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW, start=True)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="换了声控灯头", after=[photo("white")])
    files.process_due(datetime.now(UTC))
    case.refresh_from_db()
    return case


def form(s: Scene, **changed: Any) -> dict[str, Any]:
    return {"text": "3号楼2单元楼道灯不亮", "category": "lighting", "area": f"a.{s.place.estate.code}", **changed}


def test_home_asks_what_waits_and_one_tap_answers_it(s: Scene, django_assert_max_num_queries: Any) -> None:
    case = answered(s)
    client = browser(s.zhang)
    with django_assert_max_num_queries(16):
        page = text(client.get("/"))
    assert "楼道灯不亮" in page and "换了声控灯头" in page and "李师傅" in page
    assert 'name="answer" value="yes"' in page and 'name="answer" value="no"' in page

    response = client.post(f"/cases/{case.number}/answer/", {"answer": "yes"})
    assert response.status_code == 303
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")
    page = text(client.get(f"/cases/{case.number}/"))
    assert "How was it dealt with?" in page
    client.post(f"/cases/{case.number}/do/rate/", {"rating": "5"})
    assert case.parties.get().rating == 5
    assert "Very satisfied" in text(client.get(f"/cases/{case.number}/"))
