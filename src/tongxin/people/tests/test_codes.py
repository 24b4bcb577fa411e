"""Codes and counters when several ask at once, and what remains of them afterwards."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from tests import cast
from tongxin.kernel.errors import DomainError, Invalid, TooMany
from tongxin.people.models import SignInCode, SignInLimit, SignInSession
from tongxin.people.operations._limits import spend
from tongxin.people.operations.codes import check_code, issue_code
from tongxin.people.operations.sessions import purge_sign_in
from tongxin.people.queries.known import LONGEST, browser_that_proved, cookie_with
from tongxin.people.rules.signin import Limit

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
PHONE = "13907280001"


def at_once(work, times):
    """What each of so many threads got: a result or the error's code."""

    def run(_):
        try:
            return work()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


@pytest.mark.django_db(transaction=True)
def test_a_right_code_opens_once_however_many_try_at_the_same_moment():
    code_id, code = issue_code(phone=PHONE, purpose="sign-in", address="1", now=NOW)
    got = at_once(lambda: check_code(code_id=code_id, typed=code, purpose="sign-in", address="1", now=NOW), 6)
    assert got.count(PHONE) == 1
    assert set(got) == {PHONE, "code-over"}


@pytest.mark.django_db(transaction=True)
def test_wrong_tries_at_the_same_moment_are_all_counted():
    code_id, code = issue_code(phone=PHONE, purpose="sign-in", address="1", now=NOW)
    wrong = "0" * 6 if code != "0" * 6 else "1" * 6
    got = at_once(lambda: check_code(code_id=code_id, typed=wrong, purpose="sign-in", address="1", now=NOW), 8)
    assert sorted(got) == ["code-spent"] * 3 + ["wrong-code"] * 5


@pytest.mark.django_db(transaction=True)
def test_a_limit_holds_when_all_come_at_once():
    limit = Limit("test", 3, timedelta(minutes=1))
    got = at_once(lambda: spend(limit, "x", NOW), 8)
    assert got.count("too-many-tries") == 5


@pytest.mark.django_db
def test_a_code_serves_one_purpose_only():
    code_id, code = issue_code(phone=PHONE, purpose="family", address="1", now=NOW)
    with pytest.raises(Invalid):
        check_code(code_id=code_id, typed=code, purpose="sign-in", address="1", now=NOW)
    assert check_code(code_id=code_id, typed=code, purpose="family", address="1", now=NOW) == PHONE


@pytest.mark.django_db
def test_a_fresh_code_does_not_give_fresh_tries_for_ever():
    tries = 0
    for n in range(10):
        at = NOW + timedelta(minutes=2 * n)
        code_id, _code = issue_code(phone=PHONE, purpose="sign-in", address="1", now=at)
        try:
            for _ in range(5):
                with pytest.raises(Invalid):
                    check_code(code_id=code_id, typed="x", purpose="sign-in", address="1", now=at)
                tries += 1
        except TooMany:
            break
    assert tries == 20


@pytest.mark.django_db
def test_what_is_over_is_deleted(client):
    zhang = cast.person("张阿姨")
    cast.sign_in(client, zhang)
    code_id, _ = issue_code(phone=PHONE, purpose="sign-in", address="1", now=NOW)
    SignInSession.objects.create(session_key="old", session_data="", expire_date=NOW)
    assert purge_sign_in(now=NOW) == 1
    assert SignInCode.objects.filter(pk=code_id).exists()
    purge_sign_in(now=NOW + timedelta(days=2))
    assert not SignInCode.objects.exists() and not SignInLimit.objects.exists()
    assert SignInSession.objects.count() == 1


HERE, STRANGE, STRANGER = "120.36.7.9", "45.1.1.1", "45.1.1.2"


def code(address=HERE, minute=0, browser="", phone=PHONE):
    at = NOW + timedelta(minutes=minute)
    return issue_code(phone=phone, purpose="sign-in", address=address, now=at, browser=browser)


def refused(**given):
    with pytest.raises(TooMany) as error:
        code(**given)
    return error.value.params["minutes"]


