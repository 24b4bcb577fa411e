"""Who and what a call may name: found by programs as on the pages, and by nobody else."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.cast import officer, person, resident
from tongxin.api.tests.program import Program, office_program, picture, report, resident_program
from tongxin.api.tests.test_policy import MOBILE, with_secrets
from tongxin.cases.models import AnswerTemplate, CallBack, Case, Party
from tongxin.cases.operations import publish
from tongxin.cases.tests.stage import Scene
from tongxin.files.models import Attachment
from tongxin.files.operations import process_due
from tongxin.people.models import FamilyLink
from tongxin.record.models import Entry
from tongxin.record.operations import seal_due

pytestmark = pytest.mark.django_db


def reported(s: Scene, **more: Any) -> str:
    return str(resident_program(s, s.zhang).post("/cases", report(**more)).json()["number"])


def test_the_desk_finds_to_whom_a_case_can_be_given_and_gives_it(s: Scene) -> None:
    number = reported(s, category="parking")
    wu = office_program(s, s.wu, "case.desk", "case.read")
    found = wu.get(f"/organisations?case={number}").json()["organisations"]
    assert {"国瑞物业", "城管执法局"} <= {one["name"] for one in found}
    assert [one["name"] for one in wu.get(f"/organisations?case={number}&q=城管").json()["organisations"]] == [
        "城管执法局"
    ]
    bureau = next(one for one in found if one["name"] == "城管执法局")
    assert wu.post(f"/cases/{number}/dispatch", {"lead": bureau["id"]}).json()["state"] == "dispatched"
    assert wu.get("/organisations?area=420303001001").status_code == 200
    assert wu.get("/organisations?area=420303001002").json()["code"] == "other-area"
    assert wu.get("/organisations").json()["code"] == "area-or-case"
    assert office_program(s, s.outsider, "case.desk").get(f"/organisations?case={number}").status_code == 404


def test_a_handler_finds_a_colleague_and_hands_over(s: Scene) -> None:
    number = reported(s)
    li = office_program(s, s.li, "case.handle")
    li.post(f"/cases/{number}/claim")
    people = li.get(f"/organisations/{s.place.company.pk}/people").json()["people"]
    assert {one["name"] for one in people} == {"李师傅", "钱经理"}
    qian = next(one for one in people if one["name"] == "钱经理")
    given = {"to_person": qian["person_id"]}
    assert li.post(f"/cases/{number}/hand-over", given).status_code == 200
    assert Case.objects.get(number=number).holder_name == "钱经理"
    assert li.get(f"/organisations/{s.bureau.pk}/people").status_code == 404, "another body's people are not told"


def test_colleagues_are_told_page_by_page(s: Scene) -> None:
    for n in range(3):
        officer(f"小刘{n}", "handler", s.place.company, s.place.estate)
    li, seen, cursor = office_program(s, s.li, "case.handle"), [], ""
    for _ in range(5):
        page = li.get(f"/organisations/{s.place.company.pk}/people?limit=2&cursor={cursor}").json()
        seen += [one["name"] for one in page["people"]]
        if not (cursor := page["next"]):
            break
    assert sorted(seen) == sorted(["李师傅", "钱经理", "小刘0", "小刘1", "小刘2"])


def test_a_daughter_finds_whom_she_acts_for_and_reports_for_him(s: Scene) -> None:
    FamilyLink.objects.create(
        child=s.zhang, parent=s.chen, consent=FamilyLink.Consent.choices[0][0], since=timezone.now()
    )
    zhang = resident_program(s, s.zhang)
    family = zhang.get("/me/family").json()["family"]
    assert [(one["name"], one["i_act"]) for one in family] == [("陈建国", True)]
    made = zhang.post("/cases", report(for_person=family[0]["person_id"]))
    assert made.status_code == 201
    assert zhang.get("/me/cases").json()["cases"][0]["for_name"] == "陈建国"
    assert [one["i_act"] for one in resident_program(s, s.chen).get("/me/family").json()["family"]] == [False]


def test_a_grid_worker_finds_whom_to_help_and_what_was_filed(s: Scene) -> None:
    wang = office_program(s, s.wang, "case.read", "case.submit_for")
    found = wang.get("/people-to-help?name=张秀").json()["people"]
    assert [one["name"] for one in found] == ["张秀英"] and found[0]["homes"]
    assert wang.get("/people-to-help?name=张").json() == {"people": []}, "nobody leafs through the register"
    numbers = [
        wang.post("/cases", report(text=f"第{n}盏灯", for_person=found[0]["person_id"])).json()["number"]
        for n in range(3)
    ]
    first = wang.get("/me/helped-cases?limit=2").json()
    rest = wang.get(f"/me/helped-cases?limit=2&cursor={first['next']}").json()
    assert [one["number"] for one in first["cases"] + rest["cases"]] == numbers[::-1] and rest["next"] == ""
    assert {one["for_name"] for one in first["cases"]} == {"张秀英"}
    elsewhere = office_program(s, s.outsider, "case.submit_for")
    assert elsewhere.get("/people-to-help?name=张秀").json() == {"people": []}


def test_words_for_an_answer_are_the_desks_for_that_place(s: Scene) -> None:
    AnswerTemplate.objects.create(area=s.place.community, name="换灯", text="已换灯，请确认。")
    AnswerTemplate.objects.create(area=s.place.other_community, name="别处的", text="不是这里的")
    number = reported(s)
    li = office_program(s, s.li, "case.handle")
    assert [one["text"] for one in li.get(f"/cases/{number}/answer-templates").json()["templates"]] == [
        "已换灯，请确认。"
    ]


def test_a_neighbour_is_shown_what_is_like_it_and_joins(s: Scene) -> None:
    number = reported(s)
    chen = resident_program(s, s.chen)
    asked = {"text": "楼道的灯不亮了", "area": "420303001001-01", "category": "lighting"}
    before = Entry.objects.count()
    found = chen.post("/similar", asked).json()["cases"]
    assert [(one["number"], one["joined"]) for one in found] == [(number, False)]
    assert Entry.objects.count() == before and "张秀英" not in str(found)
    assert chen.post(f"/cases/{number}/join").status_code == 200
    assert chen.post("/similar", asked).json()["cases"][0]["joined"]
    reported(s, text="楼道的灯又不亮了", hidden=True)
    assert len(chen.post("/similar", asked).json()["cases"]) == 1, "never one whose reporter hid their name"


def test_what_somebody_was_told_is_listed_and_marked_as_read(s: Scene) -> None:
    number = reported(s)
    li, zhang = office_program(s, s.li, "case.handle"), resident_program(s, s.zhang)
    li.post(f"/cases/{number}/claim", {"start": True})
    li.post(f"/cases/{number}/answer", {"text": "换了灯"})
    told = zhang.get("/me/notices").json()["notices"]
    assert told[0]["asks"] and told[0]["unread"] and told[0]["link"] == f"/cases/{number}/"
    assert zhang.post("/me/notices/read", {"notice": told[0]["id"]}).json() == {"read": 0}, "it waits for an answer"
    informing = sum(1 for one in told if not one["asks"])
    assert informing and zhang.post("/me/notices/read").json() == {"read": informing}
    page = zhang.get("/me/notices?limit=1").json()
    following = zhang.get(f"/me/notices?limit=1&cursor={page['next']}").json()["notices"]
    assert [page["notices"][0]["id"], following[0]["id"]] == [one["id"] for one in told[:2]]
    stranger = resident_program(s, s.chen).post("/me/notices/read", {"notice": told[0]["id"]})
    assert stranger.status_code == 404


def test_the_receipt_of_the_slip_proves_the_first_entry(s: Scene) -> None:
    number = reported(s)
    receipt = resident_program(s, s.zhang).get(f"/cases/{number}/receipt").json()["receipt"]
    anybody = Program()
    today = anybody.get(f"/public/proofs?number={number}&receipt={receipt}").json()
    assert today["verb"] == "case.submit" and today["inclusion"] is None
    seal_due(timezone.now() + timedelta(days=1, hours=2))
    proof = anybody.get(f"/public/proofs?number={number}&receipt={receipt.lower().replace('-', ' ')}").json()
    day = Entry.objects.get(pk=proof["entry_id"])
    assert day.hash == proof["entry_hash"]
    seal = anybody.get("/public/seals").json()["seals"][0]
    assert seal["hash"] == proof["inclusion"]["seal_hash"]
    assert holds(proof)
    for wrong in (f"number={number}&receipt=AAAA-AAAA-AAAA-AAAA", f"number=WW-20200101-0001&receipt={receipt}"):
        assert anybody.get(f"/public/proofs?{wrong}").json()["code"] == "no-receipt"


def test_a_receipt_is_for_who_may_know_the_reporter(s: Scene) -> None:
    number, hidden = reported(s), reported(s, hidden=True)
    li = office_program(s, s.li, "case.handle")
    assert li.get(f"/cases/{number}/receipt").status_code == 200
    assert li.get(f"/cases/{hidden}/receipt").status_code == 404
    assert resident_program(s, s.chen).get(f"/cases/{number}/receipt").status_code == 404


def holds(proof: dict[str, Any]) -> bool:
    """What a program does with it that knows nothing of ours but docs/api.md: from the entry's hash to the seal's."""
    inside = proof["inclusion"]
    node, position, last = _sha256(b"\0" + bytes.fromhex(proof["entry_hash"])), inside["index"], inside["count"] - 1
    for step in map(bytes.fromhex, inside["path"]):
        if position & 1 or position == last:
            node = _sha256(b"\1" + step + node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = _sha256(b"\1" + node + step)
        position, last = position >> 1, last >> 1
    fields = {name: inside[name] for name in ("count", "day", "prev_hash", "root", "sealed_at")}
    spelt = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    return node.hex() == inside["root"] and _sha256(spelt).hex() == inside["seal_hash"]


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_a_phone_is_read_with_a_reason_and_each_reading_is_on_the_record(s: Scene) -> None:
    with_secrets(s.zhang)
    number = reported(s)
    wu = office_program(s, s.wu, "case.desk", "case.read", "people.read_sensitive")
    assert wu.post(f"/cases/{number}/read-phone").status_code == 422
    for reading in (1, 2):
        answer = wu.post(f"/cases/{number}/read-phone", {"reason": "上门前约时间"})
        assert answer.json() == {"phone": MOBILE}
        assert Entry.objects.filter(verb="sensitive.read").count() == reading
    li = office_program(s, s.li, "case.handle")
    assert li.post(f"/cases/{number}/read-phone", {"reason": "约时间"}).json() == {"phone": MOBILE}
    assert office_program(s, s.wu, "case.desk").post(f"/cases/{number}/read-phone", {"reason": "x"}).status_code == 403


def test_a_phone_of_a_hidden_reporter_is_not_for_who_handles_it(s: Scene) -> None:
    with_secrets(s.zhang)
    number = reported(s, hidden=True)
    for who in (s.li, s.qian):
        answer = office_program(s, who, "case.handle").post(f"/cases/{number}/read-phone", {"reason": "约时间"})
        assert answer.status_code == 403 and MOBILE not in answer.content.decode()
    company = str(s.place.company.pk)
    about_them = reported(s, category="parking", complained_of=[company])
    outsider = office_program(s, s.outsider, "case.desk", "people.read_sensitive")
    for program in (office_program(s, s.qian, "case.handle"), outsider):
        answer = program.post(f"/cases/{about_them}/read-phone", {"reason": "想知道是谁"})
        assert answer.status_code in {403, 404} and MOBILE not in answer.content.decode()
    assert not Entry.objects.filter(verb="sensitive.read").exists()


def answered(s: Scene) -> str:
    number = reported(s)
    li = office_program(s, s.li, "case.handle")
    li.post(f"/cases/{number}/claim", {"start": True})
    li.send(f"/cases/{number}/answer", {"text": "换了灯"}, after=[picture()])
    return number


def test_the_desk_reminds_and_rings_and_notes_what_was_said(s: Scene) -> None:
    number = answered(s)
    case = Case.objects.get(number=number)
    Case.objects.update(asked_at=timezone.now() - timedelta(days=3))  # long enough ago to be asked again
    CallBack.objects.all().delete()  # one may be in the sample already
    call = CallBack.objects.create(
        case=case, party=Party.objects.get(case=case), area_path=case.area_path, because="asked", due_at=timezone.now()
    )
    wu = office_program(s, s.wu, "case.desk", "case.callback")
    assert wu.post(f"/cases/{number}/remind").json()["state"] == "awaiting"
    listed = wu.get("/call-backs").json()["calls"]
    assert [(one["number"], one["name"]) for one in listed] == [(number, "张秀英")]
    other = reported(s, text="另一件事")
    said = {"call": listed[0]["id"], "result": "reached", "contacted": True, "solved": True, "rating": 5}
    assert wu.post(f"/cases/{other}/call-back", said).json()["code"] == "no-call"
    assert wu.post(f"/cases/{number}/call-back", said).json()["outcome"] == "solved"
    call.refresh_from_db()
    assert (call.result, call.rating) == ("reached", 5)
    assert wu.get("/call-backs").json()["calls"] == []


def test_a_call_does_not_tell_a_hidden_name_to_a_program_that_may_not_know_it(s: Scene) -> None:
    number = reported(s, text="张秀英家门口灯不亮", hidden=True)
    case = Case.objects.get(number=number)
    CallBack.objects.create(
        case=case, party=Party.objects.get(case=case), area_path=case.area_path, because="asked", due_at=timezone.now()
    )
    assert "张秀英" not in office_program(s, s.wu, "case.desk", "case.callback").get("/call-backs").content.decode()
    entitled = office_program(s, s.wu, "case.callback", "case.see_reporter").get("/call-backs").json()["calls"]
    assert entitled[0]["name"] == "张秀英"


def test_a_photo_is_blurred_released_and_hidden_again(s: Scene) -> None:
    number = answered(s)
    process_due(timezone.now())
    photo = str(Attachment.objects.get().pk)
    wu = office_program(s, s.wu, "case.desk", "file.release")
    shown = wu.get(f"/cases/{number}").json()
    seen = [one for line in shown["timeline"] for one in line["pictures"]]
    assert [(one["id"], one["released"]) for one in seen] == [(photo, False)]
    assert "release-photo" in shown["verbs"]
    blur = f"/cases/{number}/photos/{photo}/blur"
    rectangle = {"left": 100, "top": 100, "width": 300, "height": 200}
    for _ in range(2):  # put as it shall be, however often
        assert wu.put(blur, {"regions": [rectangle]}).json()["regions"] == 1
    assert wu.put(blur, {"regions": [rectangle | {"left": 900}]}).json()["code"] == "blur-region"
    assert wu.post(f"/cases/{number}/release-photo", {"photo": photo}).status_code == 200
    assert Attachment.objects.get().is_public
    assert wu.post(f"/cases/{number}/hide-photo", {"photo": photo}).status_code == 200
    assert not Attachment.objects.get().is_public
    other = reported(s, text="另一件事")
    assert wu.post(f"/cases/{other}/release-photo", {"photo": photo}).status_code == 404
    assert office_program(s, s.outsider, "file.release", "case.desk").put(blur, {"regions": []}).status_code == 404
    without = office_program(s, s.wu, "case.desk")
    assert "release-photo" not in without.get(f"/cases/{number}").json()["verbs"], "its token was not made for it"


def test_a_document_is_no_photo_to_release(s: Scene) -> None:
    number = reported(s)
    li = office_program(s, s.li, "case.handle")
    li.post(f"/cases/{number}/claim", {"start": True})
    pdf = SimpleUploadedFile("规定.pdf", b"%PDF-1.4\n%%EOF", "application/pdf")
    assert li.send(f"/cases/{number}/answer", {"text": "见规定"}, documents=[pdf]).status_code == 200
    process_due(timezone.now())
    wu = office_program(s, s.wu, "case.desk", "file.release")
    answer = wu.post(f"/cases/{number}/release-photo", {"photo": str(Attachment.objects.get().pk)})
    assert answer.status_code == 404


def test_lookups_stay_bounded(s: Scene, django_assert_max_num_queries: Any) -> None:
    wu = office_program(s, s.wu, "case.desk", "case.callback", "case.submit_for")
    for n in range(5):
        person(f"邻居{n}", s.place.community)
        reported(s, text=f"第{n}盏灯")
    wu.get("/me")
    for path, most in (
        ("/organisations?area=420303001001", 6), (f"/organisations/{s.place.company.pk}/people", 5),
        ("/call-backs", 5), ("/me/helped-cases", 4), ("/people-to-help?name=邻居", 8),
    ):  # fmt: skip
        with django_assert_max_num_queries(most):
            assert wu.get(path).status_code == 200


def test_a_program_is_told_which_level_it_takes_and_how_its_person_gets_there(s: Scene) -> None:
    number = reported(s)
    publish.publish_case(s.actor(s.wu), Case.objects.get(number=number).pk, timezone.now(), public=True)
    guest = resident("外人", s.place)
    guest.residences.all().delete()
    for verb, body in (("join", {}), ("reopen", {"reason": "又不亮了"})):
        refused = resident_program(s, guest).post(f"/cases/{number}/{verb}", body)
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (403, "trust-too-low")
        assert (problem["needed"], problem["have"], problem["reach"]["href"]) == ("resident", "visitor", "/me/home/")
