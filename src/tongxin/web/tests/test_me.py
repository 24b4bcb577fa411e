"""My own account: how well I am known, where I am signed in, and how to end it."""

import pytest
from django.test import Client

from tests import cast
from tongxin.people.models import SignInSession
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return cast.wangwan()


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def test_who_i_am_and_what_comes_next(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    page = client.get("/me/").content.decode()
    assert "张阿姨" in page
    assert "property register" in page


def test_the_owner_has_nothing_left_to_prove(client, place):
    cast.sign_in(client, cast.owner("王先生", place))
    assert "To the next level" not in client.get("/me/").content.decode()


def test_few_queries_however_many_sessions(client, place, django_assert_max_num_queries):
    wang = cast.owner("王先生", place)
    for _ in range(12):
        cast.sign_in(Client(), wang)
    cast.sign_in(client, wang)
    with django_assert_max_num_queries(5):
        client.get("/me/")


def test_ending_one_session_and_all_others(client, place):
    zhang = cast.resident("张阿姨", place)
    phone, tablet, library = Client(), Client(), Client()
    for one in (client, phone, tablet, library):
        cast.sign_in(one, zhang)
    of_phone = phone.session["id"]
    assert client.post("/me/sessions/end/", {"session": of_phone}).status_code == 303
    assert phone.get("/me/").status_code == 302
    assert tablet.get("/me/").status_code == 200
    client.post("/me/sessions/end-others/")
    assert [one.get("/me/").status_code for one in (client, tablet, library)] == [200, 302, 302]
    assert list(Entry.objects.values_list("verb", flat=True)) == ["account.sessions_ended"] * 2


def test_nobody_ends_the_session_of_another(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    other = Client()
    cast.sign_in(other, cast.resident("李建国", place))
    assert client.post("/me/sessions/end/", {"session": other.session["id"]}).status_code == 404
    assert client.post("/me/sessions/end/", {"session": "x"}).status_code == 422
    assert other.get("/me/").status_code == 200
    assert SignInSession.objects.count() == 2


def test_a_visitor_says_a_name_a_registered_person_cannot(client, place):
    visitor = cast.person("手机用户0001", **_phone("13907280001"))
    cast.sign_in(client, visitor)
    client.post("/me/name/", {"name": "  王 小姐 "})
    visitor.refresh_from_db()
    assert visitor.name == "王 小姐"
    assert client.post("/me/name/", {"name": " "}).status_code == 422
    zhang = cast.resident("张阿姨", place, **_phone("13907280002"))
    cast.sign_in(client, zhang)
    assert client.post("/me/name/", {"name": "李四"}).status_code == 403


def _phone(number):
    from tongxin.people.fields import PHONE, sealed

    cipher, index = sealed(number, PHONE)
    return {"phone_cipher": cipher, "phone_index": index}


def test_the_missing_sender_is_told_to_the_administrator_alone(client, place, settings):
    settings.SMS_SENDER = "none"
    words = "No sender of text messages"
    cast.sign_in(client, cast.officer("系统管理员", "system_administrator", place.office, place.city), strong=True)
    assert words in client.get("/me/").content.decode()
    cast.sign_in(client, cast.resident("张阿姨", place))
    assert words not in client.get("/me/").content.decode()


def test_a_page_of_a_person_is_kept_by_no_cache(client, place):
    cast.sign_in(client, cast.resident("张阿姨", place))
    assert client.get("/me/").headers["Cache-Control"] == "no-store, private"
