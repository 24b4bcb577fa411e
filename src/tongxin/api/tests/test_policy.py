"""Every endpoint × who asks: signed out, without the scope, of a sibling area; and nothing leaks to who is not entitled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import get_resolver

from tests.cast import person
from tongxin.api import document
from tongxin.api.policy import POLICIES, Policy
from tongxin.api.tests.program import Program, office_program, report, resident_program
from tongxin.api.tests.samples import samples
from tongxin.api.urls import api, urlpatterns
from tongxin.api.words import ELSEWHERE, VERBS, operation_id
from tongxin.cases.models import Case
from tongxin.cases.rules import TRANSITIONS, Party, Verb
from tongxin.cases.tests.stage import Scene
from tongxin.people.fields import ID_NUMBER, PHONE
from tongxin.people.models import Person
from tongxin.people.rules.tokens import SCOPES
from tongxin.record.keys import field_cipher

pytestmark = pytest.mark.django_db
MOBILE, ID, TEXT_MOBILE = "13907281234", "420303195601011234", "13907285678"
SAYS = f"张秀英家门口，电话{TEXT_MOBILE}，身份证{ID}，楼道灯不亮"
WIDEST = {
    "/public/cases": "?area=4203", "/tasks": "?which=mine", "/queue": "?show=all", "/people-to-help": "?name=张",
    "/organisations": "?area=420303001001",
}  # fmt: skip


def endpoints() -> Iterator[tuple[str, str, str, Policy]]:
    """(name, method, path, policy) of every endpoint, from the document."""
    names = {operation_id(name): name for name in POLICIES}
    for path, methods in document.described(api)["paths"].items():
        for method, operation in methods.items():
            name = names[operation["operationId"]]
            yield name, method.upper(), path, POLICIES[name]


ENDPOINTS = list(endpoints())


def path_for(s: Scene, path: str, number: str) -> str:
    places = {
        "{number}": number, "{code}": "420303001001-01", "{building}": str(s.place.home.unit.building_id),
        "{unit}": str(s.place.home.unit_id), "{organisation}": str(s.place.company.pk),
        "{photo}": "01900000-0000-7000-8000-000000000099",
    }  # fmt: skip
    for name, value in places.items():
        path = path.replace(name, value)
    return path + WIDEST.get(path, "")


def ask(s: Scene, program: Program, endpoint: tuple[str, str, str, Policy], number: str) -> Any:
    name, method, path, _ = endpoint
    path = path_for(s, path, number)
    if method == "GET":
        return program.get(path)
    return program.put(path, samples(s)[name]) if method == "PUT" else program.post(path, samples(s)[name])


def test_every_route_is_in_the_table_and_every_row_is_a_route(s: Scene) -> None:
    assert {name for name, *_ in ENDPOINTS} == POLICIES.keys()
    assert all(getattr(pattern.callback, "policy", None) for pattern in urlpatterns)
    writes = {name for name, method, *_ in ENDPOINTS if method != "GET"}
    assert writes == samples(s).keys()
    assert {scope for policy in POLICIES.values() for scope in policy.scopes} == SCOPES - {"case.see_reporter"}
    assert set(VERBS.values()) <= POLICIES.keys()
    assert any(str(one.pattern) == "api/v1/" for one in get_resolver().url_patterns)


def test_every_verb_that_is_not_the_clocks_own_has_a_call() -> None:
    """A new verb without a call fails here."""
    the_clocks = {verb for verb, row in TRANSITIONS.items() if row.by == {Party.SYSTEM}}
    assert set(Verb) - the_clocks == VERBS.keys() | ELSEWHERE.keys()
    names = {operation_id(name) for name in (*VERBS.values(), *ELSEWHERE.values())}
    calls = {operation["operationId"] for methods in document.described(api)["paths"].values()
             for operation in methods.values()}  # fmt: skip
    assert names <= calls


def test_who_has_no_token_gets_no_further(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    for endpoint in ENDPOINTS:
        answer = ask(s, Program(), endpoint, number)
        if endpoint[3].public:
            assert answer.status_code in {200, 404, 422}, endpoint
        else:
            assert answer.status_code == 401, endpoint
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_does_what_it_was_made_for_and_nothing_else(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    programs = {
        "own.read": resident_program(s, s.zhang, frozenset({"own.read"})),
        "own.write": resident_program(s, s.zhang, frozenset({"own.write"})),
        "case.read": office_program(s, s.zhou, "case.read"),
        "case.desk": office_program(s, s.zhou, "case.desk"),
        "case.supervise": office_program(s, s.street, "case.supervise"),
        "case.submit_for": office_program(s, s.zhou, "case.submit_for"),
        "case.handle": office_program(s, s.li, "case.handle"),
        "case.callback": office_program(s, s.zhou, "case.callback"),
        "file.release": office_program(s, s.zhou, "file.release"),
        "people.read_sensitive": office_program(s, s.zhou, "people.read_sensitive"),
    }
    for endpoint in ENDPOINTS:
        policy = endpoint[3]
        for scope, program in programs.items():
            if policy.public or not policy.scopes or scope in policy.scopes:
                continue
            answer = ask(s, program, endpoint, number)
            assert (answer.status_code, answer.json()["code"]) == (403, "insufficient-scope"), (endpoint, scope)
            assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_a_sibling_area_does_not_learn_of_the_case(s: Scene) -> None:
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    before = Case.objects.values().get(number=number)
    stranger = person("刘洋", s.place.other_community)
    others = [
        office_program(s, s.outsider, "case.desk", "case.read", "case.submit_for", "case.see_reporter"),
        resident_program(s, stranger),
    ]
    for endpoint in ENDPOINTS:
        if "{number}" not in endpoint[2]:
            continue
        for program in others:
            answer = ask(s, program, endpoint, number)
            scoped = endpoint[3].public or set(program.row.scopes if program.row else ()) & set(endpoint[3].scopes)
            assert answer.status_code == (404 if scoped else 403), (endpoint, answer.content)
            assert "灯" not in answer.content.decode()
    assert Case.objects.values().get(number=number) == before


def with_secrets(who: Person) -> None:
    """Her telephone and ID number, as the register keeps them."""
    cipher = field_cipher()
    Person.objects.filter(pk=who.pk).update(
        phone_cipher=cipher.encrypt(MOBILE, PHONE), id_number_cipher=cipher.encrypt(ID, ID_NUMBER)
    )


def test_no_answer_holds_a_phone_an_id_number_or_a_hidden_name(s: Scene) -> None:
    """张秀英 hides her name and gives it away in her own words: only the desk reads them as they were said."""
    with_secrets(s.zhang)
    zhang = resident_program(s, s.zhang)
    number = zhang.post("/cases", report(text=SAYS, hidden=True)).json()["number"]
    wu = office_program(s, s.wu, "case.desk", "case.read", "case.see_reporter", "case.submit_for")
    li = office_program(s, s.li, "case.handle")
    assert li.post(f"/cases/{number}/claim").status_code == 200
    wu.post(f"/cases/{number}/publish", {"public": True})
    masked = {
        "the handler": li,
        "a reader without the right to hidden names": office_program(s, s.zhou, "case.read"),
        "another desk": office_program(s, s.outsider, "case.desk", "case.read"),
        "a neighbour": resident_program(s, s.chen),
        "everybody": Program(),
    }
    for endpoint in ENDPOINTS:
        for who, program in masked.items():
            if endpoint[1] == "GET" or endpoint[0] == "getProgress":
                body = ask(s, program, endpoint, number).content.decode()
                for secret in (MOBILE, ID, TEXT_MOBILE, "张秀英"):
                    assert secret not in body, (who, endpoint[0], secret)
        desk = ask(s, wu, endpoint, number).content.decode() if endpoint[1] == "GET" else ""
        assert MOBILE not in desk, endpoint
    seen = wu.get(f"/cases/{number}").json()
    assert seen["reporter"] == {"name": "张秀英", "hidden": True, "helper_name": ""}
    assert "张秀英" in seen["text"]


def test_a_body_complained_of_never_sees_the_reporter(s: Scene) -> None:
    company = str(s.place.company.pk)
    sent = report(text="物业乱收费。张秀英", category="parking", complained_of=[company])
    number = resident_program(s, s.zhang).post("/cases", sent).json()["number"]
    office_program(s, s.wu, "case.desk").post(
        f"/cases/{number}/dispatch",
        {"lead": str(s.bureau.pk), "co_handlers": [{"organisation": company, "task": "说明情况"}]},
    )
    seen = office_program(s, s.qian, "case.handle").get(f"/cases/{number}")
    assert seen.status_code in {200, 404}
    assert "张秀英" not in seen.content.decode()


def test_a_resident_writes_no_internal_notes(s: Scene) -> None:
    zhang = resident_program(s, s.zhang)
    number = zhang.post("/cases", report()).json()["number"]
    zhang.post(f"/cases/{number}/note", {"text": "灯罩也破了", "internal": True})
    line = zhang.get(f"/cases/{number}").json()["timeline"][0]
    assert (line["text"], line["note"]) == ("灯罩也破了", "")
