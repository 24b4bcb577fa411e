"""王社工 keeps the register of 东苑社区 in 红卫街道; 李社工 that of the community next door."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from tongxin.kernel.actor import SYSTEM, Actor, Grant
from tongxin.kernel.ids import uuid7
from tongxin.places.models import Area
from tongxin.places.operations import add_area

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HEADINGS = ["小区", "楼栋", "单元", "房号", "楼层", "建筑面积", "用途"]


@dataclass
class Town:
    """A small tree, from the city down to an estate."""

    city: Area
    county: Area
    street: Area
    community: Area
    other_community: Area
    estate: Area


def worker(name: str, path: str, *permissions: str) -> Actor:
    """Somebody in office for an area."""
    person = uuid7()
    grant = Grant("community_worker", frozenset(permissions or {"places.manage"}), path)
    return Actor(id=person, person_id=person, name=name, grants=(grant,))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def town(db: None) -> Town:
    city = Area.objects.create(
        code="4203", name="十堰市", level_id="city", path="4203/", depth=0, valid_from=datetime(2020, 1, 1).date()
    )

    def add(parent: Area, level: str, name: str, code: str = "") -> Area:
        return add_area(
            SYSTEM, parent_id=parent.id, level=level, name=name, code=code, now=NOW, valid_from=city.valid_from
        )

    county = add(city, "county", "张湾区", "420303")
    street = add(county, "street", "红卫街道", "420303002")
    community = add(street, "community", "东苑社区", "420303002001")
    other = add(street, "community", "西苑社区", "420303002002")
    return Town(city, county, street, community, other, add(community, "estate", "东苑小区"))


@pytest.fixture
def wang(town: Town) -> Actor:
    return worker("王社工", town.community.path)


@pytest.fixture
def li(town: Town) -> Actor:
    return worker("李社工", town.other_community.path)


def sheet(*rows: Sequence[Any], headings: Sequence[str] = HEADINGS) -> bytes:
    """An .xlsx file with these rows below the headings."""
    book = Workbook()
    book.worksheets[0].append(list(headings))
    for row in rows:
        book.worksheets[0].append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def text_table(*rows: Sequence[Any], encoding: str = "utf-8-sig", headings: Sequence[str] = HEADINGS) -> bytes:
    """A CSV file with these rows below the headings."""
    target = io.StringIO()
    csv.writer(target).writerows([headings, *rows])
    return target.getvalue().encode(encoding)


@pytest.fixture
def clock() -> Callable[[], datetime]:
    return lambda: NOW
