"""The OpenAPI document: valid, complete, and kept by what the interface answers."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks as openapi_checks

from tongxin.api import limits
from tongxin.api.policy import POLICIES
from tongxin.api.schemas.base import NUMBER
from tongxin.api.tests.program import Program, office_program, report, resident_program
from tongxin.api.words import operation_id
from tongxin.cases.tests.stage import Scene
from tongxin.people.rules.tokens import OFFICE_SCOPES

CHECKS = (
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
)


WITHOUT_KEY = {"getProgress", "findSimilar", "readPhone", "blurPhoto"}
"""Questions; a reading that is an entry each time; and what is put as it shall be, however often."""


@pytest.fixture
def document() -> dict[str, Any]:
    found = Program().client.get("/api/v1/openapi.json")
    assert found.headers["Content-Type"].startswith("application/json")
    return found.json()


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_every_operation_says_what_it_is_who_may_and_what_may_go_wrong(document: dict[str, Any]) -> None:
    found = operations(document)
    names = [operation["operationId"] for operation in found]
    assert len(names) == len(set(names)) and all(name.isidentifier() for name in names)
    for operation in found:
        assert operation["summary"] and operation["description"] and operation["tags"]
        assert "security" in operation
        assert "429" in operation["responses"]
        keyed = any(parameter.get("name") == "Idempotency-Key" for parameter in operation.get("parameters", ()))
        assert keyed == ("requestBody" in operation and operation["operationId"] not in WITHOUT_KEY)


def test_security_names_the_scopes_that_are_asked_for(document: dict[str, Any]) -> None:
    by_name = {operation["operationId"]: operation for operation in operations(document)}
    for name, policy in POLICIES.items():
        asked = by_name[operation_id(name)]["security"]
        expected = [] if policy.public else [{"token": [scope]} for scope in policy.scopes] or [{"token": []}]
        assert asked == expected, name


def test_files_are_described_as_openapi_3_1_has_them(document: dict[str, Any]) -> None:
    assert '"binary"' not in json.dumps(document), "the format of 3.0"
    answer = next(one for one in operations(document) if one["operationId"] == "answer")
    form = answer["requestBody"]["content"]["multipart/form-data"]
    assert form["schema"]["properties"]["after"]["items"]["contentMediaType"] == "application/octet-stream"
    assert form["encoding"]["after"]["contentType"] == "image/jpeg, image/png, image/webp"
    assert form["encoding"]["documents"]["contentType"].startswith("application/pdf")


def test_headers_and_the_wrong_method_are_declared(document: dict[str, Any]) -> None:
    problems = document["components"]["responses"]
    assert problems["Problem401"]["headers"]["WWW-Authenticate"]["required"]
    assert problems["Problem429"]["headers"]["Retry-After"]["required"]
    assert "Retry-After" in problems["Problem409"]["headers"] and "Allow" in problems["Problem405"]["headers"]
    for operation in operations(document):
        assert "405" in operation["responses"]
        keyed = any(one.get("name") == "Idempotency-Key" for one in operation.get("parameters", ()))
        done = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert keyed == ("Idempotent-Replayed" in done.get("headers", {}))
        assert ("Location" in done.get("headers", {})) == ("201" in operation["responses"])


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    def references(node: Any) -> Any:
        if isinstance(node, dict):
            yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
            for value in node.values():
                yield from references(value)
        elif isinstance(node, list):
            for value in node:
                yield from references(value)

    for reference in set(references(document)):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


@contextmanager
def one_connection() -> Iterator[None]:
    """A real request ends by closing its connection; here it is the test's own."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@schemathesis.serializer("application/pdf", "image/jpeg", "image/png", "image/webp")
def _file(_context: Any, value: Any) -> bytes:
    """A part of a form that is a file."""
    return value if isinstance(value, bytes) else str(value).encode()


LEAST, MOST, SECONDS = 5, 12, 30
"""Examples of each operation: many, and once so much time has passed few."""


@pytest.mark.django_db
def test_whatever_fits_or_does_not_fit_the_document_is_answered_as_it_says(
    s: Scene, document: dict[str, Any], monkeypatch: Any
) -> None:
    """Property: schemathesis invents calls; none ends in a fault, and each answer is one that the document tells of."""
    monkeypatch.setattr(limits, "PER_TOKEN", 1_000_000)
    monkeypatch.setattr(limits, "PER_ADDRESS", 1_000_000)
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    programs = {
        "office": office_program(s, s.wu, *(OFFICE_SCOPES - {"case.handle", "case.supervise"})),
        "supervisor": office_program(s, s.street, "case.desk", "case.supervise"),
        "handler": office_program(s, s.li, "case.handle"),
        "resident": resident_program(s, s.zhang),
    }
    schema = schemathesis.openapi.from_dict(document)
    schema.app = WSGIHandler()
    schema.config.generation.update(with_security_parameters=False)  # the token is one that is valid
    ends, tried = time.monotonic() + SECONDS, {}
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        program = programs[_caller(operation.definition.raw)]
        with one_connection():
            tried[operation.label] = _try(operation, program, number, MOST if time.monotonic() < ends else LEAST)
    assert len(tried) == len(operations(document))
    assert min(tried.values()) >= 1 and sum(tried.values()) > 4 * len(tried), tried


def _try(operation: Any, program: Program, number: str, examples: int) -> int:
    """Try an operation; how many calls were made."""
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))
    made = 0

    @settings(
        max_examples=int(os.environ.get("TONGXIN_API_EXAMPLES", examples)), deadline=None, database=None, derandomize=True,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def calls(case: Any) -> None:
        nonlocal made
        made += 1
        parts = case.path_parameters or {}
        if re.fullmatch(NUMBER, str(parts.get("number", ""))):  # one that there is; what is none stays as it is
            parts["number"] = number
        # Unpacked: the client that calls the application directly does not unpack what is compressed.
        headers = {"Authorization": f"Bearer {program.secret}", "Accept-Language": "en", "Accept-Encoding": "identity"}
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    calls()
    return made


def _caller(definition: dict[str, Any]) -> str:
    scopes = {scope for way in definition["security"] for scope in way["token"]}
    if not scopes or scopes & {"own.read", "own.write"}:
        return "resident"
    if "case.desk" in scopes or not scopes & {"case.supervise", "case.handle"}:
        return "office"
    return "handler" if "case.handle" in scopes else "supervisor"
