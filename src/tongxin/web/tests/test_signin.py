"""Residents sign in by phone: nobody is guessed, nobody is enumerated, nothing can be tried for ever."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from tests import cast
from tongxin.kernel.identity import valid_id_number
from tongxin.notifications.models import Delivery
from tongxin.notifications.operations import TEXT
from tongxin.people import fields as stored
from tongxin.people.models import Account, Household, Person, Residence, SignInCode, SignInLimit, SignInSession
from tongxin.record.keys import field_cipher
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db

PHONE = "13907280001"
ID_ZHANG = "420303195803123427"
ID_LI = "42030319551005121X"


def id_number(seventeen: str) -> str:
    """The ID number that begins with these, whatever its check character."""
    return next(seventeen + c for c in "0123456789X" if valid_id_number(seventeen + c))


@pytest.fixture
def place():
    return cast.wangwan()


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def registered(name, place, phone=PHONE, number=""):
    phone_cipher, phone_index = stored.sealed(phone, stored.PHONE)
    id_cipher, id_index = stored.sealed(number, stored.ID_NUMBER)
    person = Person.objects.create(
        name=name,
        community=place.community,
        phone_cipher=phone_cipher,
        phone_index=phone_index,
        id_number_cipher=id_cipher,
        id_number_index=id_index,
        created_at=cast.MADE_AT,
    )
    household = Household.objects.create(home=place.home, since=cast.START)
    Residence.objects.create(household=household, person=person, since=cast.START)
    return person


def sent_text():
    return field_cipher().decrypt(Delivery.objects.latest("id").text_cipher, TEXT)


def sent_code():
    found = re.search(r"\b\d{6}\b", sent_text())
    assert found
    return found[0]


def ask(client, phone=PHONE, **data):
    return client.post("/sign-in/", {"phone": phone, **data})


def minutes_pass(minutes):
    """Everything that is remembered of tries and codes was that much earlier."""
    gone = timedelta(minutes=minutes)
    for row in SignInLimit.objects.all():
        row.ends_at -= gone
        row.save()
    for row in SignInCode.objects.all():
        row.expires_at -= gone
        row.save()


def name_of_session():
    return SignInSession.objects.get(account__isnull=False).account.person.name


def test_a_new_phone_becomes_a_visitor_once_the_code_is_right(client):
    answer = ask(client, "+86 139-0728 0001", next="/report/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in/code/")
    assert not Person.objects.exists()
    page = client.get("/sign-in/code/").content.decode()
    assert "139****0001" in page
    answer = client.post("/sign-in/code/", {"code": sent_code()})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/report/")
    account = Account.objects.get()
    assert account.person.name == "手机用户0001"
    assert not account.has_usable_password()
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == ["account.opened", "account.signed_in"]


def test_the_same_phone_is_the_same_visitor(client):
    for _ in range(2):
        ask(client)
        client.post("/sign-in/code/", {"code": sent_code()})
        client.post("/sign-out/")
        minutes_pass(2)
    assert Account.objects.count() == 1


def test_the_code_is_hashed_and_the_phone_encrypted(client):
    ask(client)
    row = SignInCode.objects.get()
    assert sent_code().encode() not in bytes(row.code_hash)
    assert PHONE.encode() not in bytes(row.phone_cipher)


def test_aunt_zhang_of_the_register_is_known_at_once(client, place):
    registered("张秀英", place, number=ID_ZHANG)
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    assert name_of_session() == "张秀英"
    assert Person.objects.count() == 1


def test_known_and_unknown_phones_are_answered_alike(client, place):
    registered("张秀英", place)
    known = ask(client)
    unknown = ask(Client(), "13907289999")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert Delivery.objects.count() == 2


def test_a_couple_with_one_phone_must_say_and_prove_who_it_is(client, place):
    zhang, li = (
        registered("张秀英", place, number=ID_ZHANG),
        registered("李建国", place, number=id_number("42030319551005121")),
    )
    ask(client, next="/report/")
    assert client.post("/sign-in/code/", {"code": sent_code()}).headers["Location"] == "/sign-in/choose/"
    assert not SignInSession.objects.filter(account__isnull=False).exists()
    page = client.get("/sign-in/choose/").content.decode()
    assert "*秀英" in page and "*建国" in page
    assert "张秀英" not in page
    wrong = client.post("/sign-in/choose/", {"person": zhang.pk, "last_four": "0000"})
    assert wrong.status_code == 422
    of_the_other = client.post("/sign-in/choose/", {"person": li.pk, "last_four": ID_ZHANG[-4:]})
    assert of_the_other.status_code == 422
    right = client.post("/sign-in/choose/", {"person": zhang.pk, "last_four": ID_ZHANG[-4:]})
    assert right.headers["Location"] == "/report/"
    assert name_of_session() == "张秀英"


def test_the_proof_cannot_be_tried_for_ever(client, place):
    zhang = registered("张秀英", place, number=ID_ZHANG)
    registered("李建国", place)
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    tries = [
        client.post("/sign-in/choose/", {"person": zhang.pk, "last_four": f"{n:04}"}).status_code for n in range(6)
    ]
    assert tries == [422] * 5 + [429]
    assert client.post("/sign-in/choose/", {"person": zhang.pk, "last_four": ID_ZHANG[-4:]}).status_code == 429


def test_who_has_no_id_number_on_the_register_cannot_prove_it_here(client, place):
    registered("张秀英", place, number=ID_ZHANG)
    li = registered("李建国", place)
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    page = client.post("/sign-in/choose/", {"person": li.pk, "last_four": "1234"})
    assert page.status_code == 403
    assert "community" in page.content.decode()


def test_none_of_these_goes_on_as_a_visitor(client, place):
    registered("张秀英", place, number=ID_ZHANG)
    registered("李建国", place)
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    client.post("/sign-in/choose/", {"person": "none"})
    assert name_of_session() == "手机用户0001"


def test_a_stranger_is_none_of_those_who_have_the_phone(client, place):
    registered("张秀英", place, number=ID_ZHANG)
    registered("李建国", place)
    other = registered("王先生", place, phone="13907280777")
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    assert client.post("/sign-in/choose/", {"person": other.pk, "last_four": "1234"}).status_code == 404
    assert client.post("/sign-in/choose/", {"person": "x"}).status_code == 422
    assert not SignInSession.objects.filter(account__isnull=False).exists()


def test_nobody_skips_the_code(client, place):
    registered("张秀英", place)
    assert client.get("/sign-in/code/").headers["Location"] == "/sign-in/"
    assert client.get("/sign-in/choose/").headers["Location"] == "/sign-in/"
    ask(client)
    assert client.post("/sign-in/choose/", {"person": "none"}).headers["Location"] == "/sign-in/"


def test_five_tries_and_the_code_is_gone(client):
    ask(client)
    code = sent_code()
    wrong = f"{(int(code) + 1) % 1000000:06}"
    answers = [client.post("/sign-in/code/", {"code": wrong}) for _ in range(5)]
    assert [a.status_code for a in answers] == [422] * 5
    assert "Tries left: 4" in answers[0].content.decode()
    assert client.post("/sign-in/code/", {"code": code}).status_code == 429
    assert not Account.objects.exists()


def test_a_code_lives_five_minutes(client):
    ask(client)
    minutes_pass(5)
    page = client.post("/sign-in/code/", {"code": sent_code()})
    assert page.status_code == 422
    assert "no longer valid" in page.content.decode()


def test_a_code_works_once_and_only_where_it_was_asked_for(client):
    ask(client)
    code = sent_code()
    assert Client().post("/sign-in/code/", {"code": code}).headers["Location"] == "/sign-in/"
    row = SignInCode.objects.get()
    client.post("/sign-in/code/", {"code": code})
    row.refresh_from_db()
    assert row.used_at is not None


def elsewhere(n=1):
    return Client(REMOTE_ADDR=f"45.1.1.{n}")


def test_one_code_a_minute_and_five_a_day_from_one_place(client):
    assert ask(client).status_code == 303
    assert ask(Client()).status_code == 429
    for _ in range(4):
        minutes_pass(2)
        assert ask(client).status_code == 303
    minutes_pass(2)
    page = ask(client)
    assert page.status_code == 429
    assert "minutes" in page.content.decode()
    assert ask(elsewhere()).status_code == 303
    assert Delivery.objects.count() == 6


def test_strangers_cannot_lock_out_who_signed_in_here_before(client):
    """Ten codes in a day from three places: nobody new gets one, her own browser does, also after signing out."""
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    cookie = client.cookies["proved"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and PHONE not in cookie.value
    client.post("/sign-out/")
    for n in range(9):
        minutes_pass(2)
        assert ask(elsewhere(n // 4)).status_code == 303
    minutes_pass(2)
    assert ask(elsewhere(9)).status_code == ask(Client()).status_code == 429
    assert ask(client).status_code == 303
    assert client.post("/sign-in/code/", {"code": sent_code()}).status_code == 303


def test_one_address_cannot_have_codes_sent_to_the_whole_town(client):
    answers = [ask(client, f"139072{n:05}").status_code for n in range(61)]
    assert answers == [303] * 60 + [429]


def test_behind_the_proxy_it_is_the_address_that_the_proxy_noted(client, settings):
    settings.BEHIND_PROXY = True
    for n in range(60):
        client.post("/sign-in/", {"phone": f"139072{n:05}"}, headers={"x-forwarded-for": "6.6.6.6, 120.36.1.1"})
    forged = {"x-forwarded-for": "1.2.3.4, 120.36.1.1"}
    assert client.post("/sign-in/", {"phone": "13907299999"}, headers=forged).status_code == 429
    other = {"x-forwarded-for": "120.36.1.2"}
    assert client.post("/sign-in/", {"phone": "13907299999"}, headers=other).status_code == 303


@pytest.mark.parametrize(
    "typed", ["", "12345", "23907280001", "139072800012", "一三九", "\x00", "1" * 5000, "0719-8651234"]
)
def test_what_is_no_mobile_phone_is_refused_and_counts_nothing(client, typed):
    page = ask(client, typed)
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.content.decode()
    assert not SignInLimit.objects.exists()


@pytest.mark.parametrize("typed", ["", "abc", "\x00" * 9, "９" * 6, "1" * 10000])
def test_odd_codes_are_wrong_codes(client, typed):
    ask(client)
    assert client.post("/sign-in/code/", {"code": typed}).status_code == 422


def test_without_a_sender_the_page_says_so(client, settings):
    settings.SMS_SENDER = "none"
    assert "does not send text messages" in client.get("/sign-in/").content.decode()
    assert ask(client).status_code == 503
    assert not SignInCode.objects.exists()


def test_a_session_planted_beforehand_is_of_no_use(client):
    ask(client)
    planted = client.cookies["sessionid"].value
    client.post("/sign-in/code/", {"code": sent_code()})
    assert client.cookies["sessionid"].value != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/me/").status_code == 302


def test_the_cookie_is_not_for_scripts(client):
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    cookie = client.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_a_closed_account_stays_closed(client, place):
    zhang = registered("张秀英", place)
    Account.objects.create(person=zhang, created_at=cast.MADE_AT, is_active=False)
    ask(client)
    assert client.post("/sign-in/code/", {"code": sent_code()}).status_code == 404
    assert not SignInSession.objects.filter(account__isnull=False).exists()


def test_the_erased_are_not_found_by_their_phone(client, place):
    zhang = registered("张秀英", place)
    Person.objects.filter(pk=zhang.pk).update(erased_at=datetime.now(UTC))
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    assert name_of_session() == "手机用户0001"


def test_signing_out_ends_the_session_on_the_record(client, place):
    zhang = cast.resident("张秀英", place)
    cast.sign_in(client, zhang)
    assert client.post("/sign-out/").headers["Location"] == "/"
    assert not SignInSession.objects.exists()
    assert Entry.objects.get().verb == "account.signed_out"
    assert client.get("/me/").status_code == 302


def test_the_record_holds_neither_phone_nor_device_in_clear(client):
    ask(client)
    agent = "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8"
    client.post("/sign-in/code/", {"code": sent_code()}, headers={"user-agent": agent})
    entries = str(list(Entry.objects.values()))
    assert PHONE not in entries and "微信" not in entries


def test_the_day_of_an_appointment_does_not_matter_for_a_phone(client, place):
    zhou = registered("周书记", place)
    cast.Appointment.objects.create(
        person=zhou, organisation=place.office, role="community_secretary", area=place.community, since=date(2020, 1, 1)
    )
    ask(client)
    client.post("/sign-in/code/", {"code": sent_code()})
    assert SignInSession.objects.get(account__isnull=False).strong is False
    assert "To work" not in client.get("/me/").content.decode()
