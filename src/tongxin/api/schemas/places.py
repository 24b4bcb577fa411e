"""Categories and places: what is needed to report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Field, Schema


class Category(Schema):
    """What a case can be about. `questions`: code, label, kind, options, required."""

    code: str
    name: str
    name_en: str
    hint: str
    parent: str
    is_service: bool
    questions: list[dict[str, Any]]


class Categories(Schema):
    """The categories in use, in their order."""

    categories: list[Category]


class Area(Schema):
    """An area of any level: city, county, street, community, estate."""

    id: UUID
    code: str
    name: str
    level: str
    parent_code: str = Field(description="Empty at the top.")


class Areas(Schema):
    """Areas by code."""

    areas: list[Area]
    next: str = Field(default="", description="Pass it as `cursor` for the next page; empty at the end.")


class Building(Schema):
    """A building of an estate."""

    id: UUID
    name: str


class Buildings(Schema):
    """Buildings as people count them."""

    buildings: list[Building]
    next: str = Field(description="Pass it as `cursor` for the next page; empty at the end.")


class Unit(Schema):
    """A unit of a building; a building without units has one with an empty name."""

    id: UUID
    name: str


class Units(Schema):
    """The units of a building."""

    units: list[Unit]


class Home(Schema):
    """A home, by its room number."""

    id: UUID
    name: str


class Homes(Schema):
    """The homes of a unit."""

    homes: list[Home]
    next: str = Field(description="Pass it as `cursor` for the next page; empty at the end.")


class Place(Schema):
    """What a QR code stands for; of a home the address alone."""

    kind: str = Field(description="`area`, `building`, `unit`, `home` or `grid`.")
    id: UUID
    name: str
    area_code: str
    full_name: str


def area_out(row: Any) -> Area:
    """An area from its row."""
    above = row.path.rstrip("/").rpartition("/")[0].rpartition("/")[2]
    return Area(id=row.id, code=row.code, name=row.name, level=str(row.level_id), parent_code=above)
