"""The handler's list: what is due to them, in the order in which it is due to them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations import desk, petitions, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.handling import Task, tasks
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.actor import Actor

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def s() -> Scene:
    return scene()


def helped(s: Scene, text: str = "3号楼2单元楼道灯不亮", called: datetime = MONDAY, *, whistle: bool = False) -> Case:
    """国瑞物业 leads, 城管执法局 is called in to help."""
    case = submit_case(s.actor(s.zhang), s.report(text), MONDAY)
    caller = s.actor(s.street) if whistle else s.actor(s.wu)
    desk.add_co_handler(caller, case.pk, called, organisation=s.bureau.pk, task="清理楼道", whistle=whistle)
    case.refresh_from_db()
    return case


def listed(actor: Actor, which: str = "waiting") -> list[Task]:
    return tasks(actor, which)[0]


def clock(case: Case, kind: str) -> CaseClock:
    return CaseClock.objects.get(case=case, kind=kind, stopped_at=None)


@pytest.mark.parametrize(("whistle", "kind"), [(False, "co_task"), (True, "whistle")])
def test_a_co_handler_sees_until_when_their_own_part_is_due(s: Scene, whistle: bool, kind: str) -> None:
    case = helped(s, called=MONDAY + timedelta(days=2), whistle=whistle)
    own = clock(case, kind)
    assert own.due_at != case.due_at, "the lead has to take it first"
    (row,) = listed(s.actor(s.officer))
    assert (row.co, row.due_at, row.due_kind) == (True, own.due_at, kind)
    (lead,) = listed(s.actor(s.li))
    assert (lead.co, lead.due_at, lead.due_kind) == (False, case.due_at, case.due_kind)


def test_who_answered_their_part_has_nothing_due(s: Scene) -> None:
    case = helped(s)
    work.answer_sub_task(s.actor(s.officer), case.pk, MONDAY + HOUR, organisation=s.bureau.pk, text="清了")
    (row,) = listed(s.actor(s.officer), "done")
    assert (row.due_at, row.due_kind) == (None, "")


def test_what_is_put_off_is_due_to_nobody_who_helps(s: Scene) -> None:
    case = helped(s)
    work.claim_case(s.actor(s.li), case.pk, MONDAY)
    work.request_suspension(s.actor(s.li), case.pk, MONDAY, reason="等配件", review_on=date(2026, 12, 21))
    petitions.decide_petition(s.actor(s.wu), case.pk, MONDAY + HOUR, kind="suspension", grant=True)
    (row,) = listed(s.actor(s.officer))
    assert row.due_at is None


def test_the_list_and_its_pages_follow_what_is_due_to_the_reader(s: Scene) -> None:
    cases = [helped(s, f"灯不亮{day}", MONDAY + timedelta(days=day)) for day in (3, 1, 4, 2)]
    assert len({clock(case, "co_task").due_at for case in cases}) == 4 and len({case.due_at for case in cases}) == 1
    wanted = [cases[i].number for i in (1, 3, 0, 2)]
    officer = s.actor(s.officer)
    assert [row.number for row in listed(officer)] == wanted
    seen, after = [], None
    while True:
        rows, after = tasks(officer, "waiting", after=after, limit=1)
        seen += [row.number for row in rows]
        if after is None:
            break
    assert seen == wanted
