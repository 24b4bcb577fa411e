"""Staff sign in with password and authenticator; without the second, no office acts."""

import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from tests import cast
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.people.models import Account, RecoveryCode, SecondFactor, SignInLimit, SignInSession
from tongxin.people.operations import accounts, second_factor
from tongxin.people.queries.actors import actor_for
from tongxin.people.rules import signin as rules
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db

PASSWORD = "湖北十堰 张湾 王湾"
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def place():
    return cast.wangwan()


@pytest.fixture
def zhou(place):
    """周书记 of 王湾, with user name and password, without an authenticator yet."""
    person = cast.officer("周书记", "community_secretary", place.office, place.community)
    person.account.username = "zhou"
    person.account.set_password(PASSWORD)
    person.account.save()
    return person


@pytest.fixture(autouse=True)
def english(client):
    client.cookies["django_language"] = "en"


def enter_password(client, username="zhou", password=PASSWORD, **data):
    return client.post("/staff/sign-in/", {"username": username, "password": password, **data})


def enrolled(person):
    """The secret of a confirmed authenticator, and the recovery codes."""
    secret = second_factor.start_enrolment(person.account.pk, now=datetime.now(UTC))
    codes = second_factor.confirm_enrolment(person.account.pk, code_now(secret, -1), now=datetime.now(UTC))
    return secret, codes


def code_now(secret, shift=0):
    return rules.totp(secret, rules.totp_step(datetime.now(UTC)) + shift)


def is_strong(client):
    return client.get("/me/").status_code == 200 and SignInSession.objects.filter(strong=True).exists()


def verbs():
    return list(Entry.objects.order_by("id").values_list("verb", flat=True))


def test_first_sign_in_sets_up_the_authenticator_and_shows_recovery_codes_once(client, zhou):
    assert enter_password(client).headers["Location"] == "/staff/sign-in/enrol/"
    page = client.get("/staff/sign-in/enrol/").content.decode()
    assert 'src="data:image/svg+xml' in page
    secret_words = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1]
    secret = second_factor.start_enrolment(zhou.account.pk, now=datetime.now(UTC))
    assert secret_words.replace(" ", "") == rules.totp_text(secret)
    wrong = client.post("/staff/sign-in/enrol/", {"code": "000000"})
    assert wrong.status_code == 422
    assert not is_strong(client)
    done = client.post("/staff/sign-in/enrol/", {"code": code_now(secret)}).content.decode()
    assert len(re.findall(r"<code>[0-9A-Z]{5}-[0-9A-Z]{5}</code>", done)) == 10
    assert is_strong(client)
    assert client.get("/staff/sign-in/enrol/").headers["Location"] == "/staff/sign-in/"
    assert verbs() == ["account.enrolment_started", "account.enrolled", "account.signed_in"]


