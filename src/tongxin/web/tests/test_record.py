"""The record as its auditors read it: bounded by area, words closed, reasons of readings open, each entry with its seal."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import officer, sign_in
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Person
from tongxin.people.operations import register
from tongxin.record import queries
from tongxin.record.models import Entry
from tongxin.record.operations import erase_personal, seal_due
from tongxin.web.nav import start_page

pytestmark = pytest.mark.django_db
RECORD, READINGS = "/desk/record/", "/desk/record/readings/"
MONDAYS = {"day": "2026-11-16"}


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def auditor(s: Scene) -> Person:
    """何审计, who audits 王湾社区 and the county around it."""
    return officer("何审计", "audit_administrator", s.place.office, s.place.county)


@pytest.fixture
def case(s: Scene) -> Any:
    """张秀英 reports with her name hidden; 李师傅 answers; 吴敏 reads her phone."""
    found = submit_case(s.actor(s.zhang), s.report("张秀英家门口的灯不亮", hidden=True), MONDAY)
    work.claim_case(s.actor(s.li), found.pk, MONDAY, start=True)
    work.answer_case(s.actor(s.li), found.pk, MONDAY, text="换了声控灯头")
    s.zhang.phone_cipher, s.zhang.phone_index = sealed("13907198888", PHONE)
    s.zhang.save()
    register.reveal(s.actor(s.wu), s.zhang.pk, ["phone"], "回访前核对号码", now=MONDAY)
    return found


def at(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    return client


def text(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def main(response: Any) -> str:
    """The page without its menus and form."""
    return text(response).split('role="search"')[-1].split("</form>")[1]


def test_the_audit_administrator_begins_at_the_record(s: Scene, auditor: Person) -> None:
    assert start_page(s.actor(auditor)) == RECORD
    assert f'href="{RECORD}"' in text(at(auditor).get(RECORD))
    inspector = officer("纪检员", "discipline_inspector", s.place.office, s.place.county)
    assert start_page(s.actor(inspector)) == "/desk/", "who reads matters begins there"
    assert f'href="{RECORD}"' in text(at(inspector).get("/desk/"))
    assert f'href="{RECORD}"' not in text(at(s.wu).get("/desk/"))


def test_a_day_tells_who_did_what_and_keeps_words_and_residents_closed(case: Any, auditor: Person) -> None:
    told = main(at(auditor).get(RECORD, MONDAYS))
    assert "答复" in told and "李师傅" in told and "国瑞物业" in told and case.number in told
    assert "张秀英" not in told, "a resident stays an id here"
    assert "换了声控灯头" not in told and "灯不亮" not in told
    assert "没有条目" in main(at(auditor).get(RECORD, {"day": "2026-11-15"}))


def test_about_a_case_a_person_by_number_or_anything_by_its_id(s: Scene, case: Any, auditor: Person) -> None:
    client = at(auditor)
    about_case = main(client.get(RECORD, {"about": case.number.lower()}))
    assert about_case.count(case.number) == Entry.objects.filter(subject_kind="case", subject_id=case.pk).count()
    assert "查看了" not in about_case
    about_her = main(client.get(RECORD, {"about": "13907198888"}))
    assert "吴敏查看了电话" in about_her and "13907198888" not in about_her and "张秀英" not in about_her
    assert main(client.get(RECORD, {"about": str(s.zhang.pk)})).count("查看了") == 1


def test_by_an_actor_a_verb_and_an_area(s: Scene, case: Any, auditor: Person) -> None:
    client = at(auditor)
    his = main(client.get(RECORD, {"who": "李师傅"}))
    assert his.count("李师傅") == Entry.objects.filter(actor_id=s.li.pk).count() > 2
    assert "吴敏" not in his
    answers = main(client.get(RECORD, {"who": "李师傅", "verb": "case.answer"}))
    assert answers.count("李师傅") == 1
    elsewhere = {**MONDAYS, "area": s.place.other_community.code}
    assert "没有条目" in main(client.get(RECORD, elsewhere))
    assert "答复" in main(client.get(RECORD, {**MONDAYS, "area": s.place.community.code}))


def test_several_of_one_name_are_offered(s: Scene, case: Any, auditor: Person) -> None:
    officer("吴敏", "grid_worker", s.place.office, s.place.community)
    told = text(at(auditor).get(RECORD, {"who": "吴敏"}))
    assert "有几个人同名" in told
    assert told.count('href="?who=') == 2


def test_what_cannot_be_understood_is_said_at_its_field(auditor: Person) -> None:
    client = at(auditor)
    for given, words in (
        ({"about": "随便"}, "请填事项编号"),
        ({"about": "WW-20990101-0001"}, "没有这个编号"),
        ({"about": "13900000001"}, "没有这个号码"),
        ({"who": "查无此人"}, "没有这个姓名"),
        ({"day": "昨天"}, "日期请写成"),
    ):
        answer = client.get(RECORD, given)
        assert answer.status_code == 422 and words in html.unescape(answer.content.decode()), given
    for before in ("x", "2026-11-16T00:00:00|x", f"2026-11-16T00:00:00|{auditor.pk}"):
        assert client.get(RECORD, {"before": before}).status_code == 404
    assert client.get(RECORD, {**MONDAYS, "area": "no-such"}).status_code == 404


def test_readings_stand_in_their_own_tab_with_the_reason(case: Any, auditor: Person) -> None:
    told = main(at(auditor).get(READINGS))
    assert "吴敏查看了电话" in told and "理由：回访前核对号码" in told
    assert "答复" not in told
    assert "查看过电话" in main(at(auditor).get(READINGS, {"day": "2026-11-15"}))


def test_looking_is_bounded_by_area(s: Scene, case: Any) -> None:
    elsewhere = officer("外区审计", "audit_administrator", s.place.office, s.place.other_community)
    client = at(elsewhere)
    for given in (MONDAYS, {"about": case.number}, {"about": str(s.zhang.pk)}, {"who": str(s.li.pk)}):
        assert "没有条目" in main(client.get(RECORD, given)), given
    assert client.get(RECORD, {"who": "李师傅"}).status_code == 422, "not even that he is in office"
    assert "没有条目" in main(client.get(READINGS))
    assert client.get(RECORD, {**MONDAYS, "area": s.place.community.code}).status_code == 404
    first = queries.history(("case", case.pk))[0]
    assert client.get(f"/desk/record/entries/{first.id}/").status_code == 404
    for who in (s.wu, s.zhou, s.li, s.zhang):
        assert at(who).get(RECORD).status_code == 403
        assert at(who).get(f"/desk/record/entries/{first.id}/").status_code == 403


def test_what_lies_in_no_area_is_for_those_who_audit_a_county_or_a_city(s: Scene, case: Any, auditor: Person) -> None:
    seal_due(MONDAY + timedelta(days=1))
    tuesday = {"day": "2026-11-17"}
    assert "封存一日" in main(at(auditor).get(RECORD, tuesday))
    local = officer("社区审计", "audit_administrator", s.place.office, s.place.community)
    assert "封存一日" not in main(at(local).get(RECORD, tuesday))


def test_an_entry_with_its_place_in_the_chain_and_the_proof_under_its_seal(case: Any, auditor: Person) -> None:
    lines = queries.history(("case", case.pk))
    client, answer = at(auditor), lines[-2]
    page = f"/desk/record/entries/{answer.id}/"
    told = text(client.get(page))
    assert answer.hash in told and answer.prev_hash in told and answer.receipt in told
    assert f"{answer.seq} / {len(lines)}" in told
    assert f"/desk/record/entries/{lines[-3].id}/" in told and f"/desk/record/entries/{lines[-1].id}/" in told
    assert "换了声控灯头" not in told and "在此不打开" in told
    assert "还没有封存" in told
    seal_due(MONDAY + timedelta(days=1))
    told = text(client.get(page))
    assert queries.public_seals()[0].hash in told
    proof = f"/seals/?entry={answer.id}"
    assert proof in told
    assert "与当时一致" in text(Client().get(proof))
    assert Client().get("/seals/?entry=nonsense").status_code == 404


def test_an_erased_part_says_when_and_why(s: Scene, case: Any, auditor: Person) -> None:
    first = queries.history(("case", case.pk))[0]
    erase_personal(
        actor=s.actor(s.zhou), subject=("case", case.pk), area_path=case.area_path, reason="依申请删除", now=MONDAY,
        seqs=[1],
    )  # fmt: skip
    told = text(at(auditor).get(f"/desk/record/entries/{first.id}/"))
    assert "已依法删除" in told and "依申请删除" in told
    desk.add_note(s.actor(s.wu), case.pk, MONDAY, text="已按规定删除")
    case.updates.filter(verb="submit").update(text="")


def test_pages_follow_one_another_without_a_gap(s: Scene, case: Any, auditor: Person) -> None:
    for n in range(60):
        desk.add_note(s.actor(s.wu), case.pk, MONDAY, text=f"第{n}条")
    client, url, seen = at(auditor), f"{RECORD}?about={case.number}", []
    while url:
        page = text(client.get(url))
        seen += re.findall(r'href="/desk/record/entries/([0-9a-f-]+)/"', page)
        more = re.search(r'rel="next" href="([^"]+)"', page)
        url = RECORD + more[1] if more else ""
    assert seen == [str(line.id) for line in reversed(queries.history(("case", case.pk)))]


def test_the_list_costs_the_same_with_more_entries(
    s: Scene, case: Any, auditor: Person, django_assert_max_num_queries: Any
) -> None:
    client = at(auditor)
    client.get(RECORD, MONDAYS)
    for n in range(30):
        desk.add_note(s.actor(s.wu), case.pk, MONDAY, text=f"第{n}条")
    for url, given in ((RECORD, MONDAYS), (RECORD, {"who": "吴敏"}), (READINGS, {})):
        with django_assert_max_num_queries(14):
            client.get(url, given)
