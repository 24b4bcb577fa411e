"""The hotline calls: signed, of now, once; and the same ticket again changes nothing."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from django.test import Client

from tongxin.api import limits
from tongxin.cases.tests.stage import MONDAY, scene
from tongxin.hotline import operations, rules
from tongxin.hotline.models import Ticket

pytestmark = pytest.mark.django_db
SECRET = "shared with 12345 alone"
LAMP = {"number": "SY1", "name": "罗大爷", "phone": "13907190088", "text": "路灯不亮", "deadline": "2026-11-18"}


@pytest.fixture(autouse=True)
def set_up() -> None:
    limits.forget()
    here = scene()
    operations.save_source(
        here.actor(here.street), None, name="十堰12345", slug="sy12345", area_id=here.place.street.pk, columns={},
        categories={}, secret=SECRET, now=MONDAY,
    )  # fmt: skip


def call(body: bytes, nonce: str, *, late: int = 0, said: bytes | None = None) -> Any:
    at = str(int(time.time()) - late)
    headers = {
        "X-Tongxin-Time": at, "X-Tongxin-Nonce": nonce,
        "X-Tongxin-Signature": rules.signature(SECRET.encode(), at, nonce, body if said is None else said),
    }  # fmt: skip
    return Client().post("/hotline/v1/sy12345/tickets", body, content_type="application/json", headers=headers)


def test_a_signed_ticket_is_taken_and_the_same_again_is_the_same() -> None:
    body = json.dumps({"tickets": [LAMP]}).encode()
    assert call(body, "nonce-0001").json() == {"new": 1, "changed": 0, "same": 0}
    assert call(body, "nonce-0002").json() == {"new": 0, "changed": 0, "same": 1}
    assert call(body, "nonce-0002").status_code == 409, "a call is taken once"
    assert Ticket.objects.count() == 1


def test_what_is_late_altered_or_wrong_is_a_problem() -> None:
    body = json.dumps({"tickets": [LAMP]}).encode()
    assert call(body, "nonce-0003", late=301).json()["code"] == "hotline-signature"
    assert call(body, "nonce-0004", said=b"{}").status_code == 401
    wrong = call(json.dumps({"tickets": [LAMP | {"deadline": "soon"}]}).encode(), "nonce-0005")
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "tickets.0.deadline"
    assert wrong.headers["Content-Type"] == "application/problem+json"
    assert not Ticket.objects.exists()


def test_answers_are_read_with_the_address_signed() -> None:
    at, where = str(int(time.time())), "/hotline/v1/sy12345/answers?after="
    signature = rules.signature(SECRET.encode(), at, "nonce-0006", where.encode())
    headers = {"X-Tongxin-Time": at, "X-Tongxin-Nonce": "nonce-0006", "X-Tongxin-Signature": signature}
    assert Client().get(where, headers=headers).json() == {"answers": [], "next": None}
