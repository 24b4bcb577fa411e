"""What an area settles for itself: the nearest says, what nobody says is the default."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache

from tongxin.cases.models import CaseClock
from tongxin.cases.operations import desk, resident, work
from tongxin.cases.operations.practice import set_practice
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.facts import practice_of, reopen_until
from tongxin.cases.rules_practice import DEFAULT, Practice, in_force, sampled
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.kernel.errors import Invalid, NotAllowed, TooMany

CITY, COMMUNITY, ESTATE = "4203/", "4203/420303/1/11/", "4203/420303/1/11/01/"


def test_the_nearest_area_says_and_what_nobody_says_is_the_default() -> None:
    rows = [(COMMUNITY, Practice(asks=3)), (CITY, Practice(asks=2, reopen_days=15)), (ESTATE, Practice(watermark=True))]
    found = in_force(ESTATE, rows)
    assert (found.asks, found.reopen_days, found.watermark, found.warn_percent) == (3, 15, True, 75)
    assert in_force("4209/", rows) == DEFAULT


def test_the_sample_is_the_same_whenever_it_is_asked_about() -> None:
    keys = [number.to_bytes(16, "big") for number in range(1000)]
    assert 80 <= sum(sampled(key, 10) for key in keys) <= 120
    assert not any(sampled(key, 0) for key in keys) and all(sampled(key, 100) for key in keys)


@pytest.fixture
def s() -> Iterator[Scene]:
    cache.clear()
    yield scene()
    cache.clear()


@pytest.mark.django_db
def test_a_street_settles_windows_warnings_and_urging(s: Scene) -> None:
    street = s.place.street.pk
    with pytest.raises(NotAllowed):
        set_practice(s.actor(s.wu), s.place.community.pk, Practice(asks=3), MONDAY)
    with pytest.raises(Invalid) as refused:
        set_practice(s.actor(s.street), street, Practice(reopen_days=0), MONDAY)
    assert refused.value.field == "reopen_days"
    settled = Practice(reopen_days=60, warn_percent=50, urge_hours=48)
    set_practice(s.actor(s.street), street, settled, MONDAY)
    assert practice_of(s.place.estate.path).reopen_days == 60
    assert practice_of(s.place.county.path).reopen_days == 30
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    accept = CaseClock.objects.get(case=case, kind="accept")
    assert accept.warn_at - accept.started_at == (accept.due_at - accept.started_at) / 2
    desk.urge_case(s.actor(s.zhang), case.pk, MONDAY)
    with pytest.raises(TooMany):
        desk.urge_case(s.actor(s.zhang), case.pk, MONDAY + timedelta(hours=47))
    desk.answer_directly(s.actor(s.wu), case.pk, MONDAY, text="在这里")
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY)
    case.refresh_from_db()
    until = reopen_until(case, MONDAY)
    assert until is not None and until > MONDAY + timedelta(days=59)


@pytest.mark.django_db
def test_time_and_place_are_drawn_into_the_photos_of_the_work_where_the_office_wants_it(s: Scene) -> None:
    plain = submit_case(s.actor(s.zhang), s.report(photos=[photo()], home_id=s.place.home.pk), MONDAY)
    set_practice(s.actor(s.street), s.place.street.pk, Practice(watermark=True), MONDAY)
    work.claim_case(s.actor(s.li), plain.pk, MONDAY)
    work.answer_case(s.actor(s.li), plain.pk, MONDAY, text="换了", before=[photo()], after=[photo("white")])
    marks = dict(Attachment.objects.values_list("purpose", "watermark"))
    assert marks["report"] == ""
    assert marks["before"] == marks["answer"] == "2026-11-16 10:00 · 国瑞中央花园 3号楼 2单元", "and nobody's home"
