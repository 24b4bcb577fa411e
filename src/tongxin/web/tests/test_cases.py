"""The resident's phone: pages of people who report, wait, answer, join and look things up."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.cast import sign_in
from tongxin.cases.models import Case, Category, CodeTry, Party
from tongxin.cases.operations import desk, gather, publish, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.progress import query_code
from tongxin.cases.tests.stage import Scene, photo
from tongxin.files import operations as files
from tongxin.people.models import FamilyLink
from tongxin.people.operations.preferences import choose_language

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC) - timedelta(hours=2)


def browser(who: Any, *, strong: bool = False) -> Client:
    """A phone on which somebody is signed in, in English, so that tests read as the sources do."""
    client = Client()
    choose_language(account_id=who.account.pk, language="en")
    sign_in(client, who, strong=strong)
    return client


def text(response: Any) -> str:
    return response.content.decode()


def picture(name: str = "IMG_0001.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, photo().read(), "image/jpeg")


def answered(s: Scene, **report: Any) -> Case:
    """张阿姨's lamp, mended by 李师傅: it waits for her word."""
    case = submit_case(s.actor(s.zhang, NOW), s.report(photos=[photo()], **report), NOW)
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW, start=True)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="换了声控灯头", after=[photo("white")])
    files.process_due(datetime.now(UTC))
    case.refresh_from_db()
    return case


def form(s: Scene, **changed: Any) -> dict[str, Any]:
    return {"text": "3号楼2单元楼道灯不亮", "category": "lighting", "area": f"a.{s.place.estate.code}", **changed}


def test_home_asks_what_waits_and_one_tap_answers_it(s: Scene, django_assert_max_num_queries: Any) -> None:
    case = answered(s)
    client = browser(s.zhang)
    with django_assert_max_num_queries(16):
        page = text(client.get("/"))
    assert "楼道灯不亮" in page and "换了声控灯头" in page and "李师傅" in page
    assert 'name="answer" value="yes"' in page and 'name="answer" value="no"' in page

    response = client.post(f"/cases/{case.number}/answer/", {"answer": "yes"})
    assert response.status_code == 303
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")
    page = text(client.get(f"/cases/{case.number}/"))
    assert "How was it dealt with?" in page
    client.post(f"/cases/{case.number}/do/rate/", {"rating": "5"})
    assert case.parties.get().rating == 5
    assert "Very satisfied" in text(client.get(f"/cases/{case.number}/"))


def test_the_answer_bar_asks_both_ways_alike_and_not_yet_needs_a_reason(s: Scene) -> None:
    case = answered(s)
    client = browser(s.zhang)
    response = client.post(f"/cases/{case.number}/answer/", {"answer": "no"})
    assert response.headers["Location"] == f"/cases/{case.number}/not-solved/"
    page = client.post(response.headers["Location"], {"reason": "  "})
    assert page.status_code == 422 and "Please say what is still not right." in text(page)
    done = client.post(response.headers["Location"], {"reason": "四楼还是黑的", "photos": picture()})
    assert done.status_code == 303
    case.refresh_from_db()
    assert (case.state, case.times_reopened) == ("reopened", 1)
    assert "四楼还是黑的" in text(client.get(f"/cases/{case.number}/"))


def test_a_case_page_is_bounded_however_much_happened(s: Scene, django_assert_max_num_queries: Any) -> None:
    case = answered(s)
    for n in range(25):
        desk.add_note(s.actor(s.wu, NOW), case.pk, NOW + timedelta(minutes=n), text=f"第{n}次回访", internal=False)
    client = browser(s.zhang)
    with django_assert_max_num_queries(18):
        page = text(client.get(f"/cases/{case.number}/"))
    assert "第24次回访" in page and "第3次回访" not in page
    following = page.split('rel="next" href="')[1].split('"')[0]
    assert "楼道灯不亮" in text(client.get(f"/cases/{case.number}/{following}"))


