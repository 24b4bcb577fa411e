"""The desk's pages beside the single case: several at once, quick entry, calls, map and files to take away."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk, gather, resident, work
from tongxin.cases.operations.due import run_due_clocks
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.counts import KEPT_SECONDS
from tongxin.cases.tests.stage import Scene, photo
from tongxin.files.models import Attachment
from tongxin.record.models import Entry
from tongxin.web.tests.desk_stage import at_desk, body, parked, sheet_of

pytestmark = pytest.mark.django_db


# Figures.


def test_the_figures_of_whoever_has_acted_are_those_of_now(s: Scene, now: Any) -> None:
    case, _other = parked(s, now), parked(s, now, "又一辆")
    client = at_desk(s.wu)
    assert "To accept <span>2</span>" in body(client.get("/desk/"))
    client.post(f"/desk/cases/{case.number}/accept/", {"next": "/desk/"})
    assert Case.objects.get(pk=case.pk).state == "accepted"
    page = body(client.get("/desk/"))
    assert "To accept <span>1</span>" in page
    assert "To dispatch <span>1</span>" in page
    assert client.cookies["acted"]["max-age"] >= KEPT_SECONDS, "what is kept thereafter was counted after the deed"


# Several at once.


def test_several_are_given_to_one_and_the_page_says_what_was_refused_and_why(s: Scene, now: Any) -> None:
    cases = [parked(s, now, f"地锁{n}") for n in range(3)]
    closed = submit_case(s.actor(s.chen, now), s.report(), now)
    resident.withdraw_case(s.actor(s.chen, now), closed.pk, now)
    client = at_desk(s.wu)
    picks = {"pick": [str(case.pk) for case in [*cases, closed]], "back": "/desk/?show=submitted"}
    assert "4 matters together" in body(client.post("/desk/many/", picks))
    page = body(client.post("/desk/many/", {**picks, "act": "dispatch", "to": str(s.bureau.pk)}))
    assert "Done: 3. Refused: 1." in page
    assert "The case was withdrawn." in page
    assert Case.objects.filter(lead=s.bureau, state="dispatched").count() == 3
    assert client.post("/desk/many/", {"act": "dispatch"}).status_code == 422
    other = body(at_desk(s.outsider).post("/desk/many/", {**picks, "act": "dispatch", "to": str(s.bureau.pk)}))
    assert "Done: 0. Refused: 4." in other
    assert "地锁1" not in other


def test_the_same_lamp_in_several_places_becomes_one_common_matter(s: Scene, now: Any) -> None:
    cases = [parked(s, now, "没有路灯", who) for who in (s.zhang, s.chen)]
    for case in cases:
        desk.accept_case(s.actor(s.wu, now), case.pk, now)
    client = at_desk(s.wu)
    page = body(client.get(f"/desk/cases/{cases[0].number}/"))
    assert "1 more of this kind" in page
    data = {"act": "gather", "pick": [str(c.pk) for c in cases], "text": "两处没有路灯", "category": "lighting"}
    answer = client.post("/desk/many/", data)
    common = Case.objects.get(kind="common")
    assert answer.headers["Location"] == f"/desk/cases/{common.number}/"
    assert common.area_id == s.place.estate.pk
    assert "Gathered: 2" in body(client.get(answer.headers["Location"]))
    assert common.title in body(client.get("/desk/?show=common"))


def test_gathering_into_a_running_case_and_out_of_it_again(s: Scene, now: Any) -> None:
    first, second = parked(s, now, "没有路灯"), parked(s, now, "没有路灯", s.chen)
    for case in (first, second):
        desk.accept_case(s.actor(s.wu, now), case.pk, now)
    client = at_desk(s.wu)
    url = f"/desk/cases/{first.number}/gather/"
    assert second.number in body(client.get(url))
    assert client.post(url, {"cases": [str(second.pk)]}).status_code == 303
    second.refresh_from_db()
    assert (second.state, second.parent_id) == ("merged", first.pk)
    client.post(f"/desk/cases/{second.number}/separate/", {"reason": "不是一回事"})
    second.refresh_from_db()
    assert second.state == "accepted"
    report = s.report("几处没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu, now), report, [first.pk], now)
    client.post(f"/desk/cases/{second.number}/merge/", {"into": str(common.pk)})
    second.refresh_from_db()
    assert second.parent_id == common.pk


# Quick entry, calls, export.


def test_a_pasted_message_with_its_picture_is_a_case(s: Scene, now: Any) -> None:
    client = at_desk(s.wu)
    client.get("/desk/new/")
    said = "国瑞中央花园3号楼门口有人装地锁"
    guessed = client.post("/desk/new/guess/", {"text": said}).json()["places"]
    assert guessed[0][1] == "国瑞中央花园 3号楼"
    data = {"text": said, "category": "parking", "channel": "wechat", "who": "none", "another": "1"}
    answer = client.post("/desk/new/", {**data, "photos": photo()})
    assert answer.headers["Location"] == "/desk/new/", body(answer)
    case = Case.objects.get()
    assert case.building is not None
    assert (case.building.name, case.channel, case.place) == ("3号楼", "wechat", "国瑞中央花园 3号楼")
    assert Attachment.objects.count() == 1
    assert client.post("/desk/new/", {**data, "text": "某处"}).status_code == 422
    assert at_desk(s.officer).get("/desk/new/").status_code == 403


def test_entry_for_somebody_with_a_phone_and_for_somebody_on_the_register(s: Scene, now: Any) -> None:
    client = at_desk(s.wu)
    data = {"text": "路灯坏了", "category": "parking", "channel": "phone", "place": f"area:{s.place.estate.pk}"}
    refused = client.post("/desk/new/", {**data, "who": "contact", "contact_name": "刘大姐"})
    assert refused.status_code == 422
    client.post("/desk/new/", {**data, "who": "contact", "contact_name": "刘大姐", "contact_phone": "13907281234"})
    assert Party.objects.filter(contact_name="刘大姐", helper=s.wu).exists()
    found = body(client.post("/desk/new/", {**data, "who": "register", "person_text": "张秀", "search": "1"}))
    assert "张秀英" in found
    answer = client.post("/desk/new/", {**data, "who": "register", "person_text": "张秀", "person": str(s.zhang.pk)})
    assert answer.status_code == 303, body(answer)
    assert Party.objects.filter(person=s.zhang, helper=s.wu).exists()


def test_silent_residents_are_rung_and_what_they_say_is_their_word(s: Scene, now: Any) -> None:
    long_ago = now - timedelta(days=9)
    case = parked(s, long_ago)
    desk.answer_directly(s.actor(s.zhou, long_ago), case.pk, long_ago, text="已处理")
    while run_due_clocks(now):
        pass
    client = at_desk(s.wu)
    page = body(client.get("/desk/callbacks/"))
    assert "张秀英" in page
    link = re.search(r'href="(/desk/callbacks/[^"]+/)"', page)
    assert link is not None
    assert "Is it solved?" in body(client.get(link[1]))
    assert client.post(link[1], {"result": ""}).status_code == 422
    client.post(link[1], {"result": "reached", "solved": "0", "rating": "2", "note": "没人来过"})
    case.refresh_from_db()
    assert case.state == "reopened"
    assert at_desk(s.wang).get("/desk/callbacks/").status_code == 403
    assert "张秀英" not in body(at_desk(s.outsider).get("/desk/callbacks/"))


def test_a_list_is_taken_away_without_formulas_and_on_the_record(s: Scene, now: Any) -> None:
    parked(s, now, '=HYPERLINK("http://evil","地锁")')
    rows = sheet_of(at_desk(s.wu).post("/desk/export/", {"show": "submitted"}))
    assert rows[0][0] == "Number"
    assert rows[1][1].startswith("'=HYPERLINK")
    assert rows[1][-1] == "张秀英"
    entry = Entry.objects.get(verb="case.exported")
    assert (entry.actor_id, entry.data["rows"], entry.data["filter"]) == (s.wu.pk, 1, "show=submitted")
    assert at_desk(s.wang).post("/desk/export/").status_code == 403
    assert "Reporter" not in sheet_of(at_desk(s.qian).post("/desk/export/"))[0]


def test_whom_to_ring_is_taken_away_without_phones_and_on_the_record(s: Scene, now: Any) -> None:
    long_ago = now - timedelta(days=9)
    case = parked(s, long_ago)
    desk.answer_directly(s.actor(s.zhou, long_ago), case.pk, long_ago, text="已处理")
    while run_due_clocks(now):
        pass
    rows = sheet_of(at_desk(s.wu).post("/desk/callbacks/export/"))
    assert rows[0][:3] == ("Whom to ring", "Matter", "Number")
    assert [row[:3] for row in rows[1:]] == [("张秀英", case.title, case.number)]
    entry = Entry.objects.get(verb="case.exported")
    assert (entry.actor_id, entry.data) == (s.wu.pk, {"filter": "list=callbacks", "rows": 1})
    assert len(sheet_of(at_desk(s.outsider).post("/desk/callbacks/export/"))) == 1
    assert at_desk(s.qian).post("/desk/callbacks/export/").status_code == 403


def test_what_cannot_be_gathered_is_said_on_the_form_and_nothing_typed_is_lost(s: Scene, now: Any) -> None:
    """Raised to the street, so it is the street's to gather."""
    case, other = parked(s, now), parked(s, now, "又一辆")
    Case.objects.filter(pk=case.pk).update(raised=1)
    sent = {"act": "gather", "pick": [str(case.pk), str(other.pk)], "text": "地锁一片", "category": "parking"}
    answer = at_desk(s.wu).post("/desk/many/", sent)
    assert answer.status_code == 403
    page = body(answer)
    assert "not yours to decide" in page and "地锁一片" in page and case.number in page
    assert Case.objects.filter(kind=Case.Kind.COMMON).count() == 0


