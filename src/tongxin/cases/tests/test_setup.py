"""What an office sets up: by whom, and what it changes for the next case."""

from __future__ import annotations

import pytest

from tests.cast import officer
from tongxin.cases.models import AnswerTemplate, Category, ClockRule, Route
from tongxin.cases.operations import desk, desktop, setup
from tongxin.cases.operations.setup import CategoryData, RouteData
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tongxin.people.models import Organisation
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def city(s: Scene) -> Actor:
    """何局长 sets up the city."""
    office = Organisation.objects.create(kind="government", name="市社会治理办", area=s.place.city, since="2020-01-01")
    return s.actor(officer("何局长", "city_officer", office, s.place.city))


def test_a_category_with_a_question_is_added_and_asked(s: Scene, city: Actor) -> None:
    question = {"label": "几楼", "kind": "text", "required": True}
    data = CategoryData(name="加装电梯", questions=[question])
    row = setup.add_category(city, "newlift", data, MONDAY)
    assert row.questions == [{"code": "q1", "label": "几楼", "kind": "text", "options": [], "required": True}]
    with pytest.raises(Invalid):
        submit_case(s.actor(s.zhang), s.report(category="newlift"), MONDAY)
    below = setup.add_category(city, "newlift.noise", CategoryData(name="电梯噪声"), MONDAY, parent="newlift")
    assert below.path == "newlift/newlift.noise/"
    setup.edit_category(city, "newlift", CategoryData(name="电梯加装", is_active=False), MONDAY)
    row.refresh_from_db()
    assert (row.name, row.is_active, row.questions) == ("电梯加装", False, [])
    assert set(Entry.objects.filter(subject_kind="category").values_list("verb", flat=True)) == {
        "category.added",
        "category.edited",
    }


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("Bad Code", CategoryData(name="x")),
        ("fine", CategoryData(name="")),
        ("fine", CategoryData(name="x", urgency="soon")),
        ("fine", CategoryData(name="x", questions=[{"label": "选一个", "kind": "choice", "options": ["甲"]}])),
        ("fine", CategoryData(name="x", questions=[{"label": "问", "kind": "text"}] * 11)),
    ],
)
def test_a_category_that_makes_no_sense_is_refused(s: Scene, city: Actor, code: str, data: CategoryData) -> None:
    with pytest.raises(Invalid):
        setup.add_category(city, code, data, MONDAY)
    assert not Category.objects.filter(code=code).exists()
    assert not Entry.objects.filter(subject_kind="category").exists()


def test_a_code_is_taken_once_and_a_street_does_not_set_up_the_city(s: Scene, city: Actor) -> None:
    with pytest.raises(Conflict):
        setup.add_category(city, "lighting", CategoryData(name="x"), MONDAY)
    for who in (s.street, s.wu, s.zhang):
        with pytest.raises(NotAllowed):
            setup.add_category(s.actor(who), "mine", CategoryData(name="x"), MONDAY)
        with pytest.raises(NotAllowed):
            setup.set_clock_rule(
                s.actor(who), category="", urgency="normal", kind="accept", amount=1, unit="work_hours", now=MONDAY
            )


def test_a_time_limit_holds_for_the_next_case_and_goes_back_to_the_default(s: Scene, city: Actor) -> None:
    rule = {"category": "parking", "urgency": "normal", "kind": "accept", "unit": "urgent_hours"}
    setup.set_clock_rule(city, amount=1, now=MONDAY, **rule)
    case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
    assert case.due_at is not None
    assert (case.due_at - MONDAY).total_seconds() == 3600
    setup.set_clock_rule(city, amount=2, now=MONDAY, **rule)
    assert ClockRule.objects.get().amount == 2
    setup.set_clock_rule(city, amount=None, now=MONDAY, **rule)
    assert not ClockRule.objects.exists()
    with pytest.raises(Invalid):
        setup.set_clock_rule(city, amount=0, now=MONDAY, **rule)
    assert Entry.objects.filter(verb="clock_rule.set").count() == 3


