"""What is sent twice, or after the matter has moved on: nothing happens twice, nothing changes, and it is said in Chinese."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any, Final

import pytest
from django.db import transaction

from tests.system.form import Form
from tests.system.forms import FORMS, STEP
from tests.system.stages import Stage
from tests.system.town import CITY, OWN, Who
from tests.system.unchanged import writes
from tests.system.walking import Visitor, address
from tongxin.api import limits
from tongxin.cases.models import Case
from tongxin.kernel.ids import uuid7
from tongxin.web.print import pdf

pytestmark = pytest.mark.django_db
PREFERRED: Final = (
    "reporter", "community_secretary", "handler", "grid_worker", "county_officer", "system_administrator", "owner",
    "visitor",
)  # fmt: skip
AGAIN: Final = frozenset(
    {
        # said or shown anew each time one asks for it; each is on the record by itself
        "desk/people/<uuid:person_id>/reveal/",
        "desk/cases/<str:number>/phone/<uuid:party>/",
        "desk/export/",
        "desk/callbacks/export/",
        "desk/people/export/",
        "desk/organisations/export/",
        "desk/cases/<str:number>/parties/export/",
        "desk/callbacks/<uuid:call_id>/",
        "me/tokens/",
        "visits/<uuid:assignment_id>/phone/",
        "visits/made/<uuid:visit_id>/",  # one more page of the paper
        "desk/visits/export/",
        "desk/hotline/answers/",
        # the same value once more
        "desk/settings/channels/",
        "desk/filter/keep/",
        "desk/settings/answers/<uuid:template_id>/",
    }
)
EDITS: Final = (
    "/edit/",
    "categories/<str:code>/",
    "grids/<uuid:grid_id>/",
    "homes/<uuid:home_id>/",
    "calendar/",
    "traits/",
    "practice/",
)
"""What sets a value: the second time it is the same value."""
WORDS: Final = ("add", "urge", "rate", "hand_to_worker", "photos/", "read-phone", "contact")
"""A word more, a rating said better, a lost link sent anew (the old one ends), the same look once more, each on the record."""
EVER: Final = {"note", "publish", "unpublish"}
"""What is open whatever the state."""


@pytest.fixture(autouse=True)
def posters_are_not_drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(pdf, "render", lambda *_: b"%PDF")
    limits.forget()
    yield
    limits.forget()


def _taker(form: Form) -> Who | None:
    if form.wide:
        return CITY
    return next(((name, OWN) for name in PREFERRED if form.takes((name, OWN))), None)


def _said(answer: Any) -> str:
    """The words of an answer, without the surroundings of the page."""
    text = answer.content.decode("utf-8", errors="replace")
    if "json" in answer.headers.get("Content-Type", ""):
        return str(json.loads(text).get("detail", ""))
    main = text[text.find("<main") : text.find("</main")]
    return unescape(re.sub(r"<(?:option|select|input|textarea)[^>]*>|<[^>]+>|\s+", " ", main))


def in_chinese(answer: Any) -> bool:
    """Whether it speaks to a Chinese reader: a Chinese sentence, and no English one."""
    said = _said(answer)
    return bool(re.search(r"[\u4e00-\u9fff]{4,}", said)) and not re.search(r"(?:[A-Za-z]+ ){4,}", said)


def _visitors(stage: Stage) -> dict[Who, Visitor]:
    takers = {taker for form in FORMS if (taker := _taker(form)) is not None}
    return {who: Visitor(stage.town, who) for who in takers}


def test_what_is_sent_twice_is_done_once(hidden_stage: Stage) -> None:
    visitors, wrong = _visitors(hidden_stage), []
    for form in FORMS:
        who = _taker(form)
        if who is None or form.pattern in AGAIN or not form.writes:
            continue
        limits.forget()
        visitor, body, url = visitors[who], dict(form.sent(hidden_stage)), form.address(hidden_stage)
        if form.pattern == STEP:
            body["seen"] = str(Case.objects.values_list("version", flat=True).get(pk=hidden_stage.cases[form.at]))
        key = str(uuid7())
        with transaction.atomic():
            first = visitor.post(url, body, key)
            for value in body.values():
                if hasattr(value, "seek"):
                    value.seek(0)
            with writes() as written:
                second = visitor.post(url, body, key)
            transaction.set_rollback(True)
        if first.status_code not in form.taken:
            wrong.append(f"{form.label}: at first {first.status_code}")
        elif second.status_code >= 400:
            wrong += [f"{form.label}: {second.status_code} and changed {written.changed}"] if written.changed else []
            wrong += (
                []
                if in_chinese(second)
                else [f"{form.label}: {second.status_code} not in Chinese: {_said(second)[:200]}"]
            )
        elif written.changed and not _may_be_said_again(form):
            wrong.append(f"{form.label}: {second.status_code} did it twice: {written.changed}")
    assert not wrong, "\n".join(wrong)


def _may_be_said_again(form: Form) -> bool:
    return form.pattern.endswith(EDITS) or any(word in form.pattern or word in form.parts.values() for word in WORDS)


def test_what_comes_too_late_is_refused_in_chinese_and_changes_nothing(hidden_stage: Stage) -> None:
    """Every step on a case, sent when its reporter has long withdrawn it."""
    visitors, wrong, tried = _visitors(hidden_stage), [], 0
    for form in FORMS:
        who = _taker(form)
        last = form.pattern.rstrip("/").rpartition("/")[2]
        if who is None or not form.at or EVER & {last, *form.parts.values()}:
            continue
        limits.forget()
        tried += 1
        url = address(hidden_stage.town, form.pattern, dict(form.parts), hidden_stage.cases["withdrawn"])
        with transaction.atomic():
            with writes() as written:
                answer = visitors[who].post(url, form.sent(hidden_stage))
            transaction.set_rollback(True)
        if written.changed:
            wrong.append(f"{form.label}: changed {written.changed}")
        if answer.status_code not in {403, 404, 409}:
            wrong.append(f"{form.label}: {answer.status_code}")
        elif not in_chinese(answer):
            wrong.append(f"{form.label}: not in Chinese: {_said(answer)[:200]}")
    assert tried > 60
    assert not wrong, "\n".join(wrong)
