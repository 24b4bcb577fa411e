"""People are told once, by their own channel, and a message is sent before it is said to be."""

import hashlib
import hmac
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.db import transaction

from tests import cast
from tongxin.kernel.ids import uuid7
from tongxin.notifications import operations, queries, senders
from tongxin.notifications.models import Delivery, Notice
from tongxin.notifications.rules import LEASE, MOST_ATTEMPTS, next_attempt
from tongxin.people.fields import PHONE, sealed
from tongxin.record.keys import field_cipher

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CASE = ("case", uuid7())
pytestmark = pytest.mark.django_db


def somebody(name, phone=""):
    cipher, index = sealed(phone, PHONE)
    return cast.person(name, phone_cipher=cipher, phone_index=index)


@pytest.fixture
def zhang():
    return somebody("张阿姨", "13907280001")


def tell(person, *, key="1", asks=True, message="%(who)s has changed the lamp.", subject=CASE, now=NOW):
    operations.tell(
        [person.pk],
        kind="case.answered",
        message=message,
        params={"who": "李师傅"},
        subject=subject,
        link="/cases/WW-20261122-0001/",
        key=key,
        now=now,
        asks=asks,
    )


def text_of(row):
    return field_cipher().decrypt(row.text_cipher, operations.TEXT)


def test_aunt_zhang_is_told_in_the_app_and_by_text_where_it_asks(zhang):
    tell(zhang)
    assert queries.unread_count(zhang.pk) == 1
    row = Delivery.objects.get()
    assert "李师傅" in text_of(row)
    assert b"13907280001" not in bytes(row.address_cipher)


def test_what_only_informs_stays_in_the_app(zhang):
    tell(zhang, asks=False)
    assert queries.unread_count(zhang.pk) == 1
    assert not Delivery.objects.exists()


def test_the_same_key_tells_once(zhang):
    tell(zhang)
    tell(zhang)
    assert (Notice.objects.count(), Delivery.objects.count()) == (1, 1)


def test_nothing_is_told_of_what_did_not_happen(zhang):
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(zhang)
        raise RuntimeError
    assert not Notice.objects.exists() and not Delivery.objects.exists()


def test_who_has_no_phone_is_told_in_the_app(zhang):
    tell(somebody("刘大爷"))
    assert Notice.objects.exists() and not Delivery.objects.exists()


def test_without_a_sender_nothing_is_put_on_its_way(zhang, settings):
    settings.SMS_SENDER = "none"
    tell(zhang)
    assert operations.text("13907280001", message="x", params={}, now=NOW) is False
    assert Notice.objects.exists() and not Delivery.objects.exists()
    assert queries.channel_warning()


def test_sent_messages_forget_their_text_but_in_the_demo(zhang, settings):
    tell(zhang)
    assert operations.deliver_due(NOW).sent == 1
    row = Delivery.objects.get()
    assert (row.state, row.sent_at) == ("sent", NOW)
    assert text_of(row)
    assert operations.deliver_due(NOW + LEASE).sent == 0


def test_a_message_that_was_claimed_is_not_claimed_again_before_the_lease_ends(zhang):
    tell(zhang)
    assert len(operations._claim(NOW, 10)) == 1
    assert operations._claim(NOW, 10) == []
    assert len(operations._claim(NOW + LEASE, 10)) == 1
    assert Delivery.objects.get().attempts == 2


def test_a_code_is_not_sent_after_it_expired(zhang):
    operations.text(
        "13907280001", message="%(code)s", params={"code": "1"}, now=NOW, expires_at=NOW + timedelta(minutes=5)
    )
    assert operations.deliver_due(NOW + timedelta(minutes=5)).failed == 1
    row = Delivery.objects.get()
    assert (row.state, row.error, bytes(row.text_cipher)) == ("failed", "too late", b"")


def test_withdrawn_questions_ask_no_more_and_leave_no_message(zhang):
    tell(zhang)
    other = somebody("李建国", "13907280002")
    tell(other, key="2", subject=("case", uuid7()))
    assert operations.withdraw(CASE, now=NOW) == 1
    assert operations.deliver_due(NOW).sent == 1
    assert queries.unread_count(zhang.pk) == 0
    assert queries.unread_count(other.pk) == 1
    assert Notice.objects.filter(asks=True).count() == 1


def test_reading_marks_what_informs_and_keeps_what_asks(zhang):
    tell(zhang, key="1", asks=True)
    tell(zhang, key="2", asks=False)
    assert operations.mark_read(zhang.pk, now=NOW) == 1
    assert queries.unread_count(zhang.pk) == 1


def test_what_comes_after_one_has_read_is_unread(zhang):
    tell(zhang, key="1", asks=False)
    tell(zhang, key="2", asks=False, now=NOW + timedelta(hours=1))
    assert operations.mark_read(zhang.pk, now=NOW + timedelta(minutes=1)) == 1
    assert queries.unread_count(zhang.pk) == 1


def test_notices_come_grouped_page_by_page_in_one_query(zhang, django_assert_num_queries):
    for n in range(queries.PAGE + 5):
        tell(zhang, key=str(n), subject=("case", uuid7()), now=NOW + timedelta(minutes=n), asks=False)
    tell(zhang, key="a", now=NOW + timedelta(hours=2), asks=False)
    tell(zhang, key="b", now=NOW + timedelta(hours=3), asks=False)
    with django_assert_num_queries(1):
        groups, after = queries.notice_groups(zhang.pk)
    assert [len(group.earlier) for group in groups[:2]] == [1, 0]
    rest, end = queries.notice_groups(zhang.pk, after)
    assert len(rest) == 7 and end is None
    shown = [one.id for group in groups + rest for one in (group.latest, *group.earlier)]
    assert len(shown) == len(set(shown)) == queries.PAGE + 7


