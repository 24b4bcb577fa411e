"""A well-formed thing sent to every route that writes, by every role × own area, sibling area, none, signed out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.system.form import Form
from tests.system.forms import (
    API_VERBS,
    BY_SECRET,
    DESK_STEPS,
    ENDPOINT_FORMS,
    FORMS,
    OPEN_TO_ALL,
    OWN_DEEDS,
    WORK_DEEDS,
)
from tests.system.matrix import TABLE
from tests.system.stages import Stage
from tests.system.town import CITY, ENDED, NOBODY, SECRETS, Who, everybody
from tests.system.unchanged import writes
from tests.system.walking import Visitor, body_of
from tongxin.api import limits
from tongxin.cases.models import Case
from tongxin.web.cases.detail import DEEDS
from tongxin.web.cases.work import DEEDS as WORKS
from tongxin.web.desk.steps import BY_NAME
from tongxin.web.print import pdf

pytestmark = pytest.mark.django_db
FORMER = {"community_secretary", "handler"}
SENDERS = [who for who in everybody() if who[1] != ENDED or who[0] in FORMER] + [CITY]


@pytest.fixture(autouse=True)
def posters_say_what_stands_on_them(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Instead of a picture of it, which no test could read."""
    monkeypatch.setattr(pdf, "render", lambda _name, data, _now: json.dumps(data, ensure_ascii=False).encode())
    limits.forget()
    yield
    limits.forget()


def test_everything_that_can_be_sent_is_sent_here() -> None:
    writing = {pattern for pattern, row in TABLE.items() if row.post}
    assert {form.pattern for form in FORMS} | OPEN_TO_ALL | BY_SECRET == writing
    assert DESK_STEPS.keys() == BY_NAME.keys()
    assert WORK_DEEDS.keys() == {*WORKS, "hand_to_worker"}
    assert OWN_DEEDS.keys() == DEEDS.keys()
    verbs = {pattern for pattern in writing if pattern.startswith("api/v1/cases/<number>/")}
    assert {f"api/v1/cases/<number>/{name}" for name in API_VERBS} == verbs - {form.pattern for form in ENDPOINT_FORMS}


@pytest.mark.parametrize("who", SENDERS, ids=lambda who: "-".join(who))
def test_who_may_is_taken_at_their_word_and_nobody_else_changes_anything(hidden_stage: Stage, who: Who) -> None:
    visitor, wrong = Visitor(hidden_stage.town, who), []
    Case.objects.filter(pk=hidden_stage.cases["named"]).update(is_public=False)
    for form in FORMS:
        if form.pattern.startswith("api/") and not visitor.secret and form.takes(who):
            continue  # no program of theirs
        limits.forget()
        with transaction.atomic():
            sent = form.sent(hidden_stage)
            with writes() as written:
                answer = visitor.post(form.address(hidden_stage), sent)
                body = body_of(answer)
            transaction.set_rollback(True)
        wrong += [f"{form.label}: {said}" for said in _wrong(form, who, answer, written.changed)]
        wrong += [
            f"{form.label}: reads the {name}"
            for name, secret in SECRETS.items()
            if secret in body and not form.may_read(who, name)
        ]
    assert not wrong, "\n".join(wrong)


def _wrong(form: Form, who: Who, answer: Any, changed: dict[str, int]) -> Iterator[str]:
    status = answer.status_code
    if form.takes(who):
        if status not in form.taken:
            yield f"was not taken: {status} {_words(answer)}"
        elif form.writes and "record_entry" not in changed:
            yield f"nothing on the record: {status} {changed}"
        return
    if changed:
        yield f"changed {changed}"
    if who == NOBODY and not form.pattern.startswith("api/"):
        if status not in {302, 303} or "sign-in" not in answer.headers["Location"]:
            yield f"not sent to sign in: {status}"
    elif status not in form.refusals(who) and not (status == 401 and form.pattern.startswith("api/")):
        yield f"refused with {status} {_words(answer)}"


def _words(answer: Any) -> str:
    """What it said, in short."""
    said = re.findall(r'class="[^"]*alert[^"]*"[^>]*>(.*?)</|"detail": "(.*?)"', body_of(answer), re.S)
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", one[0] or one[1]) for one in said)[:200]
