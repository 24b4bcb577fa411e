"""王代表 hears three people, makes one suggestion of it, and has the word on the answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.cast import START, officer, resident, wangwan
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk, work
from tongxin.cases.operations import resident as word
from tongxin.cases.queries.suggestions import suggestion_page
from tongxin.deputies import queries
from tongxin.deputies.models import Opinion
from tongxin.deputies.operations import note_opinion
from tongxin.journeys import deputies
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Notice
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Appointment, Organisation
from tongxin.people.queries.actors import actor_for
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def town():
    place = wangwan()
    body = Organisation.objects.create(kind="other", name="区人大常委会代表联络站", area=place.street, since=START)
    bureau = Organisation.objects.create(kind="department", name="区交通局", area=place.county, since=START)
    government = Organisation.objects.create(kind="government", name="车城路街道办", area=place.street, since=START)
    people = {
        "王代表": officer("王代表", "deputy", body, place.street, title="张湾区人大代表"),
        "李委员": officer("李委员", "deputy", body, place.street, title="张湾区政协委员"),
        "赵主任": officer("赵主任", "street_officer", government, place.street),
        "吴敏": officer("吴敏", "community_worker", place.office, place.community),
        "孙科长": officer("孙科长", "department_officer", bureau, place.county),
    }
    cipher, index = sealed("13907280001", PHONE)
    people["张秀英"] = resident("张秀英", place, phone_cipher=cipher, phone_index=index)
    people["陈建国"] = resident("陈建国", place)
    seat = Appointment.objects.get(person=people["王代表"])
    actors = {name: actor_for(one.account, name not in {"张秀英", "陈建国"}, NOW) for name, one in people.items()}
    return SimpleNamespace(place=place, people=people, actors=actors, seat=seat, bureau=bureau)


def heard(town) -> list[Opinion]:
    """张秀英 by phone, 陈建国 on the public page, somebody at a meeting."""
    wang = town.actors["王代表"]
    told = {"now": NOW, "text": "七路公交只到桥头，老人去医院要走两里地"}
    note_opinion(wang, town.seat.pk, way="phone", said_by="张秀英", phone="139 0728 0001", named=True, **told)
    deputies.tell_my_deputy(town.actors["陈建国"], town.seat.pk, text="七路车能不能进小区", named=False, now=NOW)
    note_opinion(wang, town.seat.pk, way="meeting", said_by="孟大爷", now=NOW, text="站牌也没有座椅")
    return list(Opinion.objects.order_by("id"))


def filed(town, **more) -> Case:
    opinions = [row.pk for row in heard(town)]
    number = deputies.file_suggestion(
        town.actors["王代表"], town.seat.pk, opinions=opinions, title="七路公交延伸到王湾", category="road",
        text="建议七路公交延伸到王湾社区，联系电话13907280001。", now=NOW, **more,
    )  # fmt: skip
    return Case.objects.get(number=number)


def answered(town, case: Case, at: datetime, text: str = "已调整线路，下月一日起进小区") -> None:
    sun, zhao = town.actors["孙科长"], town.actors["赵主任"]
    desk.dispatch_case(zhao, case.pk, at, lead=town.bureau.pk)
    work.claim_case(sun, case.pk, at, start=True)
    work.answer_case(sun, case.pk, at, text=text)
    desk.verify_answer(zhao, case.pk, at)


def messages(town, name: str) -> list[str]:
    rows = Notice.objects.filter(person_id=town.people[name].pk).order_by("id")
    return [row.message % row.params for row in rows]


def test_three_opinions_become_one_supervised_suggestion_with_three_months(town):
    once = uuid7(NOW)
    case = filed(town, once=once)
    assert (case.kind, case.supervised, case.is_public, case.area) == ("suggestion", True, True, town.place.street)
    assert case.clocks.get(kind="accept", stopped_at=None).due_at > NOW
    assert case.resolve_by.date().isoformat() == "2027-02-22"
    assert "13907280001" not in case.public_text
    hidden = {row.person.name: row.hidden for row in case.parties.filter(role=Party.Role.JOINED)}
    assert hidden == {"张秀英": False, "陈建国": True}
    assert any("七路公交延伸到王湾" in said for said in messages(town, "陈建国"))
    assert any("told you something" in said for said in messages(town, "王代表"))
    assert Opinion.objects.get(said_by="孟大爷").person is None
    verbs = set(Entry.objects.values_list("verb", flat=True))
    assert {"opinion.hear", "opinion.gather", "suggestion.file", "case.supervise"} <= verbs
    again = deputies.file_suggestion(
        town.actors["王代表"], town.seat.pk, opinions=[uuid7(NOW)], title="x", category="road", text="x", once=once,
        now=NOW,
    )  # fmt: skip
    assert again == case.number
    with pytest.raises(Conflict, match="in a suggestion"):
        deputies.set_opinion_aside(town.actors["王代表"], Opinion.objects.first().pk, reason="已办", now=NOW)


def test_the_office_of_the_level_decides_and_the_community_below_does_not_see_it(town):
    case = filed(town)
    answered(town, case, NOW)
    case.refresh_from_db()
    assert case.state == "awaiting"
    assert any("Is it solved?" in said for said in messages(town, "张秀英"))
    with pytest.raises((NotFound, NotAllowed)):
        deputies.judge(town.actors["吴敏"], case.number, grade="satisfied", now=NOW)
    with pytest.raises(NotAllowed):
        deputies.judge(town.actors["张秀英"], case.number, grade="satisfied", now=NOW)
    word.confirm_solved(town.actors["张秀英"], case.pk, NOW, rating=5)
    deputies.judge(town.actors["王代表"], case.number, grade="basically", reason="还差座椅", now=NOW)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")
    row = suggestion_page(None, NOW)[0][0]
    assert (row.grade, row.answer, row.late) == ("basically", "已调整线路，下月一日起进小区", False)


def test_not_satisfied_sends_it_back_once_and_then_ends_it_as_explained(town):
    case, wang = filed(town), town.actors["王代表"]
    answered(town, case, NOW)
    with pytest.raises(Invalid):
        deputies.judge(wang, case.number, grade="not_satisfied", now=NOW)
    deputies.judge(wang, case.number, grade="not_satisfied", reason="没有说什么时候", now=NOW)
    case.refresh_from_db()
    assert (case.state, case.times_reopened) == ("reopened", 1)
    answered(town, case, NOW + timedelta(days=9), "线路要到明年春天才能调整，原因是桥梁限载")
    with pytest.raises(Conflict, match="last word"):
        word.say_not_solved(wang, case.pk, NOW + timedelta(days=10), reason="还是不行")
    deputies.judge(wang, case.number, grade="not_satisfied", reason="仍不满意", now=NOW + timedelta(days=10))
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "explained")
    row = suggestion_page(None, NOW)[0][0]
    assert (row.grade, row.reason) == ("not_satisfied", "仍不满意")


def test_who_supervises_may_take_the_longer_limit_once(town):
    case, zhao = filed(town), town.actors["赵主任"]
    desk.dispatch_case(zhao, case.pk, NOW, lead=town.bureau.pk)
    with pytest.raises((NotFound, NotAllowed)):
        deputies.find_complex(town.actors["王代表"], case.number, reason="难", now=NOW)
    deputies.find_complex(zhao, case.number, reason="要与公交公司和两个社区商定", now=NOW)
    case.refresh_from_db()
    assert case.resolve_by.date().isoformat() == "2027-05-22"
    assert case.clocks.get(kind="resolve", stopped_at=None).due_at == case.resolve_by
    assert any("found to be complex" in said for said in messages(town, "王代表"))
    with pytest.raises(Conflict):
        deputies.find_complex(zhao, case.number, reason="难", now=NOW)


def test_a_late_suggestion_is_late_for_everybody(town):
    case = filed(town)
    later = NOW + timedelta(days=93)
    assert [row.number for row in suggestion_page([town.place.street.path], later, which="late")[0]] == [case.number]
    assert suggestion_page([town.place.street.path], NOW, which="late")[0] == []
    assert suggestion_page([town.place.county.path], later, year="2025")[0] == []
    assert suggestion_page(None, later)[0][0].late


def test_who_is_my_deputy(town):
    found = queries.deputies_of([town.place.estate.path], NOW)
    assert {(seat.name, seat.kind) for seat in found} == {("王代表", "congress"), ("李委员", "consultative")}
    assert queries.deputies_of(["4203/420303/other/"], NOW) == []


def test_another_deputy_neither_reads_nor_gathers_what_was_said_to_me(town):
    rows, li = heard(town), town.actors["李委员"]
    assert queries.opinions(li, NOW)[0] == []
    for seat in queries.seats_of(li, NOW):
        with pytest.raises(NotFound):
            deputies.file_suggestion(
                li, seat.id, opinions=[rows[0].pk], title="七路公交", category="road", text="延伸", now=NOW
            )
    deputies.set_opinion_aside(town.actors["王代表"], rows[1].pk, reason="公交公司已在调整", now=NOW)
    assert any("公交公司已在调整" in said for said in messages(town, "陈建国"))
