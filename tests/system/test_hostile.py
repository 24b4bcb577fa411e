"""What is malformed, too large, repeated or hostile gets a clear answer with a proper status, and changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from tests.system.matrix import TABLE
from tests.system.test_matrix import _everything
from tests.system.town import OWN, REPORTER, Town, Who
from tests.system.unchanged import writes
from tests.system.walking import Visitor, address
from tongxin.api import limits
from tongxin.cases.models import Case
from tongxin.cases.tests.stage import photo
from tongxin.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
FIELDS = (
    "text", "reason", "name", "title", "place", "category", "area", "home", "person", "phone", "id_number", "q", "note",
    "code", "kind", "do", "on", "since", "until", "rating", "extra", "review_on", "to", "organisation", "role", "lat",
    "lng", "once", "address", "share", "unit", "building", "urgency", "elsewhere", "task", "cases", "into", "result",
    "number", "next", "who", "channel", "answers", "files", "before", "members", "parent", "shape", "prefix", "community",
    "credit_code", "position", "label", "scopes", "expires_at", "account", "username", "password", "session", "fields",
)  # fmt: skip
HOSTILE = {
    "over-long": "长" * 60_000,
    "control and bidi": "\u202e\u0000\u0007\ufeff\u2066txt\u200b",
    "a formula": '=HYPERLINK("http://x","y")',
    "a foreign id": "01900000-0000-7000-8000-000000000099",
    "markup": "<script>alert(1)</script>{{7*7}}' OR 1=1 --",
    "a wrong type": "[object Object]",
    "far numbers": "9" * 400,
}
TRIED: tuple[Who, ...] = (
    REPORTER,
    ("county_officer", OWN),
    ("handler", OWN),
    ("system_administrator", OWN),
    ("signed-out", ""),
)


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    limits.forget()
    yield
    limits.forget()


def _send(visitor: Visitor, url: str, data: Any, **more: Any) -> tuple[int, dict[str, int]]:
    """The status of what was sent, and what it wrote; undone again."""
    limits.forget()
    with transaction.atomic():
        with writes() as written:
            answer = visitor.post(url, data, **more)
        transaction.set_rollback(True)
    if answer.status_code < 300 and b"<script>alert(1)" in getattr(answer, "content", b""):
        return 599, {}  # what was typed came back as markup
    return int(answer.status_code), written.changed


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("who", TRIED, ids=lambda who: who[0])
def test_no_form_falls_over_what_is_typed_into_it(town: Town, who: Who, kind: str) -> None:
    visitor, wrong = Visitor(town, who), []
    sent = dict.fromkeys(FIELDS, HOSTILE[kind])
    for pattern, row in TABLE.items():
        if row.post and row.admits(who) and pattern != "sign-out/":
            status, changed = _send(visitor, address(town, pattern, dict(row.parts)), sent)
            if status >= 500:
                wrong.append(f"{pattern}: {status}")
            if status >= 400 and changed:
                wrong.append(f"{pattern}: {status} and changed {changed}")
        elif not row.post and row.get and row.admits(who) and not pattern.startswith("api/"):
            url = address(town, pattern, dict(row.parts))
            answer = visitor.pages.get(url, dict.fromkeys((*FIELDS[:12], "after", "at", "show"), HOSTILE[kind][:1500]))
            if answer.status_code >= 500:
                wrong.append(f"GET {pattern}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


BODIES = {
    "deep JSON": b'{"a":' * 2000 + b"1" + b"}" * 2000,
    "bad UTF-8": b'{"text": "\xff\xfe"}',
    "no JSON": b"text=1&reason=2",
    "a list": b"[1, 2]",
    "twice the same name": b'{"text": "a", "text": "b"}',
    "not a number": b'{"lat": NaN, "rating": Infinity}',
    "a surrogate": b'{"text": "\\ud800"}',
    "too large": b'{"text": "' + b"x" * 400_000 + b'"}',
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_endpoint_falls_over_what_a_program_sends(town: Town, kind: str) -> None:
    visitor, wrong = Visitor(town, REPORTER), []
    before = _everything()
    for pattern, row in TABLE.items():
        if not (pattern.startswith("api/") and row.post):
            continue
        limits.forget()
        with writes() as written:
            answer = visitor.post(address(town, pattern, dict(row.parts)), BODIES[kind])
        told = json.loads(answer.content)
        if written.changed:
            wrong.append(f"{pattern}: changed {written.changed}")
        if not 400 <= answer.status_code < 500 or not told.get("title") or told.get("status") != answer.status_code:
            wrong.append(f"{pattern}: {answer.status_code} {told}")
    assert not wrong, "\n".join(wrong)
    assert _everything() == before


def _program(town: Town) -> tuple[Client, dict[str, str]]:
    return Client(), {"Authorization": f"Bearer {town.token(REPORTER)}", "Accept-Language": "en"}


def _sent(town: Town, program: tuple[Client, dict[str, str]], files: list[Any]) -> Any:
    client, headers = program
    data = {"text": "灯不亮", "category": "lighting", "area": town.place.estate.code}
    return client.post(
        "/api/v1/cases",
        {"data": json.dumps(data), "photos": files},
        headers=headers | {"Idempotency-Key": str(uuid7())},
    )


def test_files_that_are_too_large_too_many_or_odd_are_refused_with_a_clear_word(town: Town) -> None:
    program = _program(town)
    before = _everything()
    jpeg = photo().read()
    odd: dict[str, list[Any]] = {
        "13 MB": [SimpleUploadedFile("a.jpg", jpeg + b"\0" * (13 * 1024 * 1024), "image/jpeg")],
        "twenty": [SimpleUploadedFile(f"{n}.jpg", jpeg, "image/jpeg") for n in range(20)],
        "twenty-one": [SimpleUploadedFile(f"{n}.jpg", jpeg, "image/jpeg") for n in range(21)],
        "a programme": [SimpleUploadedFile("a.jpg", b"MZ" + b"\0" * 2000, "image/jpeg")],
        "cut off": [SimpleUploadedFile("a.jpg", jpeg[: len(jpeg) // 3], "image/jpeg")],
        "empty": [SimpleUploadedFile("a.jpg", b"", "image/jpeg")],
        "markup": [SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml")],
    }
    wrong = []
    for kind, files in odd.items():
        answer = _sent(town, program, files)
        told = json.loads(answer.content)
        if answer.status_code not in {400, 413, 415, 422} or not told.get("detail"):
            wrong.append(f"{kind}: {answer.status_code} {told}")
        if _everything() != before:
            wrong.append(f"{kind}: something was changed")
            before = _everything()
    assert not wrong, "\n".join(wrong)


def test_the_same_report_sent_twice_is_one_report(town: Town) -> None:
    client, headers = _program(town)
    data = {"text": "井盖松了", "category": "lighting", "area": town.place.estate.code}
    headers |= {"Idempotency-Key": str(uuid7())}
    count = Case.objects.count()
    answers = [
        client.post("/api/v1/cases", json.dumps(data), content_type="application/json", headers=headers)
        for _ in range(3)
    ]
    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Case.objects.count() == count + 1
    other = client.post(
        "/api/v1/cases", json.dumps(data | {"text": "别的"}), content_type="application/json", headers=headers
    )
    assert other.status_code == 422
    assert Case.objects.count() == count + 1


def test_a_form_of_too_many_fields_or_broken_parts_is_refused(town: Town) -> None:
    visitor, before = Visitor(town, REPORTER), _everything()
    many = {f"field{number}": "x" for number in range(600)}
    assert visitor.pages.post("/report/", many).status_code in {400, 413}
    broken = visitor.pages.generic(
        "POST", "/report/", b"--x\r\nnonsense", content_type="multipart/form-data; boundary=x"
    )
    assert broken.status_code in {200, 303, 400, 422}
    raw = io.BytesIO(b"text=%ff%fe&reason=%00").read()
    assert (
        visitor.pages.generic("POST", "/report/", raw, content_type="application/x-www-form-urlencoded").status_code
        < 500
    )
    assert _everything() == before
