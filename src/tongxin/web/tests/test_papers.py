"""The forms on paper: what stands on them for whom, read back from the PDF."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from tests.cast import sign_in
from tongxin.cases.models import Case
from tongxin.cases.operations import desk, work
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.queries.progress import spoken_code
from tongxin.cases.tests.stage import Scene, photo
from tongxin.people.fields import PHONE, sealed
from tongxin.people.models import Person
from tongxin.record.queries import first_receipt

pytestmark = pytest.mark.django_db
MOBILE = "13907281234"
LONG = "三号楼二单元一层到六层的楼道灯全部不亮，老人晚上下楼倒垃圾看不见台阶，前天有人崴了脚，" * 6


def desk_of(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    return client


def phone_of(who: Person) -> Client:
    client = Client()
    sign_in(client, who)
    return client


def pages(response: Any) -> list[str]:
    """The text of each page, as somebody reads it, without the breaks that the paper's width made."""
    assert response.status_code == 200, response.content[:300]
    assert response.headers["Content-Type"] == "application/pdf"
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(response.content)).pages]


def read(response: Any) -> str:
    return "".join(pages(response))


def reported(s: Scene, who: Person | None = None, **more: Any) -> Case:
    now = timezone.now() - timedelta(hours=2)
    return submit_case(s.actor(who or s.zhang, now), s.report(**more), now)


def test_the_slip_tells_number_code_and_where_to_look(s: Scene) -> None:
    case = reported(s, text=LONG)
    told = read(phone_of(s.zhang).get(f"/slip/{case.number}/slip.pdf"))
    code, receipt = spoken_code(case.pk).replace(" ", ""), first_receipt(("case", case.pk))
    assert case.number in told and code in told and receipt in told
    assert "/progress/" in told and "王湾社区" in told
    assert phone_of(s.chen).get(f"/slip/{case.number}/slip.pdf").status_code == 404
    assert Client().get(f"/slip/{case.number}/slip.pdf").status_code == 302
    assert f'href="/slip/{case.number}/slip.pdf"' in phone_of(s.zhang).get(f"/slip/{case.number}/").content.decode()


def test_a_hidden_name_is_on_no_slip(s: Scene) -> None:
    case = reported(s, s.wang, text="楼道灯不亮", for_person=s.zhang.pk, hidden=True)
    told = read(desk_of(s.wu).get(f"/slip/{case.number}/slip.pdf"))
    assert case.number in told and "张秀英" not in told
    shown = reported(s, s.wang, text="楼道的灯还不亮", for_person=s.zhang.pk)
    both = read(desk_of(s.wu).get(f"/slip/{shown.number}/slip.pdf"))
    assert "张秀英" in both and "王敏" in both, "both names where somebody helped"


def test_the_dispatch_sheet_tells_deadline_limits_and_what_to_do(s: Scene) -> None:
    phone, index = sealed(MOBILE, PHONE)
    Person.objects.filter(pk=s.zhang.pk).update(phone_cipher=phone, phone_index=index)
    case = reported(s, text=f"{LONG}请打{MOBILE}")
    sheet = f"/work/{case.number}/sheet.pdf"
    told = read(desk_of(s.li).get(sheet))
    assert "派单单" in told and "国瑞物业" in told and case.number in told
    assert "接单" in told and "工作" in told and "时限" in told and "办理" in told
    assert "各拍照片" in told and "申请延期" in told
    assert "派单人" in told and "接单人" in told
    assert "张秀英" in told, "who handles it sees the reporter, as on the page"
    assert MOBILE not in told.replace(f"请打{MOBILE}", ""), "the register's telephone is on no paper"
    for link, who in ((f"/work/{case.number}/", s.li), (f"/desk/cases/{case.number}/", s.wu)):
        assert f'href="{sheet}"' in desk_of(who).get(link).content.decode()
    assert desk_of(s.outsider).get(sheet).status_code == 404
    assert desk_of(s.officer).get(sheet).status_code == 404
    assert phone_of(s.zhang).get(sheet).status_code in {302, 403}


