"""Answering and the word about it: ready texts, documents, the worker's link, a helper's record of somebody's own word."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tongxin.cases.models import AnswerTemplate, Case, Category
from tongxin.cases.operations import desk, publish, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo
from tongxin.files import operations as files
from tongxin.files.models import Attachment
from tongxin.web.tests.test_cases import NOW, browser, picture, text

pytestmark = pytest.mark.django_db


def pdf() -> SimpleUploadedFile:
    return SimpleUploadedFile("办法.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n", "application/pdf")


def lamp(s: Scene, **more: Any) -> Case:
    case = submit_case(s.actor(s.zhang, NOW), s.report(**more), NOW)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW, start=True)
    return case


def mended(s: Scene) -> Case:
    case = lamp(s)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="换了")
    return case


def test_ready_answers_of_the_place_and_the_kind_stand_beside_the_handlers_answer(s: Scene) -> None:
    case = lamp(s)
    lighting, lift = Category.objects.get(code="lighting"), Category.objects.get(code="lift")
    fitting = AnswerTemplate.objects.create(area=s.place.street, category=lighting, name="换灯", text="已换灯头。")
    AnswerTemplate.objects.create(area=s.place.street, category=lift, name="电梯", text="已修电梯。")
    AnswerTemplate.objects.create(area=s.place.other_community, name="花果", text="别处的。")
    client = browser(s.li, strong=True)
    page = text(client.get(f"/work/{case.number}/"))
    assert "换灯" in page and "已修电梯" not in page and "花果" not in page
    assert ">\n已换灯头。</textarea>" in text(client.get(f"/work/{case.number}/?template={fitting.pk}"))


def test_the_desks_answer_and_a_co_handlers_part_carry_the_policy_document(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report("低保怎么办", category="policy"), NOW)
    client = browser(s.wu, strong=True)
    sent = client.post(f"/desk/cases/{case.number}/answer/", {"text": "见附件", "documents": pdf()})
    assert sent.status_code == 303
    shared = submit_case(s.actor(s.zhang, NOW), s.report("私装地锁", category="parking"), NOW)
    desk.dispatch_case(s.actor(s.wu, NOW), shared.pk, NOW, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "开门")])
    page = text(browser(s.li, strong=True).get(f"/work/{shared.number}/"))
    assert 'name="documents"' in page
    done = browser(s.li, strong=True).post(
        f"/work/{shared.number}/do/co_answer/", {"text": "开了", "documents": pdf(), "after": picture()}
    )
    assert done.status_code == 303
    assert Attachment.objects.filter(purpose="policy").count() == 2


def test_who_joined_and_is_asked_sees_the_photos_and_the_document_of_the_answer_alone(s: Scene) -> None:
    case = lamp(s, photos=[photo()])
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    resident.join_case(s.actor(s.chen, NOW), case.pk, NOW)
    work.answer_case(
        s.actor(s.li, NOW), case.pk, NOW, text="换了", before=[photo()], after=[photo("white")], documents=[pdf()]
    )
    files.process_due(datetime.now(UTC))
    page = text(browser(s.chen).get(f"/cases/{case.number}/"))
    assert "办法.pdf" in page
    assert len(re.findall(r'<img [^>]*src="/[^"]*"', page)) == 2, "before and after; not what 张阿姨 took"
    assert "办法.pdf" not in text(Client().get(f"/public/{case.number}/"))


def test_the_workers_link_is_shown_once_and_what_is_said_is_true(s: Scene, settings: Any) -> None:
    case = lamp(s)
    client = browser(s.li, strong=True)
    shown = text(client.post(f"/work/{case.number}/do/hand_to_worker/", {"name": "小刘", "phone": "13907281234"}))
    found = re.search(r"/t/([\w-]{20,})", shown)
    assert found is not None and "data:image/svg+xml" in shown and "sent to their phone" in shown
    assert found[0] not in text(client.get(f"/work/{case.number}/")), "this once"
    assert "小刘" in text(Client().get(found[0]))
    settings.SMS_SENDER = "none"
    again = text(client.post(f"/work/{case.number}/do/hand_to_worker/", {"name": "小王", "phone": "13907281235"}))
    assert "No text message was sent" in again
    refused = client.post(f"/work/{case.number}/do/hand_to_worker/", {"name": "小王", "phone": "123"})
    assert refused.status_code == 422


def helped(s: Scene) -> Case:
    """王敏 reported for 陈大爷; the lamp is mended."""
    case = submit_case(s.actor(s.wang, NOW), s.report(for_person=s.chen.pk), NOW)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="换了")
    return case


def test_a_helper_records_a_word_in_the_ways_that_are_theirs(s: Scene) -> None:
    case = helped(s)
    client = browser(s.wang, strong=True)
    page = text(client.get(f"/cases/{case.number}/word/"))
    assert 'value="signed"' in page and 'name="paper"' in page and 'value="phone"' not in page
    given = {"word": "solved", "own_choice": "phone", "reason": "亮了"}
    refused = client.post(f"/cases/{case.number}/word/", given)
    assert refused.status_code == 422 and "亮了" in text(refused), "what was typed stays"
    assert client.post(f"/cases/{case.number}/word/", given | {"own_choice": "signed"}).status_code == 422
    heic = SimpleUploadedFile("a.heic", b"\0\0\0\x18ftypheic" + b"\0" * 40, "image/heic")
    assert (
        client.post(f"/cases/{case.number}/word/", given | {"own_choice": "signed", "paper": heic}).status_code == 422
    )
    signed = client.post(f"/cases/{case.number}/word/", given | {"own_choice": "signed", "paper": picture()})
    assert signed.status_code == 303
    case.refresh_from_db()
    assert case.state == "closed"
    assert Attachment.objects.filter(purpose="evidence").count() == 1


def test_a_helper_opens_it_again_with_the_persons_own_word(s: Scene) -> None:
    case = helped(s)
    resident.confirm_solved(s.actor(s.chen, NOW), case.pk, NOW)
    client = browser(s.wang, strong=True)
    assert f"/cases/{case.number}/word/" in text(client.get(f"/cases/{case.number}/"))
    assert client.get(f"/cases/{case.number}/not-solved/").headers["Location"] == f"/cases/{case.number}/word/"
    page = text(client.get(f"/cases/{case.number}/word/"))
    assert 'value="solved"' not in page
    given = {"word": "not_solved", "own_choice": "in_person", "reason": "又不亮了"}
    assert client.post(f"/cases/{case.number}/word/", given).status_code == 303
    case.refresh_from_db()
    assert case.state == "reopened"


def test_the_notice_that_asks_is_answered_right_there(s: Scene) -> None:
    case = lamp(s)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="换了")
    client = browser(s.zhang)
    page = text(client.get("/notices/"))
    assert f'action="/cases/{case.number}/answer/"' in page
    assert page.count('class="equal" name="answer"') == 2 and page.count('class="equal" name="rating"') == 5
    assert client.post(f"/cases/{case.number}/answer/", {"rating": "9"}).status_code == 422
    assert client.post(f"/cases/{case.number}/answer/", {"rating": "4"}).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.parties.get().rating) == ("closed", 4)
    assert 'class="equal"' not in text(client.get("/notices/"))


def test_who_joins_may_hide_their_name(s: Scene) -> None:
    case = lamp(s)
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    client = browser(s.chen)
    assert 'name="hidden"' in text(client.get(f"/public/{case.number}/"))
    client.post(f"/report/join/{case.pk}/", {"hidden": "1"})
    assert case.parties.get(person=s.chen).hidden
    assert "陈建国" not in text(browser(s.li, strong=True).get(f"/desk/cases/{case.number}/"))


def test_a_neighbour_opens_a_public_matter_again_from_its_page(s: Scene) -> None:
    case = mended(s)
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    assert "Open it again" not in text(browser(s.chen).get(f"/public/{case.number}/")), "it has not ended"
    resident.confirm_solved(s.actor(s.zhang, NOW), case.pk, NOW)
    client = browser(s.chen)
    assert "Open it again until" in text(client.get(f"/public/{case.number}/"))
    assert "Open it again" not in text(Client().get(f"/public/{case.number}/"))
    refused = client.post(f"/public/{case.number}/reopen/", {"text": " "})
    assert refused.status_code == 422 and "Please say what is still not right." in text(refused)
    done = client.post(f"/public/{case.number}/reopen/", {"text": "五楼又黑了"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/cases/{case.number}/")
    assert "五楼又黑了" in text(client.get(f"/cases/{case.number}/"))