def test_a_route_gives_the_next_case_and_taking_turns_goes_round(s: Scene) -> None:
    street = s.actor(s.street)
    company, bureau = s.place.company.pk, s.bureau.pk
    data = RouteData(category="parking", organisation=bureau, automatic=True)
    setup.set_route(street, s.place.community.pk, data, MONDAY)
    assert submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY).lead_id == bureau
    turns = RouteData(category="parking", mode="rotation", automatic=False, members=(company, bureau))
    setup.set_route(street, s.place.community.pk, turns, MONDAY)
    assert Route.objects.filter(area=s.place.community, until=None).count() == 1
    for expected in (company, bureau, company):
        case = submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY)
        from tongxin.cases.queries.choices import suggestion

        assert suggestion(case, MONDAY).organisation == str(expected)
        desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, lead=expected)
    setup.end_route(street, Route.objects.get(area=s.place.community, until=None).pk, MONDAY)
    assert submit_case(s.actor(s.zhang), s.report(category="parking"), MONDAY).lead_id is None


def test_a_route_that_leads_nowhere_or_elsewhere_is_refused(s: Scene) -> None:
    street = s.actor(s.street)
    for data in (
        RouteData(category="parking"),
        RouteData(category="nothing", organisation=s.bureau.pk),
        RouteData(category="parking", organisation=s.bureau.pk, service="property"),
        RouteData(category="parking", mode="rotation", members=(s.bureau.pk,)),
        RouteData(category="parking", organisation=s.zhang.pk),
    ):
        with pytest.raises(Invalid):
            setup.set_route(street, s.place.community.pk, data, MONDAY)
    with pytest.raises(NotAllowed):
        setup.set_route(street, s.place.city.pk, RouteData(category="parking", organisation=s.bureau.pk), MONDAY)
    with pytest.raises(NotAllowed):
        setup.end_route(s.actor(s.wu), Route.objects.get().pk, MONDAY)


def test_ready_answers_belong_to_an_area(s: Scene) -> None:
    wu, area = s.actor(s.wu), s.place.community.pk
    row = setup.save_template(wu, area_id=area, name="已转物业", text="您好，已转物业处理。", now=MONDAY)
    setup.save_template(wu, area_id=area, name="已转物业公司", text="您好。", template_id=row.pk, now=MONDAY)
    assert AnswerTemplate.objects.get().name == "已转物业公司"
    with pytest.raises(NotAllowed):
        setup.save_template(s.actor(s.outsider), area_id=area, name="x", text="x", now=MONDAY)
    with pytest.raises(NotAllowed):
        setup.delete_template(s.actor(s.outsider), row.pk, MONDAY)
    setup.delete_template(wu, row.pk, MONDAY)
    with pytest.raises(NotFound):
        setup.delete_template(wu, row.pk, MONDAY)


def test_a_list_is_taken_away_by_those_entitled_only(s: Scene) -> None:
    desktop.note_export(s.actor(s.wu), query="show=closed", rows=3, areas=(s.place.community.path,), now=MONDAY)
    assert Entry.objects.get(verb="case.exported").data == {"filter": "show=closed", "rows": 3}
    for who, areas in ((s.wang, (s.place.community.path,)), (s.wu, (s.place.street.path,)), (s.officer, ())):
        with pytest.raises(DomainError):
            desktop.note_export(s.actor(who), query="", rows=1, areas=areas, now=MONDAY)


def test_at_most_twenty_filters_are_kept(s: Scene) -> None:
    wu = s.actor(s.wu)
    for n in range(20):
        desktop.save_filter(wu, f"筛选{n}", "show=closed", MONDAY)
    desktop.save_filter(wu, "筛选3", "show=claim", MONDAY)
    with pytest.raises(Invalid):
        desktop.save_filter(wu, "再一个", "show=closed", MONDAY)
