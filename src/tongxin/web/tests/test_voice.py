"""To speak instead of writing: the resident's form, the desk that listens and writes it down, and who hears it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tongxin.cases.models import Case, Update
from tongxin.cases.operations.spoken import SPOKEN
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene
from tongxin.files.tests.voices import webm
from tongxin.web.tests.test_cases import browser, form, text

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC) - timedelta(hours=2)
SAID = "三号楼二单元的灯坏了，我上下楼看不见。"


def voice(content: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile("voice.weba", content or webm(), "audio/webm")


def spoken(s: Scene, **more: Any) -> Case:
    """张阿姨's report that is a recording and no words."""
    return submit_case(s.actor(s.zhang, NOW), s.report(text=SPOKEN, photos=[voice()], **more), NOW)


def player(page: Any) -> str:
    found = re.search(r'<audio[^>]*src="([^"]+)"', text(page))
    return found[1] if found else ""


def test_who_would_rather_speak_needs_no_word(s: Scene) -> None:
    phone = browser(s.zhang)
    second = phone.post("/report/", form(s, text="", speak="1"))
    assert 'name="voice"' in text(second) and SPOKEN in text(second)
    silent = phone.post("/report/", form(s, text=SPOKEN, send="1"))
    assert silent.status_code == 422 and "Please speak" in text(silent) and not Case.objects.exists()
    film = phone.post("/report/", form(s, text=SPOKEN, send="1", voice=voice(b"\x1a\x45\xdf\xa3" + bytes(40))))
    assert film.status_code == 415 and "something beside a voice" in text(film)
    sent = phone.post("/report/", form(s, text=SPOKEN, send="1", voice=voice()))
    case = Case.objects.get()
    assert sent.headers["Location"] == f"/report/sent/{case.number}/"
    own = phone.get(f"/cases/{case.number}/")
    assert "2 seconds" in text(own) and player(own)


def test_the_desk_listens_and_writes_it_down_and_the_recording_stays(s: Scene) -> None:
    case = spoken(s)
    desk = browser(s.wu, strong=True)
    page = desk.get(f"/desk/cases/{case.number}/")
    assert "media-src 'self' blob:" in page.headers["Content-Security-Policy"]
    assert desk.get(player(page)).getvalue() == webm()
    assert "Write down what was said" in text(page)
    desk.post(f"/desk/cases/{case.number}/write-down/", {"text": SAID})
    case.refresh_from_db()
    assert (case.text, case.title) == (SAID, SAID.rstrip("。"))
    assert player(desk.get(f"/desk/cases/{case.number}/"))
    told = text(browser(s.zhang).get(f"/cases/{case.number}/"))
    assert SAID in told
    assert Update.objects.get(case=case, verb="submit").text == SPOKEN


def test_a_voice_tells_who_speaks_so_it_is_for_those_who_may_know(s: Scene) -> None:
    case = spoken(s)
    li = browser(s.li, strong=True)
    assert player(li.get(f"/work/{case.number}/"))
    hidden = spoken(s, hidden=True)
    page = li.get(f"/work/{hidden.number}/")
    assert page.status_code == 200 and not player(page)


def test_a_player_asks_for_pieces(s: Scene) -> None:
    case, content = spoken(s), webm()
    desk = browser(s.wu, strong=True)
    href = player(desk.get(f"/desk/cases/{case.number}/"))
    for asked, piece in (("bytes=0-1", content[:2]), ("bytes=10-", content[10:]), ("bytes=-5", content[-5:])):
        answer = desk.get(href, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, piece)
        assert answer.headers["Content-Range"].endswith(f"/{len(content)}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert desk.get(href, headers={"Range": "bytes=9999999-"}).status_code == 416


def test_the_desk_files_a_recording_and_words_may_be_added_by_voice(s: Scene) -> None:
    desk = browser(s.wu, strong=True)
    entry = {"text": "张阿姨发来语音", "place": f"area:{s.place.estate.pk}", "category": "lighting", "channel": "wechat",
             "urgency": "normal", "who": "none"}  # fmt: skip
    filed = desk.post("/desk/new/", {**entry, "voice": voice()})
    assert filed.status_code == 303, text(filed)
    assert player(desk.get(filed.headers["Location"]))
    case = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    phone = browser(s.zhang)
    phone.post(f"/cases/{case.number}/do/add/", {"text": "今天又灭了", "voice": voice()})
    assert player(phone.get(f"/cases/{case.number}/"))