@pytest.mark.django_db
def test_a_stranger_who_asks_all_day_locks_only_themselves_out():
    for n in range(5):
        code(STRANGE, minute=2 * n)
    assert refused(address=STRANGE, minute=10) == 24 * 60 - 10
    code(HERE, minute=10)
    code(STRANGE, minute=10, phone="13907280002")
    code(STRANGE, minute=24 * 60)


@pytest.mark.django_db
def test_a_stranger_who_has_just_asked_does_not_make_anybody_wait():
    code(STRANGE)
    code(HERE)
    assert refused(address=HERE) == 1
    code(HERE, minute=1)


@pytest.mark.django_db
def test_strangers_from_many_places_are_bounded_and_the_known_browser_gets_its_code():
    """Ten in a day go out to unknown browsers, whoever asks; hers, in which she signed in before, has its own five."""
    browser = cookie_with("", PHONE)
    for n in range(10):
        code(f"45.1.2.{n}", minute=n)
    refused(address="45.1.3.1", minute=11)
    refused(address=HERE, minute=11)
    for n in range(5):
        code(HERE, minute=11 + n, browser=browser)
    refused(address=HERE, minute=20, browser=browser)
    for n in range(5):
        code(HERE, minute=21 + n, browser=cookie_with("", PHONE))
    refused(address=HERE, minute=30, browser=cookie_with("", PHONE))  # all browsers that she ever used, together


@pytest.mark.django_db
def test_a_browser_known_for_one_phone_is_a_stranger_to_another():
    browser = cookie_with("", "13907280002")
    for n in range(5):
        code(minute=n, browser=browser)
    refused(minute=6, browser=browser)
    code(minute=6, browser=cookie_with(browser, PHONE))


@pytest.mark.django_db
def test_wrong_tries_of_a_stranger_do_not_use_up_hers():
    for n in range(4):
        sent, _ = code(STRANGE, minute=n)
        for _ in range(5):
            with pytest.raises(Invalid):
                check_code(code_id=sent, typed="x", purpose="sign-in", address=STRANGE, now=NOW + timedelta(minutes=n))
    at = NOW + timedelta(minutes=5)
    sent, right = code(STRANGE, minute=5)
    with pytest.raises(TooMany):
        check_code(code_id=sent, typed=right, purpose="sign-in", address=STRANGE, now=at)
    sent, right = code(HERE, minute=5)
    assert check_code(code_id=sent, typed=right, purpose="sign-in", address=HERE, now=at) == PHONE


@pytest.mark.django_db
def test_whoever_proves_the_phone_may_ask_again_from_there():
    for n in range(5):
        sent, right = code(minute=n)
    at = NOW + timedelta(minutes=5)
    check_code(code_id=sent, typed=right, purpose="sign-in", address=HERE, now=at)
    code(minute=6)


@pytest.mark.django_db
def test_a_neighbourhood_behind_one_address_does_not_use_up_a_known_browser():
    browser = cookie_with("", PHONE)
    for n in range(60):
        code(HERE, phone=f"1390000{n:04}")
    refused(address=HERE)
    sent, right = code(HERE, browser=browser)
    assert check_code(code_id=sent, typed=right, purpose="sign-in", address=HERE, now=NOW, browser=browser) == PHONE


def test_the_cookie_of_a_browser_is_made_by_us_alone():
    mine = cookie_with("", PHONE)
    assert browser_that_proved(mine, PHONE) == mine.split(".")[0]
    assert not browser_that_proved(mine, "13907280002")
    both = cookie_with(mine, "13907280002")
    assert browser_that_proved(both, PHONE) == browser_that_proved(both, "13907280002") == mine.split(".")[0]
    for forged in ("", "x", ".", "a" * 32, f"{'b' * 32}.{mine.split('.')[1]}", mine[:-1], "é" * 40, "." * 9000):
        assert browser_that_proved(forged, PHONE) == ""
        assert browser_that_proved(cookie_with(forged, PHONE), PHONE)
    many = mine
    for n in range(9):
        many = cookie_with(many, f"1390000000{n}")
    assert len(many) <= LONGEST and not browser_that_proved(many, PHONE) and PHONE not in mine
