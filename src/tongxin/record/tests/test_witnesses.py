"""Seals go to witnesses outside, who check who sends them; none counts as sent before the witness said yes."""

import email
import hashlib
import hmac
import json
import socketserver
import threading
import time
from datetime import date, datetime, timedelta
from email import policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from tongxin.kernel.ids import uuid7
from tongxin.record import queries, rules, witnesses
from tongxin.record.models import Entry, Seal, Witnessed
from tongxin.record.operations import seal_due, witness_due
from tongxin.record.verify import verify_all

from .conftest import MORNING

pytestmark = pytest.mark.django_db
NIGHT = MORNING + timedelta(hours=16)  # half past midnight and a little
OLD = 300  # seconds after which a witness believes no signature


class Archive(BaseHTTPRequestHandler):
    """The city's archive as a stand-in: it checks signature and time, computes the seal anew, and answers as told."""

    answers: list[int] = []
    got: list[dict] = []

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        at = self.headers["X-Tongxin-Time"]
        right = hmac.new(b"archive-secret", at.encode() + b"." + raw, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(self.headers["X-Tongxin-Signature"], right) or abs(time.time() - int(at)) > OLD:
            status = 401
        else:
            told = json.loads(raw)
            sealed_at = datetime.fromisoformat(told["sealed_at"])
            again = rules.seal_hash(
                date.fromisoformat(told["day"]), told["count"], told["root"], told["prev_hash"], sealed_at
            )
            assert again == told["hash"]
            status = type(self).answers.pop(0) if type(self).answers else 204
            if status < 300:
                type(self).got.append(told)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def archive(settings):
    Archive.answers, Archive.got = [], []
    server = HTTPServer(("127.0.0.1", 0), Archive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WITNESS_SECRET, settings.WITNESS_MAIL = "archive-secret", ()
    settings.WITNESS_URLS = (f"http://127.0.0.1:{server.server_port}/seals/token-1",)
    yield Archive
    server.shutdown()
    server.server_close()


class Post(socketserver.StreamRequestHandler):
    """A post office as a stand-in: the few words of SMTP that it takes."""

    refuses: dict[str, int] = {}
    got: list[tuple[str, bytes]] = []

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 post")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].upper().split(" ")[0]
            if status := type(self).refuses.get(word):
                self.say(f"{status} no")
            elif word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go on")
                lines = []
                while (row := self.rfile.readline()) != b".\r\n":
                    lines.append(row)
                if status := type(self).refuses.get("END"):
                    self.say(f"{status} no")
                else:
                    type(self).got.append((to, b"".join(lines)))
                    self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


@pytest.fixture
def post(settings):
    Post.refuses, Post.got = {}, []
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.WITNESS_URLS, settings.WITNESS_MAIL = (), ("archive@shiyan.example.cn",)
    settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_SECURITY = "127.0.0.1", server.server_address[1], "none"
    settings.SMTP_USER, settings.MAIL_FROM = "", "tongxin@zhangwan.example.cn"
    yield Post
    server.shutdown()
    server.server_close()


@pytest.fixture
def sealed(tell) -> Seal:
    """A day with an entry, under its seal."""
    tell(uuid7(), "broken")
    (seal,) = seal_due(NIGHT)
    return seal


def test_the_archive_gets_each_seal_once_signed_and_complete(archive, sealed):
    assert witness_due(NIGHT) == 1
    assert [told["hash"] for told in archive.got] == [sealed.hash]
    row = Witnessed.objects.get()
    assert (row.state, row.sent_at, row.attempts, row.error) == ("sent", NIGHT, 1, "")
    assert witness_due(NIGHT + timedelta(hours=1)) == 0
    assert len(archive.got) == 1
    told = Entry.objects.get(verb="seal.witnessed")
    assert told.data == {"day": sealed.day.isoformat(), "hash": sealed.hash, "witness": "127.0.0.1"}
    assert "token-1" not in json.dumps(told.data), "the address may hold a secret"
    assert verify_all().clean


@pytest.mark.parametrize("status", [500, 503, 429, 302, 400, 404])
def test_whatever_is_no_yes_is_tried_again_with_growing_pauses(archive, sealed, status):
    archive.answers = [status, status]
    assert witness_due(NIGHT) == 0
    row = Witnessed.objects.get()
    assert (row.state, row.next_attempt_at, row.error) == ("waiting", NIGHT + timedelta(minutes=1), f"status {status}")
    assert witness_due(NIGHT) == 0 and archive.answers == [status], "not before its time"
    assert witness_due(row.next_attempt_at) == 0
    row.refresh_from_db()
    assert row.next_attempt_at == NIGHT + timedelta(minutes=6)
    assert not Entry.objects.filter(verb="seal.witnessed").exists()
    assert witness_due(row.next_attempt_at) == 1
    assert len(archive.got) == 1


def test_the_last_pause_repeats_and_it_is_never_given_up():
    assert rules.next_try(40, NIGHT) == NIGHT + timedelta(hours=6)


def test_after_an_outage_of_days_every_seal_is_brought_in_order(archive, sealed, tell, settings):
    witness_due(NIGHT)
    settings.WITNESS_URLS, here = ("http://127.0.0.1:9/gone",), settings.WITNESS_URLS
    for day in range(1, 4):
        tell(uuid7(), "broken", MORNING + timedelta(days=day))
        seal_due(NIGHT + timedelta(days=day))
    settings.WITNESS_URLS = here
    assert witness_due(NIGHT + timedelta(days=4)) == 3
    assert [told["day"] for told in archive.got] == ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
    assert [told["prev_hash"] for told in archive.got[1:]] == [told["hash"] for told in archive.got[:-1]]


def test_nobody_at_home_and_a_wrong_secret(archive, sealed, settings):
    settings.WITNESS_SECRET = "another"
    assert witness_due(NIGHT) == 0
    assert Witnessed.objects.get().error == "status 401"
    settings.WITNESS_URLS = ("http://127.0.0.1:9/nobody",)
    assert witness_due(NIGHT) == 0
    assert Witnessed.objects.get(witness__endswith="nobody").error == "ConnectError"


def test_a_signature_of_long_ago_is_not_believed(archive, sealed, monkeypatch):
    late = time.time() - 2 * OLD
    monkeypatch.setattr(witnesses, "time", SimpleNamespace(time=lambda: late))
    assert witness_due(NIGHT) == 0
    assert Witnessed.objects.get().error == "status 401"


def test_a_new_witness_begins_with_the_newest_seal_which_vouches_for_those_before(archive, sealed, tell):
    tell(uuid7(), "broken", MORNING + timedelta(days=1))
    seal_due(NIGHT + timedelta(days=1))
    assert witness_due(NIGHT + timedelta(days=1)) == 1
    assert archive.got[0]["prev_hash"] == sealed.hash


def test_a_crash_between_the_yes_and_the_mark_brings_the_same_seal_again(archive, sealed, monkeypatch):
    def dies(*arguments, **more):
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr("tongxin.record.operations.append_entry", dies)
        with pytest.raises(KeyboardInterrupt):
            witness_due(NIGHT)
    assert Witnessed.objects.get().state == "waiting", "never more than what is sure"
    assert witness_due(NIGHT) == 0, "not while the other may still be sending"
    assert witness_due(NIGHT + rules.WITNESS_LEASE) == 1
    assert archive.got[0] == archive.got[1]


def test_the_archive_gets_a_mail_with_the_line_that_verify_takes(post, sealed):
    assert witness_due(NIGHT) == 1
    ((to, raw),) = post.got
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert (to, mail["From"]) == ("archive@shiyan.example.cn", "tongxin@zhangwan.example.cn")
    assert "2026-11-20 封存" in mail["Subject"] and mail["Message-ID"] and mail["Date"]
    body = mail.get_content()
    assert "请保存这封邮件" in body
    (line,) = [row for row in body.splitlines() if row.startswith("2026-11-20:")]
    assert verify_all(kept=[rules.parse_seal_line(line)]).clean


@pytest.mark.parametrize(("word", "status"), [("MAIL", 451), ("RCPT", 550), ("DATA", 554), ("END", 452)])
def test_a_mail_counts_as_sent_only_when_the_post_office_kept_it(post, sealed, word, status):
    post.refuses = {word: status}
    assert witness_due(NIGHT) == 0
    row = Witnessed.objects.get()
    assert row.state == "waiting" and row.error in {f"SMTP {status}", "SMTPRecipientsRefused"}
    post.refuses = {}
    assert witness_due(row.next_attempt_at) == 1
    assert len(post.got) == 1


def test_a_post_office_without_encryption_gets_nothing_where_it_is_asked_for(post, sealed, settings):
    settings.SMTP_SECURITY = "starttls"
    assert witness_due(NIGHT) == 0
    assert post.got == [] and Witnessed.objects.get().error


def test_how_the_witnesses_fare(archive, sealed):
    archive.answers = [500]
    assert queries.witness_states()[0].last_day is None
    witness_due(NIGHT)
    (state,) = queries.witness_states()
    assert (state.witness, state.waiting, state.error) == ("127.0.0.1", 1, "status 500")
    witness_due(NIGHT + timedelta(minutes=1))
    (state,) = queries.witness_states()
    assert (state.last_day, state.waiting, state.error) == (sealed.day, 0, "")


def test_without_witnesses_nothing_is_planned(sealed, settings):
    settings.WITNESS_URLS, settings.WITNESS_MAIL = (), ()
    assert witness_due(NIGHT) == 0
    assert not Witnessed.objects.exists()
    assert witnesses.configured() == []


def test_what_a_witness_kept_shows_a_record_that_was_rewritten_whole(sealed):
    assert verify_all(kept=[(sealed.day, sealed.hash)]).counts["witnessed"] == 1
    (other,) = verify_all(kept=[(sealed.day, "0" * 64)]).findings
    assert (other.kind, other.where) == ("witness-differs", "seal 2026-11-20")
    (gone,) = verify_all(kept=[(date(2026, 11, 10), sealed.hash)]).findings
    assert gone.kind == "witness-missing"


@pytest.mark.parametrize(
    "line", ["", "2026-11-20", "2026-11-20:abc", "yesterday:" + "0" * 64, "2026-11-20:" + "g" * 64]
)
def test_a_line_that_is_no_seal_is_not_taken(line):
    with pytest.raises(ValueError, match=r"seal|isoformat"):
        rules.parse_seal_line(line)
