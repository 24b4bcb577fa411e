"""One level higher: whose word counts then, who finds it, and what is left to the desk below."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import START, officer
from tongxin.cases import rules, rules_clocks
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, petitions, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.counts import counts
from tongxin.cases.queries.detail import detail
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.rules import CaseFacts, NotYours, Party, State, Verb
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, NotAllowed
from tongxin.notifications.models import Notice
from tongxin.people.models import Organisation, Person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def county(s: Scene) -> Person:
    body = Organisation.objects.create(kind="government", name="张湾区政府", area=s.place.county, since=START)
    return officer("区里老高", "county_officer", body, s.place.county)


def reopened_twice(s: Scene) -> Case:
    """张阿姨's lamp was said to shine twice and does not."""
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    for times in (1, 2):
        if times == 2:
            desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
        work.claim_case(s.actor(s.li), case.pk, MONDAY)
        work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")
        resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY, reason="还是不亮")
    case.refresh_from_db()
    return case


def test_what_stands_one_level_higher_is_dispatched_by_the_desk_and_checked_by_the_street(s: Scene) -> None:
    case = reopened_twice(s)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="换了整条线")
    assert Notice.objects.filter(person_id=s.street.pk, message__startswith="Answered, please check").exists()
    for who in (s.wu, s.zhou):
        with pytest.raises(NotAllowed):
            desk.verify_answer(s.actor(who), case.pk, MONDAY + HOUR)
        with pytest.raises(DomainError):
            desk.lift_supervision(s.actor(who), case.pk, MONDAY, reason="好了")
    desk.add_note(s.actor(s.wu), case.pk, MONDAY + HOUR, text="已告诉街道")
    desk.verify_answer(s.actor(s.street), case.pk, MONDAY + 2 * HOUR)
    case.refresh_from_db()
    assert case.state == State.AWAITING


def test_an_extension_under_supervision_is_the_streets_to_give(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    desk.supervise_case(s.actor(s.street), case.pk, MONDAY, reason="三天没人来")
    work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等灯具", extra=1)
    with pytest.raises(NotYours):
        petitions.decide_petition(s.actor(s.wu), case.pk, MONDAY, kind="extension", grant=True)
    petitions.decide_petition(s.actor(s.street), case.pk, MONDAY, kind="extension", grant=True)
    assert Notice.objects.filter(person_id=s.street.pk, message__startswith="More time is asked for").exists()
    assert not Notice.objects.filter(person_id=s.wu.pk, message__startswith="More time is asked for").exists()


def test_the_secretary_of_the_first_desk_supervises_nothing_of_its_own(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    with pytest.raises(NotAllowed):
        desk.supervise_case(s.actor(s.zhou), case.pk, MONDAY, reason="我盯着")


def test_what_was_raised_to_the_county_is_not_the_streets_to_decide(s: Scene) -> None:
    gao = county(s)
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    desk.escalate_case(s.actor(s.wu), case.pk, MONDAY, reason="社区管不了")
    desk.escalate_case(s.actor(s.street), case.pk, MONDAY, reason="街道也管不了")
    for who in (s.wu, s.street):
        with pytest.raises(NotYours):
            desk.decline_case(s.actor(who), case.pk, MONDAY, reason="不归我们", elsewhere="找交警")
    desk.decline_case(s.actor(gao), case.pk, MONDAY, reason="不归我们", elsewhere="找交警")


def test_where_no_county_sits_at_a_desk_the_highest_there_is_keeps_it(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    Case.objects.filter(pk=case.pk).update(raised=3)
    desk.decline_case(s.actor(s.street), case.pk, MONDAY, reason="不归我们", elsewhere="找交警")


def test_the_street_finds_what_was_raised_to_it_and_the_desk_reads_who_decides(s: Scene) -> None:
    plain = submit_case(s.actor(s.chen), s.report(category="parking"), MONDAY)
    case = reopened_twice(s)
    raised = Filter(show="raised")
    assert [row.number for row in queue(s.actor(s.street), raised, MONDAY).rows] == [case.number]
    assert queue(s.actor(s.wu), raised, MONDAY).rows == []
    assert counts(s.actor(s.street), Filter(), MONDAY).by_chip["raised"] == 1
    assert counts(s.actor(s.wu), Filter(), MONDAY).by_chip["raised"] == 0
    levels = {row.number: row.raised_to for row in queue(s.actor(s.wu), Filter(), MONDAY).rows}
    assert levels == {case.number: 2, plain.number: None}
    assert detail(s.actor(s.wu), case.number, MONDAY).raised_to == 2


def test_raised_beyond_the_street_it_is_found_by_the_county(s: Scene) -> None:
    gao = county(s)
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    Case.objects.filter(pk=case.pk).update(raised=2)
    raised = Filter(show="raised")
    assert [row.number for row in queue(s.actor(gao), raised, MONDAY).rows] == [case.number]
    assert queue(s.actor(s.street), raised, MONDAY).rows == []


def test_the_lineage_of_desks_goes_up_from_the_community_by_the_desks_there_are() -> None:
    estate = "4203/420303/420303001/420303001001/420303001001-01/"
    city, street, community = "4203/", "4203/420303/420303001/", "4203/420303/420303001/420303001001/"
    upward = rules_clocks.desks_upward(estate, [city, community, street, "4203/420304/"])
    assert upward == [community, street, city]
    assert [rules_clocks.escalate_to(upward, raised) for raised in range(4)] == [community, street, city, city]
    assert rules_clocks.first_desk_depth(estate) == rules_clocks.first_desk_depth(community) == 3
    assert rules_clocks.path_above_first_desk(estate) == street
    assert rules_clocks.path_above_first_desk(city) == city


def test_a_desk_below_the_level_goes_on_and_decides_nothing() -> None:
    assert rules.below_its_level({Party.DESK, Party.SUPERVISOR, Party.HANDLER}) == {Party.LOWER_DESK, Party.HANDLER}
    case = CaseFacts(state=State.SUBMITTED, supervised=True)
    assert rules.level_needed(case) == 1
    lower = set(rules.lawful(case, {Party.LOWER_DESK}))
    assert {Verb.ACCEPT, Verb.URGE, Verb.NOTE} <= lower
    assert not lower & {Verb.DECLINE, Verb.ANSWER_DIRECTLY, Verb.MERGE, Verb.RECLASSIFY}


def test_what_the_street_decides_does_not_wait_for_the_desk_below(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    desk.supervise_case(s.actor(s.street), case.pk, MONDAY, reason="拖了三天")
    work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等拖车", extra=1)
    for show in ("petitions", "mine"):
        assert queue(s.actor(s.wu), Filter(show=show), MONDAY).rows == []
        assert [row.number for row in queue(s.actor(s.street), Filter(show=show), MONDAY).rows] == [case.number]
    assert (counts(s.actor(s.wu), Filter(), MONDAY).waiting, counts(s.actor(s.street), Filter(), MONDAY).waiting) == (
        0,
        1,
    )
    petitions.decide_petition(s.actor(s.street), case.pk, MONDAY, kind="extension", grant=True)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="拖走了")
    assert counts(s.actor(s.wu), Filter(), MONDAY).waiting == 0
    assert counts(s.actor(s.street), Filter(), MONDAY).waiting == 1
