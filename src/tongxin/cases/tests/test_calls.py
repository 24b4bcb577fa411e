"""Who is rung 回访: the silent, the discontented, a sample, and those whom no message reaches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.cache import cache

from tongxin.cases.models import CallBack, Case, Category, Update
from tongxin.cases.operations import petitions, resident, work
from tongxin.cases.operations.practice import set_practice
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries import calls
from tongxin.cases.rules_practice import Practice
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import NotFound

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Iterator[Scene]:
    cache.clear()
    yield scene()
    cache.clear()


def answered(s: Scene, **report: object) -> Case:
    by = s.wu if report else s.zhang
    case = submit_case(s.actor(by), s.report(**report), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY + HOUR, text="修好了")
    return case


def because(case: Case) -> list[str]:
    return list(CallBack.objects.filter(case=case, done_at=None).values_list("because", flat=True))


def sample(s: Scene, percent: int) -> None:
    set_practice(s.actor(s.street), s.place.street.pk, Practice(sample_percent=percent), MONDAY)


def test_who_rates_it_low_is_rung(s: Scene) -> None:
    sample(s, 0)
    case = answered(s)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR, rating=2)
    assert because(case) == ["low_rating"]
    other = answered(s)
    resident.confirm_solved(s.actor(s.zhang), other.pk, MONDAY + 2 * HOUR, rating=4)
    assert because(other) == []
    resident.rate_case(s.actor(s.zhang), other.pk, MONDAY + 3 * HOUR, rating=1)
    assert because(other) == ["low_rating"]


def test_a_share_that_the_area_settles_is_rung_all_the_same(s: Scene) -> None:
    sample(s, 100)
    case = answered(s)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY + 2 * HOUR, rating=5)
    assert because(case) == ["sample"]


def test_old_liu_without_a_phone_is_rung_as_soon_as_it_is_answered(s: Scene) -> None:
    without = answered(s, contact_name="老刘", contact_phone="0719-8881234")
    assert because(without) == ["helped"]
    by_helper = submit_case(s.actor(s.wang), s.report(for_person=s.chen.pk), MONDAY)
    work.claim_case(s.actor(s.li), by_helper.pk, MONDAY)
    work.answer_case(s.actor(s.li), by_helper.pk, MONDAY, text="好了")
    assert because(by_helper) == ["helped"]
    assert because(answered(s)) == [], "张阿姨 is asked on her phone"


def test_every_try_is_on_the_record_and_the_next_is_another_days(s: Scene) -> None:
    case = answered(s, contact_name="老刘", contact_phone="0719-8881234")
    row = CallBack.objects.get(case=case)
    for attempt in (1, 2):
        now = MONDAY + attempt * timedelta(days=1)
        resident.record_call_back(s.actor(s.wu), row.pk, now, result="not_reached", note="没人接")
        row.refresh_from_db()
        assert row.due_at >= now + timedelta(days=1) and row.done_at is None
    tried = Update.objects.filter(case=case, verb="call_back").order_by("id")
    assert [update.data["attempt"] for update in tried] == [1, 2]
    resident.record_call_back(s.actor(s.wu), row.pk, MONDAY + timedelta(days=3), result="not_reached")
    row.refresh_from_db()
    assert row.done_at is not None and tried.all().count() == 3


def test_the_questions_are_the_categorys_and_any_call_is_found(s: Scene) -> None:
    Category.objects.filter(code="lighting").update(call_script="灯亮了吗？\n\n几天修好的？")
    case = answered(s, contact_name="老刘", contact_phone="0719-8881234")
    key = CallBack.objects.get(case=case).pk
    assert calls.call(s.actor(s.wu), key).script == ("灯亮了吗？", "几天修好的？")
    answered(s, contact_name="老李", contact_phone="0719-8881235")
    first, after = calls.calls(s.actor(s.wu), limit=1)
    second, end = calls.calls(s.actor(s.wu), after=after, limit=1)
    assert {first[0].name, second[0].name} == {"老刘", "老李"} and after and not end
    with pytest.raises(NotFound):
        calls.call(s.actor(s.outsider), key)
    with pytest.raises(NotFound):
        calls.calls(s.actor(s.wu), after="nonsense")


def test_the_desk_sets_another_day_on_which_it_is_looked_at_again(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.request_suspension(s.actor(s.li), case.pk, MONDAY, reason="等配件", review_on=date(2027, 3, 1))
    petitions.decide_petition(
        s.actor(s.wu), case.pk, MONDAY, kind="suspension", grant=True, review_on=date(2026, 12, 15)
    )
    case.refresh_from_db()
    assert case.review_on == date(2026, 12, 15)
