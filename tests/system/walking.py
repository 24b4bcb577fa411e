"""Walking the routes: every address of the house, with something real for each of its parts, and somebody to ask it."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.test import Client
from django.urls import get_resolver

from tests.cast import sign_in
from tests.system.town import ENDED, NOBODY, Town, Who, pk
from tongxin.cases.models import Case
from tongxin.kernel.ids import uuid7

API = "api/v1/"
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")


def routes() -> Iterator[tuple[str, Any]]:
    """(pattern, view) of every route, the interface's included."""
    yield from _below(get_resolver(), "")


def _below(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        if hasattr(entry, "url_patterns"):
            yield from _below(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry.callback


def address(town: Town, pattern: str, parts: Mapping[str, str], case: UUID | None = None) -> str:
    """The pattern with the town's things in it; ``parts`` says which where the part's name alone does not, ``case``
    whose number it is."""

    def fill(match: re.Match[str]) -> str:
        name = match[2]
        if case is not None and name in {"number", "case_id"}:
            return str(Case.objects.values_list("number" if name == "number" else "pk", flat=True).get(pk=case))
        thing: Any = town.things[parts.get(name, name)] if parts.get(name, name) in town.things else parts[name]
        return str(thing.number) if name == "number" else pk(thing)

    return "/" + _PART.sub(fill, pattern)


class Visitor:
    """Somebody at a browser, or a program of theirs: as ``who`` of the town."""

    def __init__(self, town: Town, who: Who) -> None:
        self.pages, self.program = Client(), Client()
        self.secret = town.token(who)
        if who != NOBODY:
            sign_in(self.pages, town.people[who], strong=who[0] not in {"owner", "resident", "visitor", "reporter"})
        self.ended = who[1] == ENDED

    def get(self, url: str) -> Any:
        """Open an address."""
        if not url.startswith("/" + API):
            return self.pages.get(url)
        return self.program.get(url, headers=self._token())

    def post(self, url: str, data: Any = None, key: str = "", **more: Any) -> Any:
        """Send a form, or JSON to the interface; the same ``key`` is the same call."""
        if not url.startswith("/" + API):
            return self.pages.post(url, data or {}, **more)
        body = data if isinstance(data, bytes) else json.dumps(data or {}).encode()
        headers = self._token() | {"Idempotency-Key": key or str(uuid7())}
        return self.program.post(url, body, content_type="application/json", headers=headers)

    def _token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}"} if self.secret else {}


def body_of(answer: Any) -> str:
    """Everything that an answer says: headers and body, of a stream as well; JSON and workbooks are opened, for what
    stands in them is escaped or packed."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return f"{dict(answer.headers)}\n{_opened(content, answer.headers.get('Content-Type', ''))}"


def _opened(content: bytes, kind: str) -> str:
    if "json" in kind and content:
        return json.dumps(json.loads(content), ensure_ascii=False)
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(packed.read(name).decode("utf-8", errors="replace") for name in packed.namelist())
    return content.decode("utf-8", errors="replace")
