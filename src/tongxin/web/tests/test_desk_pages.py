"""The desk's pages: who sees which cases, what each step does, what a page costs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import resident as resident_of
from tests.cast import sign_in
from tongxin.cases.models import Assignment, Party, Tally
from tongxin.cases.operations import desk, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import Scene, photo
from tongxin.files.models import Attachment
from tongxin.files.operations import process_due
from tongxin.people.models import Person
from tongxin.record.models import Entry
from tongxin.web.tests.desk_stage import at_desk, body, parked

pytestmark = pytest.mark.django_db


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
    assert f"{case.number}/verify/" not in page
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
        ("publish", {"title": "私装地锁", "text": "北门私装地锁。", "place": "国瑞中央花园"}, "submitted"),
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
    assert answer.status_code == 409
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
    client = at_desk(s.wu)
    assert client.post(url, {"word": "solved", "own_choice": "phone"}).status_code == 403, "she answered it herself"
    assert client.post(url, {"word": "not_solved", "own_choice": "in_person", "reason": "积水"}).status_code == 422
    answer = client.post(url, {"word": "not_solved", "own_choice": "phone", "reason": "还在积水"})
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


def test_the_desks_page_shows_a_signed_paper_to_the_desk_and_not_to_who_may_not_know_the_reporter(
    s: Scene, now: Any
) -> None:
    case = submit_case(s.actor(s.wang, now), s.report(for_person=s.zhang.pk, hidden=True), now)
    work.claim_case(s.actor(s.li, now), case.pk, now)
    work.answer_case(s.actor(s.li, now), case.pk, now, text="修好了")
    resident.confirm_solved(
        s.actor(s.wang, now), case.pk, now, on_behalf_of=s.zhang.pk, own_choice="signed", paper=[photo()]
    )
    process_due(now)
    paper = Attachment.objects.get(purpose="evidence")
    assert "the signed paper" in body(at_desk(s.wu).get(f"/desk/cases/{case.number}/"))
    assert "the signed paper" not in body(at_desk(s.li).get(f"/desk/cases/{case.number}/"))
    assert at_desk(s.wu).get(f"/desk/cases/{case.number}/photos/{paper.pk}/").status_code == 404


def test_further_people_concerned_are_a_page_away(s: Scene, now: Any) -> None:
    case = parked(s, now)
    for n in range(25):
        neighbour = resident_of(f"邻居{n:02d}", s.place)
        resident.join_case(s.actor(neighbour, now), case.pk, now)
    client = at_desk(s.wu)
    page = body(client.get(f"/desk/cases/{case.number}/"))
    more = re.search(r'href="([^"]+people=[^"]+)"', page)
    assert more is not None
    assert "Whom it concerns: 26" in page
    assert "邻居24" in body(client.get(more[1]))
    assert client.get(f"/desk/cases/{case.number}/?people=nonsense").status_code == 404


def test_the_head_of_every_desk_page_names_the_area_of_the_office_and_not_where_one_lives(s: Scene) -> None:
    """赵主任 holds the street's office and lives in 王湾."""
    Person.objects.filter(pk=s.street.pk).update(community=s.place.community)
    for path in ("/desk/organisations/", "/desk/people/", "/desk/places/"):
        head = body(at_desk(s.street).get(path)).split("<main")[0]
        assert "车城路街道" in head and "王湾社区" not in head, path
