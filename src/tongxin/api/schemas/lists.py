"""Lines of lists, each page with the cursor of the next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from tongxin.api.schemas.base import CaseNumber
from tongxin.api.schemas.cases import Point

_NEXT = "Pass it as `cursor` for the next page; empty at the end."


DAY = r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"


class QueueFilter(Schema):
    """What narrows the queue."""

    show: Literal[
        "", "submitted", "dispatch", "claim", "working", "verify", "confirm", "overdue", "raised", "supervised",
        "suspended", "common", "closed", "mine", "petitions", "all",
    ] = Field(default="", description="Which; left out: everything open.")  # fmt: skip
    q: str = Field(default="", max_length=100, description="Words to search for.")
    area: str = Field(default="", pattern=r"^[0-9A-Za-z._-]{0,40}$", description="Code of an area.")
    category: str = Field(default="", pattern=r"^[0-9A-Za-z._-]{0,40}$", description="Code of a category.")
    urgency: Literal["", "emergency", "urgent", "normal", "complex"] = ""
    handler: UUID | None = Field(default=None, description="The lead: an organisation.")
    since: str = Field(default="", pattern=DAY, description="First day of arrival, local.")
    until: str = Field(default="", pattern=DAY, description="Last day of arrival, local.")


class MyCase(Schema):
    """A line of the caller's own matters."""

    number: CaseNumber
    title: str
    place: str
    state: str
    outcome: str
    category_name: str
    category_name_en: str
    lead_name: str
    holder_name: str
    due_at: datetime | None
    due_kind: str
    closed_at: datetime | None
    joined: bool
    for_name: str = Field(description="Of the family member whose it is.")
    helped: bool = Field(description="Filed by a helper.")
    word: str
    rating: int | None


class MyCases(Schema):
    """The caller's matters, the newest first."""

    cases: list[MyCase]
    next: str = Field(description=_NEXT)


class Task(Schema):
    """A line of the handler's list. `co`: a sub-task beside somebody else's lead."""

    number: CaseNumber
    title: str
    place: str
    state: str
    category_name: str
    category_name_en: str
    urgency: str
    organisation: str
    holder_name: str
    task: str
    co: bool
    pool: bool
    due_at: datetime | None
    due_kind: str
    joiners: int
    supervised: bool


class Tasks(Schema):
    """Tasks, what is due first."""

    tasks: list[Task]
    next: str = Field(description=_NEXT)


class QueueRow(Schema):
    """A line of the desk's queue."""

    number: CaseNumber
    title: str
    place: str
    state: str
    open: bool
    kind: str
    category: str
    urgency: str
    channel: str
    lead: str
    holder: str
    mode: str
    due_at: datetime | None
    due_kind: str
    joiners: int
    children: int
    co_handlers: int
    supervised: bool
    public: bool
    times_reopened: int
    petitions: bool = Field(description="Something waits to be decided.")
    created_at: datetime
    closed_at: datetime | None
    outcome: str


class Queue(Schema):
    """Cases of the caller's areas: open ones by deadline, closed and found ones by arrival, the newest first."""

    cases: list[QueueRow]
    next: str = Field(description=_NEXT)


class PublicCase(Schema):
    """A line of what the offices made public, masked."""

    number: CaseNumber
    title: str
    place: str
    state: str
    outcome: str
    category_name: str
    category_name_en: str
    lead_name: str
    due_at: datetime | None
    created_at: datetime
    closed_at: datetime | None
    joiners: int
    position: Point | None
    picture: str = Field(description="Path of a released picture, or empty.")


class PublicCases(Schema):
    """Public cases, the newest first."""

    cases: list[PublicCase]
    next: str = Field(description=_NEXT)


class Office(Schema):
    """What a token acts as."""

    role: str
    organisation_id: UUID | None
    area_code: str


class Me(Schema):
    """Who acts by this token."""

    token: str = Field(description="Its name.")
    person_id: UUID
    name: str
    trust: str = Field(description="nobody, visitor, resident or owner; an office's token is nobody at home.")
    scopes: list[str]
    offices: list[Office]
    expires_at: datetime


def filled(schema: type[Schema], row: Any, **more: Any) -> Any:
    """A line from a row that has the same names; ``more`` are those that differ."""
    same = {name: getattr(row, name) for name in schema.model_fields if name not in more}
    return schema(**{name: str(value) if name == "state" else value for name, value in same.items()}, **more)
