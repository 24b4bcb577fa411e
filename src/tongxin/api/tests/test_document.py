"""The OpenAPI document: valid, complete, and kept by what the interface answers."""

from __future__ import annotations

import os
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

from tongxin.api.tests.program import Program, office_program, report, resident_program
from tongxin.cases.tests.stage import Scene

CHECKS = (
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
)


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
        assert keyed == ("requestBody" in operation and operation["security"] != [])


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


@pytest.mark.django_db
def test_whatever_fits_or_does_not_fit_the_document_is_answered_as_it_says(s: Scene, document: dict[str, Any]) -> None:
    """Property: schemathesis invents calls; none ends in a fault, and each answer is one that the document tells of."""
    number = resident_program(s, s.zhang).post("/cases", report()).json()["number"]
    programs = {
        "office": office_program(
            s, s.street, "case.desk", "case.read", "case.supervise", "case.submit_for", "case.see_reporter"
        ),
        "handler": office_program(s, s.li, "case.handle"),
        "resident": resident_program(s, s.zhang),
    }
    schema = schemathesis.openapi.from_dict(document)
    schema.app = WSGIHandler()
    examples = int(os.environ.get("TONGXIN_API_EXAMPLES", "4"))
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        with one_connection():
            _try(operation, programs[_caller(operation.definition.raw)], number, examples)


def _try(operation: Any, program: Program, number: str, examples: int) -> None:
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases)
    def calls(case: Any) -> None:
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = number
        # Unpacked: the client that calls the application directly does not unpack what is compressed.
        headers = {"Authorization": f"Bearer {program.secret}", "Accept-Language": "en", "Accept-Encoding": "identity"}
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    calls()


def _caller(definition: dict[str, Any]) -> str:
    text = definition["description"]
    if "`case.desk`" in text or "`case.supervise`" in text:
        return "office"
    return "handler" if "`case.handle`" in text else "resident"