def test_lists_are_bounded(s: Scene, django_assert_max_num_queries: Any) -> None:
    for n in range(24):
        made = submit_case(s.actor(s.zhang, NOW), s.report(f"第{n}件", photos=[photo()]), NOW + timedelta(seconds=n))
        publish.publish_case(s.actor(s.wu, NOW), made.pk, NOW, public=True)
    resident, handler = browser(s.zhang), browser(s.li, strong=True)
    for client, path, most in (
        (resident, "/", 16),
        (resident, "/cases/", 8),
        (resident, "/public/", 12),
        (Client(), "/public/?area=", 8),
        (Client(), "/public/map.json?area=", 3),
        (handler, "/work/", 10),
        (handler, "/work/?which=pool", 11),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200, path
    page = text(resident.get("/cases/"))
    assert page.count('class="item"') == 20
    assert "第0件" in text(
        resident.get("/cases/" + page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&"))
    )


def test_strangers_neither_see_nor_learn_of_a_matter(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    for client in (browser(s.outsider, strong=True), browser(s.chen)):
        for path in (
            f"/cases/{case.number}/",
            f"/slip/{case.number}/",
            f"/public/{case.number}/",
            "/cases/WW-20990101-0001/",
        ):
            assert client.get(path).status_code == 404, path
    assert Client().get(f"/cases/{case.number}/").headers["Location"].startswith("/sign-in/")
    assert browser(s.chen).get("/work/").status_code == 403


PRIVATE = ("13907281234", "420302195001011234", "张秀英")


def test_what_is_public_holds_no_phone_no_id_number_no_hidden_name(s: Scene) -> None:
    told = "我是张秀英，电话13907281234，身份证420302195001011234，3号楼灯不亮"
    report = s.report(told, home_id=s.place.home.pk, photos=[photo()])
    case = submit_case(s.actor(s.zhang, NOW), report, NOW)
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    Case.objects.filter(pk=case.pk).update(reporter_hidden=True)  # from who handles it, too
    Party.objects.filter(case=case).update(hidden=True)
    code = query_code(case.pk)
    holder = Client()
    holder.post("/progress/", {"number": case.number, "code": code})
    handler = browser(s.li, strong=True)
    for page in (
        Client().get(f"/public/{case.number}/"),
        Client().get("/public/?area="),
        Client().get("/public/map.json?area="),
        Client().get("/"),
        browser(s.chen).get("/"),
        holder.get("/progress/case/"),
        handler.get("/work/"),
        handler.get(f"/work/{case.number}/"),
    ):
        assert page.status_code == 200
        assert not [word for word in PRIVATE if word in text(page)]
        assert not re.search(r"(?<![0-9a-f-])501(?![0-9a-f])", text(page)), "whose home it is tells who it is"
    assert not [photo for photo in text(Client().get(f"/public/{case.number}/")).split() if "/f/" in photo]
    assert "13907281234" in text(browser(s.zhang).get(f"/cases/{case.number}/")), "her own words stay as she said them"


def test_a_body_complained_of_never_sees_who_reported_it(s: Scene) -> None:
    report = s.report("我是张秀英，物业电梯不修", category="property", complained_of=(s.place.company.pk,))
    case = submit_case(s.actor(s.zhang, NOW), report, NOW)
    desk.dispatch_case(
        s.actor(s.wu, NOW), case.pk, NOW, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "说明维修记录")]
    )
    page = text(browser(s.li, strong=True).get(f"/work/{case.number}/"))
    assert "说明维修记录" in page and "张秀英" not in page
    assert browser(s.li, strong=True).post(f"/work/{case.number}/do/contact/").status_code == 403
    assert "张秀英" in text(browser(s.officer, strong=True).get(f"/work/{case.number}/"))


def test_a_report_goes_through_two_pages_without_a_line_of_script(s: Scene) -> None:
    client = browser(s.zhang)
    assert "What is it?" in text(client.get("/report/"))
    check = client.post("/report/", form(s, spot="三楼"))
    assert check.status_code == 200 and "What you are about to send" in text(check)
    sent = client.post("/report/", form(s, spot="三楼", send="1", photos=[picture(), picture()]))
    assert sent.status_code == 303
    case = Case.objects.get()
    assert (case.place, case.text) == ("国瑞中央花园 三楼", "3号楼2单元楼道灯不亮")
    assert case.updates.get(verb="submit").files_count == 2
    page = text(client.get(sent.headers["Location"]))
    code = query_code(case.pk)
    assert case.number in page and f"{code[:4]} {code[4:]}" in page
    assert code[:4] in text(client.get(f"/slip/{case.number}/"))


def test_the_same_form_sent_twice_reports_once(s: Scene) -> None:
    client = browser(s.zhang)
    once = {"once": "01900000-0000-7000-8000-000000000042", "send": "1"}
    first = client.post("/report/", form(s, **once))
    again = client.post("/report/", form(s, **once))
    assert first.headers["Location"] == again.headers["Location"]
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"text": " "}, "Please say what it is about."),
        ({"category": "nonsense"}, "Please choose what it is about."),
        ({"area": ""}, "Please choose where it is."),
        ({"area": "a.4203"}, "Please choose at least the community."),
        ({"area": "b.not-an-id"}, "Please choose where it is."),
        ({"home": "01900000-0000-7000-8000-000000000001"}, "Please choose where it is."),
        ({"photos": [picture() for _ in range(10)]}, "At most nine photos can be added."),
        ({"photos": [SimpleUploadedFile("a.exe", b"MZ" * 40)]}, "Only JPEG, PNG and WebP pictures are taken here."),
        ({"photos": [SimpleUploadedFile("a.jpg", b"\xff\xd8\xff" + b"0" * 99)]}, "damaged"),
    ],
)
def test_what_cannot_be_taken_is_said_and_changes_nothing(s: Scene, changed: dict[str, Any], said: str) -> None:
    response = browser(s.zhang).post("/report/", form(s, send="1", **changed))
    assert response.status_code in {413, 415, 422}
    assert said in text(response)
    assert "楼道灯不亮" in text(response) or changed.get("text"), "what was typed is still there"
    assert not Case.objects.exists()


