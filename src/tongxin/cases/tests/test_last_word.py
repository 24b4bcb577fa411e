"""Whose word ends a case: the reporter's own, in every round; nobody else's, whoever rings or writes it down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import CallBack, Case, Party
from tongxin.cases.operations import desk, due, gather, publish, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.mine import waiting_for_me
from tongxin.cases.queries.view import case_of
from tongxin.cases.rules import Incomplete, State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError
from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Notice

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def answered(s: Scene, *, joined: bool = False) -> Case:
    """张阿姨's lamp, which 李师傅 says shines; 陈大爷 joined."""
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    if joined:
        resident.join_case(s.actor(s.chen), case.pk, MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    case.refresh_from_db()
    return case


def ring(case: Case, party: Party) -> CallBack:
    CallBack.objects.filter(party=party).delete()  # one may be in the sample already
    return CallBack.objects.create(
        id=uuid7(MONDAY), case=case, party=party, area_path=case.area_path, because="silent", due_at=MONDAY
    )


def test_who_said_not_solved_is_asked_again_when_it_is_answered_again(s: Scene) -> None:
    case = answered(s)
    resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR, reason="还是不亮")
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY + 3 * HOUR, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY + 3 * HOUR)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + 4 * HOUR, text="换了整盏灯")
    now = MONDAY + 5 * HOUR
    assert [row.case.number for row in waiting_for_me(s.actor(s.zhang), now)] == [case.number]
    assert case_of(s.actor(s.zhang), case.pk, now).waits_for_me
    for day in range(3, 9):
        due.run_due_clocks(now + timedelta(days=day))
    assert CallBack.objects.filter(case=case).exists(), "her silence in this round is rung about"


def test_a_joiner_who_is_rung_does_not_close_the_case_for_the_reporter(s: Scene) -> None:
    case = answered(s, joined=True)
    call = ring(case, Party.objects.get(case=case, person=s.chen))
    resident.record_call_back(s.actor(s.wu), call.pk, MONDAY + 2 * HOUR, result="reached", solved=True, rating=5)
    case.refresh_from_db()
    assert case.state == State.AWAITING, "张阿姨 has the last word"
    assert Party.objects.get(case=case, person=s.chen).word == "solved"


def test_a_joiner_who_is_rung_and_is_not_content_does_not_reopen_it_over_the_reporters_head(s: Scene) -> None:
    case = answered(s, joined=True)
    call = ring(case, Party.objects.get(case=case, person=s.chen))
    resident.record_call_back(s.actor(s.wu), call.pk, MONDAY + 2 * HOUR, result="reached", solved=False, note="还闪")
    case.refresh_from_db()
    assert case.state == State.AWAITING
    assert Party.objects.get(case=case, person=s.chen).word == "not_solved"


def test_the_reporters_word_by_telephone_closes_the_case(s: Scene) -> None:
    case = answered(s)
    call = ring(case, Party.objects.get(case=case, person=s.zhang))
    resident.record_call_back(s.actor(s.wu), call.pk, MONDAY + 2 * HOUR, result="reached", solved=True, rating=5)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, "solved")


def test_a_call_is_noted_also_when_the_time_to_reopen_has_passed(s: Scene) -> None:
    case = answered(s)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR)
    call = ring(case, Party.objects.get(case=case, person=s.zhang))
    late = MONDAY + timedelta(days=200)
    resident.record_call_back(s.actor(s.wu), call.pk, late, result="reached", solved=False, note="又坏了")
    call.refresh_from_db()
    case.refresh_from_db()
    assert (call.result, case.state) == ("reached", State.CLOSED)


def test_a_joiner_who_leaves_through_a_helper_leaves_the_reporter_in(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    resident.join_case(s.actor(s.chen), case.pk, MONDAY)
    resident.withdraw_case(
        s.actor(s.wang), case.pk, MONDAY, on_behalf_of=s.chen.pk, own_choice="in_person", reason="不需要了"
    )
    case.refresh_from_db()
    assert (case.reporter_present, case.joiners, case.open) == (True, 0, True)


def test_a_grid_worker_who_joined_does_not_speak_for_the_reporter_they_helped(s: Scene) -> None:
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)
    Party.objects.create(id=uuid7(MONDAY), case=case, person=s.wang, role="joined", joined_at=MONDAY)
    Case.objects.filter(pk=case.pk).update(joiners=1)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    resident.confirm_solved(s.actor(s.wang), case.pk, MONDAY)
    case.refresh_from_db()
    assert case.state == State.AWAITING, "wang's own word, beside 张阿姨's"
    with pytest.raises(Incomplete):
        resident.confirm_solved(s.actor(s.wang), case.pk, MONDAY, on_behalf_of=s.zhang.pk)


