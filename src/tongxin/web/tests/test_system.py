"""Those who look after the installation, and what everybody may check: accounts, the state of the system, seals."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from tests.cast import officer, sign_in
from tongxin.cases.operations.submit import submit_case
from tongxin.cases.tests.stage import MONDAY, Scene
from tongxin.journeys import status
from tongxin.people.models import Account, Person, SignInLimit, SignInSession
from tongxin.people.operations._limits import spend
from tongxin.people.rules.signin import PASSWORDS_OF_NAME
from tongxin.record.models import Entry, Witnessed
from tongxin.record.operations import seal_due, witness_due
from tongxin.record.queries import first_receipt
from tongxin.web.print import pdf

pytestmark = pytest.mark.django_db
ACCOUNTS = "/desk/settings/accounts/"


def at(who: Person) -> Client:
    client = Client()
    sign_in(client, who, strong=True)
    return client


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(response.content.decode()))


def security(s: Scene) -> Person:
    return officer("何安全", "security_administrator", s.place.office, s.place.county)


def test_the_secretary_opens_an_account_and_its_password_is_shown_once(s: Scene) -> None:
    page = f"{ACCOUNTS}{s.wu.pk}/"
    zhou = at(s.zhou)
    assert "吴敏" in text(zhou.get(ACCOUNTS))
    assert zhou.post(page, {"do": "open", "username": "W"}).status_code == 422
    answer = zhou.post(page, {"do": "open", "username": "wumin"})
    [password] = re.findall(r'strong nobr">([^<]+)<', answer.content.decode())
    account = Account.objects.get(person=s.wu)
    assert account.username == "wumin" and account.check_password(password) and account.password_is_temporary
    assert password not in text(zhou.get(page))
    assert zhou.post(page, {"do": "reset"}).status_code == 403, "that is for the security administrator"


def test_the_security_administrator_resets_ends_sessions_and_unlocks_others_alone(s: Scene) -> None:
    account = s.wu.account
    account.username = "wumin"
    account.save()
    browser = at(s.wu)
    admin = security(s)
    client, page = at(admin), f"{ACCOUNTS}{s.wu.pk}/"
    for _ in range(3):
        spend(PASSWORDS_OF_NAME, "wumin", datetime.now(UTC))
    assert client.post(page, {"do": "unlock"}).status_code == 303
    assert not SignInLimit.objects.filter(count__gt=0).exists()
    assert client.post(page, {"do": "end-sessions"}).status_code == 303
    assert not SignInSession.objects.filter(account=account).exists()
    assert browser.get("/desk/").status_code == 302
    assert client.post(page, {"do": "reset"}).status_code == 200
    account.refresh_from_db()
    assert account.password_is_temporary
    verbs = set(Entry.objects.filter(subject_id=account.pk).values_list("verb", flat=True))
    assert {"account.unlocked", "account.sessions_ended", "account.reset"} <= verbs
    assert client.post(f"{ACCOUNTS}{admin.pk}/", {"do": "reset"}).status_code in {403, 404}
    assert client.post(page, {"do": "delete"}).status_code == 404


def test_accounts_are_seen_in_ones_own_area_only(s: Scene) -> None:
    assert at(s.zhou).get(f"{ACCOUNTS}{s.outsider.pk}/").status_code == 404
    assert "孙丽" not in text(at(s.zhou).get(ACCOUNTS))
    for who in (s.wu, s.li, s.zhang):
        assert at(who).get(ACCOUNTS).status_code == 403


def test_the_list_of_accounts_is_bounded(s: Scene, django_assert_max_num_queries: Any) -> None:
    client = at(s.zhou)
    for n in range(30):
        officer(f"网格员{n}", "grid_worker", s.place.office, s.place.community)
    with django_assert_max_num_queries(12):
        client.get(ACCOUNTS)


def test_the_state_of_the_system_names_what_is_wrong(s: Scene, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    admin = at(officer("何系统", "system_administrator", s.place.office, s.place.county))
    page = "/desk/settings/system/"
    assert "从未运行" in text(admin.get(page))
    monkeypatch.setattr(status, "_ticker", [lambda: (datetime.now(UTC), [("messages", "disk full")])])
    assert "messages 出错：disk full" in text(admin.get(page))
    settings.SMS_SENDER = "none"
    assert "没有设置短信" in text(admin.get(page))
    assert at(s.zhou).get(page).status_code == 403


def test_the_state_of_the_system_tells_how_the_witnesses_fare(s: Scene, settings: Any) -> None:
    admin = at(officer("何系统", "system_administrator", s.place.office, s.place.county))
    page = "/desk/settings/system/"
    assert "封存没有送往任何外部见证方" in text(admin.get(page))
    settings.WITNESS_URLS, settings.WITNESS_SECRET = ("http://127.0.0.1:9/token-1",), "secret"
    assert "127.0.0.1 还没有收到封存" in text(admin.get(page))
    submit_case(s.actor(s.zhang), s.report(), MONDAY)
    night = MONDAY + timedelta(days=1)
    seal_due(night)
    assert witness_due(night) == 0
    told = text(admin.get(page))
    assert "127.0.0.1 没有收下封存（ConnectError）" in told and "token-1" not in told
    Witnessed.objects.update(state="sent", sent_at=night, error="")
    assert "127.0.0.1 已收下 2026-11-16 的封存" in text(admin.get(page))


def test_the_seals_of_a_week_as_a_paper_for_the_notice_board(s: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    submit_case(s.actor(s.zhang), s.report(), MONDAY)
    seals = seal_due(MONDAY + timedelta(days=9))
    shown: list[dict[str, Any]] = []
    render = pdf.render
    monkeypatch.setattr(pdf, "render", lambda name, data, now: shown.append(data) or render(name, data, now))
    paper = f"/seals/{seals[-1].day}/notice.pdf"
    assert paper in text(at(s.wu).get("/seals/"))
    answer = at(s.wu).get(paper)
    assert answer.headers["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    rows = shown[0]["seals"]
    assert [row["hash"].replace(" ", "") for row in rows] == [seal.hash for seal in reversed(seals[-7:])]
    assert rows[-1]["day"] == seals[-7].day.isoformat()
    assert "notice.pdf" not in text(Client().get("/seals/")), "whoever does not post it need not print it"
    assert at(s.zhang).get(paper).status_code == 403
    for nothing in ("2020-01-01", "yesterday"):
        assert at(s.wu).get(f"/seals/{nothing}/notice.pdf").status_code == 404


def test_whoever_holds_the_slip_can_prove_their_entry(s: Scene) -> None:
    case = submit_case(s.actor(s.zhang), s.report(), MONDAY)
    receipt = first_receipt(("case", case.pk))
    zhang = at(s.zhang)
    assert receipt in text(zhang.get(f"/slip/{case.number}/"))
    nobody = Client()
    asked = {"number": case.number.lower(), "receipt": receipt.lower().replace("-", " ")}
    assert "条目在案" in text(nobody.get("/seals/", asked)), "not sealed yet, but there"
    seal_due(MONDAY + timedelta(days=1))
    proved = text(nobody.get("/seals/", asked))
    assert "与当时一致" in proved and case.title not in proved
    for wrong in ({"number": case.number, "receipt": "AAAA-AAAA-AAAA-AAAA"}, {**asked, "number": "WW-20990101-0001"}):
        assert "对不上" in text(nobody.get("/seals/", wrong))


def test_the_seals_are_public_and_page_on(s: Scene) -> None:
    submit_case(s.actor(s.zhang), s.report(), MONDAY)
    assert "还没有封存" in text(Client().get("/seals/"))
    seal_due(MONDAY + timedelta(days=40))
    first = text(Client().get("/seals/"))
    assert first.count("2026-") >= 30
    assert "2026-11-16" in text(Client().get("/seals/?before=2026-11-20"))
    assert Client().get("/seals/?before=nonsense").status_code == 404
