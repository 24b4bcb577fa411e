"""Who can be given a case: bodies in which somebody handles cases, of the place; and what a desk does itself."""

from __future__ import annotations

import pytest

from tests.cast import START, officer
from tongxin.cases.models import Case, Category, Route
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries import choices
from tongxin.cases.rules import NotYours, State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import Invalid
from tongxin.notifications.models import Notice
from tongxin.people.models import Organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def parked(s: Scene) -> Case:
    return submit_case(s.actor(s.zhang), s.report("停车乱", category="parking"), MONDAY)


def test_a_body_in_which_nobody_handles_cases_is_neither_offered_nor_accepted(s: Scene) -> None:
    empty = Organisation.objects.create(kind="department", name="空空局", area=s.place.county, since=START)
    case = parked(s)
    names = [name for _, name in choices.organisations(case.area_path, MONDAY)]
    assert not any("空空局" in name for name in names)
    assert any("城管执法局" in name for name in names)
    for give in ({"lead": empty.pk}, {"lead": s.bureau.pk, "co_handlers": [(empty.pk, "看看")]}):
        with pytest.raises(Invalid, match="Nobody handles"):
            desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, **give)
    officer("新来的", "department_officer", empty, s.place.county)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=empty.pk)


def test_a_body_of_the_next_street_has_nothing_to_do_with_it(s: Scene) -> None:
    there = Organisation.objects.create(
        kind="property_company", name="花果物业", area=s.place.other_community, since=START
    )
    officer("花师傅", "handler", there, s.place.other_community)
    case = parked(s)
    with pytest.raises(Invalid, match="nothing to do with this place"):
        desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=there.pk)
    assert str(there.pk) not in [key for key, _ in choices.organisations(case.area_path, MONDAY)]


def test_a_route_to_a_body_in_which_nobody_sits_leads_to_the_desk(s: Scene) -> None:
    empty = Organisation.objects.create(kind="department", name="空空局", area=s.place.county, since=START)
    parking = Category.objects.get(code="parking")
    Route.objects.create(area=s.place.county, category=parking, organisation=empty, automatic=True, since=START)
    case = parked(s)
    assert case.state == State.SUBMITTED
    assert Notice.objects.filter(person_id=s.wu.pk, message__startswith="New:").exists()


def test_the_communitys_own_office_can_be_given_a_case_and_works_on_it(s: Scene) -> None:
    case = parked(s)
    desk.dispatch_case(s.actor(s.zhou), case.pk, MONDAY, lead=s.place.office.pk)
    work.claim_case(s.actor(s.wu), case.pk, MONDAY)
    work.answer_case(s.actor(s.wu), case.pk, MONDAY, text="劝走了")
    case.refresh_from_db()
    assert case.state == State.ANSWERED


def test_what_the_office_did_itself_the_street_checks_and_is_told_to(s: Scene) -> None:
    case = parked(s)
    desk.dispatch_case(s.actor(s.zhou), case.pk, MONDAY, lead=s.place.office.pk)
    work.claim_case(s.actor(s.wu), case.pk, MONDAY)
    work.answer_case(s.actor(s.wu), case.pk, MONDAY, text="劝走了")
    asked = Notice.objects.filter(message__startswith="Answered, please check").values_list("person_id", flat=True)
    assert list(asked) == [s.street.pk]
    for who in (s.wu, s.zhou):
        with pytest.raises(NotYours):
            desk.verify_answer(s.actor(who), case.pk, MONDAY)
    desk.verify_answer(s.actor(s.street), case.pk, MONDAY)


def test_who_sits_at_the_desk_takes_nothing_from_the_pool(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report("想借坐便椅", category="care"), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, pool=True)
    with pytest.raises(NotYours):
        work.claim_case(s.actor(s.wu), case.pk, MONDAY)
    work.claim_case(s.actor(s.wang), case.pk, MONDAY)
