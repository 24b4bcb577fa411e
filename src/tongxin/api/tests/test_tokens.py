"""Tokens: who may make them for what, and what ends them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tongxin.api import limits
from tongxin.api.tests.program import OWN, Program, office_program, report, resident_program
from tongxin.cases.tests.stage import Scene
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound, TooMany
from tongxin.people.models import Account, ApiToken, Appointment, Person
from tongxin.people.operations import tokens as operations
from tongxin.people.queries import tokens as queries
from tongxin.record.models import Entry
from tongxin.record.verify import verify_all

pytestmark = pytest.mark.django_db


def make(s: Scene, maker: Person, holder: Person, *scopes: str, days: int = 30, strong: bool = True) -> str:
    now = timezone.now()
    _, secret = operations.make_office_token(
        s.actor(maker, now, strong), now, appointment_id=Appointment.objects.get(person=holder).pk, name="工单系统",
        scopes=frozenset(scopes), expires_at=now + timedelta(days=days),
    )  # fmt: skip
    return secret


def test_the_manager_makes_a_token_for_a_handler_of_the_same_company(s: Scene) -> None:
    secret = make(s, s.qian, s.li, "case.handle")
    assert Program(secret).get("/me").json()["name"] == "李师傅"
    token = ApiToken.objects.get()
    assert secret.encode() not in bytes(token.secret_hash)
    assert Entry.objects.filter(verb="token.made", subject_id=token.pk).count() == 1
    assert [row.name for row in queries.office_tokens(s.actor(s.qian, timezone.now()))] == ["工单系统"]


@pytest.mark.parametrize(
    ("maker", "holder", "scope"),
    [
        ("qian", "officer", "case.handle"),  # another organisation's
        ("li", "li", "case.handle"),  # a handler manages no tokens
        ("qian", "li", "case.desk"),  # more than the office has
        ("wu", "wang", "case.handle"),  # community workers manage no tokens
    ],
)
def test_nobody_makes_a_token_beyond_their_own(s: Scene, maker: str, holder: str, scope: str) -> None:
    with pytest.raises(NotAllowed):
        make(s, getattr(s, maker), getattr(s, holder), scope)
    assert not ApiToken.objects.exists()


def test_a_session_without_the_second_factor_makes_no_office_token(s: Scene) -> None:
    with pytest.raises(NotAllowed):
        make(s, s.qian, s.li, "case.handle", strong=False)


def test_a_token_breeds_no_tokens(s: Scene) -> None:
    now = timezone.now()
    found = queries.actor_of_token(resident_program(s, s.zhang).secret, now)
    assert found is not None
    with pytest.raises(NotAllowed):
        operations.make_personal_token(found[0], now, name="x", scopes=OWN, expires_at=now + timedelta(days=1))


def test_a_personal_token_holds_no_office_and_no_scope_of_one(s: Scene) -> None:
    with pytest.raises(Invalid):
        resident_program(s, s.wu, frozenset({"case.desk"}))
    number = resident_program(s, s.zhang).post("/cases", report(category="parking")).json()["number"]
    clerk = resident_program(s, s.wu)
    assert clerk.get(f"/cases/{number}").status_code == 404, "吴敏 as a resident does not learn of it"
    assert clerk.get("/queue").status_code == 403


@pytest.mark.parametrize("days", [0, 367])
def test_a_token_ends_within_a_year(s: Scene, days: int) -> None:
    with pytest.raises(Invalid, match="within a year"):
        make(s, s.qian, s.li, "case.handle", days=days)


def test_tokens_do_not_grow_without_bound(s: Scene) -> None:
    for _ in range(20):
        make(s, s.qian, s.li, "case.handle")
    with pytest.raises(TooMany):
        make(s, s.qian, s.li, "case.handle")


def test_what_ends_a_token(s: Scene) -> None:
    ends = {
        "revoked": lambda program: operations.revoke_token(
            s.actor(s.qian, timezone.now()), timezone.now(), token_id=program.row.id
        ),
        "expired": lambda program: ApiToken.objects.update(expires_at=timezone.now()),
        "office ended": lambda program: Appointment.objects.filter(person=s.li).update(until=date(2026, 1, 1)),
        "account locked": lambda program: Account.objects.filter(person=s.li).update(is_active=False),
    }
    for why, end in ends.items():
        Appointment.objects.filter(person=s.li).update(until=None)
        Account.objects.filter(person=s.li).update(is_active=True)
        program = office_program(s, s.li, "case.handle")
        assert program.get("/me").status_code == 200
        end(program)
        answer = program.get("/me")
        assert answer.status_code == 401, why
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_stranger_does_not_learn_of_a_token_by_revoking_it(s: Scene) -> None:
    program = resident_program(s, s.zhang)
    assert program.row is not None
    with pytest.raises(NotFound):
        operations.revoke_token(s.actor(s.chen), timezone.now(), token_id=program.row.id)
    operations.revoke_token(s.actor(s.zhang), timezone.now(), token_id=program.row.id)
    assert queries.own_tokens(s.actor(s.zhang))[0].revoked_at is not None


def test_a_token_widened_behind_its_back_is_found(s: Scene) -> None:
    program = office_program(s, s.wu, "case.read")
    assert not [f for f in verify_all().findings if f.where.startswith("token")]
    ApiToken.objects.update(scopes=["case.read", "case.desk"])
    assert program.row is not None
    assert any(str(program.row.id) in f.where for f in verify_all().findings)


def test_a_secret_that_is_none_opens_nothing() -> None:
    for secret in ("", "x", "txn_", "txn_" + "a" * 43, "txn_张"):
        assert queries.actor_of_token(secret, timezone.now()) is None


def test_a_token_of_an_office_is_nothing_else_of_its_holder(s: Scene) -> None:
    """王敏 reports from home; the program of her office at the grid does not close it in her name."""
    home = resident_program(s, s.wang)
    number = home.post("/cases", report(category="parking")).json()["number"]
    office = office_program(s, s.wang, "case.read", "case.submit_for")
    assert office.post(f"/cases/{number}/withdraw", {"reason": "x"}).status_code == 404
    assert "withdraw" not in office.get(f"/cases/{number}").json()["verbs"]
    assert home.post(f"/cases/{number}/withdraw", {"reason": "已好"}).json()["state"] == "withdrawn"


def test_a_grid_workers_program_helps_with_the_residents_own_choice(s: Scene) -> None:
    wang, zhang = office_program(s, s.wang, "case.read", "case.submit_for"), str(s.zhang.pk)
    number = wang.post("/cases", report(for_person=zhang)).json()["number"]
    office_program(s, s.li, "case.handle").post(f"/cases/{number}/claim")
    office_program(s, s.li, "case.handle").post(f"/cases/{number}/answer", {"text": "修好了"})
    chooses = {"rating": 5, "on_behalf_of": zhang}
    assert wang.post(f"/cases/{number}/confirm", chooses).json()["errors"][0]["field"] == "own_choice"
    assert wang.post(f"/cases/{number}/confirm", chooses | {"own_choice": "in_person"}).json()["state"] == "closed"
    assert resident_program(s, s.zhang).post(f"/cases/{number}/not-mine").status_code == 200


def test_behind_a_proxy_each_address_has_a_limit_of_its_own(s: Scene, client: Client, settings: Any) -> None:
    settings.BEHIND_PROXY = True
    ask = {"path": "/api/v1/public/cases?area=420303001001"}
    for _ in range(limits.PER_ADDRESS):
        assert client.get(**ask, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 200
    assert client.get(**ask, headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 429
    assert client.get(**ask, headers={"X-Forwarded-For": "203.0.113.8"}).status_code == 200
