"""A row of the import of residents: what the cells mean, and what is wrong with them. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from tongxin.kernel.errors import Invalid
from tongxin.kernel.identity import (
    normalise_id_number,
    normalise_mobile,
    valid_credit_code,
    valid_id_number,
    valid_mobile,
)
from tongxin.kernel.text import clean_line
from tongxin.people.rules.ownership import parse_share
from tongxin.places.rules import Problem, parse_floor_area

EARLIEST: Final = "1900-01-01"
ENDLESS: Final = 9000
"""From this year on a last day of a tenancy means that it has none."""
YES: Final = frozenset({"是", "有", "y", "yes", "1", "true", "√", "✓"})
NO: Final = frozenset({"", "否", "无", "不是", "n", "no", "0", "false", "×"})
HEADS: Final = frozenset({"户主", "本人", "户主本人"})
GENDERS: Final = {"": "", "女": "f", "男": "m", "f": "f", "m": "m"}
NAME_MAX = 60
ORGANISATION_NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class ResidentCells:
    """A checked row; ``share`` is text that a Fraction reads, empty for “equal parts”, ``floor_area`` what was said.

    ``credit_code`` says that the row is an organisation, which owns and never lives there. Days are ISO texts.
    """

    name: str
    id_number: str
    phone: str
    gender: str
    birth_date: str
    estate: str
    building: str
    unit: str
    home: str
    relation: str
    is_head: bool
    lives: bool
    owner: bool
    share: str
    floor_area: str
    is_party_member: bool
    moved_in: str  # a day, or empty
    rents_from: str
    rents_until: str  # the first day without
    credit_code: str = ""


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _day(text: str) -> str:
    match = re.fullmatch(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?", text)
    if match is None:
        raise ValueError
    return date(int(match[1]), int(match[2]), int(match[3])).isoformat()


def check_resident_row(
    cells: Mapping[str, str], estate: str | None, today: date
) -> tuple[ResidentCells | None, list[Problem]]:
    """A row of the import, or every cell that is wrong with it.

    ``estate`` is the name of the only estate that the file may speak of, or None where each row names its own. An ID
    number must have its right check character (GB 11643), a phone must be a mobile number; both may be missing. A credit
    code (GB 32100) in the place of the ID number says that the owner is an organisation.
    """
    problems: list[Problem] = []
    said = {key: _folded(text) for key, text in cells.items()}

    def wrong(column: str, message: str, **params: Any) -> None:
        problems.append(Problem(column, message, params))

    number, phone = said.get("id_number", ""), said.get("phone", "")
    if number and not valid_id_number(number, today) and valid_credit_code(number):
        return _organisation(said, estate, number)
    name = clean_line(said.get("name", ""), NAME_MAX)
    if not name:
        wrong("name", "The name is missing.")
    if number and not valid_id_number(number, today):
        wrong("id_number", "This is not an ID number.")
    if phone and not valid_mobile(phone):
        wrong("phone", "This is not a mobile number.")
    gender = GENDERS.get(said.get("gender", "").lower())
    if gender is None:
        wrong("gender", "Write 女 or 男.")
    born = said.get("birth_date", "")
    try:
        born = _day(born) if born else ""
    except ValueError:
        wrong("birth_date", "This is not a date.")
    place = _place(said, estate, wrong)
    share, area = _ownership(said, wrong)
    relation = clean_line(said.get("relation", ""), 20)
    flags = {
        "lives": _flag(said, "lives", True, wrong),
        "owner": _flag(said, "owner", False, wrong),
        "is_party_member": _flag(said, "party", False, wrong),
    }
    if share and not flags["owner"]:
        wrong("share", "A share is given, but the person is no owner.")
    days = _days(said, flags, today, wrong)
    if problems:
        return None, problems
    row = ResidentCells(
        name=name,
        id_number=normalise_id_number(number) if number else "",
        phone=normalise_mobile(phone) if phone else "",
        gender=gender or "",
        birth_date=born,
        **place,
        relation=relation,
        is_head=relation in HEADS,
        lives=flags["lives"],
        owner=flags["owner"],
        share=share,
        floor_area=area,
        is_party_member=flags["is_party_member"],
        **days,
    )
    return row, []


def _flag(said: Mapping[str, str], column: str, default: bool, wrong: Any) -> bool:
    """是 or 否; an empty cell means ``default``."""
    text = said.get(column, "").lower()
    if text not in YES and text not in NO:
        wrong(column, "Write 是 or 否.")
    return text in YES or (text == "" and default)


def _organisation(said: Mapping[str, str], estate: str | None, code: str) -> tuple[ResidentCells | None, list[Problem]]:
    """A row whose owner is an organisation. What only people have (birth, relation, a mobile, days) is left aside."""
    problems: list[Problem] = []

    def wrong(column: str, message: str, **params: Any) -> None:
        problems.append(Problem(column, message, params))

    name = clean_line(said.get("name", ""), ORGANISATION_NAME_MAX)
    if not name:
        wrong("name", "The name is missing.")
    if said.get("owner", "").lower() not in YES:
        wrong("owner", "An organisation stands here only as an owner: write 是.")
    if said.get("lives", "").lower() in YES:
        wrong("lives", "An organisation does not live in a home.")
    place = _place(said, estate, wrong)
    share, area = _ownership(said, wrong)
    if problems:
        return None, problems
    row = ResidentCells(
        name=name, id_number="", phone="", gender="", birth_date="", **place, relation="", is_head=False, lives=False,
        owner=True, share=share, floor_area=area, is_party_member=False, moved_in="", rents_from="", rents_until="",
        credit_code=_upper(code),
    )  # fmt: skip
    return row, []


def _upper(code: str) -> str:
    """A credit code as the register keeps it."""
    return code.replace(" ", "").upper()


def _days(said: Mapping[str, str], flags: Mapping[str, bool], today: date, wrong: Any) -> dict[str, str]:
    """Since when they live there, and the tenancy: its first day, and the first day after its last one.

    The register is of today: what has not begun or is over already is refused at its cell.
    """
    days = {"moved_in": "", "rents_from": "", "rents_until": ""}
    for column in days:
        try:
            days[column] = _day(said[column]) if said.get(column, "") else ""
        except ValueError:
            wrong(column, "This is not a date.")
            return dict.fromkeys(days, "")
    if days["moved_in"] and not flags["lives"]:
        wrong("moved_in", "A day of moving in is given, but the person does not live there.")
    if days["rents_from"] and flags["owner"]:
        wrong("rents_from", "Whoever owns the home does not rent it.")
    for column in ("moved_in", "rents_from"):
        if days[column] > today.isoformat():
            wrong(column, "This day is yet to come.")
        elif days[column] and days[column] < EARLIEST:
            wrong(column, "This is not a date.")
    if days["rents_until"]:
        if not days["rents_from"]:
            wrong("rents_from", "Write the first day of the tenancy too.")
        elif days["rents_until"] < days["rents_from"]:
            wrong("rents_until", "The tenancy would end before it begins.")
        elif days["rents_until"] < today.isoformat():
            wrong("rents_until", "This tenancy is over already.")
        # 9999-12-31 and its like are how offices write “without an end”.
        last = date.fromisoformat(days["rents_until"])
        days["rents_until"] = "" if last.year >= ENDLESS else (last + timedelta(days=1)).isoformat()
    return days


def _place(said: Mapping[str, str], estate: str | None, wrong: Any) -> dict[str, str]:
    """Estate, building, unit and room as the import of homes knows them."""
    named = said.get("estate", "")
    if estate and named and named != estate:
        wrong("estate", "This row speaks of another estate than %(estate)s.", estate=estate)
    if not estate and not named:
        wrong("estate", "The estate is missing.")
    for column, message in (("building", "The building is missing."), ("home", "The room number is missing.")):
        if not said.get(column, ""):
            wrong(column, message)
    return {
        "estate": estate or named,
        "building": said.get("building", ""),
        "unit": said.get("unit", ""),
        "home": said.get("home", ""),
    }


def _ownership(said: Mapping[str, str], wrong: Any) -> tuple[str, str]:
    """Share and floor area as texts that read exactly, or nothing."""
    share = area = ""
    if said.get("share", ""):
        try:
            share = str(parse_share(said["share"]))
        except Invalid as error:
            wrong("share", error.message)
    try:
        parsed: Decimal | None = parse_floor_area(said.get("floor_area", ""))
        area = "" if parsed is None else str(parsed)
    except ValueError as error:
        wrong("floor_area", str(error))
    return share, area
