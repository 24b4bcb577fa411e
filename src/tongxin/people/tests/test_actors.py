"""An appointment acts only in a session that passed the second factor, and only while it lasts."""

from datetime import UTC, date, datetime

import pytest

from tests import cast
from tongxin.kernel.actor import Trust
from tongxin.people.models import Appointment, Household, Ownership, Residence, Tenancy
from tongxin.people.queries.actors import actor_for

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return cast.wangwan()


def test_secretary_zhou_holds_office_only_after_the_second_factor(place):
    zhou = cast.officer("周书记", "community_secretary", place.office, place.community)
    assert actor_for(zhou.account, strong=False, now=NOW).grants == ()
    strong = actor_for(zhou.account, strong=True, now=NOW)
    assert strong.may("case.desk", place.estate.path)
    assert not strong.may("case.desk", place.other_community.path)
    assert not strong.may("case.desk", place.street.path)
    assert strong.organisations() == {place.office.pk}


@pytest.mark.parametrize(
    ("since", "until", "acts"),
    [
        (date(2026, 11, 22), None, True),
        (date(2026, 11, 23), None, False),
        (date(2020, 1, 1), date(2026, 11, 22), False),
        (date(2020, 1, 1), date(2026, 11, 23), True),
    ],
)
def test_an_appointment_acts_from_its_first_day_until_before_its_end(place, since, until, acts):
    chen = cast.person("网格员小陈")
    Appointment.objects.create(
        person=chen, organisation=place.office, role="grid_worker", area=place.community, since=since, until=until
    )
    assert bool(actor_for(chen.account, strong=True, now=NOW).grants) is acts


def test_the_day_is_the_day_in_china(place):
    chen = cast.person("网格员小陈")
    Appointment.objects.create(
        person=chen, organisation=place.office, role="grid_worker", area=place.community, since=date(2026, 11, 22)
    )
    midnight_in_china = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
    assert actor_for(chen.account, strong=True, now=midnight_in_china).grants


def test_a_role_that_nobody_knows_gives_nothing(place):
    chen = cast.officer("网格员小陈", "emperor", place.office, place.city)
    assert actor_for(chen.account, strong=True, now=NOW).grants == ()


def test_an_office_in_a_dissolved_body_gives_nothing(place):
    chen = cast.officer("网格员小陈", "grid_worker", place.office, place.community)
    place.office.until = date(2026, 11, 1)
    place.office.save()
    assert actor_for(chen.account, strong=True, now=NOW).grants == ()


def test_levels_of_trust(place):
    visitor = cast.person("过路人")
    known_without_home = cast.person("刘大爷", place.community, confirmed_at=NOW)
    zhang = cast.resident("张阿姨", place)
    wang = cast.owner("王先生", place)
    tenant = cast.person("租客小赵")
    Tenancy.objects.create(home=place.home, person=tenant, since=cast.START)
    buyer = cast.person("买了期房的钱女士")
    Ownership.objects.create(home=place.home, person=buyer, source=Ownership.Source.CONTRACT, since=cast.START)

    def level(who):
        return actor_for(who.account, strong=False, now=NOW).trust

    assert [level(p) for p in (visitor, known_without_home, zhang, tenant, wang, buyer)] == [
        Trust.VISITOR,
        Trust.VISITOR,
        Trust.RESIDENT,
        Trust.RESIDENT,
        Trust.OWNER,
        Trust.VISITOR,
    ]


def test_who_moved_away_is_no_resident_any_more(place):
    zhang = cast.person("张阿姨")
    household = Household.objects.create(home=place.home, since=cast.START)
    Residence.objects.create(household=household, person=zhang, since=cast.START, until=date(2026, 11, 1))
    actor = actor_for(zhang.account, strong=False, now=NOW)
    assert actor.trust == Trust.VISITOR
    assert actor.home_paths == ()


def test_home_paths_are_estates_and_the_own_community(place):
    wang = cast.owner("王先生", place)
    assert actor_for(wang.account, strong=False, now=NOW).home_paths == (place.estate.path, place.community.path)


def test_one_query(place, django_assert_num_queries):
    wang = cast.owner("王先生", place)
    account = type(wang.account).objects.select_related("person__community").get(pk=wang.account.pk)
    with django_assert_num_queries(1):
        actor_for(account, strong=True, now=NOW)
