"""Stories played with the operations alone: what the people in them do, in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import Assignment, Case, CaseClock
from tongxin.cases.operations import desk, gather, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import HeldByAnother, State
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.notifications.models import Notice
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def test_story_2_a_stair_light_is_out_and_in_minutes_it_shines_again(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(photos=[photo()]), MONDAY)

    assert case.number == "WW-20261116-0001"
    assert case.state == State.DISPATCHED, "the route gave it to the property company at once"
    assert case.lead_id == s.place.company.pk
    assert Notice.objects.filter(person_id=s.li.pk).exists(), "李师傅 is told"

    at = MONDAY + timedelta(minutes=4)
    work.claim_case(s.actor(s.li), case.pk, at, start=True)
    at += timedelta(minutes=30)
    work.answer_case(s.actor(s.li), case.pk, at, text="换了声控灯头", before=[photo("black")], after=[photo("white")])
    case.refresh_from_db()
    assert case.state == State.AWAITING
    ask = Notice.objects.get(person_id=s.zhang.pk, asks=True)
    assert ask.deliveries.count() == 0, "she has no phone in this register; the notice in the app asks her"

    at += timedelta(minutes=5)
    resident.confirm_solved(s.actor(s.zhang), case.pk, at, rating=5)
    case.refresh_from_db()
    assert (case.state, case.outcome, case.open, case.closed_at) == (State.CLOSED, "solved", False, at)
    assert not CaseClock.objects.filter(case=case, stopped_at=None).exists()
    assert Attachment.objects.count() == 3
    verbs = list(Entry.objects.filter(subject_kind="case").order_by("subject_seq").values_list("verb", flat=True))
    assert verbs == [
        "case.submit", "case.accept", "case.dispatch", "case.claim", "case.start", "case.answer", "case.ask_resident",
        "case.confirm",
    ]  # fmt: skip


def test_the_second_to_take_a_case_is_told_who_has_it(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    with pytest.raises(HeldByAnother) as told:
        work.claim_case(s.actor(s.qian), case.pk, MONDAY)
    assert "李师傅" in str(told.value)


def test_the_desk_of_another_community_does_not_learn_of_the_case(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    with pytest.raises(NotFound):
        desk.accept_case(s.actor(s.outsider), case.pk, MONDAY)


def test_an_appointment_acts_only_in_a_session_that_passed_the_second_factor(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    with pytest.raises(NotFound):
        desk.accept_case(s.actor(s.wu, strong=False), case.pk, MONDAY)


def test_story_3_parking_locks_are_cleared_by_several_bodies_together(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("商户私装地锁，消防车进不来", category="parking"), MONDAY)
    assert case.state == State.SUBMITTED, "no route: it waits at the community's desk, it never dead-ends"
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.bureau.pk, co_handlers=[(s.place.company.pk, "通知商户")])
    work.claim_case(s.actor(s.officer), case.pk, MONDAY)
    with pytest.raises(DomainError, match="Co-handlers"):
        work.answer_case(s.actor(s.officer), case.pk, MONDAY, text="已拆除")
    work.answer_sub_task(s.actor(s.qian), case.pk, MONDAY, organisation=s.place.company.pk, text="已通知")
    work.answer_case(s.actor(s.officer), case.pk, MONDAY, text="已拆除地锁")
    case.refresh_from_db()
    assert case.state == State.ANSWERED, "this category is verified before the resident is asked"
    desk.verify_answer(s.actor(s.wu), case.pk, MONDAY)
    case.refresh_from_db()
    assert case.state == State.AWAITING


def test_story_1_the_same_lamp_in_several_estates_becomes_one_common_matter(s: Scene) -> None:
    reporters = [s.zhang, s.chen]
    cases = [submit_case(s.actor(who), s.report("没有路灯", category="parking"), MONDAY) for who in reporters]
    for case in cases:
        desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    report = s.report("五处没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [case.pk for case in cases], MONDAY)
    desk.dispatch_case(s.actor(s.wu), common.pk, MONDAY, lead=s.bureau.pk)
    work.claim_case(s.actor(s.officer), common.pk, MONDAY)
    work.answer_case(s.actor(s.officer), common.pk, MONDAY, text="五处都装了灯")
    desk.verify_answer(s.actor(s.wu), common.pk, MONDAY)
    assert set(Case.objects.filter(parent=common).values_list("state", flat=True)) == {State.AWAITING}
    for who, case in zip(reporters, cases, strict=True):
        assert Notice.objects.filter(person_id=who.pk, asks=True).count() == 1
        resident.confirm_solved(s.actor(who), case.pk, MONDAY, rating=4)
    common.refresh_from_db()
    assert (common.state, common.outcome) == (State.CLOSED, "solved")


def test_not_solved_twice_stands_one_level_higher_under_supervision(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    for times in (1, 2):
        work.claim_case(s.actor(s.li), case.pk, MONDAY)
        work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
        resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY, reason="还是不亮")
        case.refresh_from_db()
        assert case.times_reopened == times
        if times == 1:
            desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    assert (case.state, case.raised, case.supervised) == (State.REOPENED, 1, True)
    assert Notice.objects.filter(person_id=s.street.pk, kind="case.not_solved").exists()


def test_a_worker_without_an_account_answers_by_the_link_on_their_phone(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.qian), case.pk, MONDAY, start=True)
    secret = work.hand_to_worker(s.actor(s.qian), case.pk, MONDAY, name="小刘", phone="13907280001")
    worker, case_id = work.link_actor(secret, MONDAY)
    work.answer_case(worker, case_id, MONDAY, text="灯泡换好了")
    case.refresh_from_db()
    assert case.state == State.AWAITING
    with pytest.raises(NotFound):
        work.link_actor(secret, MONDAY)


def test_story_15_a_commode_chair_is_ordered_and_a_volunteer_takes_it_from_the_pool(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("母亲97岁卧床，想借坐便椅", category="care"), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, pool=True)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    lead = Assignment.objects.get(case=case, ended_at=None)
    assert (lead.organisation_id, lead.person_id, lead.state) == (s.place.company.pk, s.li.pk, "claimed")


def test_once_answered_the_question_no_longer_waits_among_the_notices(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    assert Notice.objects.filter(person_id=s.zhang.pk, asks=True).count() == 1
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY)
    assert not Notice.objects.filter(asks=True).exists()
