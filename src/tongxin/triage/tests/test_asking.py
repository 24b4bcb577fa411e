"""Who is asked, what comes of it, and that nothing is said where there is nothing to say."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tongxin.triage import linear
from tongxin.triage.classifier import Nobody, classifier, installed, model_path
from tongxin.triage.queries import Kind, suggestions
from tongxin.triage.tests.said import rows
from tongxin.triage.training import train

KINDS = [Kind("lighting", "公共照明 楼道灯 路灯"), Kind("waste", "垃圾环境 垃圾堆积"), Kind("parking", "停车 地锁")]
LAMP = "三单元楼道灯坏了"


@pytest.fixture
def data(settings, tmp_path):
    settings.DATA = tmp_path
    return tmp_path


def test_without_a_model_nothing_is_said(data, db) -> None:
    assert isinstance(classifier(), Nobody)
    assert suggestions(LAMP, KINDS) == []


def test_labels_that_are_codes_mean_themselves_and_a_new_file_is_read_at_once(data, db) -> None:
    codes = {"照明": "lighting", "垃圾": "waste", "停车": "parking"}
    linear.save(train([(text, codes[label]) for text, label in rows()]), model_path())
    assert suggestions(LAMP, KINDS)[0].code == "lighting"
    assert suggestions("灯", KINDS) == []  # too short to say anything
    model_path().unlink()
    assert suggestions(LAMP, KINDS) == []


def test_a_damaged_file_is_no_model(data, db, caplog) -> None:
    model_path().parent.mkdir()
    model_path().write_bytes(b"PK\x03\x04 not really")
    assert installed() is None
    assert "says nothing" in caplog.text


class Service(BaseHTTPRequestHandler):
    """A stand-in that checks the signature by its own means."""

    answer: object = None
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        wanted = hmac.new(b"s3", f"{self.headers['X-Tongxin-Time']}.".encode() + body, hashlib.sha256).hexdigest()
        good = hmac.compare_digest(wanted, self.headers["X-Tongxin-Signature"])
        self.send_response(self.status if good else 401)
        self.end_headers()
        self.wfile.write(json.dumps(self.answer if self.answer is not None else {"labels": []}).encode())

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def service(settings):
    server = HTTPServer(("127.0.0.1", 0), Service)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.TRIAGE, settings.TRIAGE_URL = "http", f"http://127.0.0.1:{server.server_port}/"
    settings.TRIAGE_SECRET = "s3"
    yield Service
    server.shutdown()
    server.server_close()
    Service.answer, Service.status = None, 200


def test_a_stronger_model_is_asked_over_a_signed_call(service, settings, db) -> None:
    service.answer = {"labels": [["waste", 0.1], ["lighting", 0.9]]}
    assert [found.code for found in suggestions(LAMP, KINDS)] == ["lighting"]
    settings.TRIAGE_SECRET = "another"
    assert suggestions(LAMP, KINDS) == []


@pytest.mark.parametrize("answer", [{"labels": [["x", 7]]}, {"labels": "x"}, [], {"labels": [["x", "much"]]}])
def test_what_the_service_should_not_say_is_not_believed(service, db, answer) -> None:
    service.answer = answer
    assert suggestions(LAMP, KINDS) == []


def test_a_service_that_fails_is_no_error_of_ours(service, db) -> None:
    service.status = 500
    assert suggestions(LAMP, KINDS) == []
