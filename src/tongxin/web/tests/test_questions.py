"""Extra questions and pictures on the two forms that report: the resident's phone and the desk's quick entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tongxin.cases.models import Case, Category
from tongxin.cases.queries.view import case_of
from tongxin.cases.tests.stage import Scene, scene
from tongxin.web.tests.test_cases import browser, form, text

pytestmark = pytest.mark.django_db
SEEN = {"code": "seen", "label": "亲眼所见？", "kind": "yes_no", "options": [], "required": True}
WHEN = {"code": "when", "label": "哪几天", "kind": "choices", "options": ["周一", "周二", "周三"], "required": False}
FLOOR = {"code": "floor", "label": "几层", "kind": "number", "options": [], "required": True}


@pytest.fixture
def s() -> Scene:
    Category.objects.filter(code="lighting").update(questions=[SEEN, WHEN])
    Category.objects.filter(code="lighting.stairs").update(questions=[FLOOR])
    return scene()


def test_each_kind_of_question_is_drawn_as_what_it_is(s: Scene) -> None:
    page = text(browser(s.zhang).post("/report/", form(s)))
    assert re.search(r'type="radio" name="answers.seen" value="no"', page)
    assert len(re.findall(r'type="checkbox" name="answers.when"', page)) == 3
    assert '<template data-questions-of="lighting.stairs">' in page and 'name="answers.floor"' in page


def test_no_and_nought_are_answers_and_several_are_kept(s: Scene) -> None:
    client = browser(s.zhang)
    given = form(s, send="1", asked="lighting", **{"answers.seen": "no", "answers.when": ["周三", "周一"]})
    assert client.post("/report/", given).status_code == 303
    case = Case.objects.get()
    assert case.answers == {"seen": False, "when": ["周一", "周三"]}
    shown = dict(case_of(s.actor(s.wu), case.pk, datetime.now(UTC)).answers)
    assert list(shown) == ["亲眼所见？", "哪几天"] and shown["哪几天"] == "周一、周三"
    detail = text(browser(s.wu, strong=True).get(f"/desk/cases/{case.number}/"))
    assert "亲眼所见？" in detail and "周一、周三" in detail


def test_the_finer_kind_has_its_own_questions_also_without_javascript(s: Scene) -> None:
    client = browser(s.zhang)
    given = form(s, kind="lighting.stairs", send="1", asked="lighting", **{"answers.seen": "yes"})
    asked = client.post("/report/", given)
    assert asked.status_code == 200 and not Case.objects.exists()
    assert 'name="asked" value="lighting.stairs"' in text(asked) and "几层" in text(asked)
    wrong = form(s, kind="lighting.stairs", send="1", asked="lighting.stairs", **{"answers.floor": "很高"})
    refused = client.post("/report/", wrong)
    assert refused.status_code == 422 and "Please answer with a number" in text(refused)
    assert client.post("/report/", wrong | {"answers.floor": "4"}).status_code == 303
    case = Case.objects.get()
    assert (case.category.code, case.answers) == ("lighting.stairs", {"floor": 4})


def entry(s: Scene, **more: Any) -> dict[str, Any]:
    return {
        "text": "群里说3号楼的灯坏了", "category": "lighting", "place": f"area:{s.place.estate.pk}", "channel": "wechat",
        "who": "none", **more,
    }  # fmt: skip


def heic() -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_1.HEIC", b"\0\0\0\x18ftypheic" + b"\0" * 64, "image/heic")


def too_large() -> SimpleUploadedFile:
    return SimpleUploadedFile("IMG_2.jpg", b"\xff\xd8\xff" + b"\0" * (12 * 1024 * 1024), "image/jpeg")


@pytest.mark.parametrize(
    ("picture", "status", "said"), [(heic, 415, "HEIC pictures cannot"), (too_large, 413, "larger than 12 MB")]
)
def test_a_picture_that_cannot_be_taken_is_refused_at_the_photos(
    s: Scene, picture: Any, status: int, said: str
) -> None:
    client = browser(s.wu, strong=True)
    answer = client.post("/desk/new/", entry(s, leave_open="1", photos=picture()))
    assert answer.status_code == status
    assert said in text(answer) and 'href="#f-photos"' in text(answer) and "群里说3号楼" in text(answer)
    assert not Case.objects.exists()


def test_quick_entry_asks_what_the_category_asks_or_leaves_it_open_on_purpose(s: Scene) -> None:
    client = browser(s.wu, strong=True)
    asked = client.post("/desk/new/", entry(s))
    assert asked.status_code == 422 and "亲眼所见？" in text(asked) and 'name="leave_open"' in text(asked)
    assert client.post("/desk/new/", entry(s, **{"answers.seen": "maybe"})).status_code == 422
    assert not Case.objects.exists()
    assert client.post("/desk/new/", entry(s, **{"answers.seen": "yes"})).status_code == 303
    assert client.post("/desk/new/", entry(s, text="又一处", leave_open="1")).status_code == 303
    first, second = Case.objects.order_by("id")
    assert (first.answers, second.answers) == ({"seen": True}, {})
    assert second.updates.order_by("id").first().data["left_open"] == ["seen"]  # type: ignore[union-attr]


def test_an_odd_person_or_place_is_refused_in_words(s: Scene) -> None:
    client = browser(s.wu, strong=True)
    Category.objects.filter(code="lighting").update(questions=[])
    assert client.post("/desk/new/", entry(s, place="area:nonsense")).status_code == 422
    assert client.post("/desk/new/", entry(s, urgency="tomorrow")).status_code == 422
