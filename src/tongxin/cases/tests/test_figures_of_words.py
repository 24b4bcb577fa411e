"""Everybody's last rating counts, once; emergencies; and how codes are guessed at."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum

from tongxin.cases.models import Case, CodeTry, TallyDelta
from tongxin.cases.operations import desk, progress, resident, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.progress import query_code
from tongxin.cases.rules_similar import emergencies_in
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Invalid, TooMany

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def rated() -> dict[str, int]:
    rows = TallyDelta.objects.filter(kind__startswith="rated").values("kind").annotate(n=Sum("amount"))
    return {row["kind"]: row["n"] for row in rows if row["n"]}


def answered(s: Scene) -> Case:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    resident.join_case(s.actor(s.chen), case.pk, MONDAY)
    again(s, case)
    return case


def again(s: Scene, case: Case) -> None:
    case.refresh_from_db()
    if case.lead_id is None or case.state == "reopened":
        desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=s.place.company.pk)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="修好了")


def test_a_better_rating_takes_the_place_of_the_first(s: Scene) -> None:
    case = answered(s)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY, rating=2)
    assert rated() == {"rated": 1, "rated:2": 1}
    resident.rate_case(s.actor(s.zhang), case.pk, MONDAY + DAY, rating=5)
    assert rated() == {"rated": 1, "rated:5": 1}
    taken_off = TallyDelta.objects.filter(amount=-1).values_list("day", flat=True)
    assert set(taken_off) == {MONDAY.date()}, "on the day on which it was counted"


def test_a_later_round_counts_the_last_word(s: Scene) -> None:
    case = answered(s)
    resident.say_not_solved(s.actor(s.zhang), case.pk, MONDAY, reason="又灭了", rating=1)
    again(s, case)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY, rating=4)
    assert rated() == {"rated": 1, "rated:4": 1}


def test_a_neighbour_who_joined_counts_too(s: Scene) -> None:
    case = answered(s)
    resident.confirm_solved(s.actor(s.chen), case.pk, MONDAY, rating=3)
    resident.confirm_solved(s.actor(s.zhang), case.pk, MONDAY, rating=5)
    assert rated() == {"rated": 2, "rated:3": 1, "rated:5": 1}


def test_a_corner_is_no_kidnapping() -> None:
    assert emergencies_in("三号楼拐角的灯不亮，电动车要拐弯") == ()
    assert [row.number for row in emergencies_in("孩子像是被拐了")] == ["110"]
    assert [row.number for row in emergencies_in("有人拐卖孩子")] == ["110"]


def test_a_few_codes_for_each_of_many_numbers_are_counted_by_address(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    for n in range(progress.TRIES_OF_ADDRESS):
        with pytest.raises(Invalid):
            progress.open_by_code(f"WW-20261116-{n + 100:04d}", "AAAA AAAA", MONDAY, address="6.6.6.6")
    with pytest.raises(TooMany) as refused:
        progress.open_by_code(case.number, query_code(case.pk), MONDAY, address="6.6.6.6")
    assert refused.value.code == "address-locked"
    assert progress.open_by_code(case.number, query_code(case.pk), MONDAY, address="7.7.7.7") == case.pk
    later = MONDAY + timedelta(minutes=61)
    assert progress.open_by_code(case.number, query_code(case.pk), later, address="6.6.6.6") == case.pk


def test_what_was_counted_is_forgotten_after_the_hour(s: Scene) -> None:
    with pytest.raises(Invalid):
        progress.open_by_code("WW-20261116-0100", "AAAA AAAA", MONDAY, address="6.6.6.6")
    assert progress.forget_tries(MONDAY + timedelta(minutes=59)) == 0
    assert CodeTry.objects.count() == 2
    assert not any("6.6.6.6" in row.number for row in CodeTry.objects.all()), "no address is kept"
    assert progress.forget_tries(MONDAY + timedelta(minutes=61)) == 2
    assert not CodeTry.objects.exists()