def test_a_text_without_end_is_refused_in_words_and_so_is_a_family_that_is_none(s: Scene) -> None:
    client = browser(s.zhang)
    endless = client.post("/report/", form(s, text="灯" * 20_000, send="1"))
    assert endless.status_code == 422 and "at most 5000" in text(endless)
    stranger = client.post("/report/", form(s, send="1", for_person=str(s.chen.pk)))
    assert stranger.status_code == 403 and not Case.objects.exists()


def test_who_is_not_signed_in_writes_first_and_signs_in_then(s: Scene) -> None:
    visitor = Client(headers={"accept-language": "en"})
    visitor.cookies["django_language"] = "en"
    response = visitor.post("/report/", form(s, send="1"))
    assert response.status_code == 303 and response.headers["Location"].startswith("/sign-in/?next=%2Freport%2F")
    assert not Case.objects.exists()
    sign_in(visitor, s.zhang)
    check = text(visitor.get("/report/?resume=1"))
    assert "楼道灯不亮" in check and 'name="send"' in check
    once = check.split('name="once" value="')[1].split('"')[0]
    assert visitor.post("/report/", form(s, send="1", once=once)).status_code == 303
    assert Case.objects.count() == 1


def test_a_daughter_reports_and_answers_for_her_mother(s: Scene) -> None:
    FamilyLink.objects.create(child=s.chen, parent=s.zhang, consent="code", since=NOW)
    client = browser(s.chen)
    client.post("/report/", form(s, send="1", for_person=str(s.zhang.pk)))
    case = Case.objects.get()
    assert case.parties.get().person_id == s.zhang.pk
    work.claim_case(s.actor(s.li, NOW), case.pk, NOW)
    work.answer_case(s.actor(s.li, NOW), case.pk, NOW, text="修好了")
    assert "张秀英" in text(client.get("/")), "it says for whom"
    client.post(f"/cases/{case.number}/answer/", {"answer": "yes"})
    case.refresh_from_db()
    assert case.outcome == "solved"


def test_similar_matters_come_up_and_a_neighbour_joins_with_one_tap(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report("3号楼2单元楼道灯不亮，三楼黑"), NOW)
    client = browser(s.chen)
    check = text(client.post("/report/", form(s)))
    assert "Is it one of these?" in check and "Me too, that is it" in check
    joined = client.post(f"/report/join/{case.pk}/")
    assert joined.headers["Location"] == f"/cases/{case.number}/"
    page = text(client.get(f"/cases/{case.number}/"))
    assert "You joined this matter" in page and "张秀英" not in page
    hidden = submit_case(s.actor(s.zhang, NOW), s.report("电梯门夹人", category="lift", hidden=True), NOW)
    again = text(client.post("/report/", form(s, text="电梯门夹人", category="lift")))
    assert hidden.number not in again and "Is it one of these?" not in again


def test_emergency_numbers_come_first_where_the_words_call_for_them(s: Scene) -> None:
    check = text(browser(s.zhang).post("/report/", form(s, text="楼道里有人晕倒，还闻到煤气味")))
    assert 'href="tel:120"' in check and 'href="tel:119"' in check
    assert 'href="tel:1' not in text(browser(s.zhang).post("/report/", form(s)))


