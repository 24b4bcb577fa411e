"""Every page and endpoint × every role × own area, sibling area, none, signed out; and what nobody may read there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.system.matrix import TABLE, Row
from tests.system.openings import OPENINGS, Opening
from tests.system.stages import Stage
from tests.system.town import ENDED, NOBODY, OWN, SECRETS, SIBLING, Town, Who, everybody
from tests.system.unchanged import writes
from tests.system.walking import Visitor, address, body_of, routes
from tongxin.api import limits
from tongxin.api.models import CallCount
from tongxin.cases.models import Case
from tongxin.notifications.models import Delivery, Notice
from tongxin.people.models import Person
from tongxin.places.models import Area, ImportBatch
from tongxin.record.models import Entry

pytestmark = pytest.mark.django_db
REFUSED = {401, 403, 404}
NONSENSE = {
    "on": "昨天", "since": "2026-02-31", "home": "x", "person": "x", "area": "x", "kind": "\x00", "do": "x", "pick": "x",
    "rating": "九", "text": "", "grant": "x", "once": "x", "fields": "x", "drop": "x", "regions": "x",
    "ids": "[", "lat": "NaN", "lng": "1e999", "code": "٣", "phone": "1", "name": "", "username": "x" * 400, "row": "x",
}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_limits(db: None) -> Iterator[None]:
    limits.forget()
    CallCount.objects.all().delete()  # that of the tests before, all from one address
    yield
    limits.forget()


def test_every_route_is_in_the_table_and_every_row_of_it_is_a_route() -> None:
    assert {pattern for pattern, _ in routes()} == TABLE.keys()


@pytest.mark.parametrize("who", everybody(), ids=lambda who: "-".join(who))
def test_who_may_open_what_and_what_they_read_there(town: Town, who: Who) -> None:
    visitor, wrong = Visitor(town, who), []
    for pattern, row in TABLE.items():
        answer = visitor.get(address(town, pattern, dict(row.parts)) + row.query)
        if not _as_told(row, _as_program(who) if pattern.startswith("api/") else who, answer, pattern):
            wrong.append(f"{pattern}: {answer.status_code}")
        body = body_of(answer)
        wrong += [
            f"{pattern}: reads the {name}"
            for name, secret in SECRETS.items()
            if secret in body and not row.may_read(who, name)
        ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", everybody(), ids=lambda who: "-".join(who))
def test_every_step_and_kind_and_every_query_that_finds_something(hidden_stage: Stage, who: Who) -> None:
    visitor, wrong = Visitor(hidden_stage.town, who), []
    for opening in OPENINGS:
        answer = visitor.get(opening.address(hidden_stage))
        said, label = _led(opening, who, answer), f"{opening.pattern} {opening.query}{dict(opening.parts)}"
        wrong += [f"{label}: {said}"] if said else []
        body = body_of(answer)
        wrong += [
            f"{label}: reads the {name}"
            for name, secret in SECRETS.items()
            if secret in body and not opening.may_read(who, name)
        ]
    assert not wrong, "\n".join(wrong)


def _led(opening: Opening, who: Who, answer: Any) -> str:
    """What is wrong with how a page was opened; empty if nothing is."""
    status = answer.status_code
    if opening.holds(who, opening.shown):
        return "" if status == 200 else f"not shown: {status}"
    if who == NOBODY:
        return "" if status == 302 and "sign-in" in answer.headers["Location"] else f"not sent to sign in: {status}"
    if opening.holds(who, opening.led) and status == 303:
        return ""
    return "" if status in REFUSED else f"not refused: {status}"


def _as_program(who: Who) -> Who:
    """A program that acts for an office has nothing left when the office ends, not even the person."""
    return NOBODY if who[1] == ENDED else who


def _as_told(row: Row, who: Who, answer: Any, pattern: str) -> bool:
    """Whether the answer to opening a page is what the table says."""
    status = answer.status_code
    if not row.get:
        return bool(status == 405)
    if row.admits(who):
        return status in {row.get, 200, 303} if row.get in {200, 302, 303} else status == row.get
    if who == NOBODY and not pattern.startswith("api/"):
        return status == 302 and "sign-in" in answer.headers["Location"]
    return status in REFUSED


SENDERS = [who for who in everybody() if who[1] == OWN or who == NOBODY or who[0] in {"community_secretary", "handler"}]


@pytest.mark.parametrize("who", SENDERS, ids=lambda who: "-".join(who))
def test_an_empty_or_senseless_form_gets_an_answer_and_changes_nothing(town: Town, who: Who) -> None:
    visitor, wrong = Visitor(town, who), []
    for pattern, row in TABLE.items():
        if not row.post:
            continue
        url = address(town, pattern, dict(row.parts))
        for sent in ({}, NONSENSE):
            with transaction.atomic():
                with writes() as written:
                    answer = visitor.post(url, sent)
                changed = written.changed
                transaction.set_rollback(True)
            if pattern == "sign-out/":
                visitor = Visitor(town, who)
            if not _answered(row, who, answer, pattern) or (changed and not (row.acts and row.admits(who))):
                wrong.append(f"{pattern} {'empty' if not sent else 'nonsense'}: {answer.status_code} {changed}")
    assert not wrong, "\n".join(wrong)


def _answered(row: Row, who: Who, answer: Any, pattern: str) -> bool:
    """A clear answer: a page that says what is wrong, or a way on; a refusal for who may not."""
    status = answer.status_code
    if row.admits(who):
        return 300 <= status < 500 or row.acts or status == 200
    if who == NOBODY and not pattern.startswith("api/"):
        return status in {302, 303} and "sign-in" in answer.headers["Location"]
    if who[1] == SIBLING and status == 422:
        return True  # the words are judged before the row is looked for; what is well-formed is tried in test_who_sends
    return status in REFUSED or (status in {400, 409, 422} and pattern.startswith("api/"))


def _everything() -> tuple[Any, ...]:
    """What changes when anything is done: every operation leaves an entry; messages leave no other trace."""
    return (
        Entry.objects.count(), Notice.objects.count(), Delivery.objects.count(), Case.objects.count(),
        Person.objects.count(), Area.objects.count(), ImportBatch.objects.values_list("state", flat=True)[0],
    )  # fmt: skip


def test_the_sibling_and_the_former_officers_are_in_the_walk() -> None:
    """So that the table cannot grow blind."""
    assert {where for _, where in everybody()} == {"own", SIBLING, "ended", ""}
    assert len(everybody()) == 20 * 3 + 6 + 2
