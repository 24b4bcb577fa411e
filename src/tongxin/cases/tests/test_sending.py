"""Reports as they come in: once, of those who sent them, with what may come with them, to bodies that exist."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongxin.cases.models import Case, Category, TallyDelta, Update
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import State
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import local_day
from tongxin.notifications.models import Notice
from tongxin.people.models import Organisation
from tongxin.places.models import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def test_the_same_report_sent_twice_is_one_case_and_no_key_to_somebody_elses(s: Scene) -> None:
    once = uuid7(MONDAY)
    first = submit_case(s.actor(s.zhang), s.report(once=once), MONDAY)
    assert submit_case(s.actor(s.zhang), s.report(once=once), MONDAY).pk == first.pk
    with pytest.raises(Conflict):
        submit_case(s.actor(s.chen), s.report(once=once), MONDAY)
    assert Case.objects.count() == 1


def test_what_was_sent_is_known_even_if_it_could_not_be_sent_any_more(s: Scene) -> None:
    once = uuid7(MONDAY)
    first = submit_case(s.actor(s.zhang), s.report(once=once), MONDAY)
    lighting = Category.objects.get(code="lighting")
    lighting.is_active = False
    lighting.save()
    assert submit_case(s.actor(s.zhang), s.report(once=once), MONDAY).pk == first.pk
    with pytest.raises(Invalid):
        submit_case(s.actor(s.zhang), s.report(once=uuid7(MONDAY)), MONDAY)


@pytest.mark.django_db(transaction=True)
def test_sent_four_times_at_the_same_moment_it_is_one_case_and_numbers_have_no_gap(s: Scene) -> None:
    once, zhang, together = uuid7(MONDAY), s.actor(s.zhang), Barrier(4)
    told: list[str] = []

    def send() -> None:
        together.wait()
        try:
            told.append(submit_case(zhang, s.report(once=once), MONDAY).number)
        finally:
            connection.close()

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(told), len(set(told)), Case.objects.count()) == (4, 1, 1)
    following = submit_case(s.actor(s.chen), s.report(), MONDAY)
    assert [told[0][-4:], following.number[-4:]] == ["0001", "0002"]


@pytest.mark.parametrize("category", ["waste", "lighting"])  # to the desk; by an automatic route to the company
def test_a_community_waits_for_one_statement_only(s: Scene, category: str) -> None:
    """The number is taken last: what comes after it is the row it stands in, and nothing is read."""
    zhang, report = s.actor(s.zhang), s.report(category=category, photos=[photo(), photo()], home_id=s.place.home.pk)
    submit_case(zhang, s.report(category=category), MONDAY)  # what a process keeps
    with CaptureQueriesContext(connection) as asked:
        submit_case(zhang, report, MONDAY)
    said = [query["sql"] for query in asked if "SAVEPOINT" not in query["sql"]]
    taken = next(n for n, sql in enumerate(said) if "cases_casecounter" in sql)
    after = said[taken + 1 :]
    assert len(after) == 1 or connection.vendor == "sqlite", after
    assert not [sql for sql in after if sql.lstrip().startswith("SELECT")]
    assert taken <= 2, said[:taken]


def test_a_company_that_gets_a_case_at_once_is_not_told_a_hidden_name(s: Scene) -> None:
    report = s.report(title="张秀英家门口的灯不亮", hidden=True)
    case = submit_case(s.actor(s.zhang), report, MONDAY)
    told = Notice.objects.get(person_id=s.li.pk)
    assert (case.state, case.title) == (State.DISPATCHED, "张秀英家门口的灯不亮")
    assert told.params == {"number": case.number, "title": "张**家门口的灯不亮"}
    submit_case(s.actor(s.wu), s.report(title="陈建国家的灯不亮", hidden=True, for_person=s.chen.pk), MONDAY)
    titles = [notice.params["title"] for notice in Notice.objects.filter(person_id=s.li.pk)]
    assert sorted(titles) == ["张**家门口的灯不亮", "陈**家的灯不亮"]


def test_who_reports_to_their_own_company_is_told_once(s: Scene) -> None:
    """The route gives it to the company of the very worker who reported: one notice, as their handler."""
    case = submit_case(s.actor(s.li), s.report(), MONDAY)
    told = Notice.objects.get(person_id=s.li.pk)
    assert (case.state, told.message) == (State.DISPATCHED, "A case for you: %(title)s (%(number)s)")


def test_a_resident_does_not_set_the_clocks_and_answers_only_what_is_asked(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(urgency="emergency", answers={"made_up": "x" * 9000}), MONDAY)
    assert case.urgency == case.category.urgency
    assert "made_up" not in case.answers
    assert submit_case(s.actor(s.wu), s.report(urgency="emergency"), MONDAY).urgency == "emergency"
    with pytest.raises(Invalid) as wrong:
        submit_case(s.actor(s.wu), s.report(urgency="at once!"), MONDAY)
    assert wrong.value.field == "urgency"


def test_a_route_to_a_company_that_has_ended_leads_to_the_desk_and_refuses_nobody(s: Scene) -> None:
    Organisation.objects.filter(pk=s.place.company.pk).update(until=local_day(MONDAY))
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    assert case.state == State.SUBMITTED


def test_a_report_of_the_past_counts_on_its_own_day(s: Scene) -> None:
    then = MONDAY - timedelta(days=400)
    submit_case(s.actor(s.wu), s.report(channel="import"), MONDAY, occurred_at=then, quiet=True)
    assert list(TallyDelta.objects.values_list("kind", "day")) == [("submitted", local_day(then))]


def test_a_report_from_home_lies_in_its_building_and_unit(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(home_id=s.place.home.pk), MONDAY)
    assert (case.building_id, case.unit_id) == (s.place.home.unit.building_id, s.place.home.unit_id)


def test_an_area_that_ends_on_a_day_to_come_takes_reports_until_then(s: Scene) -> None:
    estate = s.place.estate
    Area.objects.filter(pk=estate.pk).update(valid_until=MONDAY.date() + timedelta(days=1))
    assert submit_case(s.actor(s.zhang), s.report(), MONDAY).area_id == estate.pk
    with pytest.raises(Invalid):
        submit_case(s.actor(s.zhang), s.report(), MONDAY + timedelta(days=1))


def test_a_report_sent_again_is_known_whatever_the_house_did_in_the_same_moment(s: Scene) -> None:
    """Among many at once, what a route did may sort before the report itself: it bears the same moment."""
    key = uuid7(MONDAY)
    case = submit_case(s.actor(s.zhang), s.report(once=key), MONDAY)
    accepted = Update.objects.filter(case=case, verb="accept")
    own = accepted.get().pk
    accepted.update(id=UUID(int=1))
    assert submit_case(s.actor(s.zhang), s.report(once=key), MONDAY).pk == case.pk
    with pytest.raises(Conflict):
        submit_case(s.actor(s.chen), s.report(once=key), MONDAY)
    accepted.update(id=own)
