"""When a case moves on, what belonged to the stretch before ends with it: requests, sub-tasks, links, lists."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tongxin.cases.models import Case, Petition
from tongxin.cases.operations import desk, gather, petitions, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.handling import tasks
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.rules import State
from tongxin.cases.rules_clocks import ClockRanOut, ExtensionRefused
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from tongxin.people.models import Appointment

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def taken(s: Scene) -> Case:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    return case


def again(s: Scene, case: Case) -> None:
    """Answered, not solved, given to the same company again and taken."""
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR, reason="还是不亮")
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY + 3 * HOUR, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY + 3 * HOUR, start=True)


def test_what_was_asked_for_and_not_decided_can_be_asked_for_in_the_next_round(s: Scene) -> None:
    case = taken(s)
    for _ in range(2):
        work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等配件", extra=1)
        work.request_suspension(s.actor(s.li), case.pk, MONDAY, reason="等配件", review_on=date(2026, 12, 1))
        again(s, case)
    assert not Petition.objects.filter(case=case, state=Petition.State.PENDING).exists()


def test_more_time_is_asked_for_before_it_runs_out_and_not_without_end(s: Scene) -> None:
    case = taken(s)
    with pytest.raises(ExtensionRefused):
        work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等配件", extra=999)
    with pytest.raises(ClockRanOut):
        work.request_extension(s.actor(s.li), case.pk, MONDAY + timedelta(days=30), reason="等配件", extra=1)
    assert not Petition.objects.exists()


def test_nobody_decides_what_they_asked_for_themselves_even_when_it_is_somebody_elses_by_then(s: Scene) -> None:
    Appointment.objects.create(
        person=s.wu, organisation=s.place.company, role="handler", area=s.place.estate, since=date(2020, 1, 1)
    )
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.wu), case.pk, MONDAY, start=True)
    work.request_extension(s.actor(s.wu), case.pk, MONDAY, reason="等配件", extra=1)
    work.hand_over(s.actor(s.wu), case.pk, MONDAY, to_person=s.li.pk)
    Appointment.objects.filter(person=s.wu, role="handler").update(until=date(2026, 11, 16))
    with pytest.raises(NotAllowed):
        petitions.decide_petition(s.actor(s.wu), case.pk, MONDAY, kind="extension", grant=True)
    petitions.decide_petition(s.actor(s.zhou), case.pk, MONDAY, kind="extension", grant=True)


def test_a_question_to_the_reporter_is_not_a_request_to_decide(s: Scene) -> None:
    case = taken(s)
    petitions.request_information(s.actor(s.li), case.pk, MONDAY, text="几楼？")
    with pytest.raises(DomainError):
        petitions.decide_petition(s.actor(s.wu), case.pk, MONDAY, kind="information", grant=True)
    petitions.provide_information(s.actor(s.zhang), case.pk, MONDAY, text="三楼")


def test_a_suspension_is_not_granted_until_a_day_that_has_passed(s: Scene) -> None:
    case = taken(s)
    work.request_suspension(s.actor(s.li), case.pk, MONDAY, reason="等配件", review_on=date(2026, 11, 17))
    with pytest.raises(Invalid):
        petitions.decide_petition(
            s.actor(s.zhou), case.pk, MONDAY + timedelta(days=2), kind="suspension", grant=True, reason="好"
        )


def test_the_review_date_is_a_day_to_come_on_the_local_calendar(s: Scene) -> None:
    case = taken(s)
    early = MONDAY.replace(hour=17)  # 01:00 on the 17th in Shiyan, the 16th in Greenwich
    with pytest.raises(Invalid):
        work.request_suspension(s.actor(s.li), case.pk, early, reason="等配件", review_on=date(2026, 11, 17))


def test_the_same_co_handler_can_be_called_in_again_after_it_was_reopened(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("地锁", category="parking"), MONDAY)
    for hours in (0, 3):
        now = MONDAY + hours * HOUR
        desk.dispatch_case(s.actor(s.wu), case.pk, now, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "通知")])
        work.claim_case(s.actor(s.officer), case.pk, now)
        work.answer_sub_task(s.actor(s.qian), case.pk, now, organisation=s.place.company.pk, text="已通知")
        work.answer_case(s.actor(s.officer), case.pk, now, text="已拆")
        desk.verify_answer(s.actor(s.wu), case.pk, now + HOUR)
        resident.say_not_solved(s.actor(s.zhang), case.pk, now + 2 * HOUR, reason="又装上了")


def test_what_was_sent_back_is_among_the_handlers_own_tasks_again(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("地锁", category="parking"), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.bureau.pk)
    work.claim_case(s.actor(s.officer), case.pk, MONDAY)
    work.answer_case(s.actor(s.officer), case.pk, MONDAY, text="已拆")
    assert [task.number for task in tasks(s.actor(s.officer), "done")[0]] == [case.number]
    desk.send_back(s.actor(s.wu), case.pk, MONDAY, reason="还有两个")
    assert [task.number for task in tasks(s.actor(s.officer), "mine")[0]] == [case.number]


@pytest.mark.parametrize("how", ["withdrawn", "gathered"])
def test_a_workers_link_dies_with_the_case_that_it_is_for(s: Scene, how: str) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.qian), case.pk, MONDAY, start=True)
    secret = work.hand_to_worker(s.actor(s.qian), case.pk, MONDAY, name="小刘", phone="13907280001")
    if how == "withdrawn":
        resident.withdraw_case(s.actor(s.zhang), case.pk, MONDAY)
    else:
        report = s.report("没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
        gather.make_common_matter(s.actor(s.wu), report, [case.pk], MONDAY)
    with pytest.raises(NotFound):
        work.link_actor(secret, MONDAY)


def test_a_withdrawn_case_leaves_nothing_open(s: Scene) -> None:
    case = taken(s)
    work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等配件", extra=1)
    resident.withdraw_case(s.actor(s.zhang), case.pk, MONDAY)
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    assert not case.petitions.filter(state="pending").exists()


@pytest.mark.parametrize("key", ["MTIz", "wrI", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "MDE5YTFlMjE1"])
@pytest.mark.parametrize("wanted", [Filter(), Filter(show="all"), Filter(q="楼道灯")])
def test_a_key_of_a_page_that_somebody_changed_leads_nowhere(s: Scene, key: str, wanted: Filter) -> None:
    taken(s)
    with pytest.raises(NotFound):
        queue(s.actor(s.wu), wanted if wanted.q == "" or key != "MTIz" else Filter(show="all"), MONDAY, after=key)
