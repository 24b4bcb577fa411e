"""What an office was told, for its programs: that office alone, as far as the token goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.cast import START
from tongxin.api.tests.program import OWN, Program, office_program, report, resident_program
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, work
from tongxin.cases.tests.stage import Scene
from tongxin.journeys import handover
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.times import local_day
from tongxin.people.models import Appointment, Organisation
from tongxin.people.operations import tokens

pytestmark = pytest.mark.django_db


def reported(s: Scene, **more: Any) -> Case:
    number = resident_program(s, s.zhang).post("/cases", report(**more)).json()["number"]
    return Case.objects.get(number=number)


def links(program: Program) -> list[str]:
    answer = program.get("/notices")
    assert answer.status_code == 200, answer.content
    return [one["link"] for one in answer.json()["notices"]]


def test_the_handlers_program_reads_what_came_to_the_organisation_and_the_desks_what_came_to_the_desk(s: Scene) -> None:
    case = reported(s)
    li, wu = office_program(s, s.li, "case.handle"), office_program(s, s.wu, "case.desk")
    assert links(li) == [f"/work/{case.number}/"]
    desk.urge_case(s.actor(s.zhang, timezone.now()), case.pk, timezone.now(), text="晚上看不见")
    assert set(links(wu)) == {f"/desk/cases/{case.number}/"}
    first = li.get("/notices").json()["notices"][-1]
    assert first["unread"] and "楼道灯" in first["text"]


def test_not_what_its_holder_was_told_as_a_resident_nor_in_another_office(s: Scene) -> None:
    """李师傅 lives here too, and helps in the volunteers' team."""
    own = resident_program(s, s.li).post("/cases", report(text="电梯夹人", category="lift")).json()["number"]
    team = Organisation.objects.create(kind="volunteer_team", name="志愿队", area=s.place.community, since=START)
    other = Appointment.objects.create(
        person=s.li, organisation=team, role="volunteer", area=s.place.community, since=START
    )
    case = reported(s)
    desk.add_co_handler(s.actor(s.wu), case.pk, timezone.now(), organisation=s.bureau.pk, task="到场")
    parking = reported(s, text="车位被占", category="parking")
    desk.accept_case(s.actor(s.wu), parking.pk, timezone.now())
    desk.dispatch_case(s.actor(s.wu), parking.pk, timezone.now(), lead=team.pk)
    assert resident_program(s, s.li).get("/me/notices").status_code == 200
    company = Appointment.objects.get(person=s.li, organisation=s.place.company)
    for office, wanted in ((company, case), (other, parking)):
        program = program_of(office)
        assert set(links(program)) == {f"/work/{wanted.number}/"}
        assert own not in str(program.get("/notices").json())


def program_of(office: Appointment) -> Program:
    now = timezone.now()
    row, secret = tokens.make_office_token(
        SYSTEM, now, appointment_id=office.pk, name="工单", scopes=frozenset({"case.handle"}),
        expires_at=now + timedelta(days=9),
    )  # fmt: skip
    return Program(secret, row)


def test_the_scope_narrows_it_and_others_have_none_of_it(s: Scene) -> None:
    reported(s, text="车位被占", category="parking")
    assert links(office_program(s, s.wu, "case.desk"))
    assert links(office_program(s, s.wu, "case.handle")) == []
    assert links(office_program(s, s.outsider, "case.desk")) == []
    for program in (resident_program(s, s.zhang, OWN), office_program(s, s.wu, "case.read")):
        assert program.get("/notices").json()["code"] == "insufficient-scope"


def test_what_went_to_another_body_is_theirs(s: Scene) -> None:
    case = reported(s)
    li = office_program(s, s.li, "case.handle")
    assert links(li)
    now = timezone.now()
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk, reason="属城管")
    assert links(li) == ["/work/"], "that it was given to somebody else, and nothing more of it"
    Case.objects.filter(pk=case.pk).update(complained_of=[str(s.place.company.pk)])
    assert links(li) == []


def test_what_a_colleague_held_is_told_to_the_organisations_program(s: Scene) -> None:
    now, case = timezone.now(), reported(s)
    work.claim_case(s.actor(s.qian, now), case.pk, now)
    office = Appointment.objects.get(person=s.qian)
    handover.end_office(SYSTEM, office.pk, on=local_day(now), reason="离职", now=now)
    li = office_program(s, s.li, "case.handle")
    assert "/work/" in links(li)
    assert "/work/" not in links(office_program(s, s.wu, "case.handle"))


def test_the_list_is_read_in_pages(s: Scene) -> None:
    numbers = [reported(s, text=f"灯不亮{n}").number for n in range(3)]
    li = office_program(s, s.li, "case.handle")
    seen, cursor = [], ""
    while True:
        page = li.get(f"/notices?limit=1&cursor={cursor}").json()
        seen += [one["link"] for one in page["notices"]]
        if not (cursor := page["next"]):
            break
    assert seen == [f"/work/{number}/" for number in reversed(numbers)]
