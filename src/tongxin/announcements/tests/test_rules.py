"""When messages leave, whom they reach, what is said of small numbers."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tongxin.announcements import rules
from tongxin.announcements.rules import SHANGHAI, Draft, Quiet
from tongxin.kernel.errors import Invalid


def at(hour, minute=0, day=22):
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("kind", "now", "leaves"),
    [
        ("notice", at(10), at(10, 10)),
        ("notice", at(20, 55), at(8, day=23)),
        ("reminder", at(23), at(8, day=23)),
        ("reminder", at(3), at(8)),
        ("emergency", at(3), at(3)),
        ("notice", at(7, 55), at(8, 5)),
    ],
)
def test_nobody_is_disturbed_in_the_quiet_hours_but_in_an_emergency(kind, now, leaves):
    assert rules.leaves_at(kind, now, Quiet()) == leaves


def test_an_area_may_rest_at_noon_or_never():
    noon = Quiet(time(12), time(14))
    assert rules.leaves_at("notice", at(12, 30), noon) == at(14)
    assert rules.leaves_at("notice", at(23), noon) == at(23, 10)
    assert rules.leaves_at("notice", at(3), Quiet(time(0), time(0))) == at(3, 10)


def test_who_had_todays_message_gets_the_rest_tomorrow_morning():
    assert rules.next_day(at(10), Quiet()) == at(8, day=23)
    assert rules.next_day(at(10), Quiet(time(12), time(14))) == at(8, day=23)
    assert rules.day_start(datetime(2026, 11, 21, 17, tzinfo=UTC)) == at(0)


@pytest.mark.parametrize(
    ("kind", "chosen", "mobile", "openid", "ways"),
    [
        ("notice", ("sms", "wechat"), True, True, ("wechat",)),
        ("notice", ("sms", "wechat"), True, False, ("sms",)),
        ("notice", ("wechat",), True, False, ()),
        ("emergency", ("sms", "wechat"), True, True, ("wechat", "sms")),
        ("notice", (), True, True, ()),
    ],
)
def test_one_channel_is_enough_and_two_where_life_is_in_danger(kind, chosen, mobile, openid, ways):
    assert rules.channels_for(kind, chosen, mobile=mobile, openid=openid) == ways


@pytest.mark.parametrize(("count", "shown"), [(0, "0"), (1, "<5"), (4, "<5"), (5, "5"), (38000, "38000")])
def test_small_numbers_name_nobody(count, shown):
    assert rules.shown_count(count) == shown


def test_ten_announcements_are_one_message():
    title, text = rules.words_of([("停水", "明天停水"), ("停电", "后天停电")])
    assert (title, text) == ("社区通知 2 条", "1. 停水；2. 停电。")
    assert rules.words_of([("停水", "明天\n停水")]) == ("停水", "明天 停水")
    assert len(rules.words_of([("长", "长" * 500)])[1]) == rules.MESSAGE_TEXT


@pytest.mark.parametrize(
    ("text", "found"), [("elder:80", ("elder", 80)), ("child:14", ("child", 14)), ("lives_alone", ("lives_alone", 0))]
)
def test_traits_that_the_register_knows(text, found):
    assert rules.trait(text) == found


@pytest.mark.parametrize("text", ["elder:0", "elder:999", "rich", "child:", ""])
def test_no_others(text):
    with pytest.raises(Invalid):
        rules.trait(text)


def test_somebody_born_on_the_29th_of_february():
    assert rules.born_until(date(2028, 2, 29), 1) == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": " "}),
        ("text", {"text": ""}),
        ("kind", {"kind": "gossip"}),
        ("roles", {"roles": ()}),
        ("roles", {"roles": ("strangers",)}),
        ("traits", {"traits": ("elder:80",), "roles": ("staff",)}),
        ("traits", {"traits": ("rich",)}),
        ("channels", {"channels": ("pigeon",)}),
        ("valid_until", {"valid_from": date(2026, 11, 23), "valid_until": date(2026, 11, 22)}),
    ],
)
def test_what_cannot_be_announced_says_which_field(field, change):
    with pytest.raises(Invalid) as refused:
        Draft(**({"title": "停水", "text": "明天停水"} | change)).checked()
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("level", "needed"), [("estate", False), ("community", False), ("street", True), ("county", True)]
)
def test_from_the_street_upwards_a_second_person_looks(level, needed):
    assert rules.needs_second(level) is needed


def test_quiet_hours_are_never_longer_than_a_day():
    for hour in range(24):
        assert Quiet().over(at(hour)) - at(hour) <= timedelta(hours=11)
