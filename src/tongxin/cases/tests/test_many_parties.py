"""A case with many parties, words that are never cut, reminders for the silent alone, and what is past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import resident
from tongxin.cases.models import Case, CaseClock, Party
from tongxin.cases.operations import desk, due, importing, people, work
from tongxin.cases.operations import resident as verbs
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Invalid, NotFound, TooMany
from tongxin.notifications.models import Notice
from tongxin.people.queries.register import match_lines
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def lift(s: Scene) -> Case:
    return submit_case(s.actor(s.zhang), s.report("电梯停运", category="parking"), MONDAY)


def test_143_owners_are_parties_of_one_case_each_told_and_asked(s: Scene) -> None:
    owners = [resident(f"业主{number}", s.place) for number in range(143)]
    case = lift(s)
    with pytest.raises(NotFound):
        people.add_people(s.actor(s.wang), case.pk, MONDAY, people=[owners[0].pk], reason="同楼")
    people.add_people(s.actor(s.wu), case.pk, MONDAY, people=[s.zhang.pk, *(one.pk for one in owners)], reason="同楼")
    case.refresh_from_db()
    assert case.joiners == 143 and Party.objects.filter(case=case, role="joined").count() == 143
    assert Entry.objects.filter(verb="party.join").count() == 143
    assert Notice.objects.filter(subject_id=case.pk, kind="case.join").count() == 143
    assert case.updates.filter(verb="join").count() == 1, "one line, not 143"
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY + HOUR, text="修好了")
    assert Notice.objects.filter(subject_id=case.pk, asks=True).count() == 144
    with pytest.raises(Invalid):
        people.add_people(s.actor(s.wu), lift(s).pk, MONDAY, people=[s.zhang.pk], reason="她自己")


def test_a_pasted_list_is_matched_with_the_register(s: Scene) -> None:
    resident("王芳", s.place)
    resident("王芳", s.place)
    found, left = match_lines(s.actor(s.wu), ["陈建国", "王芳", "没有这人", "", "张秀英,13900000000"], MONDAY)
    assert found == [s.chen.pk] and left == ["王芳", "没有这人", "张秀英 13900000000"]


def test_words_are_kept_whole_or_refused(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    with pytest.raises(Invalid) as refused:
        work.object_to_dispatch(s.actor(s.li), case.pk, MONDAY, reason="长" * 1001)
    assert refused.value.field == "reason" and refused.value.params["most"] == 1000
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换了")
    with pytest.raises(Invalid):
        verbs.say_not_solved(s.actor(s.zhang), case.pk, MONDAY, reason="长" * 501)
    case.refresh_from_db()
    assert case.state == "awaiting"


def test_only_the_silent_are_reminded_and_not_twice_a_day(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    verbs.join_case(s.actor(s.chen), case.pk, MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换了")
    verbs.confirm_solved(s.actor(s.chen), case.pk, MONDAY + HOUR)
    with pytest.raises(TooMany) as refused:
        desk.remind_resident(s.actor(s.wu), case.pk, MONDAY + 2 * HOUR)
    assert refused.value.code == "asked-lately"
    desk.remind_resident(s.actor(s.wu), case.pk, MONDAY + timedelta(days=2))
    reminded = Notice.objects.filter(subject_id=case.pk, kind="case.remind").values_list("person_id", flat=True)
    assert list(reminded) == [s.zhang.pk]


def test_what_is_past_alarms_nobody_now(s: Scene) -> None:
    row = {"id": "7" * 40, "title": "路灯", "time": "2025-03-01", "text": "路灯不亮", "user": "某某"}
    done = importing.import_cases(
        s.actor(s.street), [row, row | {"id": "8", "text": "长" * 10_001}], s.place.community, MONDAY,
        origin="二十个字的来源系统名称一二三四五六七八",
    )  # fmt: skip
    assert (done.imported, len(done.errors)) == (1, 1), "too long is an error of its row, never cut"
    case = Case.objects.get()
    for day in range(1, 60):
        due.run_due_clocks(MONDAY + timedelta(days=day))
    case.refresh_from_db()
    assert (case.raised, case.state) == (0, "submitted")
    assert not Notice.objects.exists()
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    assert CaseClock.objects.get(case=case, kind="resolve", stopped_at=None).next_at is not None
