"""When a household is due, how ninety are shared among five, and when the same day ends."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from tongxin.kernel.errors import Invalid
from tongxin.visits import rules
from tongxin.visits.rules import OVER_80, Rhythm

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)  # 16:00 in 十堰


def test_who_lives_alone_or_is_over_eighty_is_visited_more_often():
    rhythm = Rhythm(every_days=90, special_days=30)
    assert rhythm.days_for(frozenset()) == 90
    assert rhythm.days_for(frozenset({"veteran"})) == 90
    assert rhythm.days_for(frozenset({"lives_alone"})) == 30
    assert rhythm.days_for(rules.with_age([], 80)) == 30
    assert OVER_80 not in rules.with_age([], 79)


def test_a_new_household_is_due_soon_and_a_visited_one_by_its_rhythm():
    since = date(2026, 11, 1)
    assert rules.due_on(since, None, 90) == date(2026, 11, 15)
    assert rules.due_on(since, None, 7) == date(2026, 11, 8)
    assert rules.due_on(since, date(2026, 11, 20), 90) == date(2027, 2, 18)


@pytest.mark.parametrize(("every", "special"), [(0, 0), (90, 0), (400, 30), (30, 60)])
def test_a_rhythm_that_nobody_can_keep_is_refused(every: int, special: int):
    with pytest.raises(Invalid):
        rules.check_rhythm(Rhythm(every, special))


def test_ninety_households_among_five_are_eighteen_each_and_neighbours_stay_together():
    shares = rules.divide(90, dict.fromkeys("甲乙丙丁戊", 0))
    assert [len(share) for share in shares.values()] == [18] * 5
    assert [index for share in shares.values() for index in share] == list(range(90))


def test_who_has_many_already_gets_fewer():
    shares = rules.divide(10, {"甲": 12, "乙": 4, "丙": 4})
    assert {name: len(share) for name, share in shares.items()} == {"甲": 0, "乙": 5, "丙": 5}
    with pytest.raises(Invalid):
        rules.divide(3, {})


def test_the_same_day_ends_at_midnight_in_shanghai():
    assert rules.end_of_day(NOW) == datetime(2026, 11, 25, 16, 0, tzinfo=UTC)
    assert rules.end_of_day(NOW + timedelta(hours=8)) == datetime(2026, 11, 26, 16, 0, tzinfo=UTC)


def test_a_row_of_a_visit_has_one_key():
    once = UUID(int=7)
    assert rules.matter_key(once, 1) == rules.matter_key(once, 1) != rules.matter_key(once, 2)


def test_when_it_was_is_believed_within_reason():
    assert rules.check_when(None, NOW) == NOW
    assert rules.check_when(NOW - timedelta(hours=5), NOW) == NOW - timedelta(hours=5)
    assert rules.check_when(NOW + timedelta(minutes=3), NOW) == NOW
    for wrong in (NOW + timedelta(hours=1), NOW - timedelta(days=40)):
        with pytest.raises(Invalid):
            rules.check_when(wrong, NOW)