def test_five_wrong_codes_and_the_number_waits_an_hour(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    client = Client()
    for _ in range(4):
        assert client.post("/progress/", {"number": case.number.lower(), "code": "AAAA AAAA"}).status_code == 422
    assert client.post("/progress/", {"number": case.number, "code": "x"}).status_code == 429
    assert client.post("/progress/", {"number": case.number, "code": query_code(case.pk)}).status_code == 429
    CodeTry.objects.update(since=datetime.now(UTC) - timedelta(minutes=61))
    good = client.post("/progress/", {"number": case.number, "code": query_code(case.pk).lower()})
    assert good.status_code == 303
    assert "楼道灯不亮" in text(client.get("/progress/case/"))
    assert Client().get("/progress/case/").headers["Location"] == "/progress/"
    assert client.post("/progress/", {"number": "WW-20990101-0001", "code": "AAAAAAAA"}).status_code == 422


def test_li_takes_and_answers_on_his_phone(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report(), NOW)
    phone = browser(s.li, strong=True)
    assert "楼道灯不亮" in text(phone.get("/work/"))
    phone.post(f"/work/{case.number}/do/claim/", {"start": "1"})
    empty = phone.post(f"/work/{case.number}/do/answer/", {"text": ""})
    assert empty.status_code == 422 and "Please write a few words." in text(empty)
    sent = {"text": "换了声控灯头", "before": picture(), "after": [picture(), picture()]}
    assert phone.post(f"/work/{case.number}/do/answer/", sent).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.updates.get(verb="answer").files_count) == ("awaiting", 3)
    late = browser(s.qian, strong=True).post(f"/work/{case.number}/do/answer/", {"text": "我也来"})
    assert late.status_code == 409 and "李师傅" in text(late)


def test_a_worker_without_an_account_answers_by_link(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report("灯不亮，电话13907281234"), NOW)
    work.claim_case(s.actor(s.qian, NOW), case.pk, NOW, start=True)
    secret = work.hand_to_worker(s.actor(s.qian, NOW), case.pk, NOW, name="小刘", phone="13907280001")
    worker = Client()
    page = worker.get(f"/t/{secret}")
    assert "灯不亮" in text(page) and "13907281234" not in text(page) and "张秀英" not in text(page)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert worker.post(f"/t/{secret}", {"text": ""}).status_code == 422
    assert worker.post(f"/t/{secret}", {"text": "灯泡换好了", "after": picture()}).status_code == 200
    case.refresh_from_db()
    assert case.state == "awaiting"
    assert worker.get(f"/t/{secret}").status_code == 404
    assert worker.get("/t/made-up").status_code == 404


def test_not_mine_urge_withdraw_and_more_words(s: Scene) -> None:
    case = submit_case(s.actor(s.wang, NOW), s.report(for_person=s.zhang.pk, channel="grid"), NOW)
    client = browser(s.zhang)
    page = text(client.get(f"/cases/{case.number}/"))
    assert "王敏" in page and "That was not me" in page
    assert client.post(f"/cases/{case.number}/do/urge/", {"text": "快点"}).status_code == 303
    assert client.post(f"/cases/{case.number}/do/add/", {"text": ""}).status_code == 422
    assert client.post(f"/cases/{case.number}/do/add/", {"text": "四楼也不亮"}).status_code == 303
    assert client.post(f"/cases/{case.number}/do/rate/", {"rating": "9"}).status_code == 422
    assert client.post(f"/cases/{case.number}/do/nonsense/").status_code == 404
    assert client.post(f"/cases/{case.number}/do/disown/").headers["Location"] == "/cases/"
    mine = submit_case(s.actor(s.zhang, NOW), s.report("门坏了"), NOW)
    assert client.post(f"/cases/{mine.number}/do/withdraw/", {}).status_code == 303
    mine.refresh_from_db()
    assert mine.state == "withdrawn"


def test_a_file_opens_by_its_link_alone_and_acts_as_no_page(s: Scene) -> None:
    case = answered(s)
    page = text(browser(s.zhang).get(f"/cases/{case.number}/"))
    address = page.split('src="/f/')[1].split('"')[0]
    response = Client().get(f"/f/{address}")
    assert response.status_code == 200 and response.headers["Content-Type"].startswith("image/")
    assert response.headers["Content-Security-Policy"].endswith("sandbox")
    body = io.BytesIO(b"".join(response.streaming_content))  # type: ignore[attr-defined]
    assert Image.open(body).size[0] > 0
    again = Client().get(f"/f/{address}", headers={"if-none-match": response.headers["ETag"]})
    assert again.status_code == 304
    assert Client().get(f"/f/{address[:-2]}xx").status_code in {404, 422}


