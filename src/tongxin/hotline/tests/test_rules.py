"""The city's hotline 12345 signs what it sends, sends a ticket again with other words, and names places in its own way."""

from datetime import UTC, datetime, timedelta

from tongxin.hotline.rules import difference, is_signed, place_named, signature

NOW = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
SECRET, NONCE, BODY = b"shared with 12345", "nonce-0001", b'{"number":"DH1"}'


def signed_at(at: datetime, *, body: bytes = BODY, nonce: str = NONCE) -> bool:
    time = str(int(at.timestamp()))
    return is_signed(SECRET, time, nonce, body, signature(SECRET, time, NONCE, BODY), NOW)


def test_what_the_hotline_signed_now_is_taken():
    assert signed_at(NOW)
    assert signed_at(NOW - timedelta(minutes=5))


def test_what_is_old_or_altered_is_not():
    assert not signed_at(NOW - timedelta(minutes=5, seconds=1))
    assert not signed_at(NOW, body=b"{}")
    assert not signed_at(NOW, nonce="nonce-0002")
    assert not is_signed(SECRET, "now", NONCE, BODY, "é", NOW)


def test_a_later_deadline_shows_as_the_only_difference():
    first = {"text": "路灯不亮", "deadline": "2026-11-27"}
    assert difference(first, first | {"deadline": "2026-11-30"}) == {"deadline": ("2026-11-27", "2026-11-30")}
    assert difference(first, first | {"address": "国瑞"}) == {"address": ("", "国瑞")}


def test_the_longest_name_in_the_address_is_where_it_is():
    names = [("wangwan", "王湾社区"), ("guorui", "国瑞中央花园"), ("guorui-old", "国瑞")]
    assert place_named("张湾区国瑞中央花园3号楼", names) == "guorui"
    assert place_named("车城路", names) is None
    assert place_named("一号楼", [("a", "一号楼"), ("b", "一号楼")]) is None
