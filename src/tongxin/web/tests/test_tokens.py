"""Tokens made and revoked on the page."""

from __future__ import annotations

import re

import pytest

from tests.cast import sign_in
from tongxin.people.models import ApiToken, Appointment

pytestmark = pytest.mark.django_db


def made(client, **fields) -> str:
    page = client.post("/me/tokens/", {"name": "我的小程序", "days": "90"} | fields)
    found = re.search(r"txn_[\w-]+", page.content.decode())
    return found[0] if found else ""


def test_a_resident_makes_a_token_sees_its_secret_once_and_revokes_it(client, s):
    sign_in(client, s.zhang)
    secret = made(client, scopes=["own.read", "own.write", "case.desk"])
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/me", headers=bearer).json()["scopes"] == ["own.read", "own.write"]
    page = client.get("/me/tokens/")
    assert secret not in page.content.decode() and "我的小程序" in page.content.decode()
    assert client.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 303
    assert client.get("/api/v1/me", headers=bearer).status_code == 401


def test_a_manager_makes_one_for_an_office_and_a_resident_does_not(client, s):
    office = str(Appointment.objects.get(person=s.li).pk)
    sign_in(client, s.zhang)
    assert not made(client, whose=office, scopes=["case.handle"])
    sign_in(client, s.qian, strong=True)
    assert "李师傅" in client.get("/me/tokens/").content.decode()
    secret = made(client, whose=office, scopes=["case.handle"])
    me = client.get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).json()
    assert (me["name"], me["scopes"]) == ("李师傅", ["case.handle"])


@pytest.mark.parametrize("fields", [{}, {"scopes": ["dragons"]}, {"days": "9999", "scopes": ["own.read"]},
                                    {"name": " ", "scopes": ["own.read"]}, {"whose": "x", "scopes": ["own.read"]}])  # fmt: skip
def test_a_form_that_does_not_fit_comes_back_with_a_word(client, s, fields):
    sign_in(client, s.zhang)
    page = client.post("/me/tokens/", {"name": "我的小程序", "days": "90"} | fields)
    assert page.status_code == 422
    assert not ApiToken.objects.exists()


def test_somebody_elses_token_is_not_there(client, s):
    sign_in(client, s.zhang)
    made(client, scopes=["own.read"])
    sign_in(client, s.chen)
    assert client.post(f"/me/tokens/{ApiToken.objects.get().pk}/revoke/").status_code == 404
