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