def test_a_long_report_runs_over_pages_and_nothing_is_lost(s: Scene) -> None:
    case = reported(s, text="楼道灯不亮。" + "".join(f"第{n}处也不亮；" for n in range(400)))
    sheets = pages(desk_of(s.li).get(f"/work/{case.number}/sheet.pdf"))
    assert len(sheets) > 1
    told = "".join(sheets)
    assert "第0处也不亮" in told and "第399处也不亮" in told
    assert all(case.number in sheet for sheet in sheets), "each page can be put back to the others"


def test_a_body_complained_of_and_who_may_not_know_never_read_the_reporter_on_paper(s: Scene) -> None:
    company = s.place.company.pk
    case = reported(s, text="物业乱收费，我是张秀英", category="parking", complained_of=(company,))
    now = timezone.now()
    desk.dispatch_case(s.actor(s.wu, now), case.pk, now, lead=s.bureau.pk, co_handlers=[(company, "说明情况")])
    theirs = desk_of(s.qian).get(f"/work/{case.number}/sheet.pdf")
    assert theirs.status_code == 404 or "张秀英" not in read(theirs)
    assert "张秀英" in read(desk_of(s.officer).get(f"/work/{case.number}/sheet.pdf"))
    told = read(desk_of(s.wu).get(f"/work/{case.number}/sheet.pdf"))
    assert "说明情况" in told and "协办" in told and "牵头" in told

    hidden = reported(s, text="张秀英家门口灯不亮", hidden=True)
    told = read(desk_of(s.li).get(f"/work/{hidden.number}/sheet.pdf"))
    assert "张秀英" not in told and "灯不亮" in told


def answered(s: Scene) -> Case:
    case = reported(s, s.wang, text="楼道灯不亮", for_person=s.zhang.pk)
    now = timezone.now() - timedelta(hours=1)
    work.claim_case(s.actor(s.li, now), case.pk, now, start=True)
    work.answer_case(s.actor(s.li, now), case.pk, now, text="换了声控灯头，" + "请晚上试一试，" * 30)
    return case


def test_the_sheet_to_sign_leaves_the_choice_to_the_person(s: Scene) -> None:
    case = answered(s)
    sheet = f"/cases/{case.number}/word/sheet.pdf"
    told = read(desk_of(s.wang).get(sheet))
    assert "代记意见表" in told and "张秀英" in told and "王敏" in told
    assert "解决了" in told and "没解决" in told and "非常满意" in told
    assert "换了声控灯头" in told
    assert "由本人作出选择" in told and "本人签名" in told and "代记人签名" in told
    assert f'href="{sheet}"' in desk_of(s.wang).get(f"/cases/{case.number}/word/").content.decode()
    for stranger in (s.li, s.outsider, s.officer):
        assert desk_of(stranger).get(sheet).status_code in {403, 404}
    assert phone_of(s.zhang).get(sheet).status_code in {302, 403}


def test_the_desk_prints_the_sheet_for_whoever_reported_alone(s: Scene) -> None:
    case = reported(s)
    now = timezone.now() - timedelta(hours=1)
    work.claim_case(s.actor(s.li, now), case.pk, now, start=True)
    work.answer_case(s.actor(s.li, now), case.pk, now, text="换了声控灯头")
    sheet = f"/cases/{case.number}/word/sheet.pdf"
    assert "吴敏" in read(desk_of(s.wu).get(sheet))
    assert f'href="{sheet}"' in desk_of(s.wu).get(f"/desk/cases/{case.number}/").content.decode()
    assert desk_of(s.li).get(sheet).status_code == 403


def test_there_is_nothing_to_sign_before_it_is_answered(s: Scene) -> None:
    case = reported(s, s.wang, text="楼道灯不亮", for_person=s.zhang.pk)
    led_on = desk_of(s.wang).get(f"/cases/{case.number}/word/sheet.pdf")
    assert (led_on.status_code, led_on.headers["Location"]) == (303, f"/cases/{case.number}/")


def test_what_was_signed_is_recorded_with_its_photo(s: Scene) -> None:
    case = answered(s)
    wang, page = desk_of(s.wang), f"/cases/{case.number}/word/"
    without = wang.post(page, {"word": "solved", "own_choice": "signed"})
    assert without.status_code == 422
    case.refresh_from_db()
    assert case.state == "awaiting"
    done = wang.post(page, {"word": "solved", "own_choice": "signed", "rating": "5", "paper": photo()})
    assert done.status_code == 303
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "solved")
    assert case.updates.get(verb="confirm").data["own_choice"] == "signed"
