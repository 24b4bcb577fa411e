"""The desk's pages: who sees which cases, what each step does, what a page costs."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from tests.cast import sign_in
from tongxin.cases.models import Assignment, Case, Party, Tally
from tongxin.cases.operations import desk, gather, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.files.operations import process_due
from tongxin.people.models import Person
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    cache.clear()
    return scene()


@pytest.fixture
def now() -> Any:
    return timezone.now()


def at_desk(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    return client


def body(answer: Any) -> str:
    return answer.content.decode()


def parked(
    s: Scene, now: Any, text: str = "商户私装地锁，消防车进不来", who: Person | None = None, **more: Any
) -> Case:
    return submit_case(s.actor(who or s.zhang, now), s.report(text, category="parking", **more), now)


# The queue.


def test_wu_min_sees_the_cases_of_her_community_and_sun_li_of_the_next_one_does_not(s: Scene, now: Any) -> None:
    case = parked(s, now)
    page = body(at_desk(s.wu).get("/desk/"))
    assert case.title in page
    assert "国瑞中央花园" in page
    assert case.title not in body(at_desk(s.outsider).get("/desk/"))
    assert at_desk(s.outsider).get(f"/desk/cases/{case.number}/").status_code == 404


def test_a_resident_and_a_session_without_the_second_factor_are_told_that_it_is_for_people_in_office(s: Scene) -> None:
    assert at_desk(s.zhang).get("/desk/").status_code == 403
    weak = Client()
    sign_in(weak, s.wu)
    assert weak.get("/desk/").status_code == 403
    assert Client().get("/desk/").status_code == 302


def test_what_is_late_first_stands_first_and_pages_by_key(s: Scene, now: Any) -> None:
    cases = [parked(s, now - timedelta(days=30 - n), text=f"地锁{n:02d}") for n in range(30)]
    client = at_desk(s.wu)
    first = body(client.get("/desk/"))
    titles = re.findall(r"地锁\d\d(?=</a>)", first)
    assert titles == [f"地锁{n:02d}" for n in range(25)]
    more = re.search(r'rel="next" href="([^"]+)"', first)
    assert more is not None
    second = re.findall(r"地锁\d\d(?=</a>)", body(client.get(more[1].replace("&amp;", "&"))))
    assert second == [f"地锁{n:02d}" for n in range(25, 30)]
    assert client.get("/desk/?after=nonsense").status_code == 404
    assert len(cases) == 30


def test_chips_count_what_they_show(s: Scene, now: Any) -> None:
    waiting, lamp = parked(s, now), submit_case(s.actor(s.chen, now), s.report(), now)
    desk.accept_case(s.actor(s.wu, now), parked(s, now, "第二处地锁").pk, now)
    client = at_desk(s.wu)
    page = body(client.get("/desk/"))
    chips = dict(re.findall(r'class="filter" href="[^"]*"[^>]*>([^<]+?) <span>([^<]+)</span>', page))
    assert chips["To accept"] == chips["To dispatch"] == chips["To be taken"] == "1"
    only = body(client.get("/desk/?show=claim"))
    assert lamp.title in only
    assert waiting.title not in only


def test_filters_narrow_by_category_handler_day_and_area(s: Scene, now: Any) -> None:
    case, lamp = parked(s, now), submit_case(s.actor(s.chen, now), s.report(), now)
    client = at_desk(s.wu)
    for query, shown, hidden in (
        ("category=parking/", case, lamp),
        (f"handler={s.place.company.pk}", lamp, case),
        (f"area={s.place.estate.path}&show=submitted", case, lamp),
        ("channel=app&urgency=normal&show=dispatch", None, case),
        ("since=2099-01-01", None, case),
    ):
        page = body(client.get(f"/desk/?{query}"))
        assert shown is None or shown.title in page, query
        assert hidden.title not in page, query
    assert client.get(f"/desk/?area={s.place.other_community.path}").status_code == 403
    assert 'name="category"' in body(client.get("/desk/filter/?show=claim"))


def test_the_search_finds_words_numbers_and_says_when_it_cannot(s: Scene, now: Any) -> None:
    case, lamp = parked(s, now), submit_case(s.actor(s.chen, now), s.report(), now)
    client = at_desk(s.wu)
    found = body(client.get("/desk/?q=地锁"))
    assert case.title in found
    assert lamp.title not in found
    assert case.title in body(client.get(f"/desk/?q={case.number}"))
    assert "two characters" in body(client.get("/desk/?q=锁"))
    assert case.title not in body(at_desk(s.outsider).get("/desk/?q=地锁"))
    assert "Nothing found" in body(client.get("/desk/?q=月球基地"))


def test_a_filter_is_kept_for_its_person_alone(s: Scene, now: Any) -> None:
    client = at_desk(s.wu)
    client.post("/desk/filter/keep/", {"show": "claim", "name": "等接单的"})
    assert "等接单的" in body(client.get("/desk/"))
    assert "等接单的" not in body(at_desk(s.zhou).get("/desk/"))
    key = re.search(r'name="drop" value="([^"]+)"', body(client.get("/desk/filter/")))
    assert key is not None
    client.post("/desk/filter/keep/", {"drop": key[1]})
    assert "等接单的" not in body(client.get("/desk/"))


def test_figures_have_their_denominators(s: Scene, now: Any) -> None:
    today = timezone.localdate(now)
    for kind, amount in (("solved", 42), ("not_solved", 4), ("rated:5", 20), ("rated:3", 2), ("rated:1", 1)):
        Tally.objects.create(area=s.place.community, day=today, kind=kind, amount=amount)
    page = body(at_desk(s.wu).get("/desk/"))
    assert "91.3%" in page
    assert "42 of 46" in page
    assert "94.8%" in page, "20 satisfied and 2 fair at nine tenths of 23"


def test_a_page_of_the_queue_is_bounded(s: Scene, now: Any, django_assert_max_num_queries: Any) -> None:
    for n in range(30):
        parked(s, now, f"地锁{n:02d}")
    client = at_desk(s.wu)
    client.get("/desk/")
    with django_assert_max_num_queries(8):
        client.get("/desk/")
    with django_assert_max_num_queries(9):
        client.get("/desk/?q=地锁")


# The case.


def test_a_detail_with_twenty_updates_is_bounded(s: Scene, now: Any, django_assert_max_num_queries: Any) -> None:
    case = submit_case(s.actor(s.zhang, now), s.report(photos=[photo()], category="parking"), now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "通知")])
    for n in range(20):
        desk.add_note(s.actor(s.wu, now), case.pk, now, text=f"记录{n}")
    client = at_desk(s.wu)
    client.get("/desk/")
    with django_assert_max_num_queries(9):
        page = body(client.get(f"/desk/cases/{case.number}/"))
    assert "记录19" in page
    assert "Earlier" in page
    for part in ("张秀英", "城管执法局", "国瑞物业", "Time limits"):
        assert part in page


def test_the_pane_is_the_detail_alone_and_the_address_of_a_row_has_both(s: Scene, now: Any) -> None:
    case = parked(s, now)
    client = at_desk(s.wu)
    whole = body(client.get(f"/desk/?show=submitted&at={case.number}"))
    assert 'id="detail"' in whole
    assert "data-keys-list" in whole
    pane = body(client.get(f"/desk/?show=submitted&at={case.number}", headers={"X-Pane": "1"}))
    assert 'id="detail"' in pane
    assert "data-keys-list" not in pane


def test_buttons_are_the_lawful_steps_and_the_likely_one_is_filled(s: Scene, now: Any) -> None:
    case = parked(s, now)
    page = body(at_desk(s.wu).get(f"/desk/cases/{case.number}/"))
    assert re.search(r'class="btn btn-primary" formaction="[^"]*/accept/"', page)
    assert "/dispatch/" in page
    assert "/verify/" not in page
    reader = body(at_desk(s.wang).get(f"/desk/cases/{case.number}/"))
    assert "formaction" not in reader, "a grid worker reads the case and has no step to take"


def test_wu_min_accepts_dispatches_checks_and_zhang_has_the_last_word(s: Scene, now: Any) -> None:
    case = parked(s, now)
    client, url = at_desk(s.wu), f"/desk/cases/{case.number}/"
    assert (
        client.post(url + "accept/", {"next": "/desk/?show=submitted"}).headers["Location"] == "/desk/?show=submitted"
    )
    form = body(client.get(url + "dispatch/"))
    assert "城管执法局" in form
    refused = client.post(url + "dispatch/", {"to": str(s.bureau.pk), "co1": str(s.place.company.pk)})
    assert refused.status_code == 422, "a co-handler without a task"
    sent = {"to": str(s.bureau.pk), "co1": str(s.place.company.pk), "task1": "通知商户", "note": "请今天看"}
    assert client.post(url + "dispatch/", sent).status_code == 303
    assert Assignment.objects.filter(case=case, role="co", task="通知商户").exists()
    work.claim_case(s.actor(s.officer, now), case.pk, now)
    work.answer_sub_task(s.actor(s.qian, now), case.pk, now, organisation=s.place.company.pk, text="已通知")
    work.answer_case(s.actor(s.officer, now), case.pk, now, text="已拆除地锁")
    assert client.post(url + "verify/", {"note": "看过了"}).status_code == 303
    case.refresh_from_db()
    assert case.state == "awaiting"
    word = {"word": "solved", "own_choice": "phone", "rating": "5", "reason": "谢谢"}
    assert client.post(url + "word/", {**word, "own_choice": ""}).status_code == 422
    assert client.post(url + "word/", word).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")
    entry = Entry.objects.filter(subject_id=case.pk, verb="case.confirm").get()
    assert (entry.actor_id, entry.on_behalf_of) == (s.wu.pk, s.zhang.pk)


@pytest.mark.parametrize(
    ("step", "data", "state"),
    [
        ("decline", {"reason": "不归社区管", "elsewhere": "请打 12345"}, "declined"),
        ("answer", {"text": "已当场答复"}, "awaiting"),
        ("reclassify", {"category": "lighting", "urgency": "urgent"}, "submitted"),
        ("request-information", {"text": "哪个门？"}, "submitted"),
        ("note", {"text": "看过现场", "audience": "staff"}, "submitted"),
        ("publish", {}, "submitted"),
    ],
)
def test_steps_at_the_desk(s: Scene, now: Any, step: str, data: dict[str, str], state: str) -> None:
    case = parked(s, now)
    client, url = at_desk(s.wu), f"/desk/cases/{case.number}/{step}/"
    if data:
        assert client.get(url).status_code == 200
        assert client.post(url, {}).status_code == 422
    assert client.post(url, data).status_code == 303
    case.refresh_from_db()
    assert case.state == state
    sibling = at_desk(s.outsider)
    assert sibling.get(url).status_code == sibling.post(url, data).status_code == 404


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("supervise", {"reason": "消防通道"}),
        ("urge", {"text": "请快"}),
        ("escalate", {"reason": "需要街道协调"}),
        ("co-handler", {"organisation": "bureau", "task": "派人到场", "whistle": "1"}),
        ("redispatch", {"to": "bureau", "reason": "属城管职责"}),
    ],
)
def test_steps_while_it_is_with_the_handler(s: Scene, now: Any, step: str, data: dict[str, str]) -> None:
    case = parked(s, now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.place.company.pk)
    given = {key: str(s.bureau.pk) if value == "bureau" else value for key, value in data.items()}
    client, url = at_desk(s.street), f"/desk/cases/{case.number}/{step}/"
    assert client.get(url).status_code == 200
    answer = client.post(url, given)
    assert answer.status_code == 303, body(answer)
    case.refresh_from_db()
    expected = {
        "supervise": lambda: case.supervised,
        "urge": lambda: case.updates.filter(verb="urge").exists(),
        "escalate": lambda: case.raised == 1,
        "co-handler": lambda: Assignment.objects.filter(case=case, organisation=s.bureau, whistle=True).exists(),
        "redispatch": lambda: case.lead_id == s.bureau.pk,
    }
    assert expected[step]()


def test_zhou_decides_what_is_asked_for(s: Scene, now: Any) -> None:
    case = parked(s, now)
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.place.company.pk)
    work.object_to_dispatch(s.actor(s.qian, now), case.pk, now, reason="这是城管的事")
    client = at_desk(s.zhou)
    assert "这是城管的事" in body(client.get("/desk/petitions/"))
    assert "这是城管的事" in body(client.get(f"/desk/cases/{case.number}/"))
    url = f"/desk/cases/{case.number}/objection/"
    assert client.post(url, {"grant": "0"}).status_code == 422
    assert client.post(url, {"grant": "1", "reason": "属实", "next": "/desk/petitions/"}).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.lead_id) == ("accepted", None)
    assert "Nothing to decide" in body(client.get("/desk/petitions/"))


def test_a_step_that_was_overtaken_says_so_and_changes_nothing(s: Scene, now: Any) -> None:
    case = parked(s, now)
    desk.accept_case(s.actor(s.zhou, now), case.pk, now)
    client = at_desk(s.wu)
    answer = client.post(f"/desk/cases/{case.number}/accept/")
    assert answer.status_code == 422
    assert "accepted and waits to be dispatched" in body(answer)
    assert client.get(f"/desk/cases/{case.number}/decline/").status_code == 303


def test_a_body_complained_of_sees_neither_the_case_nor_its_reporter(s: Scene, now: Any) -> None:
    case = parked(s, now, "社区办事拖拉", complained_of=(s.place.office.pk,))
    assert case.title not in body(at_desk(s.wu).get("/desk/"))
    assert at_desk(s.wu).get(f"/desk/cases/{case.number}/").status_code == 404
    assert "张秀英" in body(at_desk(s.street).get(f"/desk/cases/{case.number}/"))


def test_a_hidden_name_is_for_the_desk_alone(s: Scene, now: Any) -> None:
    case = parked(s, now, "我是张秀英，楼下占道", hidden=True)
    assert "张秀英" in body(at_desk(s.wu).get(f"/desk/cases/{case.number}/"))
    assert "张秀英" not in body(at_desk(s.wang).get(f"/desk/cases/{case.number}/"))
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk)
    assert "张秀英" not in body(at_desk(s.officer).get(f"/desk/cases/{case.number}/"))


def test_a_phone_is_shown_after_a_reason_and_that_is_on_the_record(s: Scene, now: Any) -> None:
    report = s.report(
        "路口积水", category="parking", contact_name="刘大姐", contact_phone="13907281234", channel="wechat"
    )
    case = submit_case(s.actor(s.wu, now), report, now)
    client = at_desk(s.wu)
    page = body(client.get(f"/desk/cases/{case.number}/"))
    assert "刘大姐" in page
    assert "13907281234" not in page
    url = f"/desk/cases/{case.number}/phone/{Party.objects.get(case=case).pk}/"
    assert client.post(url, {"reason": ""}).status_code == 422
    assert "13907281234" in body(client.post(url, {"reason": "核实位置"}))
    assert Entry.objects.filter(subject_id=case.pk, verb="sensitive.read", actor_id=s.wu.pk).exists()
    assert at_desk(s.outsider).get(url).status_code == 404
    assert at_desk(s.officer).get(url).status_code == 403


def test_a_reporter_without_an_account_has_their_word_recorded_too(s: Scene, now: Any) -> None:
    report = s.report(
        "路口积水", category="parking", contact_name="刘大姐", contact_phone="13907281234", channel="phone"
    )
    case = submit_case(s.actor(s.wu, now), report, now)
    desk.answer_directly(s.actor(s.wu, now), case.pk, now, text="已疏通")
    url = f"/desk/cases/{case.number}/word/"
    answer = at_desk(s.wu).post(url, {"word": "not_solved", "own_choice": "phone", "reason": "还在积水"})
    assert answer.status_code == 303, body(answer)
    case.refresh_from_db()
    assert case.state == "reopened"


def test_a_photo_is_blurred_released_and_hidden_again(s: Scene, now: Any) -> None:
    case = submit_case(s.actor(s.zhang, now), s.report(category="parking", photos=[photo(size=(800, 600))]), now)
    process_due(now)
    row = Attachment.objects.get()
    client, url = at_desk(s.wu), f"/desk/cases/{case.number}/photos/{row.pk}/"
    assert client.get(url).status_code == 200
    assert client.post(url, {"blur": "1", "region": ["400,300"]}).status_code == 422
    assert client.post(url, {"blur": "1", "region": ["400,300,120,80", ""]}).status_code == 303
    assert client.post(url, {"release": "1"}).status_code == 303
    row.refresh_from_db()
    assert (row.is_public, len(row.blurred)) == (True, 1)
    client.post(url, {"hide": "1"})
    row.refresh_from_db()
    assert not row.is_public
    assert set(case.updates.values_list("verb", flat=True)) >= {"release_photo", "hide_photo"}
    assert at_desk(s.wang).get(url).status_code == 403
    assert at_desk(s.outsider).get(url).status_code == 404


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
    from tongxin.cases.operations.due import run_due_clocks

    long_ago = now - timedelta(days=9)
    case = parked(s, long_ago)
    desk.answer_directly(s.actor(s.wu, long_ago), case.pk, long_ago, text="已处理")
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
    answer = at_desk(s.wu).post("/desk/export/", {"show": "submitted"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "Number"
    assert rows[1][1].startswith("'=HYPERLINK")
    assert rows[1][-1] == "张秀英"
    entry = Entry.objects.get(verb="case.exported")
    assert (entry.actor_id, entry.data["rows"], entry.data["filter"]) == (s.wu.pk, 1, "show=submitted")
    assert at_desk(s.wang).post("/desk/export/").status_code == 403
    company = at_desk(s.qian).post("/desk/export/")
    rows = list(load_workbook(io.BytesIO(b"".join(company.streaming_content))).active.iter_rows(values_only=True))
    assert "Reporter" not in rows[0]


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
