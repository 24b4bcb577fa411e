"""What schemas share: strict input, and the small parts that occur everywhere."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import BeforeValidator

NUMBER = r"^[A-Z][A-Z0-9]{0,7}-(19|20)[0-9]{6}-[0-9]{4,6}$"
CODE = r"^[0-9A-Za-z._-]{1,40}$"

CaseNumber = Annotated[str, Field(pattern=NUMBER, description="The case's number.", examples=["WW-20261122-0042"])]
AskedNumber = Annotated[str, Field(pattern=NUMBER, description="The case's number.")]
Code = Annotated[str, Field(pattern=CODE)]
Cursor = Annotated[
    str, Field(max_length=600, pattern=r"^[0-9A-Za-z_-]*$", description="`next` of the page before; opaque.")
]
Limit = Annotated[int, Field(ge=1, le=100, description="How many at most.")]
Reason = Annotated[str, Field(min_length=1, max_length=1000, description="Why; those concerned may read it.")]
Text = Annotated[str, Field(min_length=1, max_length=5000)]
Note = Annotated[str, Field(max_length=5000, description="For the offices only.")]
Rating = Annotated[int, Field(ge=1, le=5, description="5 very satisfied, 4 satisfied, 3 fair, 2 not, 1 not at all.")]
Urgency = Literal["emergency", "urgent", "normal", "complex"]


def _day(given: Any) -> Any:
    """A day as JSON has it. Schemas are strict, and what ninja hands on has forgotten that it was JSON."""
    try:
        return date.fromisoformat(given) if isinstance(given, str) and len(given) == len("2027-03-01") else given
    except ValueError:
        return given  # refused by the field itself, in its own words


Day = Annotated[date, BeforeValidator(_day)]


class Input(Schema):
    """What is sent: no unknown fields, no guessing of types."""

    model_config = {"extra": "forbid", "strict": True}


class Position(Input):
    """WGS-84 degrees."""

    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, examples=[32.6469])
    lng: float = Field(ge=-180, le=180, allow_inf_nan=False, examples=[110.7886])


class Body(Schema):
    """An organisation, with the telephone that it answers."""

    id: UUID
    name: str
    phone: str


class Problem(Schema):
    """RFC 9457. `code` is stable and for programs; `detail` is for people, in their language."""

    type: str = Field(
        examples=["/problems/held/"], description="Leads to a page that says what it means and what to do."
    )
    title: str
    status: int
    detail: str
    code: str = Field(examples=["held"])
    errors: list[FieldError] = Field(default=[], description="Fields at fault.")
    state: str | None = Field(default=None, description="Of the case, where it does not allow the verb now.")
    possible: list[str] | None = Field(default=None, description="What the caller could do with the case instead.")
    needed: str | None = Field(default=None, description="The level of trust that it takes, where that is missing.")
    have: str | None = Field(default=None, description="The level of trust that there is.")
    reach: Reach | None = Field(default=None, description="How the person gets there.")


class Reach(Schema):
    """The next step to a level of trust: a sentence for the person, and the page where it begins."""

    detail: str
    href: str = Field(examples=["/me/home/"])


class FieldError(Schema):
    """What is wrong with one field."""

    field: str = Field(examples=["reason"])
    detail: str


Problem.model_rebuild()
