"""The desk's pages of who decides and who may see what: one level higher, complaints, the public page."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk
from tongxin.cases.tests.stage import Scene
from tongxin.web.tests.test_desk_pages import at_desk, body, parked

pytestmark = pytest.mark.django_db


def test_what_was_raised_says_who_decides_and_is_a_chip_at_the_street(s: Scene, now: Any) -> None:
    case = parked(s, now)
    desk.escalate_case(s.actor(s.wu, now), case.pk, now, reason="社区管不了")
    assert "The street decides" in body(at_desk(s.wu).get("/desk/"))
    assert "The street decides" in body(at_desk(s.wu).get(f"/desk/cases/{case.number}/"))
    assert "Raised to us" not in body(at_desk(s.wu).get("/desk/"))
    street = at_desk(s.street)
    assert "Raised to us" in body(street.get("/desk/"))
    assert case.title in body(street.get("/desk/?show=raised"))
    assert at_desk(s.wu).post(
        f"/desk/cases/{case.number}/decline/", {"reason": "不归我们", "elsewhere": "12345"}
    ).status_code in {403, 422}
    assert f"/desk/cases/{case.number}/decline/" not in body(at_desk(s.wu).get(f"/desk/cases/{case.number}/"))


def test_the_desk_notes_whom_it_is_about(s: Scene, now: Any) -> None:
    case, client = parked(s, now), at_desk(s.wu)
    url = f"/desk/cases/{case.number}/about/"
    assert "国瑞物业" in body(client.get(url))
    assert client.post(url, {"about": [str(s.bureau.pk)]}).status_code == 422
    assert client.post(url, {"about": [str(s.place.company.pk)], "note": "电话里说的"}).status_code == 303
    case.refresh_from_db()
    assert case.complained_of == [str(s.place.company.pk)]


def test_quick_entry_takes_down_whom_it_is_about_and_from_nobody(s: Scene, now: Any) -> None:
    client = at_desk(s.wu)
    assert "王湾社区居委会" in body(client.get("/desk/new/"))
    sent = {
        "text": "物业保安态度不好", "category": "property", "channel": "wechat", "who": "none",
        "place": f"area:{s.place.estate.pk}", "about": str(s.place.company.pk),
    }  # fmt: skip
    assert client.post("/desk/new/", sent).status_code == 303
    case = Case.objects.get()
    assert case.complained_of == [str(s.place.company.pk)]
    assert Party.objects.get(case=case).person_id is None
    page = body(client.get(f"/desk/cases/{case.number}/"))
    assert "nobody in particular" in page
    assert f"/desk/cases/{case.number}/word/" not in page


def test_the_desk_reads_what_everybody_will_read_before_it_is_public(s: Scene, now: Any) -> None:
    case, client = parked(s, now, "我是张秀英，门口停车乱"), at_desk(s.wu)
    url = f"/desk/cases/{case.number}/publish/"
    form = body(client.get(url))
    assert "我是张" in form
    assert 'value="我是张秀英' not in form
    assert client.post(url, {"title": "门口停车乱", "text": "门口停车乱", "place": "国瑞"}).status_code == 303
    assert "张秀英" not in body(Client().get(f"/public/{case.number}/"))
    assert client.post(f"/desk/cases/{case.number}/unpublish/", {}).status_code == 303
    assert Client().get(f"/public/{case.number}/").status_code == 404
