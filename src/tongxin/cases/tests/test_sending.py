"""Reports as they come in: once, of those who sent them, with what may come with them, to bodies that exist."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import Case, TallyDelta
from tongxin.cases.operations import submit
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.rules import State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import local_day
from tongxin.people.models import Organisation

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


def test_two_at_the_same_moment_get_a_clear_word(s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    once = uuid7(MONDAY)
    submit_case(s.actor(s.zhang), s.report(once=once), MONDAY)

    class Blind:
        """Before the other one has committed, its case is not seen."""

        def first(self, key: object) -> None:
            return None

    monkeypatch.setattr(submit, "_MADE", Blind())
    with pytest.raises(Conflict):
        submit_case(s.actor(s.zhang), s.report(once=once), MONDAY)


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
