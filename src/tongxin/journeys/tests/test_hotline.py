"""罗大爷 rings 12345 about a lamp: the ticket becomes a case, the hotline moves its deadline, and the answer goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tongxin.cases.models import Case, CaseClock, Party
from tongxin.cases.operations import work
from tongxin.cases.tests.stage import MONDAY, Scene, scene
from tongxin.hotline import operations, queries, rules
from tongxin.hotline.models import Answer, HotlineSource, Ticket, Version
from tongxin.hotline.sender import send_due
from tongxin.hotline.tests.stand_in import hotline
from tongxin.journeys.hotline import adopt, file_new, look_for_answers
from tongxin.kernel.errors import Conflict, NotAllowed, NotFound
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db
SECRET = "shared with 12345 alone"
LAMP = {
    "number": "SY20261116001", "name": "罗大爷", "phone": "13907190088", "received": "2026-11-16 09:30",
    "address": "张湾区国瑞中央花园3号楼门口", "text": "国瑞门口的路灯灭了三天", "category": "市政设施",
    "deadline": "2026-11-18",
}  # fmt: skip


@pytest.fixture
def here() -> Scene:
    return scene()


def source(here: Scene, url: str = "") -> HotlineSource:
    return operations.save_source(
        here.actor(here.street), None, name="十堰12345", slug="sy12345", area_id=here.place.street.pk, columns={},
        categories={"市政设施": "lighting.street"}, answers_url=url, secret=SECRET, now=MONDAY,
    )  # fmt: skip


def rings(here: Scene, one: HotlineSource, now: datetime = MONDAY, **other: Any) -> operations.TakenIn:
    row = LAMP | other
    fields, wrong = rules.fitted(row)
    assert not wrong
    return operations.take_in(here.actor(here.street), one, [operations.Incoming(fields, row)], now)


def filed(here: Scene, url: str = "", **other: Any) -> tuple[Ticket, Case]:
    rings(here, source(here, url), **other)
    file_new(MONDAY, lambda text: "")
    ticket = Ticket.objects.get()
    return ticket, Case.objects.get(pk=ticket.case_id)


def answered(here: Scene, case: Case) -> None:
    li = here.actor(here.li)  # street lights go to the company by themselves
    work.claim_case(li, case.pk, MONDAY, start=True)
    work.answer_case(li, case.pk, MONDAY, text="换了灯头")


def test_a_ticket_becomes_a_case_where_its_address_says_with_the_hotlines_deadline(here: Scene) -> None:
    ticket, case = filed(here)
    assert (case.channel, case.source) == ("hotline", "sy12345:SY20261116001")
    assert case.area == here.place.estate and case.building == here.place.home.unit.building
    assert case.category.code == "lighting.street"
    assert case.resolve_by == datetime.fromisoformat("2026-11-18T23:59:00+08:00")
    party = Party.objects.get(case=case)
    assert party.contact_name == "罗大爷" and party.contact_index is not None
    assert (ticket.stage, ticket.adopted, ticket.area_path) == ("in_hand", 1, here.place.estate.path)


def test_the_callers_name_and_number_are_not_in_clear(here: Scene) -> None:
    filed(here)
    version = Version.objects.get()
    assert "罗大爷" not in str(version.fields) and LAMP["phone"] not in str(version.fields)
    assert queries.ticket_page(here.actor(here.wu), version.ticket_id).phone == "139****0088"


def test_who_asks_for_confidence_is_hidden(here: Scene) -> None:
    _, case = filed(here, confidential="是")
    assert case.reporter_hidden and Party.objects.get(case=case).hidden


def test_the_same_number_with_the_same_words_is_the_same_ticket(here: Scene) -> None:
    one = source(here)
    assert rings(here, one).new == 1
    assert (rings(here, one).same, Ticket.objects.count(), Version.objects.count()) == (1, 1, 1)
    file_new(MONDAY)
    file_new(MONDAY)
    assert Case.objects.count() == 1


def test_a_number_twice_in_one_sheet_takes_nothing_in(here: Scene) -> None:
    one, (fields, _) = source(here), rules.fitted(LAMP)
    row = operations.Incoming(fields, LAMP)
    with pytest.raises(Exception, match="twice"):
        operations.take_in(here.actor(here.street), one, [row, row], MONDAY)
    assert not Ticket.objects.exists()


def test_a_moved_deadline_is_shown_and_adopted_on_case_and_clock(here: Scene) -> None:
    ticket, case = filed(here)
    rings(here, ticket.source, MONDAY, deadline="2026-11-25 18:00", text="还有井盖也坏了")
    page = queries.ticket_page(here.actor(here.wu), ticket.pk)
    assert page.line.changed and set(page.difference) == {"deadline", "text"}
    assert Case.objects.get(pk=case.pk).resolve_by == case.resolve_by, "not before the desk adopts it"

    with pytest.raises(Conflict):
        adopt(here.actor(here.wu), ticket.pk, MONDAY, version=1)
    adopt(here.actor(here.wu), ticket.pk, MONDAY, version=2)
    by = datetime.fromisoformat("2026-11-25T18:00:00+08:00")
    clock = CaseClock.objects.get(case=case, kind="resolve", stopped_at=None)
    assert Case.objects.get(pk=case.pk).resolve_by == clock.by == clock.due_at == by
    assert "井盖" in case.updates.order_by("-id").first().note  # type: ignore[union-attr]
    assert not queries.ticket_page(here.actor(here.wu), ticket.pk).difference
    assert not [one for one in verify_all().findings if one.where.startswith(("hotline", "case"))]


def test_only_the_desk_of_the_area_reads_and_adopts(here: Scene) -> None:
    ticket, _ = filed(here)
    rings(here, ticket.source, deadline="2026-11-20")
    with pytest.raises(NotFound):
        queries.ticket_page(here.actor(here.outsider), ticket.pk)
    with pytest.raises(NotAllowed):
        adopt(here.actor(here.li), ticket.pk, MONDAY, version=2)


def test_the_answer_reaches_the_hotline_after_trouble_once_and_signed(here: Scene) -> None:
    with hotline(SECRET, MONDAY, 500, 429) as city:
        ticket, case = filed(here, city.url)
        answered(here, case)
        assert look_for_answers(MONDAY) == 1 and look_for_answers(MONDAY) == 0
        answer = Answer.objects.get()
        send_due(MONDAY)
        answer.refresh_from_db()
        assert (answer.state, answer.error, answer.attempts) == ("waiting", "status 500", 1)
        assert send_due(MONDAY) == 0, "not before its time"
        send_due(MONDAY + timedelta(minutes=1))
        answer.refresh_from_db()
        assert (answer.state, answer.attempts) == ("waiting", 1), "patience that was asked for costs no try"
        send_due(MONDAY + timedelta(minutes=4))
        answer.refresh_from_db()
        assert (answer.state, answer.receipt) == ("sent", "R1")
        assert city.wrong == []
    told = city.taken[0]
    assert (told["number"], told["kind"], told["text"], told["unit"]) == (
        ticket.number, "answered", "换了灯头", "国瑞物业",
    )  # fmt: skip
    assert len(city.taken) == 1


def test_what_the_hotline_never_takes_stands_as_failed_and_can_be_sent_again(here: Scene) -> None:
    with hotline(SECRET, MONDAY, *[500] * 6) as city:
        ticket, case = filed(here, city.url)
        answered(here, case)
        look_for_answers(MONDAY)
        now = MONDAY
        for _ in range(6):
            city.now = now
            send_due(now)
            now += timedelta(hours=5)
        assert Answer.objects.get().state == "failed"
        operations.send_again(here.actor(here.wu), ticket.pk, now)
        city.now = now
        send_due(now)
        assert Answer.objects.get().state == "sent" and len(city.taken) == 1


def test_the_sheet_that_goes_back_has_the_columns_that_came_and_is_on_the_record(here: Scene) -> None:
    _, case = filed(here)
    answered(here, case)
    look_for_answers(MONDAY)
    ((raw, body),) = operations.take_away(here.actor(here.wu), "sy12345", MONDAY)
    assert raw == LAMP and body["text"] == "换了灯头"
    assert Answer.objects.get().taken_at == MONDAY
    assert operations.take_away(here.actor(here.outsider), "sy12345", MONDAY) == []
