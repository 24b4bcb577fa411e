"""What arrives later than it was written: when it was, who wrote it, and once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client

from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.tests.stage import Scene, scene
from tongxin.web.offline.written import written_at

NOON = datetime(2026, 11, 25, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("2026-11-25T02:00:00.000Z", NOON - timedelta(hours=2)),
        ("2026-11-25T10:00:00+08:00", NOON - timedelta(hours=2)),
        ("2026-11-25T03:55:00Z", None),  # as good as now
        ("2026-11-25T09:00:00Z", None),  # a clock that is wrong
        ("2026-09-01T09:00:00Z", None),
        ("2026-11-25T02:00:00", None),  # of which zone?
        ("heute früh", None),
        ("", None),
    ],
)
def test_a_phone_is_believed_within_limits(said: str, believed: datetime | None) -> None:
    assert written_at(said, NOON) == believed


@pytest.mark.django_db
def test_a_report_from_the_outbox_happened_when_it_was_written_and_is_one_however_often_it_comes() -> None:
    s: Scene = scene()
    client = Client()
    sign_in(client, s.zhang)
    told = client.get("/offline/token.json").json()
    assert told["owner"] == str(s.zhang.pk)
    assert told["token"]
    then = datetime.now(UTC) - timedelta(hours=3)
    sent = {
        "text": "单元门口路灯不亮", "category": "lighting", "home": str(s.place.home.pk), "once": str(uuid4()),
        "send": "1", "written_at": then.isoformat(),
    }  # fmt: skip
    places = {client.post("/report/", sent).headers["Location"] for _ in range(2)}
    by_script = client.post("/report/", sent, headers={"X-Tongxin-Offline": "1"})
    case = Case.objects.get()
    assert (by_script.status_code, by_script.headers["X-Tongxin-Went"]) == (200, f"/report/sent/{case.number}/")
    assert "Location" not in by_script.headers
    assert places == {f"/report/sent/{case.number}/"}
    said = case.updates.get(verb="submit")
    assert (case.occurred_at, said.occurred_at) == (then, then)
    assert said.recorded_at - then > timedelta(hours=2)


@pytest.mark.django_db
def test_pages_are_kept_for_one_person_and_the_page_without_signal_is_nobodys() -> None:
    s: Scene = scene()
    client = Client()
    assert "X-Tongxin-Keep" not in client.get("/report/").headers
    sign_in(client, s.zhang)
    assert client.get("/report/").headers["X-Tongxin-Keep"] == str(s.zhang.pk)
    assert s.zhang.name not in client.get("/offline/").content.decode()
    script = client.get("/sw.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in script.headers["Content-Security-Policy"]
    told = json.loads(script.content.decode().partition("serve(self, ")[2].rpartition(")")[0])
    for path in ["/static/tongxin/js/worker.js", told["offline"], *told["shell"]]:  # one that is missing stops it all
        assert client.get(path).status_code == 200, path


@pytest.mark.django_db
def test_what_is_shared_without_a_service_worker_fills_the_form_and_writes_nothing() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/report/shared/", {"title": "井盖", "text": "楼下井盖破了", "url": ""})
    assert answer.status_code == 303
    assert "楼下井盖破了" in client.get(answer.headers["Location"]).content.decode()
