"""Working together: whom a community may whistle in, to whom a handler may pass a matter on, and which child is told."""

from __future__ import annotations

import pytest

from tests.cast import START, officer, resident
from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import Party
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.notifications.models import Notice
from tongxin.people.models import CommitteeMembership, FamilyLink, Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def locks(s: Scene) -> Case:
    return submit_case(s.actor(s.zhang), s.report("商户私装地锁", category="parking"), MONDAY)


def partner(s: Scene) -> None:
    committee = Organisation.objects.create(
        kind="general_party_committee", name="王湾大党委", area=s.place.community, since=START
    )
    CommitteeMembership.objects.create(committee=committee, unit=s.bureau, since=START)


@pytest.mark.parametrize(
    ("parties", "called", "may"),
    [
        ({Party.SUPERVISOR}, {"anybody"}, True),
        ({Party.DESK}, {"partner"}, True),
        ({Party.DESK}, {"partner", "anybody"}, False),
        ({Party.HANDLER}, {"partner"}, False),
    ],
)
def test_whom_one_may_whistle_in(parties: set[Party], called: set[str], may: bool) -> None:
    assert rules.may_whistle(parties, called, {"partner"}) is may


def test_a_community_whistles_its_partner_units_and_nobody_else(s: Scene, locks: Case) -> None:
    given = {"lead": s.place.company.pk, "co_handlers": [(s.bureau.pk, "拆除地锁")], "whistle": True}
    with pytest.raises(NotAllowed, match="general party committee"):
        desk.dispatch_case(s.actor(s.wu), locks.pk, MONDAY, **given)
    assert Case.objects.get(pk=locks.pk).state == "submitted"
    partner(s)
    desk.dispatch_case(s.actor(s.wu), locks.pk, MONDAY, **given)
    assert Assignment.objects.get(case=locks, role="co").whistle


def test_a_whistle_calls_somebody(s: Scene, locks: Case) -> None:
    with pytest.raises(Invalid) as refused:
        desk.dispatch_case(s.actor(s.street), locks.pk, MONDAY, lead=s.bureau.pk, whistle=True)
    assert refused.value.field == "co1"


def test_a_colleague_goes_on_with_it_under_their_own_name(s: Scene, locks: Case) -> None:
    desk.dispatch_case(s.actor(s.wu), locks.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), locks.pk, MONDAY, start=True)
    work.hand_over(s.actor(s.li), locks.pk, MONDAY, to_person=s.qian.pk, note="线路的事")
    case = Case.objects.get(pk=locks.pk)
    assert (case.holder_id, case.holder_name, case.state) == (s.qian.pk, "钱经理", "in_progress")
    told = Notice.objects.filter(kind="case.hand_over").values_list("person_id", flat=True)
    assert list(told) == [s.qian.pk], "the colleague alone"
    with pytest.raises(rules.HeldByAnother):
        work.answer_case(s.actor(s.li), locks.pk, MONDAY, text="换了灯")
    work.answer_case(s.actor(s.qian), locks.pk, MONDAY, text="换了线路")


@pytest.mark.parametrize("who", ["zhang", "officer", "outsider"])
def test_nobody_hands_a_matter_to_who_does_not_handle_it_there(s: Scene, locks: Case, who: str) -> None:
    desk.dispatch_case(s.actor(s.wu), locks.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), locks.pk, MONDAY)
    with pytest.raises(Invalid) as refused:
        work.hand_over(s.actor(s.li), locks.pk, MONDAY, to_person=getattr(s, who).pk)
    assert refused.value.field == "to_person"
    with pytest.raises(Invalid):
        work.hand_over(s.actor(s.li), locks.pk, MONDAY, to_person=s.bureau.pk)
    assert Case.objects.get(pk=locks.pk).holder_id == s.li.pk


def test_the_desk_hands_it_to_somebody_of_the_next_organisation(s: Scene, locks: Case) -> None:
    desk.dispatch_case(s.actor(s.wu), locks.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), locks.pk, MONDAY)
    actor = s.actor(s.wu)
    work.hand_over(actor, locks.pk, MONDAY, to_organisation=s.bureau.pk, to_person=s.officer.pk)
    case = Case.objects.get(pk=locks.pk)
    assert (case.lead_id, case.holder_name) == (s.bureau.pk, "郑队长")


def test_the_child_who_reported_for_the_mother_is_told_and_no_other(s: Scene) -> None:
    mother = resident("刘桂兰", s.place)
    for child in (s.zhang, s.chen):
        FamilyLink.objects.create(child=child, parent=mother, consent="code", since=MONDAY)
    case = submit_case(s.actor(s.zhang), s.report("想借坐便椅", category="care", for_person=mother.pk), MONDAY)
    Notice.objects.all().delete()
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    told = set(Notice.objects.filter(kind="case.accept").values_list("person_id", flat=True))
    assert told == {mother.pk, s.zhang.pk}
    FamilyLink.objects.update(until=MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, pool=True)
    told = Notice.objects.filter(kind="case.dispatch", link__startswith="/cases/").values_list("person_id", flat=True)
    assert set(told) == {mother.pk}, "whose account ended is told no more"


def test_a_grid_worker_who_helped_has_their_list_and_no_notices(s: Scene) -> None:
    mother = resident("刘桂兰", s.place)
    helper = officer("小孙", "grid_worker", s.place.office, s.place.community)
    case = submit_case(s.actor(helper), s.report("灯坏了", category="parking", for_person=mother.pk), MONDAY)
    desk.accept_case(s.actor(s.wu), case.pk, MONDAY)
    assert not Notice.objects.filter(kind="case.accept", person_id=helper.pk).exists()