def test_password_then_code(client, zhou):
    secret, _ = enrolled(zhou)
    assert enter_password(client, next="/me/?x=1").headers["Location"] == "/staff/sign-in/code/"
    assert client.get("/me/").status_code == 302
    answer = client.post("/staff/sign-in/code/", {"code": code_now(secret)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me/?x=1")
    assert is_strong(client)
    assert "Community party secretary" in client.get("/me/").content.decode()


def test_without_the_code_nothing_opens(client, zhou):
    enrolled(zhou)
    enter_password(client)
    assert client.get("/me/").status_code == 302
    for address in ("/staff/sign-in/enrol/", "/staff/sign-in/password/"):
        assert client.get(address).status_code == 303
    assert not SignInSession.objects.filter(account__isnull=False).exists()


def test_the_steps_cannot_be_skipped(client, zhou):
    for step in ("code", "recovery", "enrol", "password"):
        assert client.get(f"/staff/sign-in/{step}/").headers["Location"] == "/staff/sign-in/"
        assert client.post(f"/staff/sign-in/{step}/", {"code": "000000"}).headers["Location"] == "/staff/sign-in/"


def test_a_code_is_taken_once(client, zhou):
    secret, _ = enrolled(zhou)
    enter_password(client)
    code = code_now(secret)
    assert client.post("/staff/sign-in/code/", {"code": code}).status_code == 303
    other = Client()
    enter_password(other)
    assert other.post("/staff/sign-in/code/", {"code": code}).status_code == 422


def test_wrong_codes_lock_for_a_quarter_of_an_hour_on_the_record(client, zhou):
    secret, _ = enrolled(zhou)
    enter_password(client)
    tries = [client.post("/staff/sign-in/code/", {"code": "000000"}).status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]
    assert client.post("/staff/sign-in/code/", {"code": code_now(secret)}).status_code == 429
    assert verbs().count("account.locked") == 1


def test_unknown_names_and_wrong_passwords_are_answered_alike(client, zhou):
    wrong = enter_password(client, password="wrong").content.decode()
    unknown = enter_password(client, username="nobody", password="wrong").content.decode()
    strip = re.compile(r'value="[^"]*"|name="csrfmiddlewaretoken"')
    assert strip.sub("", wrong) == strip.sub("", unknown)


def test_five_wrong_passwords_lock_the_place_with_a_clear_word(client, zhou):
    tries = [enter_password(client, password="wrong").status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]
    refused = enter_password(client)
    assert refused.status_code == 429
    assert "15 minutes" in refused.content.decode()
    assert verbs() == ["account.locked"]


def test_who_locks_from_elsewhere_does_not_lock_the_secretary_out(client, zhou):
    for _ in range(8):
        client.post("/staff/sign-in/", {"username": "zhou", "password": "x"}, REMOTE_ADDR="6.6.6.6")
    assert enter_password(client).status_code == 303


def test_many_places_together_are_held_up_too(client, zhou):
    answers = [
        client.post("/staff/sign-in/", {"username": "zhou", "password": "x"}, REMOTE_ADDR=f"6.6.6.{n}").status_code
        for n in range(31)
    ]
    assert answers == [422] * 30 + [429]


def test_the_lock_opens_again(client, zhou):
    for _ in range(6):
        enter_password(client, password="wrong")
    for row in SignInLimit.objects.all():
        row.ends_at = NOW.replace(year=2020)
        row.save()
    assert enter_password(client).status_code == 303


def test_a_recovery_code_works_once(client, zhou):
    _, codes = enrolled(zhou)
    enter_password(client)
    answer = client.post("/staff/sign-in/recovery/", {"code": f" {codes[3].lower()} "})
    assert answer.status_code == 303
    assert "9 are left" in client.get(answer.headers["Location"]).content.decode()
    other = Client()
    enter_password(other)
    assert other.post("/staff/sign-in/recovery/", {"code": codes[3]}).status_code == 422
    assert "account.recovery_used" in verbs()


def test_secrets_are_not_in_the_tables(zhou):
    secret, codes = enrolled(zhou)
    row = SecondFactor.objects.get()
    assert secret not in bytes(row.secret_cipher) and secret.hex().encode() not in bytes(row.secret_cipher)
    stored = b"".join(bytes(row.code_hash) for row in RecoveryCode.objects.all())
    assert codes[0].encode() not in stored and codes[0].replace("-", "").encode() not in stored


def test_a_confirmed_authenticator_cannot_be_replaced_by_enrolling_again(zhou):
    enrolled(zhou)
    with pytest.raises(Conflict):
        second_factor.start_enrolment(zhou.account.pk, now=NOW)


def test_a_given_password_must_be_changed_first(client, place, zhou):
    boss = cast.officer("刘主任", "street_officer", place.office, place.street)
    chen = cast.officer("网格员小陈", "grid_worker", place.office, place.community)
    actor = actor_for(boss.account, strong=True, now=NOW)
    _, given = accounts.open_staff_account(actor, chen.pk, "Chen", now=NOW)
    client.cookies["django_language"] = "en"
    assert enter_password(client, "chen", given).headers["Location"] == "/staff/sign-in/password/"
    assert client.get("/staff/sign-in/enrol/").status_code == 303
    weak = {"12345678901": "digits alone", "short": "ten characters", given: "Choose another", "password123": "first"}
    for password, words in weak.items():
        page = client.post("/staff/sign-in/password/", {"password": password, "again": password})
        assert page.status_code == 422
        assert words in page.content.decode()
    different = client.post("/staff/sign-in/password/", {"password": PASSWORD, "again": "x"})
    assert "not the same" in different.content.decode()
    answer = client.post("/staff/sign-in/password/", {"password": PASSWORD, "again": PASSWORD})
    assert answer.headers["Location"] == "/staff/sign-in/enrol/"


def test_staff_accounts_are_opened_by_those_who_appoint(place, zhou):
    chen = cast.officer("网格员小陈", "grid_worker", place.office, place.community)
    worker = actor_for(chen.account, strong=True, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.open_staff_account(worker, chen.pk, "chen", now=NOW)
    secretary = actor_for(zhou.account, strong=True, now=NOW)
    with pytest.raises(Conflict):
        accounts.open_staff_account(secretary, chen.pk, "zhou", now=NOW)
    for odd in ("", "ab", "陈", "a b c", "x" * 41):
        with pytest.raises(Invalid):
            accounts.open_staff_account(secretary, chen.pk, odd, now=NOW)
    accounts.open_staff_account(secretary, chen.pk, "chen", now=NOW)
    with pytest.raises(Conflict):
        accounts.open_staff_account(secretary, chen.pk, "chen2", now=NOW)


def test_a_new_start_by_the_security_administrator_ends_everything(client, place, zhou):
    secret, _ = enrolled(zhou)
    enter_password(client)
    client.post("/staff/sign-in/code/", {"code": code_now(secret)})
    guard = cast.officer("安全管理员", "security_administrator", place.office, place.city)
    secretary = actor_for(zhou.account, strong=True, now=NOW)
    with pytest.raises(NotAllowed):
        accounts.reset_staff_account(secretary, zhou.account.pk, now=NOW)
    accounts.reset_staff_account(actor_for(guard.account, strong=True, now=NOW), zhou.account.pk, now=NOW)
    assert client.get("/me/").status_code == 302
    assert not SecondFactor.objects.exists() and not RecoveryCode.objects.exists()
    assert Account.objects.get(username="zhou").password_is_temporary
    assert enter_password(client).status_code == 422


def test_changing_the_password_ends_the_other_sessions(client, zhou):
    enrolled(zhou)
    cast.sign_in(client, zhou, strong=True)
    elsewhere = Client()
    cast.sign_in(elsewhere, zhou)
    new = "新的 一句 很长 的 话 2026"
    wrong = client.post("/me/password/", {"old": "x", "password": new, "again": new})
    assert wrong.status_code == 422
    assert client.post("/me/password/", {"old": PASSWORD, "password": new, "again": new}).status_code == 303
    assert client.get("/me/").status_code == 200
    assert elsewhere.get("/me/").status_code == 302
    assert enter_password(Client(), password=new).status_code == 303


def test_the_password_is_changed_only_with_the_second_factor(client, zhou):
    cast.sign_in(client, zhou)
    assert client.get("/me/password/").headers["Location"].startswith("/staff/sign-in/")


def test_stepping_up_from_the_resident_gives_a_new_session(client, zhou):
    secret, _ = enrolled(zhou)
    cast.sign_in(client, zhou)
    before = client.cookies["sessionid"].value
    enter_password(client)
    between = client.cookies["sessionid"].value
    client.post("/staff/sign-in/code/", {"code": code_now(secret)})
    assert len({before, between, client.cookies["sessionid"].value}) == 3
    assert SignInSession.objects.count() == 1


def test_a_session_of_staff_has_a_short_life(client, zhou):
    secret, _ = enrolled(zhou)
    enter_password(client)
    client.post("/staff/sign-in/code/", {"code": code_now(secret)})
    assert client.cookies["sessionid"]["max-age"] == 12 * 3600
