"""王敏, the grid worker, reports for 张阿姨 and writes down what she says; 张阿姨 knows of it, and nobody chooses for her."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from tests.cast import person, sign_in
from tongxin.cases.models import Case, Party, Update
from tongxin.cases.operations import resident, work
from tongxin.cases.operations.choices import IN_PERSON, PHONE, SIGNED
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.mine import my_cases, waiting_for_me
from tongxin.cases.queries.progress import spoken_code
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import case_for
from tongxin.cases.rules import Incomplete, State
from tongxin.cases.tests.stage import MONDAY, Scene, photo, scene
from tongxin.files.models import Attachment
from tongxin.kernel.errors import Invalid, NotAllowed
from tongxin.notifications.models import Delivery, Notice
from tongxin.notifications.operations import TEXT
from tongxin.notifications.queries import notice_groups
from tongxin.people.fields import PHONE as PHONE_FIELD
from tongxin.people.fields import sealed
from tongxin.people.models import Person
from tongxin.record.keys import field_cipher

pytestmark = pytest.mark.django_db


@pytest.fixture
def s() -> Scene:
    return scene()


def give_phone(who: Person, number: str = "13800138000") -> None:
    who.phone_cipher, who.phone_index = sealed(number, PHONE_FIELD)
    who.save()


def answered(s: Scene) -> Case:
    """What 王敏 reported for 张阿姨, answered by 李师傅."""
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk, channel="grid"), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换好了")
    case.refresh_from_db()
    assert case.state == State.AWAITING
    return case


def page(client: Client, address: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(client.get(address).content.decode()))


def test_the_resident_is_told_by_phone_and_sees_both_names(s: Scene) -> None:
    give_phone(s.zhang)
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk, channel="grid"), MONDAY)
    told = Notice.objects.get(person_id=s.zhang.pk, kind="case.submit")
    assert told.params["who"] == "王敏" and told.link == f"/cases/{case.number}/"
    [delivery] = Delivery.objects.filter(notice=told)
    assert delivery.channel == "sms"

    client = Client()
    sign_in(client, s.zhang)
    mine = page(client, f"/cases/{case.number}/")
    assert "王敏（网格员）代张秀英" in mine
    assert f"/cases/{case.number}/" in mine and "不是我" in mine
    desk = Client()
    sign_in(desk, s.wu, strong=True)
    assert "王敏（网格员）代张秀英" in page(desk, f"/desk/cases/{case.number}/")


def test_without_a_phone_the_notice_waits_in_the_app(s: Scene) -> None:
    submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)
    [group], _ = notice_groups(s.zhang.pk)
    assert any("王敏代您反映了" in told.text for told in (group.latest, *group.earlier))
    assert not Delivery.objects.exists()


def test_who_is_not_in_the_register_has_the_slips_words_by_text_message(s: Scene) -> None:
    report = s.report(contact_name="刘桂兰", contact_phone="13900139000", channel="phone")
    case = submit_case(s.actor(s.wu), report, MONDAY)
    [delivery] = Delivery.objects.all()
    words = field_cipher().decrypt(bytes(delivery.text_cipher), TEXT)
    assert case.number in words and spoken_code(case.pk) in words
    landline = s.report("四号楼漏水", contact_name="李大爷", contact_phone="0719-8888888", channel="phone")
    submit_case(s.actor(s.wu), landline, MONDAY)
    assert Delivery.objects.count() == 1
    lines, _ = timeline(case_for(s.actor(s.wu), case.number, MONDAY), MONDAY)
    assert (lines[-1].helper, lines[-1].for_name, lines[-1].role) == (True, "刘桂兰", "community_worker")


def test_a_hidden_name_is_no_part_of_both_names_for_the_company(s: Scene) -> None:
    report = s.report(for_person=s.zhang.pk, hidden=True)
    case = submit_case(s.actor(s.wang), report, MONDAY)
    lines, _ = timeline(case_for(s.actor(s.li), case.number, MONDAY), MONDAY)
    assert all("张秀英" not in f"{line.for_name}{line.name}{line.text}" for line in lines)


def test_one_who_reports_for_themselves_is_told_nothing(s: Scene) -> None:
    submit_case(s.actor(s.zhang), s.report(), MONDAY)
    assert not Notice.objects.filter(kind="case.submit", person_id=s.zhang.pk).exists()


def test_not_mine_goes_on_in_the_helpers_own_name(s: Scene) -> None:
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)
    resident.disown_case(s.actor(s.zhang), case.pk, MONDAY)
    assert Party.objects.get(case=case, disowned_at=None).person_id == s.wang.pk


@pytest.mark.parametrize("verb", ["confirm", "not_solved", "rate", "withdraw"])
def test_a_helper_never_chooses(s: Scene, verb: str) -> None:
    case = answered(s) if verb != "withdraw" else submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk), MONDAY)

    def say(**more: Any) -> Case:
        wang, given = s.actor(s.wang), {"on_behalf_of": s.zhang.pk, **more}
        match verb:
            case "confirm":
                return resident.confirm_solved(wang, case.pk, MONDAY, rating=5, **given)
            case "not_solved":
                return resident.say_not_solved(wang, case.pk, MONDAY, reason="还是不亮", **given)
            case "rate":
                return resident.rate_case(wang, case.pk, MONDAY, rating=5, **given)
        return resident.withdraw_case(wang, case.pk, MONDAY, reason="自己修好了", **given)

    before = Case.objects.values().get(pk=case.pk)
    for refusal, given in [
        (Incomplete, {}),
        (Invalid, {"own_choice": "王敏说的"}),
        (NotAllowed, {"own_choice": SIGNED}),
        (NotAllowed, {"own_choice": PHONE}),
    ]:
        with pytest.raises(refusal):
            say(**given)
    assert Case.objects.values().get(pk=case.pk) == before
    assert Party.objects.get(case=case).word == ""

    say(own_choice=SIGNED, paper=[photo("white")])
    update = Update.objects.filter(case=case, on_behalf_of=s.zhang.pk, data__own_choice=SIGNED).get()
    assert (update.actor_name, update.data["role"]) == ("王敏", "grid_worker")
    assert Attachment.objects.get(purpose="evidence").owner_id == update.id
    assert Notice.objects.filter(person_id=s.zhang.pk, key__startswith=str(update.id)).exists(), "she is told"


def test_spoken_before_the_worker_and_reopened_later(s: Scene) -> None:
    case = answered(s)
    resident.confirm_solved(s.actor(s.wang), case.pk, MONDAY, on_behalf_of=s.zhang.pk, own_choice=IN_PERSON)
    with pytest.raises(NotAllowed):
        resident.reopen_case(
            s.actor(s.wang), case.pk, MONDAY, reason="又不亮了", on_behalf_of=s.zhang.pk, own_choice=SIGNED
        )
    done = resident.reopen_case(
        s.actor(s.wang), case.pk, MONDAY, reason="又不亮了", on_behalf_of=s.zhang.pk, own_choice=IN_PERSON
    )
    assert done.state == State.REOPENED


def test_the_signed_paper_is_not_for_those_who_may_not_know_the_name(s: Scene) -> None:
    case = submit_case(s.actor(s.wang), s.report(for_person=s.zhang.pk, hidden=True), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换好了")
    resident.rate_case(
        s.actor(s.wang), case.pk, MONDAY, rating=4, on_behalf_of=s.zhang.pk, own_choice=SIGNED, paper=[photo()]
    )

    def purposes(who: Person) -> set[str]:
        lines, _ = timeline(case_for(s.actor(who), case.number, MONDAY), MONDAY)
        return {shown.purpose for line in lines for shown in line.photos}

    assert "evidence" in purposes(s.wu)
    assert "evidence" not in purposes(s.li)


def test_the_desk_shows_the_paper_it_records(s: Scene) -> None:
    case = answered(s)
    desk = Client()
    sign_in(desk, s.wu, strong=True)
    word = {"word": "solved", "own_choice": "signed", "rating": "5", "reason": ""}
    refused = desk.post(f"/desk/cases/{case.number}/word/", word)
    assert refused.status_code == 422
    assert desk.post(f"/desk/cases/{case.number}/word/", {**word, "paper": photo()}).status_code == 303
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert Attachment.objects.filter(purpose="evidence").count() == 1


def test_who_was_known_by_phone_alone_keeps_matters_and_notices_when_the_register_knows_them(s: Scene) -> None:
    before = person("手机用户8000")
    visitor = s.actor(before)
    case = submit_case(visitor, s.report(), MONDAY)
    work.claim_case(s.actor(s.li), case.pk, MONDAY, start=True)
    work.answer_case(s.actor(s.li), case.pk, MONDAY, text="换好了")
    before.same_as = s.zhang
    before.save()

    zhang = s.actor(s.zhang)
    assert [row.number for row in my_cases(zhang)[0]] == [case.number]
    assert [row.case.number for row in waiting_for_me(zhang, MONDAY)] == [case.number]
    assert notice_groups(s.zhang.pk)[0]
    lines, _ = timeline(case_for(zhang, case.number, MONDAY), MONDAY)
    assert lines[-1].who == "me"
    resident.confirm_solved(zhang, case.pk, MONDAY, rating=5)
    assert Party.objects.get(case=case).word == "solved"


def test_a_joiner_by_a_helper_is_told(s: Scene) -> None:
    give_phone(s.chen)
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    resident.join_case(s.actor(s.wang), case.pk, MONDAY, on_behalf_of=s.chen.pk)
    assert Notice.objects.get(person_id=s.chen.pk).params["who"] == "王敏"
