"""王敏 and the households given to her: visits, what they find, and what is said of the answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cast import START, officer
from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations import desk, work
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.journeys import visiting
from tongxin.journeys.visiting import FoundHere
from tongxin.kernel.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.notifications.models import Notice
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Household, Organisation, Person
from tongxin.places.models import Home
from tongxin.record.models import Entry
from tongxin.visits import operations as visits
from tongxin.visits.models import Assignment, Visit, VisitTally
from tongxin.visits.operations import Filled
from tongxin.visits.queries import figures, rounds
from tongxin.visits.rules import Rhythm

pytestmark = pytest.mark.django_db
SCHOOL_FEES = "孩子上学，交不起学费"


@pytest.fixture
def town() -> Scene:
    return scene()


def household(who: Person) -> Household:
    return who.residences.get().household


def given(town: Scene, *who: Person, visitor: Person | None = None) -> list[Assignment]:
    """The desk gives the households of these people to a visitor."""
    visits.share_out(
        town.actor(town.wu), [household(one).pk for one in who], [(visitor or town.wang).pk], MONDAY - timedelta(days=1)
    )
    return [Assignment.objects.get(household=household(one), until=None) for one in who]


def met(row: Assignment, **more: Any) -> Filled:
    values: dict[str, Any] = {
        "once": uuid7(),
        "assignment_id": row.pk,
        "outcome": "met",
        "text": "聊了聊",
        "consent": True,
    }
    return Filled(**(values | more))


def fees(who: Person, **more: Any) -> FoundHere:
    values: dict[str, Any] = {"text": SCHOOL_FEES, "category": "policy", "person_id": who.pk}
    return FoundHere(**(values | more))


def test_what_a_visit_finds_is_a_case_in_the_fathers_name_due_the_same_day_and_there_once(town: Scene):
    (row,) = given(town, town.chen)
    wang = town.actor(town.wang)
    filled = met(row, same_day=True, occurred_at=MONDAY - timedelta(hours=2))
    first = visiting.make_visit(wang, filled, [fees(town.chen, unit="东风小学", photos=[photo()])], MONDAY)
    again = visiting.make_visit(wang, filled, [fees(town.chen)], MONDAY + timedelta(hours=3))
    assert first == again
    (case,) = Case.objects.all()
    assert (case.channel, case.filed_by_helper, case.occurred_at) == ("visit", True, MONDAY - timedelta(hours=2))
    assert case.resolve_by == datetime(2026, 11, 16, 16, 0, tzinfo=UTC)
    assert "东风小学" in case.text and SCHOOL_FEES in case.text
    assert case.parties.get().person == town.chen
    assert CaseClock.objects.filter(case=case, kind="accept").exists()
    assert Notice.objects.filter(person_id=town.chen.pk, params__who="王敏").exists()
    made = rounds.visit(wang, first, MONDAY)
    assert [one.number for one in made.matters] == [case.number]
    assert Entry.objects.filter(subject_kind="visit", subject_id=first, verb="visit.made").count() == 1
    assert VisitTally.objects.get(kind="matter").amount == 1


def test_two_matters_of_one_visit_are_two_cases_and_a_wrong_row_files_nothing(town: Scene):
    (row,) = given(town, town.chen)
    wang = town.actor(town.wang)
    with pytest.raises(Invalid) as wrong:
        visiting.make_visit(wang, met(row), [fees(town.chen), fees(town.chen, category="nonsense")], MONDAY)
    assert wrong.value.field == "category-2"
    with pytest.raises(Invalid) as wrong:
        visiting.make_visit(wang, met(row), [fees(town.zhang)], MONDAY)
    assert wrong.value.field == "person-1"
    assert not Visit.objects.exists() and not Case.objects.exists()
    visiting.make_visit(
        wang, met(row), [fees(town.chen), fees(town.chen, text="楼道灯不亮", category="lighting")], MONDAY
    )
    assert Case.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"outcome": "nobody"}, "outcome"),
        ({"consent": False}, "consent"),
        ({"outcome": ""}, "outcome"),
        ({"occurred_at": MONDAY + timedelta(days=1)}, "occurred_at"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(town: Scene, change: dict[str, Any], field: str):
    (row,) = given(town, town.chen)
    with pytest.raises(Invalid) as wrong:
        visiting.make_visit(town.actor(town.wang), met(row, **change), [fees(town.chen)], MONDAY)
    assert wrong.value.field == field


def test_nobody_home_stays_due_and_is_counted_and_a_visit_moves_it_on(town: Scene):
    (row,) = given(town, town.chen)
    wang, due = town.actor(town.wang), row.due_on
    for outcome in ("nobody", "declined"):
        visiting.make_visit(wang, met(row, outcome=outcome, text=""), [], MONDAY)
    late = MONDAY + timedelta(days=60)
    area = figures.area_to_read(town.actor(town.wu), "")
    (line,), more = figures.missed(area, late)
    assert (line.tries, line.why, line.due_on, more) == (2, "declined", due, "")
    own, below = figures.figures(area, MONDAY)
    assert (own.households, own.missed, own.nobody, own.declined, own.met) == (1, 0, 1, 1, 0)
    assert [one.name for one in below] == ["国瑞中央花园"]
    assert (visits.count_due(late), visits.count_due(late)) == (1, 0)  # what is due changes at midnight
    assert figures.figures(area, late)[0].missed == 1
    visiting.make_visit(wang, met(row), [], MONDAY)
    row.refresh_from_db()
    assert (row.tries, row.due_on, row.last_met_on) == (0, MONDAY.date() + timedelta(days=90), MONDAY.date())


def test_only_who_visits_the_household_may_and_a_key_is_theirs(town: Scene):
    (row,) = given(town, town.chen)
    filled = met(row)
    for other in (town.wu, town.outsider):
        with pytest.raises(NotFound):
            visiting.make_visit(town.actor(other), filled, [], MONDAY)
    visiting.make_visit(town.actor(town.wang), filled, [], MONDAY)
    (second,) = given(town, town.zhang)
    with pytest.raises(Conflict):
        visiting.make_visit(town.actor(town.wang), replace(filled, assignment_id=second.pk), [], MONDAY)
    with pytest.raises(NotFound):
        rounds.visit(town.actor(town.outsider), Visit.objects.get().pk, MONDAY)


def test_a_late_copy_is_taken_though_the_household_was_given_to_somebody_else(town: Scene):
    (row,) = given(town, town.chen)
    filled = met(row)
    made = visiting.make_visit(town.actor(town.wang), filled, [], MONDAY)
    visits.share_out(town.actor(town.wu), [household(town.chen).pk], [town.wu.pk], MONDAY)
    assert visiting.make_visit(town.actor(town.wang), filled, [], MONDAY) == made
    with pytest.raises(NotFound):
        visiting.make_visit(town.actor(town.wang), met(row), [], MONDAY)
    now = Assignment.objects.get(until=None)
    assert (now.visitor, now.last_met_on) == (town.wu, MONDAY.date())


def test_a_party_member_helps_in_the_home_given_to_them_and_nowhere_else(town: Scene):
    branch = Organisation.objects.create(kind="party_branch", name="国瑞党支部", area=town.place.estate, since=START)
    member = officer("党员老周", "party_member", branch, town.place.estate)
    cipher, index = sealed("13907280007", PHONE)
    Person.objects.filter(pk=town.chen.pk).update(phone_cipher=cipher, phone_index=index)
    (row,) = given(town, town.chen, visitor=member)
    actor = town.actor(member)
    assert visiting.reveal_phone(actor, row.pk, town.chen.pk, "上门前约时间", MONDAY) == "13907280007"
    assert Entry.objects.filter(subject_kind="person", subject_id=town.chen.pk).exists()
    with pytest.raises(NotFound):
        visiting.reveal_phone(actor, row.pk, town.zhang.pk, "看看", MONDAY)
    visiting.make_visit(actor, met(row), [fees(town.chen)], MONDAY)
    assert Case.objects.get().filed_by_helper
    assert not actor.may("case.submit_for", town.place.estate.path)


def test_the_schools_answer_is_signed_for_on_the_screen(town: Scene):
    school = Organisation.objects.create(kind="school", name="东风小学", area=town.place.community, since=START)
    head = officer("许校长", "handler", school, town.place.community)
    (row,) = given(town, town.chen)
    wang, wu, xu = town.actor(town.wang), town.actor(town.wu), town.actor(head)
    visit = visiting.make_visit(wang, met(row), [fees(town.chen)], MONDAY)
    case = Case.objects.get()
    desk.accept_case(wu, case.pk, MONDAY)
    desk.dispatch_case(wu, case.pk, MONDAY, lead=school.pk)
    work.claim_case(xu, case.pk, MONDAY, start=True)
    work.answer_case(xu, case.pk, MONDAY, text="免学费，发助学金")
    case.refresh_from_db()
    if case.state != "awaiting":
        desk.verify_case(wu, case.pk, MONDAY)
    made = rounds.visit(wang, visit, MONDAY)
    (one,) = visiting.outcomes(wang, made, MONDAY)
    assert (one.answer, one.answered_by, one.may_speak) == ("免学费，发助学金", "东风小学", True)
    with pytest.raises(NotFound):
        visiting.sign_answer(wu, visit, case.number, solved=True, rating=5, text="", signature=None, now=MONDAY)
    visiting.sign_answer(wang, visit, case.number, solved=True, rating=5, text="", signature=photo(), now=MONDAY)
    case.refresh_from_db()
    (one,) = visiting.outcomes(wang, made, MONDAY)
    assert (case.state, one.rating) == ("closed", 5)


def test_ninety_households_among_five_as_one_step_and_neighbours_are_not_their_own_visitors(town: Scene):
    homes = [Home.objects.create(unit=town.place.home.unit, name=f"{n:03}") for n in range(90)]
    rows = [Household.objects.create(home=home, since=START) for home in homes]
    five = [officer(f"走访人{n}", "grid_worker", town.place.office, town.place.community) for n in range(5)]
    given_ = visits.share_out(town.actor(town.wu), [row.pk for row in rows], [one.pk for one in five], MONDAY)
    assert given_ == 90
    assert {rounds.due_count(town.actor(one), MONDAY + timedelta(days=20)) for one in five} == {18}
    assert Entry.objects.filter(verb="visits.shared_out").count() == 5
    again = visits.share_out(town.actor(town.wu), [row.pk for row in rows], [one.pk for one in five], MONDAY)
    assert again == 0
    for wrong, kind in (([town.li.pk], Invalid), ([], Invalid)):
        with pytest.raises(kind):
            visits.share_out(town.actor(town.wu), [rows[0].pk], wrong, MONDAY)
    with pytest.raises(NotAllowed):
        visits.share_out(town.actor(town.outsider), [rows[0].pk], [five[0].pk], MONDAY)


def test_a_new_rhythm_counts_anew_what_is_due(town: Scene):
    home = household(town.chen)
    home.traits = ["lives_alone"]
    home.save()
    chen, zhang = given(town, town.chen, town.zhang)
    for row in (chen, zhang):
        visiting.make_visit(town.actor(town.wang), met(row), [], MONDAY)
    visits.set_rhythm(town.actor(town.wu), town.place.community.pk, Rhythm(60, 7, frozenset({"lives_alone"})), MONDAY)
    chen.refresh_from_db()
    zhang.refresh_from_db()
    assert (chen.due_on - MONDAY.date(), zhang.due_on - MONDAY.date()) == (timedelta(days=7), timedelta(days=60))
    with pytest.raises(DomainError):
        visits.set_rhythm(town.actor(town.outsider), town.place.community.pk, Rhythm(), MONDAY)


def test_a_form_signed_on_paper_is_attached_later(town: Scene):
    (row,) = given(town, town.chen)
    visit = visiting.make_visit(town.actor(town.wang), met(row, on_paper=True), [], MONDAY)
    with pytest.raises(NotAllowed):
        visits.attach_form(town.actor(town.outsider), visit, photo(), MONDAY)
    visits.attach_form(town.actor(town.wang), visit, photo(), MONDAY)
    assert rounds.visit(town.actor(town.wu), visit, MONDAY).signature == "paper"
