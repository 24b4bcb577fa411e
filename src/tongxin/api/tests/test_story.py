"""Stories played by programs: what they send, and what they are answered with."""

from __future__ import annotations

import pytest

from tongxin.api.tests.program import Program, office_program, picture, report, resident_program
from tongxin.cases.models import Case, Update
from tongxin.cases.tests.stage import Scene
from tongxin.files.models import Attachment
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
DESK = ("case.desk", "case.read", "case.submit_for")


def test_story_2_a_stair_light_is_out_reported_repaired_and_confirmed(s: Scene) -> None:
    zhang, li = resident_program(s, s.zhang), office_program(s, s.li, "case.handle")

    sent = zhang.send("/cases", report(), photos=[picture()])
    assert sent.status_code == 201, sent.content
    made = sent.json()
    number = made["number"]
    assert made["state"] == "dispatched", "the route gave it to the property company at once"
    assert sent.headers["Location"] == f"/api/v1/cases/{number}"
    assert Attachment.objects.count() == 1

    waiting = li.get("/tasks").json()["tasks"]
    assert [task["number"] for task in waiting] == [number]
    assert li.post(f"/cases/{number}/claim", {"start": True}).json()["state"] == "in_progress"
    answer = li.send(f"/cases/{number}/answer", {"text": "换了声控灯头"}, before=[picture()], after=[picture("white")])
    assert answer.json()["state"] == "awaiting"

    mine = zhang.get("/me/cases?which=waiting").json()["cases"]
    assert [case["number"] for case in mine] == [number]
    seen = zhang.get(f"/cases/{number}").json()
    assert seen["verbs"][:2] == ["confirm", "not-solved"]
    assert [line["verb"] for line in seen["timeline"]][-1] == "submit"
    assert zhang.post(f"/cases/{number}/confirm", {"rating": 5}).json()["outcome"] == "solved"
    assert Case.objects.get(number=number).state == "closed"
    assert set(Entry.objects.filter(subject_kind="case").values_list("actor_kind", flat=True)) == {"token", "system"}


