"""Writes happen once, and whatever is malformed, too large, late, repeated or hostile is answered clearly."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from tongxin.api import operations
from tongxin.api.models import IdempotentCall
from tongxin.api.operations import answer_once
from tongxin.api.tests.program import Program, office_program, picture, report, resident_program
from tongxin.cases.models import Case, Update
from tongxin.cases.tests.stage import Scene
from tongxin.kernel.errors import Conflict
from tongxin.kernel.ids import uuid7
from tongxin.people.models import ApiToken, Person
from tongxin.people.operations.tokens import revoke_token

pytestmark = pytest.mark.django_db
KEY = "6f2a3a5e-5f0d-4d57-9a86"


def test_the_same_key_with_the_same_report_reports_once(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    first = zhang.send("/cases", report(), key=KEY, photos=[picture()])
    spaced = json.dumps(report(), indent=4, ensure_ascii=True)
    again = zhang.send("/cases", json.loads(spaced), key=KEY, photos=[picture()])
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content and again.headers["Location"] == first.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers and again.headers["Idempotent-Replayed"] == "true"
    assert Case.objects.count() == 1


def test_the_same_key_with_another_report_is_refused(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    zhang.send("/cases", report(), key=KEY, photos=[picture()])
    for answer in (
        zhang.send("/cases", report(text="另一件事"), key=KEY, photos=[picture()]),
        zhang.send("/cases", report(), key=KEY, photos=[picture("red")]),
        zhang.post(f"/cases/{Case.objects.get().number}/urge", {}, key=KEY),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert Case.objects.count() == 1


def test_two_programs_may_use_the_same_key(s: Scene) -> None:
    for who in (s.zhang, s.chen):
        assert resident_program(s, who).post("/cases", report(), key=KEY).status_code == 201
    assert Case.objects.count() == 2


def test_a_retry_with_the_token_that_took_the_old_ones_place_reports_once(s: Scene) -> None:
    """张阿姨's token was replaced while the answer was on its way: the key is hers, not the token's."""
    first = resident_program(s, s.zhang)
    made = first.post("/cases", report(), key=KEY)
    assert first.row is not None
    revoke_token(s.actor(s.zhang), timezone.now(), token_id=first.row.id)
    again = resident_program(s, s.zhang).post("/cases", report(), key=KEY)
    assert (again.status_code, again.content) == (201, made.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    number = made.json()["number"]
    for _ in range(2):
        taken = office_program(s, s.li, "case.handle").post(f"/cases/{number}/claim", key=KEY)
        assert taken.status_code == 200
    assert Case.objects.count() == 1
    assert Update.objects.filter(verb="claim").count() == 1


def test_at_home_and_in_office_the_same_person_has_keys_of_their_own(s: Scene) -> None:
    at_home, in_office = resident_program(s, s.wang), office_program(s, s.wang, "case.submit_for")
    numbers = {one.post("/cases", report(**more), key=KEY).json()["number"]
               for one, more in ((at_home, {}), (in_office, {"for_person": str(s.zhang.pk)}))}  # fmt: skip
    assert len(numbers) == 2


def test_a_list_goes_on_with_the_next_token(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    for n in range(3):
        zhang.post("/cases", report(text=f"第{n}盏灯"))
    cursor = zhang.get("/me/cases?limit=2").json()["next"]
    rest = resident_program(s, s.zhang).get(f"/me/cases?limit=2&cursor={cursor}").json()
    assert [case["title"] for case in rest["cases"]] == ["第0盏灯"]


def test_a_refusal_is_not_kept(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    assert zhang.post("/cases", report(area="no-such"), key=KEY).status_code == 422
    assert zhang.post("/cases", report(), key=KEY).status_code == 201


def test_a_crash_before_the_answer_is_kept_leaves_nothing_done(s: Scene, monkeypatch: Any) -> None:
    zhang = resident_program(s, s.zhang)
    zhang.client.raise_request_exception = False

    def crash(*args: Any, **kwargs: Any) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr(IdempotentCall.objects, "create", crash)
        answer = zhang.post("/cases", report(), key=KEY)
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists()
    assert zhang.post("/cases", report(), key=KEY).status_code == 201
    assert Case.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_the_same_time_does_it_once() -> None:
    caller, started, done = uuid7(), threading.Event(), threading.Event()
    ran: list[str] = []
    told: list[Any] = []
    now = timezone.now()

    def slowly() -> tuple[int, str]:
        ran.append("once")
        started.set()
        done.wait(5)
        return 200, "{}"

    def first() -> None:
        try:
            told.append(answer_once(caller, KEY, "POST /x", b"d", now, slowly))
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert started.wait(5)
    if connection.vendor == "postgresql":
        with pytest.raises(Conflict) as refused:
            answer_once(caller, KEY, "POST /x", b"d", now, slowly)
        assert refused.value.code == "in-progress"
        done.set()
    else:  # one writer: the second waits, and finds the answer
        threading.Timer(0.3, done.set).start()
    thread.join() if connection.vendor == "postgresql" else None
    again = answer_once(caller, KEY, "POST /x", b"d", now, slowly)
    thread.join()
    assert again.replayed and len(told) == 1
    assert ran == ["once"]


def test_answers_are_kept_encrypted_and_for_seven_days(s: Scene) -> None:
    made = resident_program(s, s.zhang).post("/cases", report(), key=KEY).json()
    kept = IdempotentCall.objects.get()
    assert made["query_code"].encode() not in bytes(kept.body_cipher)
    now = timezone.now()
    assert operations.forget_calls(now + timedelta(days=6)) == 0
    assert operations.forget_calls(now + timedelta(days=8)) == 1


@pytest.mark.parametrize(
    ("key", "code"),
    [("", "idempotency-key-missing"), ("short", "idempotency-key-malformed"), ("x" * 101, "idempotency-key-malformed"),
     ("with space", "idempotency-key-malformed")],
)  # fmt: skip
def test_every_write_needs_a_key(s: Scene, key: str, code: str) -> None:
    zhang = resident_program(s, s.zhang)
    answer = zhang.post("/cases", report(), **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, code)


BAD = {
    "no json": (b"{", 400, "unreadable"),
    "no object": (b"[]", 400, "unreadable"),
    "no utf-8": (b'{"text": "\xff"}', 400, "unreadable"),
    "a name twice": (b'{"text": "a", "text": "b"}', 400, "unreadable"),
    "not a number": (b'{"text": NaN}', 400, "unreadable"),
    "half a character": (rb'{"text": "\ud800"}', 400, "not-text"),
    "nul": (rb'{"text": "\u0000"}', 400, "not-text"),
    "very deep": (b'{"a":' * 30_000 + b"1" + b"}" * 30_000, 400, "unreadable"),
    "deep": (b'{"a":' * 20 + b"1" + b"}" * 20, 400, "too-complex"),
    "many": (json.dumps({"a": list(range(5000))}).encode(), 400, "too-complex"),
    "large": (b'{"text": "' + b"x" * 300_000 + b'"}', 413, "too-large"),
    "long": (json.dumps(report(text="灯" * 5001)).encode(), 422, "unfit"),
    "unknown field": (json.dumps(report(colour="red")).encode(), 422, "unfit"),
    "a number for a text": (json.dumps(report(text=5)).encode(), 422, "unfit"),
    "a fraction for an answer": (json.dumps(report(answers={"floor": 1.5})).encode(), 422, "unfit"),
    "nowhere": (json.dumps(report(position={"lat": 91, "lng": 0})).encode(), 422, "unfit"),
    "nothing said": (json.dumps(report(text="  ")).encode(), 422, "invalid"),
    "no such category": (json.dumps(report(category="dragons")).encode(), 422, "invalid"),
    "no such home": (json.dumps(report(home=str(uuid7()))).encode(), 422, "invalid"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_answered_and_changes_nothing(s: Scene, name: str) -> None:
    body, status, code = BAD[name]
    answer = resident_program(s, s.zhang).post("/cases", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Case.objects.exists() and not IdempotentCall.objects.exists()


def test_files_that_are_none_or_too_many_are_refused(s: Scene) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    zhang = resident_program(s, s.zhang)
    odd = SimpleUploadedFile("a.jpg", b"MZ\x90\x00 no picture", "image/jpeg")
    assert zhang.send("/cases", report(), photos=[odd]).status_code == 415
    assert (
        zhang.send("/cases", report(), photos=[picture() for _ in range(10)]).json()["errors"][0]["field"] == "photos"
    )
    assert zhang.send("/cases", report(), other=[picture()]).status_code == 400
    huge = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"0" * (12 * 1024 * 1024 + 1), "image/jpeg")
    assert zhang.send("/cases", report(), photos=[huge]).status_code in {413, 422}
    assert not Case.objects.exists()


def test_other_kinds_of_content_are_refused(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    headers = {"Authorization": f"Bearer {zhang.secret}", "Idempotency-Key": KEY}
    answer = zhang.client.post("/api/v1/cases", "<a/>", content_type="text/xml", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media-type")


def test_people_and_organisations_that_do_not_exist_are_refused(s: Scene) -> None:
    nobody = str(uuid7())
    number = resident_program(s, s.zhang).post("/cases", report(category="parking")).json()["number"]
    wu = office_program(s, s.wu, "case.desk", "case.submit_for")
    company = str(s.place.company.pk)
    tries = [
        (f"/cases/{number}/dispatch", {"lead": nobody}),
        (f"/cases/{number}/dispatch", {"lead": company, "person": nobody}),
        (f"/cases/{number}/dispatch", {"lead": company, "co_handlers": [{"organisation": company, "task": "x"}]}),
        (f"/cases/{number}/join", {"on_behalf_of": nobody}),
        (f"/cases/{number}/withdraw", {"on_behalf_of": nobody, "own_choice": "in_person"}),
        ("/cases", report(for_person=nobody)),
        (f"/cases/{number}/gather", {"cases": ["WW-20200101-0001"]}),
    ]
    for path, data in tries:
        answer = wu.post(path, data)
        assert answer.status_code in {404, 409, 422}, (path, data, answer.content)
    assert wu.post(f"/cases/{number}/dispatch", {"lead": company}).status_code == 200
    assert wu.post(f"/cases/{number}/hand-over", {"to_person": nobody}).status_code == 422
    again = wu.post(f"/cases/{number}/add-co-handler", {"organisation": company, "task": "x"})
    assert again.json()["code"] == "takes-part"


def test_errors_speak_the_language_that_is_asked_for(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    english = zhang.get("/cases/WW-20200101-0001")
    assert english.json()["detail"] == "There is no such case."
    assert english.headers["Content-Language"] == "en"
    chinese = zhang.get("/cases/WW-20200101-0001", **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert chinese.headers["Content-Language"] == "zh-hans"
    assert "Accept-Language" in chinese.headers["Vary"]


def test_methods_and_paths_that_are_none(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    wrong = zhang.client.delete("/api/v1/cases", headers={"Authorization": f"Bearer {zhang.secret}"})
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "POST")
    assert wrong.headers["Content-Type"] == "application/problem+json"
    assert zhang.get("/nowhere").headers["Content-Type"] == "application/problem+json"


def test_cursors_are_of_their_own_list_only(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    for n in range(3):
        zhang.post("/cases", report(text=f"第{n}盏灯"))
    cursor = zhang.get("/me/cases?limit=2").json()["next"]
    rest = zhang.get(f"/me/cases?limit=2&cursor={cursor}").json()
    assert [case["title"] for case in rest["cases"]] == ["第0盏灯"] and rest["next"] == ""
    for forged in (cursor[:-2] + "AA", "AAAA", f"{cursor}A"):
        assert zhang.get(f"/me/cases?cursor={forged}").json()["code"] == "cursor"
    assert zhang.get(f"/me/cases?which=open&cursor={cursor}").status_code == 400
    assert resident_program(s, s.chen).get(f"/me/cases?cursor={cursor}").status_code == 400
    assert zhang.get("/me/cases?limit=101").status_code == 422


def test_reads_stay_bounded(s: Scene, django_assert_max_num_queries: Any) -> None:
    zhang = resident_program(s, s.zhang)
    numbers = [zhang.post("/cases", report(text=f"第{n}盏灯")).json()["number"] for n in range(5)]
    zhang.get("/me")
    with django_assert_max_num_queries(18):
        zhang.get(f"/cases/{numbers[0]}")
    with django_assert_max_num_queries(7):
        zhang.get("/me/cases")
    with django_assert_max_num_queries(6):
        Program().get("/public/cases?area=4203")


def test_the_day_of_last_use_is_written_once_a_day(s: Scene, django_assert_num_queries: Any) -> None:

    li: Person = s.li
    program = office_program(s, li, "case.handle")
    assert ApiToken.objects.get().last_used_on is None
    program.get("/me")
    used = ApiToken.objects.get().last_used_on
    assert used is not None
    with django_assert_num_queries(2):
        program.get("/me")
