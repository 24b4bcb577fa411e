"""The pool 点单: those near and fit are told of an order and take it; nobody takes their own, nor a sixth."""

from __future__ import annotations

from datetime import date

import pytest

from tests.cast import officer
from tongxin.cases.models import Case, Category
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.handling import tasks
from tongxin.cases.rules import HeldByAnother, State
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.errors import DomainError, NotAllowed, NotFound
from tongxin.notifications.models import Notice
from tongxin.people.models import Appointment, Person, ReportIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def volunteer(s: Scene) -> Person:
    return officer("志愿者小周", "volunteer", s.place.office, s.place.community)


def order(s: Scene, text: str = "借轮椅", category: str = "care.errand") -> Case:
    case = submit_case(s.actor(s.zhang), s.report(text, category=category), MONDAY)
    desk.dispatch_case(s.actor(s.wu), case.pk, MONDAY, pool=True)
    case.refresh_from_db()
    return case


def told(case: Case) -> set[str]:
    people = Notice.objects.filter(subject_id=case.pk, message__startswith="Who can help").values("person_id")
    return set(Person.objects.filter(pk__in=people).values_list("name", flat=True))


def test_those_near_who_serve_are_told_and_one_takes_it(s: Scene, volunteer: Person) -> None:
    far = officer("花果志愿者", "volunteer", s.place.office, s.place.other_community)
    case = order(s)
    assert "志愿者小周" in told(case) and "王敏" in told(case)
    assert not told(case) & {"花果志愿者", "郑队长", "张秀英"}
    with pytest.raises(NotFound):
        work.claim_case(s.actor(far), case.pk, MONDAY)
    work.claim_case(s.actor(volunteer), case.pk, MONDAY)
    with pytest.raises(HeldByAnother):
        work.claim_case(s.actor(s.wang), case.pk, MONDAY)


def test_nobody_takes_their_own_order(s: Scene) -> None:
    Appointment.objects.create(
        person=s.zhang, organisation=s.place.office, role="volunteer", area=s.place.community, since=date(2020, 1, 1)
    )
    case = order(s)
    assert "张秀英" not in told(case)
    with pytest.raises(NotAllowed) as refused:
        work.claim_case(s.actor(s.zhang), case.pk, MONDAY)
    assert refused.value.code == "own-order"


def test_what_takes_a_skill_is_for_who_registered_it(s: Scene, volunteer: Person) -> None:
    Category.objects.filter(code="care.repair").update(skills=["电工"])
    case = order(s, "换插座", "care.repair")
    assert "志愿者小周" not in told(case)
    assert case.number not in [row.number for row in tasks(s.actor(volunteer), "pool")[0]]
    with pytest.raises(NotAllowed) as refused:
        work.claim_case(s.actor(volunteer), case.pk, MONDAY)
    assert refused.value.code == "not-fit"
    ReportIn.objects.create(
        person=volunteer, community=s.place.community, home_unit="东风公司", skills="电工、搬重物", since=date(2025, 1, 1),
        received_by=s.zhou.pk,
    )  # fmt: skip
    assert case.number in [row.number for row in tasks(s.actor(volunteer), "pool")[0]]
    assert "志愿者小周" in told(order(s, "换灯", "care.repair"))
    work.claim_case(s.actor(volunteer), case.pk, MONDAY)


def test_an_office_takes_no_order_for_help(s: Scene) -> None:
    case = order(s)
    with pytest.raises(NotAllowed) as refused:
        work.claim_case(s.actor(s.officer), case.pk, MONDAY)
    assert refused.value.code == "not-your-role"


def test_a_sixth_order_waits_until_one_is_done(s: Scene, volunteer: Person) -> None:
    for number in range(5):
        work.claim_case(s.actor(volunteer), order(s, f"第{number}单").pk, MONDAY)
    sixth = order(s, "第六单")
    with pytest.raises(DomainError) as refused:
        work.claim_case(s.actor(volunteer), sixth.pk, MONDAY)
    assert refused.value.code == "enough"
    first = Case.objects.get(title="第0单")
    work.answer_case(s.actor(volunteer), first.pk, MONDAY, text="办好了")
    work.claim_case(s.actor(volunteer), sixth.pk, MONDAY)
    sixth.refresh_from_db()
    assert sixth.state == State.CLAIMED
