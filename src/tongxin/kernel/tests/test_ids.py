"""Keys are ordered and unique, codes can be read aloud."""

import os
import threading
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.kernel.ids import (
    CASE_NUMBER_PATTERN,
    QUERY_CODE_ALPHABET,
    case_number,
    normalise_query_code,
    query_code,
    uuid7,
)

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def milliseconds(key: uuid.UUID) -> int:
    return key.int >> 80


def test_a_key_is_version_7_and_carries_its_moment():
    key = uuid7(NOW)
    assert key.version == 7
    assert key.variant == uuid.RFC_4122
    assert milliseconds(key) == int(NOW.timestamp()) * 1000


@given(st.datetimes(datetime(1970, 1, 2), datetime(9000, 1, 1), timezones=st.just(UTC)))
def test_the_millisecond_is_exact(moment: datetime):
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    assert milliseconds(uuid7(moment)) == since // timedelta(milliseconds=1)


def test_keys_of_the_clock_strictly_increase():
    keys = [uuid7() for _ in range(20_000)]
    assert keys == sorted(set(keys))


def test_keys_do_not_go_back_with_the_clock(monkeypatch: pytest.MonkeyPatch):
    later = uuid7()
    monkeypatch.setattr("tongxin.kernel.ids.time.time_ns", lambda: 0)
    assert uuid7() > later


def test_keys_of_the_same_given_moment_increase():
    keys = [uuid7(NOW) for _ in range(2000)]
    assert keys == sorted(set(keys))
    assert uuid7(NOW + timedelta(milliseconds=1)) > keys[-1]


def test_a_key_for_a_coming_day_does_not_disturb_the_clock():
    uuid7(datetime(2999, 1, 1, tzinfo=UTC))
    assert milliseconds(uuid7()) < milliseconds(uuid7(datetime(2900, 1, 1, tzinfo=UTC)))


def test_threads_never_share_a_key():
    keys: list[uuid.UUID] = []
    threads = [threading.Thread(target=lambda: keys.extend([uuid7() for _ in range(2000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(keys)) == 8000


def test_a_forked_worker_makes_its_own_keys():
    uuid7(NOW)
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writes, uuid7(NOW).bytes)
        os._exit(0)
    os.waitpid(child, 0)
    theirs = uuid.UUID(bytes=os.read(reads, 16))
    os.close(reads)
    os.close(writes)
    ours = uuid7(NOW)
    # Not only another random tail: the counters themselves are apart.
    assert theirs.int >> 32 != ours.int >> 32


@pytest.mark.parametrize("moment", [datetime(2026, 11, 22), datetime(1969, 12, 31, tzinfo=UTC)])
def test_a_naive_or_too_early_moment_is_refused(moment: datetime):
    with pytest.raises(ValueError):
        uuid7(moment)


def test_a_query_code_has_eight_characters_that_cannot_be_mixed_up():
    codes = {query_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 8 and set(code) <= set(QUERY_CODE_ALPHABET) for code in codes)
    assert not set("0O1IL2Z5S8BUG") & set(QUERY_CODE_ALPHABET)


@pytest.mark.parametrize("typed", ["ac3d-ef4h", " AC3D EF4H ", "ＡＣ３Ｄ－ＥＦ４Ｈ", "AC3DEF4H"])
def test_a_code_typed_by_张阿姨_is_understood(typed: str):
    assert normalise_query_code(typed) == "AC3DEF4H"


def test_case_number():
    assert case_number("WW", date(2026, 11, 22), 42) == "WW-20261122-0042"
    assert case_number("ZW3", date(2026, 1, 2), 12_345) == "ZW3-20260102-12345"


@given(st.from_regex(r"[A-Z][A-Z0-9]{0,7}", fullmatch=True), st.dates(date(1900, 1, 1), date(2099, 12, 31)),
       st.integers(1, 999_999))  # fmt: skip
def test_every_case_number_has_the_published_form(prefix: str, day: date, n: int):
    import re

    assert re.fullmatch(CASE_NUMBER_PATTERN, case_number(prefix, day, n))


@pytest.mark.parametrize(("prefix", "n"), [("", 1), ("ww", 1), ("W-W", 1), ("五堰", 1), ("WW", 0), ("WW", 1_000_000)])
def test_a_case_number_nobody_could_read_is_refused(prefix: str, n: int):
    with pytest.raises(ValueError):
        case_number(prefix, date(2026, 11, 22), n)
