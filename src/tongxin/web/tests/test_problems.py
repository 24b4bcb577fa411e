"""Every code that a program can be answered with has its page, in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

import tongxin
from tongxin.web.problems.words import PROBLEMS

SOURCE = Path(tongxin.__file__).parent
REACHED = re.compile(
    r"(api|cases|files|kernel|notifications)/|record/queries|places/queries"
    r"|people/(rules/choices|queries/(offices|tokens|helping|areas)\.)"
)
"""What the interface calls; codes of settings, imports and the register are answered on pages alone."""
OF_PAGES = {"code-taken"}


def _codes(tree: ast.AST) -> Iterator[str]:
    """Codes given to errors, refusals and problems, and those that classes of errors have."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == "code":
                    yield from _text(one.value)
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            for keyword in node.keywords:
                if keyword.arg == "code" and name[0].isupper():
                    yield from _text(keyword.value)
            if name == "Refusal" and node.args:
                yield from _text(node.args[0])
            elif name == "problem" and len(node.args) > 1:
                yield from _text(node.args[1])


def _text(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[a-z][a-z-]+", node.value):
        yield node.value


def codes() -> set[str]:
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        name = path.relative_to(SOURCE).as_posix()
        if REACHED.match(name) and "/tests/" not in name and "/migrations/" not in name:
            found |= set(_codes(ast.parse(path.read_text(encoding="utf-8"))))
    return found


def test_every_code_of_the_interface_is_explained() -> None:
    found = codes()
    assert {"held", "rate", "cursor", "insufficient-scope", "not-lawful", "complained-of", "file-heic"} <= found
    assert found - PROBLEMS.keys() == set()


@pytest.mark.django_db
def test_a_problem_leads_to_a_page_that_says_what_to_do(client: Client) -> None:
    refused = client.get("/api/v1/me", headers={"Accept-Language": "en"}).json()
    assert refused["type"] == "/problems/unauthorised/"
    client.cookies["django_language"] = "en"
    english = client.get(refused["type"]).content.decode()
    assert "or its office has ended" in english and "Make a token that may do this" in english
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get(refused["type"]).content.decode()
    assert "所属任职已结束" in chinese and "怎么办" in chinese and "401" in chinese
    unknown = client.get("/api/nowhere").json()
    assert client.get(unknown["type"]).status_code == 200


@pytest.mark.django_db
def test_every_problem_has_a_page_and_stands_in_the_list(client: Client) -> None:
    listed = client.get("/problems/").content.decode()
    for code in PROBLEMS:
        assert f'href="/problems/{code}/"' in listed
        assert client.get(f"/problems/{code}/").status_code == 200
    assert client.get("/problems/dragons/").status_code == 404