def test_who_left_may_join_again(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    for _ in range(2):
        resident.join_case(s.actor(s.chen), case.pk, MONDAY)
        case.refresh_from_db()
        assert case.joiners == 1
        resident.withdraw_case(s.actor(s.chen), case.pk, MONDAY)
        case.refresh_from_db()
        assert case.joiners == 0


def test_the_desk_does_not_rate_its_own_common_matter(s: Scene) -> None:

    one = submit_case(s.actor(s.zhang), s.report("没有路灯", category="parking"), MONDAY)
    desk.accept_case(s.actor(s.wu), one.pk, MONDAY)
    report = s.report("没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [one.pk], MONDAY)
    desk.answer_directly(s.actor(s.wu), common.pk, MONDAY, text="装了")
    with pytest.raises(DomainError):
        resident.rate_case(s.actor(s.wu), common.pk, MONDAY, rating=5)


def test_a_common_matter_answered_at_once_asks_everybody_gathered_in_it(s: Scene) -> None:

    one = submit_case(s.actor(s.zhang), s.report("没有路灯", category="parking"), MONDAY)
    desk.accept_case(s.actor(s.wu), one.pk, MONDAY)
    report = s.report("没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    common = gather.make_common_matter(s.actor(s.wu), report, [one.pk], MONDAY)
    desk.answer_directly(s.actor(s.wu), common.pk, MONDAY, text="装了")
    one.refresh_from_db()
    assert one.state == State.AWAITING


def common_matter(s: Scene) -> tuple[Case, Case]:
    """(张阿姨's own case, the common matter into which 吴敏 gathered it)."""
    one = submit_case(s.actor(s.zhang), s.report("没有路灯", category="parking"), MONDAY)
    desk.accept_case(s.actor(s.wu), one.pk, MONDAY)
    report = s.report("五处没有路灯", category="parking", area_id=s.place.community.pk, channel="desk")
    return one, gather.make_common_matter(s.actor(s.wu), report, [one.pk], MONDAY)


def test_who_makes_a_common_matter_is_not_asked_whether_it_is_solved(s: Scene) -> None:
    _one, common = common_matter(s)
    desk.answer_directly(s.actor(s.wu), common.pk, MONDAY, text="装了")
    assert not common.parties.exists()
    assert waiting_for_me(s.actor(s.wu), MONDAY + HOUR) == []
    assert not Notice.objects.filter(person_id=s.wu.pk, asks=True).exists()


def test_who_joined_a_common_matter_says_whether_it_is_solved_and_rates_it(s: Scene) -> None:
    one, common = common_matter(s)
    publish.publish_case(s.actor(s.wu), common.pk, MONDAY, public=True)
    resident.join_case(s.actor(s.chen), common.pk, MONDAY)
    desk.answer_directly(s.actor(s.wu), common.pk, MONDAY + HOUR, text="装了")
    resident.confirm_solved(s.actor(s.chen), common.pk, MONDAY + 2 * HOUR, rating=4)
    party = Party.objects.get(case=common, person=s.chen)
    assert (party.word, party.rating) == ("solved", 4)
    common.refresh_from_db()
    assert common.state == State.AWAITING, "each one gathered is asked in their own case"
    resident.confirm_solved(s.actor(s.zhang), one.pk, MONDAY + 3 * HOUR)
    common.refresh_from_db()
    assert (common.state, common.outcome) == (State.CLOSED, "solved")
    resident.rate_case(s.actor(s.chen), common.pk, MONDAY + 4 * HOUR, rating=5)
    party.refresh_from_db()
    assert party.rating == 5


def test_who_joined_a_common_matter_may_say_that_it_is_not_solved(s: Scene) -> None:
    _one, common = common_matter(s)
    publish.publish_case(s.actor(s.wu), common.pk, MONDAY, public=True)
    resident.join_case(s.actor(s.chen), common.pk, MONDAY)
    desk.answer_directly(s.actor(s.wu), common.pk, MONDAY + HOUR, text="装了")
    resident.say_not_solved(s.actor(s.chen), common.pk, MONDAY + 2 * HOUR, reason="东门还是黑的")
    common.refresh_from_db()
    assert common.state == State.AWAITING
    assert Party.objects.get(case=common, person=s.chen).word == "not_solved"
