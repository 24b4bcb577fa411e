"""What each thing that residents do with a case takes: who is not known well enough is told what it takes, and the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cast import resident
from tongxin.cases.models import Case, Party
from tongxin.cases.operations import desk, petitions, publish, work
from tongxin.cases.operations import resident as verbs
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.actor import Actor, Trust
from tongxin.kernel.errors import NotFound
from tongxin.people.rules.trust import TrustTooLow

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = MONDAY + timedelta(days=2)


@pytest.fixture
def s() -> Scene:
    return scene()


def visitor(s: Scene, name: str = "外人") -> Actor:
    """Somebody with a phone, who lives nowhere that we know of."""
    who = resident(name, s.place)
    who.residences.all().delete()
    found = s.actor(who)
    assert found.trust is Trust.VISITOR
    return found


def lamp(s: Scene, who: Actor, **more: Any) -> Case:
    case = submit_case(who, s.report(**more), MONDAY)
    publish.publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    return case


def mended(s: Scene, who: Actor) -> Case:
    case = lamp(s, who)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    return case


def test_a_visitor_has_all_that_concerns_their_own_matter(s: Scene) -> None:
    guest = visitor(s)
    case = lamp(s, guest)
    verbs.add_word(guest, case.pk, MONDAY, text="在二楼")
    desk.urge_case(guest, case.pk, MONDAY + HOUR)
    work.claim_case(s.actor(s.li), case.pk, MONDAY + HOUR)
    petitions.request_information(s.actor(s.li), case.pk, MONDAY + HOUR, text="哪一盏？")
    petitions.provide_information(guest, case.pk, MONDAY + HOUR, text="左边那盏")
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    verbs.confirm_solved(guest, case.pk, MONDAY + 2 * HOUR)
    verbs.rate_case(guest, case.pk, MONDAY + 2 * HOUR, rating=4)
    verbs.reopen_case(guest, case.pk, LATER, reason="又坏了")
    other = lamp(s, guest, text="门坏了")
    verbs.withdraw_case(guest, other.pk, MONDAY)


@pytest.mark.parametrize("signed_in", [True, False])
def test_a_neighbours_matter_takes_a_resident_and_says_so(s: Scene, signed_in: bool) -> None:
    who = visitor(s) if signed_in else replace(visitor(s), trust=Trust.NOBODY)
    case = mended(s, s.actor(s.zhang))
    with pytest.raises(TrustTooLow) as refused:
        verbs.join_case(who, case.pk, MONDAY + HOUR)
    assert (refused.value.code, refused.value.needed, refused.value.have) == (
        "trust-too-low",
        Trust.RESIDENT,
        who.trust,
    )
    assert refused.value.way is not None
    assert refused.value.way.href == ("/me/home/" if signed_in else "/sign-in/")
    verbs.confirm_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR)
    with pytest.raises(TrustTooLow):
        verbs.reopen_case(who, case.pk, LATER, reason="又坏了")
    assert Party.objects.filter(case=case).count() == 1
    verbs.reopen_case(s.actor(s.chen), case.pk, LATER, reason="又坏了")


def test_what_is_not_public_is_not_there_whatever_the_level(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    for act in (verbs.join_case, verbs.confirm_solved, desk.urge_case):
        with pytest.raises(NotFound):
            act(visitor(s), case.pk, MONDAY)


def test_a_worker_who_helps_needs_an_office_and_no_home_of_their_own(s: Scene) -> None:
    """王姐 looks after the grid and lives elsewhere; 陈 says “me too” before her."""
    wang = s.actor(s.wang)
    case = lamp(s, s.actor(s.zhang))
    assert wang.trust < Trust.RESIDENT
    with pytest.raises(TrustTooLow):
        verbs.join_case(wang, case.pk, MONDAY)
    verbs.join_case(wang, case.pk, MONDAY, on_behalf_of=s.chen.pk)
    assert Party.objects.get(case=case, person=s.chen).helper_id == s.wang.pk


ACTS: dict[str, Callable[[Actor, Any], Any]] = {
    "confirm": lambda who, key: verbs.confirm_solved(who, key, MONDAY + HOUR),
    "not solved": lambda who, key: verbs.say_not_solved(who, key, MONDAY + HOUR, reason="没有"),
    "rate": lambda who, key: verbs.rate_case(who, key, MONDAY + HOUR, rating=5),
    "reopen": lambda who, key: verbs.reopen_case(who, key, MONDAY + HOUR, reason="又坏了"),
    "withdraw": lambda who, key: verbs.withdraw_case(who, key, MONDAY + HOUR),
    "add": lambda who, key: verbs.add_word(who, key, MONDAY + HOUR, text="二楼"),
    "note": lambda who, key: desk.add_note(who, key, MONDAY + HOUR, text="二楼", internal=False),
    "urge": lambda who, key: desk.urge_case(who, key, MONDAY + HOUR),
    "provide": lambda who, key: petitions.provide_information(who, key, MONDAY + HOUR, text="二楼"),
    "disown": lambda who, key: verbs.disown_case(who, key, MONDAY + HOUR),
}


@pytest.mark.parametrize("what", ACTS)
def test_each_verb_asks_for_its_level_also_of_the_reporter(s: Scene, what: str) -> None:
    case = mended(s, s.actor(s.zhang))
    with pytest.raises(TrustTooLow) as refused:
        ACTS[what](replace(s.actor(s.zhang), trust=Trust.NOBODY), case.pk)
    assert refused.value.needed is Trust.VISITOR


def test_reporting_takes_a_phone(s: Scene) -> None:
    with pytest.raises(TrustTooLow) as refused:
        submit_case(replace(visitor(s), trust=Trust.NOBODY), s.report(), MONDAY)
    assert refused.value.needed is Trust.VISITOR
    submit_case(visitor(s, "外人二"), s.report(), MONDAY)


def test_whoever_helps_others_joins_in_their_own_name_only_as_a_resident(s: Scene) -> None:
    """王敏 filed it for 张阿姨; she herself lives elsewhere, and is no neighbour."""
    wang = s.actor(s.wang)
    assert wang.trust is Trust.VISITOR
    case = submit_case(wang, s.report(category="parking", for_person=s.zhang.pk), MONDAY)
    publish.publish_case(s.actor(s.wu), case.pk, MONDAY, public=True)
    with pytest.raises(TrustTooLow):
        verbs.join_case(wang, case.pk, MONDAY)
    assert not Party.objects.filter(person_id=s.wang.pk).exists()
    verbs.join_case(wang, case.pk, MONDAY, on_behalf_of=s.chen.pk)
    assert Party.objects.filter(person_id=s.chen.pk, case=case).exists()
