"""Every channel against a stand-in that checks for itself: signed as asked, not too fast, never said to be sent before."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongxin.notifications import operations
from tongxin.notifications.models import ChannelState, Delivery
from tongxin.notifications.rules import LONGEST_SLOWED, Pace, take_turn
from tongxin.notifications.senders import PACES
from tongxin.notifications.tests import stand_ins as s

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db
PHONE = "13907280001"


@pytest.fixture
def aliyun(settings):
    with s.open_for_business(s.Provider(s.AliyunSms)) as provider:
        settings.SMS_SENDER, settings.ALIYUN_SMS_URL = "aliyun", provider.url
        settings.ALIYUN_KEY_ID, settings.ALIYUN_KEY_SECRET = s.KEY_ID, s.KEY_SECRET
        settings.ALIYUN_SIGN_NAME, settings.ALIYUN_TEMPLATE = "十堰同心", "SMS_1"
        yield provider


@pytest.fixture
def robots(settings):
    with s.open_for_business(s.Provider(s.Robots)) as provider:
        settings.ROBOTS, settings.WECOM_URL, settings.DINGTALK_URL = "http", provider.url, provider.url
        yield provider


@pytest.fixture
def wechat(settings):
    with s.open_for_business(s.Provider(s.WeChat)) as provider:
        settings.WECHAT_MESSAGES, settings.WECHAT_API_URL = "account", provider.url
        settings.WECHAT_ACCOUNT_ID, settings.WECHAT_ACCOUNT_SECRET = s.APP_ID, s.APP_SECRET
        settings.WECHAT_TEMPLATE = "T1"
        yield provider


@pytest.fixture
def mail(settings):
    with s.open_for_business(s.MailServer()) as server:
        settings.MAIL_SENDER, settings.SMTP_HOST, settings.SMTP_PORT = "smtp", *server.server_address
        settings.SMTP_SECURITY, settings.SMTP_USER, settings.MAIL_FROM = "none", "", "同心 <tongxin@shiyan.test>"
        settings.MAIL_FROM = "tongxin@shiyan.test"
        yield server


def send(channel, to, text="明天上午停水", **more):
    return operations.send_message(channel, to, text, now=NOW, **more)


def row():
    return Delivery.objects.get()


def test_aliyun_takes_a_signed_message_and_its_report_says_that_it_arrived(aliyun):
    send("sms", PHONE, "明天上午停水 & 停气，~请存水*", link="/announcements/1/")
    assert operations.deliver_due(NOW).sent == 1
    assert (aliyun.got[0]["PhoneNumbers"], aliyun.refused) == (PHONE, [])
    assert aliyun.got[0]["text"].startswith("明天上午停水 & 停气，~请存水*")
    assert (row().state, row().receipt, bytes(row().text_cipher)) == ("sent", "90061^0", b"")
    assert operations.note_receipt("sms", "90061^0", arrived=True, now=NOW + timedelta(minutes=1)) == 1
    assert (row().state, row().delivered_at) == ("delivered", NOW + timedelta(minutes=1))
    assert operations.note_receipt("sms", "90061^0", arrived=True, now=NOW) == 0


def test_a_report_that_it_did_not_arrive_is_a_failure_to_be_seen(aliyun):
    send("sms", PHONE)
    operations.deliver_due(NOW)
    assert operations.note_receipt("sms", row().receipt, arrived=False, error="MOBILE_NOT_ON_SERVICE", now=NOW) == 1
    assert (row().state, row().error) == ("failed", "MOBILE_NOT_ON_SERVICE")


def test_a_report_that_overtakes_the_answer_is_known_by_our_own_id(aliyun):
    key = send("sms", PHONE)
    assert operations.note_receipt("sms", str(key), arrived=True, now=NOW) == 0  # nobody has tried to send it
    operations._claim(NOW, 1)
    assert operations.note_receipt("sms", str(key), arrived=True, now=NOW) == 1
    assert (row().state, row().sent_at) == ("delivered", NOW)


def test_a_wrong_secret_of_aliyun_is_refused_and_nothing_is_marked_sent(aliyun, settings):
    settings.ALIYUN_KEY_SECRET = "another"
    send("sms", PHONE)
    assert operations.deliver_due(NOW).failed == 1
    assert (row().state, row().sent_at, aliyun.refused) == ("failed", None, ["signature"])


def test_too_many_text_messages_wait_and_count_no_failed_attempt(aliyun):
    aliyun.limit = 1
    send("sms", PHONE)
    send("sms", "13907280002")
    send("sms", "13907280003")
    done = operations.deliver_due(NOW)
    assert (done.sent, done.later) == (1, 2)
    assert aliyun.refused == ["limit"]  # the third was not even tried
    assert set(Delivery.objects.filter(state="waiting").values_list("attempts", flat=True)) == {0}
    aliyun.limit = 10
    assert operations.deliver_due(NOW + timedelta(seconds=59)).sent == 0
    assert operations.deliver_due(NOW + timedelta(seconds=60)).sent == 2


def test_what_a_provider_puts_off_for_days_is_given_up(aliyun):
    aliyun.limit = 0
    send("sms", PHONE)
    assert operations.deliver_due(NOW + LONGEST_SLOWED).failed == 1


def test_a_429_says_itself_how_long(robots):
    robots.status, robots.headers_more = 429, {"Retry-After": "7"}
    send("wecom", s.WECOM_KEY)
    assert operations.deliver_due(NOW).later == 1
    assert row().next_attempt_at == NOW + timedelta(seconds=7)


@pytest.mark.parametrize(("channel", "to"), [("wecom", s.WECOM_KEY), ("dingtalk", f"{s.TALK_TOKEN} {s.TALK_SECRET}")])
def test_a_robot_is_never_asked_more_than_twenty_times_a_minute(robots, channel, to):
    for number in range(30):
        send(channel, to, f"第{number}条", title="停水")
    sent = [0] * 121
    for second in range(121):
        sent[second] = operations.deliver_due(NOW + timedelta(seconds=second)).sent
    assert sum(sent) == 30
    assert max(sum(sent[n : n + 60]) for n in range(61)) <= 20
    assert (len(robots.got), robots.refused) == (30, [])


@pytest.mark.parametrize(
    ("channel", "to", "seconds"),
    [("wecom", s.WECOM_KEY, 60), ("dingtalk", f"{s.TALK_TOKEN} {s.TALK_SECRET}", 600)],
)
def test_a_robot_that_others_use_too_says_slow_down_and_is_left_alone(robots, channel, to, seconds):
    robots.limit = 0
    send(channel, to)
    send(channel, to)
    assert operations.deliver_due(NOW).later == 2
    assert robots.refused == ["limit"]
    robots.limit = 20
    assert operations.deliver_due(NOW + timedelta(seconds=seconds - 1)).sent == 0
    assert operations.deliver_due(NOW + timedelta(seconds=seconds + 5)).sent >= 1
    assert set(Delivery.objects.values_list("attempts", flat=True)) <= {0, 1}


@pytest.mark.parametrize(("channel", "to"), [("wecom", "no-such-key"), ("dingtalk", f"{s.TALK_TOKEN} wrong")])
def test_a_robot_with_a_wrong_key_is_refused_for_good(robots, channel, to):
    send(channel, to)
    assert operations.deliver_due(NOW).failed == 1
    assert row().sent_at is None


def test_one_group_does_not_hold_up_another(robots):
    for _ in range(6):
        send("wecom", "no-such-key")
    send("wecom", s.WECOM_KEY)
    assert operations.deliver_due(NOW).sent == 1


def test_the_token_of_the_official_account_is_fetched_once_and_kept_encrypted(wechat):
    for number in range(3):
        send("wechat", f"o-{number}", title="停水通知", link="/announcements/1/")
    assert operations.deliver_due(NOW).sent == 3
    assert wechat.tokens == ["token-1"]
    assert b"token-1" not in bytes(ChannelState.objects.get(pk="wechat.token").secret_cipher)
    assert wechat.got[0]["url"].endswith("/announcements/1/")
    assert operations.note_receipt("wechat", "wx200163837", arrived=True, now=NOW) == 1


def test_a_token_that_somebody_else_renewed_is_fetched_once_more(wechat):
    send("wechat", "o-1")
    operations.deliver_due(NOW)
    wechat.tokens.append("somebody-else")
    send("wechat", "o-2")
    assert operations.deliver_due(NOW).sent == 1
    assert (wechat.refused, len(wechat.got)) == (["token"], 2)


def test_a_token_that_never_holds_is_asked_for_once_and_tried_later(wechat):
    wechat.says = [{"access_token": "a", "expires_in": 7200}, {"errcode": 42001}, {"access_token": "b", "expires_in": 7200},
                   {"errcode": 42001}]  # fmt: skip
    send("wechat", "o-1")
    assert operations.deliver_due(NOW).later == 1
    assert (wechat.says, row().state) == ([], "waiting")


def test_who_no_longer_follows_the_account_is_not_reached(wechat):
    send("wechat", "o-gone")
    assert operations.deliver_due(NOW).failed == 1
    assert row().error == "errcode 43004"


def test_a_letter_has_one_message_id_however_often_it_is_tried(mail):
    key = send("email", "wuye@guorui.test", title="停水\n通知", link="/announcements/1/")
    mail.codes = ["450 later"]
    assert operations.deliver_due(NOW).later == 1
    assert operations.deliver_due(NOW + timedelta(seconds=400)).sent == 1
    letter = message_from_bytes(mail.got[0], policy=policy.default)
    assert (letter["Message-ID"], letter["Subject"]) == (f"<{key}@shiyan.test>", "停水 通知")
    assert "明天上午停水" in letter.get_content()
    assert row().receipt == f"<{key}@shiyan.test>"


def test_a_mailbox_that_does_not_exist_is_refused_for_good(mail):
    mail.codes = ["550 no such user"]
    send("email", "nobody@guorui.test")
    assert operations.deliver_due(NOW).failed == 1


def test_a_mail_server_without_the_tls_that_we_ask_for_gets_nothing(mail, settings):
    settings.SMTP_SECURITY = "starttls"
    send("email", "wuye@guorui.test")
    assert operations.deliver_due(NOW).later == 1
    assert mail.got == []


@pytest.mark.parametrize("channel", ["sms", "wechat", "wecom", "dingtalk", "email"])
def test_in_the_demo_everything_stays_in_the_house(channel):
    send(channel, "somewhere")
    assert operations.deliver_due(NOW).sent == 1
    assert row().receipt == "demo"


@given(gaps=st.lists(st.integers(0, 5000), min_size=1, max_size=120))
def test_in_no_minute_more_than_the_pace_allows(gaps):
    pace, at, kept, left = PACES["wecom"], NOW, None, []
    for gap in gaps:
        at += timedelta(milliseconds=gap)
        kept, wait = take_turn(kept, at, pace)
        if not wait:
            left.append(at)
    assert all(sum(1 for one in left if start <= one < start + timedelta(minutes=1)) <= 20 for start in left)


def test_after_a_wait_the_turn_really_comes():
    pace, kept = Pace(timedelta(seconds=4), 1), None
    kept, wait = take_turn(kept, NOW, pace)
    assert not wait
    kept, wait = take_turn(kept, NOW + timedelta(seconds=1), pace)
    assert wait == timedelta(seconds=3)
    assert not take_turn(kept, NOW + timedelta(seconds=4), pace)[1]
