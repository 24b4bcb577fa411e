"""刘大姐 rang the desk: a phone is all that is known of her. She is asked, she answers, and the case becomes hers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import person
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import petitions, work
from tongxin.cases.operations.due import run_due_clocks
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.progress import query_code
from tongxin.cases.rules import State
from tongxin.cases.tests.stage import Scene, scene
from tongxin.journeys.sign_in import account_of_phone, take_over
from tongxin.notifications.models import Delivery
from tongxin.notifications.operations import TEXT
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Person
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.signin import account_of
from tongxin.record.keys import field_cipher
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
MOBILE = "13907281234"
NOW = datetime.now(UTC) - timedelta(hours=3)


@pytest.fixture
def s() -> Scene:
    return scene()


def rung(s: Scene, **more: Any) -> Case:
    told = {"contact_name": "刘大姐", "contact_phone": MOBILE, "channel": "phone"} | more
    return submit_case(s.actor(s.wu, NOW), s.report("来电说路灯不亮", **told), NOW)


def mended(s: Scene, case: Case) -> None:
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW + timedelta(minutes=1), text="换了灯头")


def texts() -> list[str]:
    rows = Delivery.objects.order_by("created_at", "id")
    return [field_cipher().decrypt(bytes(row.text_cipher), TEXT) for row in rows]


def holder(case: Case) -> Client:
    client = Client()
    answer = client.post("/progress/", {"number": case.number, "code": query_code(case.pk)})
    assert answer.status_code == 303
    return client


def prove(client: Client) -> None:
    client.post("/progress/prove/", {"send": "1"})
    code = re.search(r"\d{6}", texts()[-1])
    assert code is not None
    assert client.post("/progress/prove/", {"code": code[0]}).headers["Location"] == "/progress/case/"


def test_she_is_asked_by_text_message_with_number_and_code(s: Scene) -> None:
    case = rung(s)
    sent = len(texts())
    mended(s, case)
    asked = texts()[sent:]
    code = query_code(case.pk)
    assert len(asked) == 1 and case.number in asked[0] and f"{code[:4]} {code[4:]}" in asked[0]
    assert f"/progress/?number={case.number}" in asked[0]
    run_due_clocks(NOW + timedelta(days=8))
    assert len(texts()) == sent + 2, "reminded"
    run_due_clocks(NOW + timedelta(days=16))
    assert len(texts()) == sent + 3, "told that it was closed without her word"


def test_a_question_reaches_her_and_she_answers_it_with_the_slip_alone(s: Scene) -> None:
    case = rung(s)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW)
    petitions.request_information(s.actor(s.li, NOW), case.pk, NOW, text="哪一层？")
    assert "哪一层？" in texts()[-1]
    client = holder(case)
    assert "哪一层？" in client.get("/progress/case/").content.decode()
    assert client.post("/progress/word/", {"answer": "info", "text": "三层"}).status_code == 303
    case.refresh_from_db()
    assert not case.info_pending


def test_her_word_takes_the_slip_and_a_code_to_the_phone(s: Scene) -> None:
    case = rung(s)
    mended(s, case)
    client = holder(case)
    assert client.post("/progress/word/", {"answer": "yes"}).status_code == 403
    assert client.post("/progress/prove/", {"code": "000000"}).status_code == 422
    prove(client)
    page = client.get("/progress/case/").content.decode()
    assert 'value="yes"' in page and MOBILE not in page and "刘大姐" not in page
    assert client.post("/progress/word/", {"answer": "no", "text": " "}).status_code == 422
    assert client.post("/progress/word/", {"answer": "yes"}).status_code == 303
    assert client.post("/progress/word/", {"answer": "rate", "rating": "4"}).status_code == 303
    case.refresh_from_db()
    party = Party.objects.get(case=case)
    assert (case.state, case.outcome, party.word, party.rating) == (State.CLOSED, "solved", "solved", 4)
    assert client.post("/progress/word/", {"answer": "no", "text": "又灭了"}).status_code == 303
    case.refresh_from_db()
    assert case.state == State.REOPENED


def test_that_was_not_me_takes_the_slip_alone(s: Scene) -> None:
    case = rung(s)
    assert holder(case).post("/progress/word/", {"answer": "not_mine", "text": "我没打过电话"}).status_code == 303
    assert Party.objects.get(case=case, contact_name="刘大姐").disowned_at is not None
    assert Party.objects.get(case=case, disowned_at=None).person_id == s.wu.pk, "it goes on in the helper's name"


def test_a_slip_answers_for_no_other_case_and_for_nobody_in_the_register(s: Scene) -> None:
    mine = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    mended(s, mine)
    client = holder(mine)
    assert client.post("/progress/prove/", {"send": "1"}).headers["Location"] == "/progress/case/"
    assert client.post("/progress/word/", {"answer": "not_mine"}).status_code == 404
    assert Client().post("/progress/word/", {"answer": "yes"}).headers["Location"] == "/progress/"


def test_the_case_is_hers_when_she_signs_in_with_that_phone(s: Scene) -> None:
    case, other = rung(s), rung(s, contact_phone="0719-8881234")
    account_id = account_of_phone(MOBILE, now=NOW)
    assert account_id is not None
    assert take_over(account_id, MOBILE, now=NOW) == 1
    assert take_over(account_id, MOBILE, now=NOW) == 0
    account = account_of(account_id)
    assert account.person.name == "刘大姐"
    mended(s, case)
    from tongxin.cases.operations.resident import confirm_solved

    confirm_solved(actor_for(account, False, NOW), case.pk, NOW + timedelta(hours=1))
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert Party.objects.get(case=other).person is None
    assert Entry.objects.filter(verb="party.claimed").count() == 1


def test_what_was_noted_for_another_holder_of_the_phone_stays_for_them(s: Scene) -> None:
    for name in ("刘大姐", "老刘"):
        cipher, index = sealed(MOBILE, PHONE)
        Person.objects.filter(pk=person(name, s.place.community).pk).update(phone_cipher=cipher, phone_index=index)
    case = rung(s)
    old = Person.objects.get(name="老刘")
    assert take_over(old.account.pk, MOBILE, now=NOW) == 0
    assert take_over(Person.objects.get(name="刘大姐").account.pk, MOBILE, now=NOW) == 1
    assert Party.objects.get(case=case).person == Person.objects.get(name="刘大姐")
