"""Past cases of another system, replayed once and in silence."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.cast import wangwan
from tongxin.cases.models import Case, CaseClock, Update
from tongxin.cases.operations.importing import import_cases
from tongxin.kernel.actor import SYSTEM
from tongxin.notifications.models import Delivery, Notice
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ROW = {
    "id": "2554", "user": "A00023583", "title": "潇楚南路怎么还没修好？", "time": "2019/4/24 16:03:40",
    "text": "路挖得稀烂", "reply": "预计8月底完工", "reply_time": "2019/5/9 9:49:10",
}  # fmt: skip


def test_a_report_and_its_reply_happened_then_and_are_recorded_now() -> None:
    place = wangwan()
    done = import_cases(SYSTEM, [ROW], place.community, NOW, origin="hotline")
    assert (done.read, done.imported, done.skipped, done.errors) == (1, 1, 0, [])
    case = Case.objects.get()
    assert case.occurred_at == datetime(2019, 4, 24, 8, 3, 40, tzinfo=UTC)
    assert case.created_at == NOW
    assert (case.state, case.outcome) == ("closed", "unanswered"), "silence is never satisfaction"
    assert case.closed_at == datetime(2019, 5, 9, 1, 49, 10, tzinfo=UTC)
    assert set(Entry.objects.values_list("recorded_at", flat=True)) == {NOW}
    reply = Update.objects.get(verb="answer_directly")
    assert (reply.text, reply.occurred_at.year) == ("预计8月底完工", 2019)
    assert not CaseClock.objects.filter(stopped_at=None).exists()


def test_nobody_is_told_and_a_second_run_imports_nothing_twice() -> None:
    place = wangwan()
    import_cases(SYSTEM, [ROW], place.community, NOW, origin="hotline")
    again = import_cases(SYSTEM, [ROW], place.community, NOW, origin="hotline")
    assert (again.imported, again.skipped) == (0, 1)
    assert Case.objects.count() == 1
    assert not Notice.objects.exists() and not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"time": "昨天"}, "not a date"),
        ({"time": ""}, "not a date"),
        ({"text": "", "title": " "}, "text is missing"),
        ({"id": ""}, "id is missing"),
        ({"reply_time": "2018-01-01"}, "older than the report"),
        ({"time": "2030/1/1", "reply_time": "2030/1/2"}, "future"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_go_in(change: dict[str, str], why: str) -> None:
    place = wangwan()
    done = import_cases(SYSTEM, [ROW | change, ROW | {"id": "9"}], place.community, NOW, origin="hotline")
    assert done.imported == 1
    [(row, message)] = done.errors
    assert row == 2
    assert why in message


def test_blank_cells_are_no_fault() -> None:
    place = wangwan()
    blank = ROW | {"reply": "", "reply_time": "", "title": "", "user": None}
    done = import_cases(SYSTEM, [blank], place.community, NOW, origin="hotline")
    assert done.errors == []
    assert Case.objects.get().state == "submitted", "without a reply it is still to be dealt with"