def test_the_second_program_to_take_a_case_is_told_who_has_it(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    office_program(s, s.li, "case.handle").post(f"/cases/{number}/claim")
    second = office_program(s, s.qian, "case.handle").post(f"/cases/{number}/claim")
    assert second.status_code == 409
    problem = second.json()
    assert problem["code"] == "held" and "李师傅" in problem["detail"]
    assert problem["type"] == "/problems/held/"
    assert "hand-over" in problem["possible"]


def test_story_3_several_bodies_together(s: Scene) -> None:
    zhang, wu = resident_program(s, s.zhang), office_program(s, s.wu, *DESK)
    officer, qian = office_program(s, s.officer, "case.handle"), office_program(s, s.qian, "case.handle")
    number = zhang.post("/cases", report(text="商户私装地锁", category="parking")).json()["number"]
    company = str(s.place.company.pk)

    queue = wu.get("/queue?show=submitted&area=420303001001").json()["cases"]
    assert [row["number"] for row in queue] == [number]
    given = {"lead": str(s.bureau.pk), "co_handlers": [{"organisation": company, "task": "通知商户"}]}
    assert wu.post(f"/cases/{number}/dispatch", given).json()["state"] == "dispatched"
    assert officer.post(f"/cases/{number}/claim").status_code == 200
    assert officer.post(f"/cases/{number}/answer", {"text": "已拆除"}).json()["code"] == "co-handlers-outstanding"
    told = qian.post(f"/cases/{number}/answer-sub-task", {"organisation": company, "text": "已通知"})
    assert told.status_code == 200
    assert officer.post(f"/cases/{number}/answer", {"text": "已拆除地锁"}).json()["state"] == "answered"
    assert wu.post(f"/cases/{number}/verify").json()["state"] == "awaiting"
    assert zhang.post(f"/cases/{number}/not-solved", {"reason": "又装上了"}).json()["state"] == "reopened"


def test_story_1_gathered_into_a_common_matter(s: Scene) -> None:
    zhang, chen, wu = resident_program(s, s.zhang), resident_program(s, s.chen), office_program(s, s.wu, *DESK)
    numbers = [one.post("/cases", report(category="parking")).json()["number"] for one in (zhang, chen)]
    for number in numbers:
        assert wu.post(f"/cases/{number}/accept").json()["state"] == "accepted"
    common = {"report": report(text="五处没有路灯", category="parking", area="420303001001"), "cases": numbers}
    made = wu.post("/common-matters", common)
    assert made.status_code == 201, made.content
    assert {Case.objects.get(number=number).state for number in numbers} == {"merged"}
    assert zhang.get(f"/cases/{numbers[0]}").json()["parent"]["number"] == made.json()["number"]


def test_what_is_asked_for_is_decided_by_the_desk(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    li, wu = office_program(s, s.li, "case.handle"), office_program(s, s.wu, *DESK)
    assert li.post(f"/cases/{number}/object", {"reason": "不归我们"}).status_code == 200
    decided = wu.post(f"/cases/{number}/decide", {"kind": "objection", "grant": True, "reason": "确实"})
    assert decided.json()["state"] == "accepted"
    again = wu.post(f"/cases/{number}/decide", {"kind": "objection", "grant": True, "reason": "确实"})
    assert again.status_code == 404


def test_a_worker_without_an_account_gets_a_link(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    qian = office_program(s, s.qian, "case.handle")
    qian.post(f"/cases/{number}/claim", {"start": True})
    key = "one-link-and-no-second"
    first = qian.post(f"/cases/{number}/hand-to-worker", {"name": "小刘", "phone": "13907280001"}, key=key)
    assert first.json()["link"].startswith("/t/")
    again = qian.post(f"/cases/{number}/hand-to-worker", {"name": "小刘", "phone": "13907280001"}, key=key)
    assert again.json() == first.json()
    assert Update.objects.filter(verb="hand_to_worker").count() == 1


def test_whoever_holds_the_slip_sees_where_it_stands_and_nothing_else(s: Scene) -> None:
    made = resident_program(s, s.zhang).post("/cases", report(text="张秀英家门口灯不亮")).json()
    stranger = Program()
    seen = stranger.post("/progress", {"number": made["number"], "code": made["query_code"]})
    assert seen.status_code == 200
    assert seen.json()["state"] == "dispatched" and seen.json()["reporter"] is None
    assert "张秀英" not in seen.content.decode()
    for _ in range(5):
        wrong = stranger.post("/progress", {"number": made["number"], "code": "AAAA AAAA"})
    assert wrong.status_code == 429 and int(wrong.headers["Retry-After"]) > 60
    right = stranger.post("/progress", {"number": made["number"], "code": made["query_code"]})
    assert right.status_code == 429, "five wrong codes lock the number, as on the page"


def test_public_cases_are_listed_page_by_page_without_a_token(s: Scene) -> None:
    zhang, wu = resident_program(s, s.zhang), office_program(s, s.wu, *DESK)
    numbers = [zhang.post("/cases", report(text=f"第{n}盏灯")).json()["number"] for n in range(3)]
    for number in numbers[:2]:
        assert wu.post(f"/cases/{number}/publish", {"public": True}).status_code == 200
    first = Program().get("/public/cases?area=4203&limit=1").json()
    second = Program().get(f"/public/cases?area=4203&limit=1&cursor={first['next']}").json()
    assert [page["cases"][0]["number"] for page in (first, second)] == [numbers[1], numbers[0]]
    assert second["next"] == ""
    assert Program().get(f"/public/cases/{numbers[0]}").json()["reporter"] is None
    assert Program().get(f"/public/cases/{numbers[2]}").status_code == 404


def test_places_lead_from_the_city_to_the_home_that_is_reported(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    assert [area["code"] for area in zhang.get("/areas").json()["areas"]] == ["4203"]
    below = zhang.get("/areas?parent=420303001").json()["areas"]
    assert [area["name"] for area in below] == ["王湾社区", "花果社区"]
    building = zhang.get("/areas/420303001001-01/buildings").json()["buildings"][0]
    unit = zhang.get(f"/buildings/{building['id']}/units").json()["units"][0]
    home = zhang.get(f"/units/{unit['id']}/homes").json()["homes"][0]
    made = zhang.post("/cases", report(home=home["id"], place="门口"))
    assert zhang.get(f"/cases/{made.json()['number']}").json()["place"].endswith("3号楼 2单元 501 门口")
    codes = [category["code"] for category in zhang.get("/categories").json()["categories"]]
    assert {"lighting", "parking", "care"} <= set(codes)


def test_who_am_i(s: Scene) -> None:
    me = office_program(s, s.li, "case.handle").get("/me").json()
    assert (me["name"], me["trust"], me["scopes"]) == ("李师傅", "nobody", ["case.handle"])
    assert me["offices"] == [
        {"role": "handler", "organisation_id": str(s.place.company.pk), "area_code": "420303001001-01"}
    ]
    assert resident_program(s, s.zhang).get("/me").json()["trust"] == "owner"