def test_notices_of_the_row_made_at_sign_in_are_found_by_the_register(zhang):
    visitor = somebody("手机用户0001")
    tell(visitor, asks=False)
    visitor.same_as = zhang
    visitor.save()
    assert queries.unread_count(zhang.pk) == 1
    assert operations.mark_read(zhang.pk, now=NOW) == 1


class Bridge(BaseHTTPRequestHandler):
    """A stand-in for an office's bridge: checks the signature, answers as it is told."""

    status, body, slow = 200, b'{"receipt": "r-1"}', False
    got: list = []

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        told, at = self.headers["X-Tongxin-Signature"], self.headers["X-Tongxin-Time"]
        right = hmac.new(b"bridge-secret", at.encode() + b"." + raw, hashlib.sha256).hexdigest()
        type(self).got.append(json.loads(raw))
        if type(self).slow:
            threading.Event().wait(1.0)
        status = type(self).status if hmac.compare_digest(told, right) else 401
        self.send_response(status)
        self.end_headers()
        self.wfile.write(type(self).body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def bridge(settings):
    Bridge.status, Bridge.body, Bridge.slow, Bridge.got = 200, b'{"receipt": "r-1"}', False, []
    server = HTTPServer(("127.0.0.1", 0), Bridge)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SMS_SENDER, settings.SMS_SECRET = "http", "bridge-secret"
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}/sms"
    yield Bridge
    server.shutdown()
    server.server_close()


def test_the_bridge_gets_a_signed_message_and_its_receipt_is_kept(zhang, bridge):
    tell(zhang)
    assert operations.deliver_due(NOW).sent == 1
    row = Delivery.objects.get()
    assert bridge.got == [{"id": str(row.pk), "to": "13907280001", "text": bridge.got[0]["text"]}]
    assert "李师傅" in bridge.got[0]["text"]
    assert (row.receipt, bytes(row.text_cipher)) == ("r-1", b"")


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"receipt": 5}'])
def test_odd_receipts_do_not_make_it_unsent(zhang, bridge, body):
    bridge.body = body
    tell(zhang)
    assert operations.deliver_due(NOW).sent == 1


@pytest.mark.parametrize("status", [500, 503, 408])
def test_what_may_pass_is_tried_again_later(zhang, bridge, status):
    bridge.status = status
    tell(zhang)
    assert operations.deliver_due(NOW).later == 1
    row = Delivery.objects.get()
    assert (row.state, row.next_attempt_at, row.error) == ("waiting", next_attempt(1, NOW), f"status {status}")
    bridge.status = 200
    assert operations.deliver_due(NOW) == operations.Delivered()
    assert operations.deliver_due(row.next_attempt_at).sent == 1
    assert bridge.got[0]["id"] == bridge.got[1]["id"]


@pytest.mark.parametrize("status", [400, 401, 404])
def test_what_is_refused_is_not_tried_again(zhang, bridge, status):
    bridge.status = status
    tell(zhang)
    assert operations.deliver_due(NOW).failed == 1
    assert bytes(Delivery.objects.get().text_cipher) == b""


def test_a_wrong_secret_is_refused_by_the_bridge(zhang, bridge, settings):
    settings.SMS_SECRET = "another"
    tell(zhang)
    assert operations.deliver_due(NOW).failed == 1


def test_a_slow_bridge_is_not_waited_for(zhang, bridge, monkeypatch):
    monkeypatch.setattr(senders.base, "TIMEOUT_SECONDS", 0.2)
    bridge.slow = True
    tell(zhang)
    assert operations.deliver_due(NOW).later == 1


def test_nobody_at_home(zhang, settings):
    settings.SMS_SENDER, settings.SMS_SECRET, settings.SMS_URL = "http", "s", "http://127.0.0.1:9/"
    tell(zhang)
    assert operations.deliver_due(NOW).later == 1


def test_after_the_last_attempt_it_is_given_up_visibly(zhang, bridge):
    bridge.status = 500
    tell(zhang)
    at, kinds = NOW, []
    for _ in range(MOST_ATTEMPTS):
        done = operations.deliver_due(at)
        kinds.append("failed" if done.failed else "later" if done.later else "")
        at = Delivery.objects.get().next_attempt_at
    assert kinds == ["later"] * (MOST_ATTEMPTS - 1) + ["failed"]
    assert queries.failed_deliveries() == 1


def test_a_crash_after_sending_sends_again_under_the_same_id_and_never_claims_more(zhang, bridge, monkeypatch):
    tell(zhang)
    send = senders.Http.send

    def die(self, *arguments):
        send(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(senders.Http, "send", die)
    with pytest.raises(KeyboardInterrupt):
        operations.deliver_due(NOW)
    assert Delivery.objects.get().state == "waiting"
    monkeypatch.setattr(senders.Http, "send", send)
    assert operations.deliver_due(NOW + LEASE).sent == 1
    assert len({one["id"] for one in bridge.got}) == 1


def test_pauses_grow():
    pauses = [next_attempt(n, NOW) - NOW for n in range(1, 9)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=30)
