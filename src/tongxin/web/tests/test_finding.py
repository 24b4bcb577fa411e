"""Searches that the other filters narrow, files that say when they are cut, and what a co-handler finds."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from tongxin.cases.models import CaseClock
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries import queue
from tongxin.cases.queries.handling import tasks
from tongxin.cases.tests.stage import Scene
from tongxin.web.desk import export
from tongxin.web.tests.test_desk_pages import at_desk, body, parked

pytestmark = pytest.mark.django_db


def test_a_search_is_narrowed_by_the_other_filters(s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    lock = parked(s, now, "东门地锁")
    lamp = submit_case(s.actor(s.chen, now), s.report("东门路灯不亮"), now)
    client = at_desk(s.wu)
    for query, shown, hidden in (
        ("q=东门&category=parking/", lock, lamp),
        ("q=东门&show=claim", lamp, lock),
        (f"q=东门&handler={s.place.company.pk}", lamp, lock),
        ("q=东门&channel=phone", None, lamp),
        ("q=东门", lock, None),
    ):
        page = body(client.get(f"/desk/?{query}"))
        assert shown is None or shown.title in page, query
        assert hidden is None or hidden.title not in page, query
    monkeypatch.setattr(queue, "SEARCH_STEP", 2)
    monkeypatch.setattr(queue, "SEARCH_STEPS", 1)
    for number in range(4):
        parked(s, now, f"东门再来一处{number}")
    wanted = queue.Filter(q="东门", show="claim")
    seen, after = [], ""
    for _ in range(6):
        page_ = queue.queue(s.actor(s.wu, now), wanted, now, after=after, limit=1)
        seen += [row.number for row in page_.rows]
        after = page_.after
        if not after:
            break
    assert seen == [lamp.number], "bounded at each step, and it goes on"


def rows_of(answer: Any) -> list[tuple[Any, ...]]:
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_the_file_of_a_search_holds_what_it_found_and_says_when_it_is_cut(
    s: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    found, other = parked(s, now, "东门地锁"), parked(s, now, "西门地锁")
    rows = rows_of(at_desk(s.wu).post("/desk/export/", {"q": "东门", "show": "submitted"}))
    assert [row[0] for row in rows[1:]] == [found.number]
    monkeypatch.setattr(export, "MOST", 1)
    cut = rows_of(at_desk(s.wu).post("/desk/export/", {}))
    assert len(cut) == 3 and str(cut[2][0]).startswith("Cut here") and other.number != found.number


def test_a_co_handler_finds_the_case_at_the_desk_and_sees_their_own_deadline(s: Scene) -> None:
    now = timezone.now()
    case = parked(s, now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "开门")])
    work.claim_case(s.actor(s.officer, now), case.pk, now)
    due = CaseClock.objects.get(case=case, kind="co_task", stopped_at=None).due_at
    (task,) = tasks(s.actor(s.li, now), "waiting")[0]
    assert (task.co, task.due_at, task.due_kind) == (True, due, "co_task")
    client = at_desk(s.li)
    assert case.title in body(client.get("/desk/"))
    assert case.title in body(client.get("/desk/?q=地锁"))
    assert client.get(f"/desk/cases/{case.number}/").status_code == 200
    assert case.title not in body(at_desk(s.qian).get("/desk/?q=月球"))


def test_people_of_the_register_are_added_from_a_pasted_list(s: Scene) -> None:
    case = parked(s, timezone.now())
    client = at_desk(s.wu)
    url = f"/desk/cases/{case.number}/people/"
    assert url in body(client.get(f"/desk/cases/{case.number}/"))
    refused = client.post(url, {"people": "陈建国\n没有这人", "reason": "同楼"})
    assert refused.status_code == 422 and "没有这人" in body(refused)
    assert client.post(url, {"people": "陈建国\n没有这人", "reason": "同楼", "leave_out": "1"}).status_code == 303
    assert case.parties.filter(person=s.chen, role="joined").exists()


def test_a_report_that_is_too_long_is_refused_with_all_of_it_kept(s: Scene) -> None:
    client = at_desk(s.zhang)
    said = "长" * 5001
    given = {"text": said, "category": "lighting", "area": f"a.{s.place.estate.code}"}
    page = client.post("/report/", given)
    assert page.status_code == 422 and "at most 5000" in body(page) and said in body(page)
