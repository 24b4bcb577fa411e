"""Codes, limits and the second factor, by the book."""

from datetime import UTC, datetime, timedelta

import pytest

from tongxin.people.rules import signin as rules

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_vectors_of_rfc_6238(seconds, code):
    at = datetime.fromtimestamp(seconds, UTC)
    assert rules.totp(b"12345678901234567890", rules.totp_step(at)) == code


def test_a_code_of_the_neighbouring_step_is_taken_once_and_never_again():
    secret = rules.new_totp_secret()
    step = rules.totp_step(NOW)
    before = rules.totp(secret, step - 1)
    assert rules.matching_step(secret, before, NOW, 0) == step - 1
    assert rules.matching_step(secret, before, NOW, step - 1) is None
    assert rules.matching_step(secret, rules.totp(secret, step - 2), NOW, 0) is None


def test_a_code_may_be_typed_as_it_is_shown():
    secret = rules.new_totp_secret()
    code = rules.totp(secret, rules.totp_step(NOW))
    assert rules.matching_step(secret, f" {code[:3]} {code[3:]} ", NOW, 0)
    full_width = code.translate({ord(str(d)): 0xFF10 + d for d in range(10)})
    assert rules.matching_step(secret, full_width, NOW, 0)
    assert rules.matching_step(secret, "", NOW, 0) is None
    assert rules.matching_step(secret, "四五六七八九", NOW, 0) is None


def test_the_address_for_the_authenticator():
    assert rules.totp_address(b"\0" * 20, "同心", "zhou") == (
        "otpauth://totp/%E5%90%8C%E5%BF%83:zhou?secret=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&issuer=%E5%90%8C%E5%BF%83"
    )


def test_codes_have_six_digits():
    codes = {rules.new_code() for _ in range(500)}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 450


def test_recovery_codes_differ_and_can_be_read_out():
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == 10
    assert not set("".join(codes)) & set("0O1IL2Z5S8B")


def test_a_limit_begins_anew_after_its_window_and_never_locks_for_ever():
    limit = rules.Limit("x", 2, timedelta(minutes=15))
    count, ends, ok = rules.counted(0, None, limit, NOW)
    assert (count, ends, ok) == (1, NOW + limit.window, True)
    count, ends, ok = rules.counted(count, ends, limit, NOW)
    assert ok
    later = NOW + timedelta(minutes=14)
    assert rules.counted(count, ends, limit, later) == (2, NOW + limit.window, False)
    assert rules.counted(count, ends, limit, ends) == (1, ends + limit.window, True)


@pytest.mark.parametrize(("name", "shown"), [("张秀英", "*秀英"), ("李刚", "*刚"), ("张", "*")])
def test_who_shares_a_phone_sees_names_without_surname(name, shown):
    assert rules.shown_of_shared_phone(name) == shown


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("120.36.7.9", "120.36.x.x"),
        ("::ffff:120.36.7.9", "120.36.x.x"),
        ("2408:8207:1234:5678::1", "2408:8207:1234::"),
        ("rubbish", ""),
    ],
)
def test_where_a_session_is_only_roughly(address, shown):
    assert rules.address_prefix(address) == shown


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 14; PGT-AL10) ... Chrome/116 MicroMessenger/8.0.44", "微信 · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537 Edg/120", "Edge · Windows"),
        ("curl/8", ""),
    ],
)
def test_devices_as_their_owner_knows_them(agent, words):
    assert rules.device_words(agent) == words


def asked(*, phone="13900001111", purpose="sign-in", place="1.2.3.4", browser=""):
    return dict(rules.spent_by_code(phone=phone, purpose=purpose, place=place, browser=browser))


def test_a_stranger_elsewhere_shares_only_the_days_total_of_a_phone():
    here, elsewhere = asked(), asked(place="5.6.7.8")
    shared = [limit.name for limit in here if here[limit] == elsewhere.get(limit)]
    assert shared == ["code-phone"]
    assert rules.CODES_FROM_PLACE.most < rules.CODES_OF_PHONE.most


def test_a_browser_that_proved_the_phone_shares_nothing_with_strangers():
    here, known = asked(), asked(browser="b")
    assert not [limit for limit in here if here[limit] == known.get(limit)]
    assert [limit.name for limit in known] == ["code-minute", "code-browser", "code-known"]
    other = asked(browser="c")
    assert [limit.name for limit in known if known[limit] == other[limit]] == ["code-known"]
    assert rules.CODES_OF_BROWSER.most < rules.CODES_OF_KNOWN.most


def test_nobody_is_sent_more_than_so_many_codes_a_day():
    assert rules.MOST_CODES_A_DAY == 20
    assert rules.CODES_OF_PHONE.window == rules.CODES_OF_KNOWN.window == timedelta(days=1)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("120.36.7.9", "120.36.7.9"),
        ("::ffff:120.36.7.9", "120.36.7.9"),
        ("2408:8207:1234:5678::1", "2408:8207:1234:5678::/64"),
        ("2408:8207:1234:5678:ffff::9", "2408:8207:1234:5678::/64"),
        ("2408:8207:1234:5679::1", "2408:8207:1234:5679::/64"),
        ("", ""),
    ],
)
def test_a_place_is_what_one_subscriber_has(address, place):
    assert rules.place_of(address) == place
