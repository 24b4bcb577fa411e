"""Nobody judges their own work: not as the reporter, not for somebody else, not by telephone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import CallBack, Case, Party, Tally, TallyDelta
from tongxin.cases.operations import desk, due, resident, work
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.detail import detail
from tongxin.cases.rules import NotYours, State
from tongxin.cases.rules_judging import IN_PERSON, PHONE, SIGNED, Speaker, why_not_judge, why_not_record
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.kernel.errors import DomainError, Invalid, NotAllowed
from tongxin.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def from_the_group(s: Scene) -> Case:
    """吴敏 enters what stood in the WeChat group, from nobody in particular."""
    return submit_case(s.actor(s.wu), s.report("路口积水", category="parking", nobody=True, channel="wechat"), MONDAY)


def test_what_came_from_nobody_is_not_in_the_name_of_who_typed_it(s: Scene) -> None:
    case = from_the_group(s)
    party = Party.objects.get(case=case)
    assert (party.person_id, party.helper_id) == (None, s.wu.pk)
    shown = detail(s.actor(s.wu), case.number, MONDAY)
    assert shown.reporter is not None
    assert not shown.reporter.known


def test_the_desk_cannot_close_its_own_entry_as_solved(s: Scene) -> None:
    case = from_the_group(s)
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="已通知排水")
    for who in (s.wu, s.zhou, s.wang):
        for way in ("", IN_PERSON, PHONE, SIGNED):
            with pytest.raises(DomainError):
                resident.confirm_solved(s.actor(who), case.pk, MONDAY + HOUR, own_choice=way, paper=[photo()])
    assert detail(s.actor(s.zhou), case.number, MONDAY).for_resident == ()


def test_what_came_from_nobody_closes_as_unanswered_and_nobody_is_rung(s: Scene) -> None:
    case = from_the_group(s)
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="已通知排水")
    for day in range(1, 40):
        due.run_due_clocks(MONDAY + timedelta(days=day))
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, "unanswered")
    assert not CallBack.objects.filter(case=case).exists()


def test_who_sits_at_the_desk_says_nothing_there_of_their_own_report(s: Scene) -> None:
    case = submit_case(s.actor(s.wu), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    with pytest.raises(NotYours):
        resident.confirm_solved(s.actor(s.wu), case.pk, MONDAY, rating=5)
    with pytest.raises(NotYours):
        resident.say_not_solved(s.actor(s.wu), case.pk, MONDAY, reason="没有")
    resident.confirm_solved(s.actor(s.wu, strong=False), case.pk, MONDAY)  # with her phone she is a resident


def test_who_answered_does_not_confirm_it_also_not_with_their_phone(s: Scene) -> None:
    case = submit_case(s.actor(s.wu), s.report(category="parking"), MONDAY)
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="已处理")
    for strong in (True, False):
        with pytest.raises(NotAllowed):
            resident.confirm_solved(s.actor(s.wu, strong=strong), case.pk, MONDAY, rating=5)


def test_a_handler_neither_confirms_nor_rates_their_own_report(s: Scene) -> None:
    case = submit_case(s.actor(s.li), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    for strong in (True, False):
        with pytest.raises(DomainError):
            resident.confirm_solved(s.actor(s.li, strong=strong), case.pk, MONDAY, rating=5)
        with pytest.raises(DomainError):
            resident.rate_case(s.actor(s.li, strong=strong), case.pk, MONDAY, rating=5)
    assert not TallyDelta.objects.filter(kind__startswith="rated").exists()
    assert not Tally.objects.exists()


def test_who_answered_at_once_does_not_record_the_residents_word_and_their_colleague_may(s: Scene) -> None:
    case = submit_case(s.actor(s.wang), s.report(category="parking", for_person=s.zhang.pk), MONDAY)
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="已处理")
    said = {"on_behalf_of": s.zhang.pk, "own_choice": IN_PERSON}
    for tries in (resident.confirm_solved, resident.rate_case):
        more = {"rating": 5} if tries is resident.rate_case else {}
        with pytest.raises(NotAllowed, match="wrote the answer yourself"):
            tries(s.actor(s.wu), case.pk, MONDAY, **said, **more)
    sampled = CallBack.objects.filter(case=case).first()
    call = sampled or CallBack.objects.create(
        id=uuid7(MONDAY), case=case, party=Party.objects.get(case=case), area_path=case.area_path, because="silent",
        due_at=MONDAY,
    )  # fmt: skip
    with pytest.raises(NotAllowed, match="wrote the answer yourself"):
        resident.record_call_back(s.actor(s.wu), call.pk, MONDAY, result="reached", solved=True, rating=5)
    if sampled is None:
        call.delete()  # laid by hand: no entry tells of it
    resident.confirm_solved(s.actor(s.zhou), case.pk, MONDAY, **said)
    case.refresh_from_db()
    assert (case.state, case.outcome) == (State.CLOSED, "solved")


def called_in(s: Scene) -> Case:
    """A caller who is not on the register; 李师傅 mended it."""
    report: Report = s.report(contact_name="来电人", contact_phone="13907190001", channel="phone")
    case = submit_case(s.actor(s.wu), report, MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
    return case


def test_a_caller_who_is_not_on_the_register_is_believed_on_paper_or_by_a_call_that_is_noted(s: Scene) -> None:
    case = called_in(s)
    with pytest.raises(Invalid, match="not on the register"):
        resident.confirm_solved(s.actor(s.wu), case.pk, MONDAY, own_choice=IN_PERSON)
    resident.confirm_solved(s.actor(s.wu), case.pk, MONDAY, own_choice=PHONE, text="亮了")
    noted = CallBack.objects.exclude(done_at=None).get(case=case)
    assert (noted.result, noted.solved, noted.done_by, noted.note) == ("reached", True, s.wu.pk, "亮了")
    signed = called_in(s)
    resident.confirm_solved(s.actor(s.wang), signed.pk, MONDAY, own_choice=SIGNED, paper=[photo()])
    assert not CallBack.objects.filter(case=signed).exclude(done_at=None).exists()  # one may be in the sample, unmade


def test_whose_word_can_be_recorded_and_how() -> None:
    on_register, caller = Speaker(registered=True), Speaker(registered=False, has_phone=True, named=True)
    assert why_not_record(on_register, IN_PERSON, paper=False) is None
    assert why_not_record(caller, PHONE, paper=False) is None
    assert why_not_record(caller, SIGNED, paper=True) is None
    for way, paper in ((IN_PERSON, False), (SIGNED, False)):
        assert why_not_record(caller, way, paper=paper) is not None
    nobody = Speaker(registered=False)
    assert all(why_not_record(nobody, way, paper=True) is not None for way in (IN_PERSON, PHONE, SIGNED))
    assert why_not_judge({"吴敏"}, "吴敏") is not None
    assert why_not_judge({"周明"}, "吴敏") is None
    assert why_not_judge({"吴敏"}, None) is None
