"""Anyone affected may reopen within the window, and has a part in the case from then on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.cast import resident
from tongxin.cases import rules
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk, publish, work
from tongxin.cases.operations import resident as verbs
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import NotLawful, State, Verb
from tongxin.cases.tests.plays import REPORTER, asked, play
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError
from tongxin.notifications.models import Notice
from tongxin.people.rules.trust import TrustTooLow

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def closed(s: Scene) -> Case:
    """张阿姨's lamp, public, mended and confirmed by her."""
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    publish.publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    verbs.confirm_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR)
    return case


def test_a_neighbour_opens_it_again_and_is_told_and_asked_from_then_on(s: Scene) -> None:
    case = closed(s)
    verbs.reopen_case(s.actor(s.chen), case.pk, MONDAY + timedelta(days=2), reason="又不亮了")
    case.refresh_from_db()
    party = Party.objects.get(case=case, person=s.chen)
    assert (case.state, case.joiners, party.role) == (State.REOPENED, 1, "joined")
    day = MONDAY + timedelta(days=3)
    desk.dispatch_case(s.actor(s.wu), case.pk, day, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, day)
    work.answer_case(s.actor(s.li), case.pk, day + HOUR, text="换了线路")
    assert Notice.objects.filter(person_id=s.chen.pk, asks=True, subject_id=case.pk).exists()
    verbs.confirm_solved(s.actor(s.chen), case.pk, day + 2 * HOUR, rating=4)
    party.refresh_from_db()
    assert (party.word, party.rating) == ("solved", 4)


def test_after_the_window_nobody_does_and_nothing_is_left_behind(s: Scene) -> None:
    case = closed(s)
    with pytest.raises(NotLawful) as refused:
        verbs.reopen_case(s.actor(s.chen), case.pk, MONDAY + timedelta(days=40), reason="又不亮了")
    assert refused.value.code == "window-closed"
    with pytest.raises(DomainError):
        verbs.reopen_case(s.actor(s.chen), case.pk, MONDAY + timedelta(days=2), reason=" ")
    assert not Party.objects.filter(case=case, person=s.chen).exists()


def test_who_does_not_live_there_does_not(s: Scene) -> None:
    case = closed(s)
    stranger = resident("外人", s.place)
    stranger.residences.update(until=MONDAY.date() - timedelta(days=30))
    with pytest.raises(TrustTooLow):
        verbs.reopen_case(s.actor(stranger), case.pk, MONDAY + timedelta(days=2), reason="又不亮了")


def test_the_rules_count_whoever_reopens_as_one_who_joined() -> None:
    ended = play(asked(), [(Verb.CONFIRM, REPORTER, {})])
    neighbour = frozenset({rules.Party.AFFECTED})
    after = rules.apply(ended, Verb.REOPEN, neighbour, {"reason": "又不亮了", "joins": True})
    assert (after.state, after.joiners) == (State.REOPENED, 1)
    own = rules.apply(ended, Verb.REOPEN, REPORTER, {"reason": "又不亮了"})
    assert own.joiners == 0