def test_places_for_the_picker_go_down_to_the_unit(s: Scene) -> None:
    client = Client()
    estate = client.get(f"/report/places.json?parent=a.{s.place.community.code}").json()
    assert [name for _, name in estate["options"]] == ["国瑞中央花园"]
    building = client.get(f"/report/places.json?parent={estate['options'][0][0]}").json()
    unit = client.get(f"/report/places.json?parent={building['options'][0][0]}").json()
    assert [name for _, name in unit["options"]] == ["2单元"]
    sent = browser(s.zhang).post("/report/", form(s, area=unit["options"][0][0], send="1"))
    assert sent.status_code == 303
    assert Case.objects.get().place == "国瑞中央花园 3号楼 2单元"
    assert client.get("/report/places.json?parent=b.nonsense").status_code == 404
    assert client.get("/report/here.json?lat=999&lng=0").status_code == 422
    assert client.get("/report/here.json?lat=0&lng=0").json() == {"name": "", "choice": ""}


def test_questions_of_a_category_are_asked_and_kept(s: Scene) -> None:
    asked = [{"code": "when", "label": "什么时候方便", "kind": "choice", "options": ["上午", "下午"], "required": True}]
    Category.objects.filter(code="care").update(questions=asked)
    client = browser(s.zhang)
    assert "什么时候方便" in text(client.post("/report/", form(s, category="care")))
    assert client.post("/report/", form(s, category="care", send="1")).status_code == 422
    given = form(s, category="care", send="1", **{"answers.when": "上午", "answers.evil": "x"})
    assert client.post("/report/", given).status_code == 303
    assert Case.objects.get().answers == {"when": "上午"}


def test_who_joined_is_asked_too_and_the_reporter_has_the_last_word(s: Scene) -> None:
    case = answered(s)
    publish.publish_case(s.actor(s.wu, NOW), case.pk, NOW, public=True)
    client = browser(s.chen)
    client.post(f"/report/join/{case.pk}/")
    assert 'value="no"' in text(client.get("/"))
    client.post(f"/cases/{case.number}/answer/", {"answer": "no"})
    assert client.get(f"/cases/{case.number}/not-solved/").status_code == 200
    assert client.post(f"/cases/{case.number}/not-solved/", {"reason": "五楼不亮"}).status_code == 303
    case.refresh_from_db()
    assert case.state == "awaiting"
    assert case.parties.get(person=s.chen).word == "not_solved"
    assert "五楼不亮" in text(browser(s.wu, strong=True).get(f"/cases/{case.number}/"))


def test_who_was_gathered_into_a_common_matter_sees_its_answer_and_is_asked(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang, NOW), s.report("没有路灯", category="parking"), NOW)
    desk.accept_case(s.actor(s.wu, NOW), case.pk, NOW)
    report = s.report("五处没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu, NOW), report, [case.pk], NOW)
    client = browser(s.zhang)
    assert "五处没有路灯" in text(client.get(f"/cases/{case.number}/"))
    desk.dispatch_case(s.actor(s.wu, NOW), common.pk, NOW, lead=s.bureau.pk)
    work.claim_case(s.actor(s.officer, NOW), common.pk, NOW)
    work.answer_case(s.actor(s.officer, NOW), common.pk, NOW, text="五处都装了灯")
    desk.verify_answer(s.actor(s.wu, NOW), common.pk, NOW)
    assert "五处都装了灯" in text(client.get(f"/cases/{case.number}/"))
    assert "五处都装了灯" in text(client.get("/"))
    assert client.post(f"/cases/{case.number}/answer/", {"answer": "yes"}).status_code == 303


def test_a_grid_worker_reports_for_somebody_without_a_phone(s: Scene) -> None:
    client = browser(s.wang, strong=True)
    check = text(client.post("/report/", form(s, for_person=str(s.zhang.pk))))
    assert "张秀英" in check
    assert client.post("/report/", form(s, send="1", for_person=str(s.zhang.pk))).status_code == 303
    case = Case.objects.get()
    assert (case.channel, case.filed_by_helper, case.parties.get().helper_id) == ("grid", True, s.wang.pk)
