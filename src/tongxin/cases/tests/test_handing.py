"""Handing over, naming a person, whistling, acting for somebody: what comes by a program is held to the same."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import officer, person, resident
from tongxin.cases.models import Assignment, Case, CaseClock, Party
from tongxin.cases.operations import desk, work
from tongxin.cases.operations import resident as residents
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import CaseFacts, State
from tongxin.cases.rules_clocks import running_clocks
from tongxin.cases.rules_limits import DEFAULTS, ClockKind
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, Invalid, NotAllowed, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def lamp(s: Scene) -> Case:
    return submit_case(s.actor(s.zhang), s.report(), MONDAY)


# To a colleague.


def test_a_case_is_handed_to_a_colleague_under_their_name_of_the_register(s: Scene) -> None:
    case = lamp(s)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.hand_over(s.actor(s.li), case.pk, MONDAY, to_person=s.qian.pk, note="我明天休息")
    case.refresh_from_db()
    assert (case.holder_id, case.holder_name) == (s.qian.pk, "钱经理")
    work.answer_case(s.actor(s.qian), case.pk, MONDAY, text="修好了")


def test_nobody_who_does_not_handle_for_the_lead_is_handed_a_case(s: Scene) -> None:
    case = lamp(s)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    former = officer("旧人", "handler", s.place.company, s.place.estate, until=(MONDAY - timedelta(days=1)).date())
    for who in (s.chen, s.officer, s.wu, former):
        with pytest.raises(Invalid) as told:
            work.hand_over(s.actor(s.li), case.pk, MONDAY, to_person=who.pk)
        assert told.value.field == "to_person"
    case.refresh_from_db()
    assert case.holder_id == s.li.pk


def test_what_nobody_has_taken_is_only_named_to_a_colleague(s: Scene) -> None:
    case = lamp(s)
    work.hand_over(s.actor(s.qian), case.pk, MONDAY, to_person=s.li.pk)
    case.refresh_from_db()
    assert (case.state, case.holder_id) == (State.DISPATCHED, None)
    assert Assignment.objects.get(case=case, ended_at=None).person_id == s.li.pk
    work.claim_case(s.actor(s.li), case.pk, MONDAY)


def test_the_desk_names_a_person_of_the_lead_and_nobody_else(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    for who in (s.chen, s.officer):
        with pytest.raises(Invalid):
            desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk, person=who.pk)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk, person=s.li.pk)


# The whistle.


def test_only_the_street_whistles_and_the_community_calls_in_without_it(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    called = {"co_handlers": [(s.bureau.pk, "到场")], "lead": s.place.company.pk}
    with pytest.raises(NotAllowed, match="whistle"):
        desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, **called, whistle=True)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    for who in (s.wu, s.li):
        with pytest.raises(NotAllowed, match="whistle"):
            desk.add_co_handler(s.actor(who), case.pk, MONDAY, organisation=s.bureau.pk, task="到场", whistle=True)
    desk.add_co_handler(s.actor(s.wu), case.pk, MONDAY, organisation=s.bureau.pk, task="到场")


def test_whom_the_street_called_in_answers_by_a_clock_of_its_own(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    desk.dispatch_case(
        s.actor(s.street), case.pk, MONDAY, lead=s.place.company.pk, co_handlers=[(s.bureau.pk, "到场")], whistle=True
    )
    clock = CaseClock.objects.get(case=case, subject=s.bureau.pk, stopped_at=None)
    assert clock.kind == ClockKind.WHISTLE
    work.answer_sub_task(s.actor(s.officer), case.pk, MONDAY, organisation=s.bureau.pk, text="到了")
    clock.refresh_from_db()
    assert clock.met


def test_the_whistles_limit_is_shorter_at_every_urgency() -> None:
    facts = CaseFacts(state=State.IN_PROGRESS, co_outstanding=frozenset({"城管", "消防"}), whistled=frozenset({"消防"}))
    assert {(ClockKind.CO_TASK, "城管"), (ClockKind.WHISTLE, "消防")} <= running_clocks(facts)
    for policy in DEFAULTS.values():
        whistle, plain = policy.limits[ClockKind.WHISTLE], policy.limits[ClockKind.CO_TASK]
        assert whistle.unit is plain.unit
        assert whistle.amount < plain.amount


# For whom.


def test_a_worker_reports_for_people_of_their_own_area_alone(s: Scene) -> None:
    stranger = person("花果的老吴", s.place.other_community)
    with pytest.raises(Invalid) as told:
        submit_case(s.actor(s.wang), s.report(for_person=stranger.pk), MONDAY)
    assert told.value.field == "for_person"
    submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)


def test_a_worker_joins_in_the_name_of_people_of_their_own_area_alone(s: Scene) -> None:
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)
    stranger = person("花果的老吴", s.place.other_community)
    with pytest.raises((NotFound, NotAllowed)):
        residents.join_case(s.actor(s.wang), case.pk, MONDAY, on_behalf_of=stranger.pk)
    neighbour = resident("楼上小周", s.place)
    residents.join_case(s.actor(s.wang), case.pk, MONDAY, on_behalf_of=neighbour.pk)
    assert Party.objects.filter(case=case, person=neighbour).exists()


def test_somebody_the_case_concerns_is_helped_wherever_they_belong(s: Scene) -> None:
    far = person("花果的老吴", s.place.other_community)
    case = submit_case(s.actor(far), s.report(category="parking"), MONDAY)
    Case.objects.filter(pk=case.pk).update(filed_by_helper=True)
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="处理了")
    residents.confirm_solved(s.actor(s.zhou), case.pk, MONDAY, on_behalf_of=far.pk, own_choice="in_person")
    with pytest.raises(DomainError):
        residents.confirm_solved(s.actor(s.zhou), case.pk, MONDAY, on_behalf_of=s.chen.pk, own_choice="in_person")