def test_the_map_has_the_points_of_the_filter(s: Scene, now: Any) -> None:
    case = parked(s, now, lat=32.63, lng=110.79)
    client = at_desk(s.wu)
    points = client.get("/desk/points/?show=submitted").json()["features"]
    assert [p["geometry"]["coordinates"] for p in points] == [[110.79, 32.63]]
    assert case.title in body(client.get("/desk/map/"))
    assert at_desk(s.outsider).get("/desk/points/").json()["features"] == []


def test_an_extension_is_given_and_a_suspension_ended(s: Scene, now: Any) -> None:
    case = parked(s, now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk)
    work.claim_case(s.actor(s.officer, now), case.pk, now)
    work.request_extension(s.actor(s.officer, now), case.pk, now, reason="要开协调会", extra=2)
    client = at_desk(s.wu)
    assert client.post(f"/desk/cases/{case.number}/extension/", {"grant": "1"}).status_code == 303
    day = (now + timedelta(days=60)).date()
    work.request_suspension(s.actor(s.officer, now), case.pk, now, reason="等改造", review_on=day)
    assert client.post(f"/desk/cases/{case.number}/suspension/", {"grant": "1"}).status_code == 303
    case.refresh_from_db()
    assert case.state == "suspended"
    assert client.post(f"/desk/cases/{case.number}/resume/", {}).status_code == 303
