"""No page reads more because there is more: a bound for each list, detail and home page, the same with ten times the rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.cast import START, resident
from tests.system.matrix import TABLE, Row
from tests.system.town import OWN, REPORTER, Town, Who
from tests.system.walking import Visitor, address
from tongxin.api import limits
from tongxin.cases.operations.submit import submit_case
from tongxin.people.models import Organisation
from tongxin.places.models import Building, Home, Unit

pytestmark = pytest.mark.django_db
MOST = 30
FURTHER = {"readyz": 60}
"""Pages that may take more, and why: readyz asks for the migrations of every application."""
WORKER, SECRETARY = ("community_worker", OWN), ("community_secretary", OWN)
READERS: tuple[Who, ...] = (
    REPORTER, WORKER, ("street_officer", OWN), ("handler", OWN), ("grid_worker", OWN), ("branch_secretary", OWN),
    ("system_administrator", OWN), ("security_administrator", OWN), ("audit_administrator", OWN),
    ("discipline_inspector", OWN),
)  # fmt: skip


def _cost(visitor: Visitor, url: str) -> int:
    cache.clear()
    limits.forget()
    visitor.get(url)  # what a process reads once
    with CaptureQueriesContext(
        connection,
    ) as asked:
        visitor.get(url)
    return sum(1 for query in asked if "SAVEPOINT" not in query["sql"])


def _more(town: Town, numbers: range) -> None:
    """More of everything that a list could show."""
    reporter, estate = town.actor(REPORTER), town.place.estate
    for number in numbers:
        submit_case(reporter, town.report(f"第{number}处占道", "parking" if number % 2 else "lighting"), town.now)
        Organisation.objects.create(kind="social", name=f"社团{number}", area=town.place.community, since=START)
        building = Building.objects.create(estate=estate, name=f"{number + 10}号楼")
        unit = Unit.objects.create(building=building, name="1单元")
        Home.objects.bulk_create(Home(unit=unit, name=f"{floor}01", floor=floor) for floor in range(1, 4))
        resident(f"新邻居{number}", town.place)


def _opened(row: Row) -> bool:
    return row.get == 200


@pytest.mark.parametrize("who", READERS, ids=lambda who: who[0])
def test_a_page_costs_no_more_queries_when_there_is_more(town: Town, who: Who) -> None:
    visitor = Visitor(town, who)
    pages: dict[str, str] = {
        pattern: address(town, pattern, dict(row.parts)) + row.query
        for pattern, row in TABLE.items()
        if row.admits(who) and _opened(row)
    }
    with transaction.atomic():
        _more(town, range(3))
        few: dict[str, Any] = {pattern: _cost(visitor, url) for pattern, url in pages.items()}
        _more(town, range(3, 30))
        many = {pattern: _cost(visitor, url) for pattern, url in pages.items()}
        transaction.set_rollback(True)
    wrong = [
        f"{pattern}: {few[pattern]} → {many[pattern]}"
        for pattern in pages
        if many[pattern] > few[pattern] + 1 or many[pattern] > FURTHER.get(pattern, MOST)
    ]
    assert not wrong, "\n".join(wrong)
