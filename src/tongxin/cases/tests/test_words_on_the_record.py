"""What everybody reads of a case is on the record: changed behind its back, it is named."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tongxin.cases.models import Assignment, CallBack, CaseClock, Petition, Update
from tongxin.cases.operations import desk, petitions, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.checks import case_checks
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.kernel.ids import uuid7
from tongxin.record.models import Entry
from tongxin.record.operations import erase_personal
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


@pytest.fixture
def answered(s: Scene):
    """张阿姨 reported the light, 李师傅 asked for more time, got it, and answered."""
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    work.request_extension(s.actor(s.li), case.pk, MONDAY, reason="等配件", extra=1)
    petitions.decide_petition(s.actor(s.zhou), case.pk, MONDAY, kind="extension", grant=True, reason="同意")
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换了声控灯头")
    return case


@pytest.fixture
def found(answered):
    """What is found once something was changed; then it is put back, for the record agrees after every story."""

    def changed(rows, **values) -> set[str]:
        row = rows.get()
        before = {name: getattr(row, name) for name in values}
        rows.model.objects.filter(pk=row.pk).update(**values)
        kinds = {finding.kind for finding in case_checks()}
        rows.model.objects.filter(pk=row.pk).update(**before)
        return kinds

    return changed


def test_the_words_of_the_answer_and_who_said_them(answered, found):
    answer = Update.objects.filter(case=answered, verb="answer")
    assert found(answer, text="已于当天修好") == {"words-altered"}
    assert found(answer, note="已电话告知") == {"words-altered"}
    assert found(answer, actor_name="王主任") == {"words-altered"}
    assert found(answer, audience="staff") == {"update-altered"}
    assert found(answer, occurred_at=MONDAY - timedelta(days=1)) == {"update-altered"}
    assert found(Update.objects.filter(case=answered, verb="start"), note="从前说过") == {"words-altered"}


def test_who_had_it_and_what_was_asked_for_and_decided(answered, found):
    lead = Assignment.objects.filter(case=answered)
    asked = Petition.objects.filter(case=answered)
    assert found(lead, person=None) == {"row-altered"}
    assert found(lead, answer="已于当天修好") == {"words-altered"}
    assert found(asked, state="refused") == {"row-altered"}
    assert found(asked, days=9) == {"row-altered"}
    assert found(asked, reason="没有理由") == {"words-altered"}
    assert found(asked, decision="不同意") == {"words-altered"}


def test_the_clock_that_says_whether_it_was_done_in_time(answered, found):
    resolve = CaseClock.objects.filter(case=answered, kind="resolve")
    clock = resolve.get()
    assert clock.met is not None
    assert found(resolve, due_at=clock.due_at + timedelta(days=3)) == {"row-altered"}
    assert found(resolve, met=not clock.met) == {"row-altered"}
    assert found(resolve, extension=5) == {"row-altered"}
    assert found(resolve, warned_at=MONDAY) == set(), "what the ticker notes decides nothing"


def test_a_line_or_a_row_that_is_gone_and_one_that_was_slipped_in(answered):
    row = Update.objects.get(case=answered, verb="answer")
    Update.objects.filter(pk=row.pk).update(id=uuid7())
    assert sorted(finding.kind for finding in case_checks()) == ["update-missing", "update-unrecorded"]
    Update.objects.filter(verb="answer").update(id=row.pk)
    lead = Assignment.objects.get(case=answered)
    Assignment.objects.filter(pk=lead.pk).update(id=uuid7())
    assert sorted(finding.kind for finding in case_checks()) == ["row-missing", "row-unrecorded"]
    Assignment.objects.update(id=lead.pk)


def test_a_co_handlers_task_is_on_the_record_though_nobody_else_said_it(s: Scene, answered, found):
    other = submit_case(s.actor(s.zhang), s.report("楼顶漏水", category="water.leak"), MONDAY)
    desk.dispatch_case(
        s.actor(s.wu), other.pk, MONDAY, lead=s.place.company.pk, co_handlers=[(s.bureau.pk, "查看违建")],
        reason="需要两家一起" if other.lead_id else "",
    )  # fmt: skip
    sub_task = Assignment.objects.filter(case=other, role="co")
    assert sub_task.get().task == "查看违建"
    assert found(sub_task, task="不用查看") == {"words-altered"}
    assert "查看违建" not in str(list(Entry.objects.values_list("data", flat=True))), "and not in the open"


def test_words_lawfully_erased_are_told_as_erased_and_must_be_gone(s: Scene, answered):
    answer = Update.objects.filter(case=answered, verb="answer")
    seq = next(e.subject_seq for e in Entry.objects.filter(subject_id=answered.pk) if e.verb == "case.answer")
    erase_personal(
        actor=s.actor(s.zhou), subject=("case", answered.pk), area_path=answered.area_path, reason="依申请删除",
        now=MONDAY, seqs=[seq],
    )  # fmt: skip
    assert {finding.kind for finding in case_checks()} == {"words-kept"}
    answer.update(text="")
    Assignment.objects.filter(case=answered).update(answer="")
    assert list(case_checks()) == []
    assert verify_all().counts["erased"] == 1


def test_what_was_said_on_the_telephone(s: Scene, answered, found):
    from tongxin.cases.operations import resident

    party = answered.parties.get()
    call = CallBack.objects.create(
        id=uuid7(MONDAY), case=answered, party=party, area_path=answered.area_path, because="silent", due_at=MONDAY
    )
    assert list(case_checks()) == [], "a call that nobody made yet is only a plan"
    resident.record_call_back(s.actor(s.wu), call.pk, MONDAY, result="reached", solved=True, rating=4, note="挺好")
    called = CallBack.objects.filter(pk=call.pk)
    assert found(called, rating=5) == {"row-altered"}
    assert found(called, note="非常好") == {"words-altered"}
