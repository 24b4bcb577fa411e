"""A report on its way: what was typed, carried from page to page, and kept while somebody signs in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict

from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line, clean_text
from tongxin.people.sessions import SessionStore
from tongxin.web.questions import answers_in
from tongxin.web.request import Request

COOKIE = "report"
KEPT_SECONDS = 24 * 60 * 60
LONGEST = {"text": 5000, "spot": 100}
"""What the form takes; what is longer is carried on as it was typed, and refused in words."""
MOST_CARRIED = 20_000


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far. ``home``: id of one's own home; ``area``: the picked place; ``place``: a poster's code;
    ``asked``: the category whose extra questions stood on the page; ``written_at``: when, if it was written without
    signal."""

    text: str = ""
    category: str = ""
    kind: str = ""
    home: str = ""
    area: str = ""
    place: str = ""
    spot: str = ""
    lat: str = ""
    lng: str = ""
    for_person: str = ""
    hidden: str = ""
    about: str = ""
    asked: str = ""
    once: str = ""
    written_at: str = ""
    answers: dict[str, Any] = field(default_factory=dict)

    def fields(self) -> list[tuple[str, str]]:
        """Names and values of hidden fields that carry the draft on."""
        rows = [(name, value) for name, value in asdict(self).items() if isinstance(value, str) and value]
        for code, value in self.answers.items():
            rows += [(f"answers.{code}", item) for item in (value if isinstance(value, list) else [value])]
        return rows

    def position(self) -> tuple[float | None, float | None]:
        """Latitude and longitude, if both are numbers."""
        try:
            return float(self.lat), float(self.lng)
        except ValueError:
            return None, None

    def key(self) -> UUID:
        """The key under which it is sent once."""
        return as_uuid(self.once) or uuid7()


def as_uuid(text: str) -> UUID | None:
    """An id out of a form, or None."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def read(data: QueryDict) -> Draft:
    """The draft out of what a form sent. Never raises; what is wrong is told when it is sent."""
    values: dict[str, Any] = {}
    for part in fields(Draft):
        if part.name in {"answers", "area"}:
            continue
        raw = data.get(part.name, "")
        values[part.name] = (
            clean_text(raw, MOST_CARRIED)
            if part.name == "text"
            else clean_line(raw, 1000 if part.name == "spot" else 64)
        )
    # The selects of the picker share a name: the last that says something is the choice.
    chosen = [clean_line(value, 64) for value in data.getlist("area") if value]
    values["area"] = chosen[-1] if chosen else ""
    draft = Draft(**values, answers=answers_in(data))
    return draft if as_uuid(draft.once) else replace(draft, once=str(uuid7()))


def keep(request: Request, response: HttpResponse, draft: Draft) -> None:
    """Keep the draft for a day, apart from the session, which is new after signing in."""
    store = SessionStore(request.COOKIES.get(COOKIE))
    if store.get("account"):
        store = SessionStore()
    store["report"] = asdict(draft)
    store.set_expiry(KEPT_SECONDS)
    store.save()
    response.set_cookie(
        COOKIE, store.session_key or "", max_age=KEPT_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure()
    )


def kept(request: Request) -> Draft | None:
    """The draft that was kept before signing in."""
    key = request.COOKIES.get(COOKIE)
    data: Mapping[str, Any] | None = SessionStore(key).get("report") if key else None
    if not isinstance(data, dict):
        return None
    known = {part.name for part in fields(Draft)}
    return Draft(**{name: value for name, value in data.items() if name in known})


def forget(request: Request, response: HttpResponse) -> None:
    """Throw the kept draft away."""
    key = request.COOKIES.get(COOKIE)
    if not key:
        return
    store = SessionStore(key)
    if store.get("report") is not None and not store.get("account"):
        store.delete(key)
    response.delete_cookie(COOKIE)
