"""Who and what a call may name: organisations, colleagues, family, people to help, templates, calls; and the record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from tongxin.api.schemas.base import CaseNumber
from tongxin.api.schemas.lists import MyCase

Exact = Annotated[
    str, Field(json_schema_extra={"format": "date-time"}, description="With microseconds, as it is hashed.")
]
_NEXT = "Pass it as `cursor` for the next page; empty at the end."


class Organisation(Schema):
    """One that may be given a case."""

    id: UUID
    name: str
    kind: str
    area_name: str
    phone: str = Field(description="The telephone that it answers, if any.")


class Organisations(Schema):
    """At most a hundred, the nearest first and the party's cells last; narrow them by `q`."""

    organisations: list[Organisation]


class Colleague(Schema):
    """Somebody who handles cases for the organisation."""

    person_id: UUID
    name: str
    role: str
    title: str = Field(description="As on the door; often empty.")
    area_code: str


class Colleagues(Schema):
    """Those to whom a case can be handed."""

    people: list[Colleague]
    next: str = Field(description=_NEXT)


class FamilyMember(Schema):
    """A family account. `i_act`: the caller acts for them; otherwise they act for the caller."""

    person_id: UUID
    name: str
    i_act: bool
    since: datetime


class Family(Schema):
    """The caller's family accounts in force."""

    family: list[FamilyMember]


class HelpedCase(MyCase):
    """A line of what the caller filed for others; `for_name` says for whom."""


class HelpedCases(Schema):
    """What the caller filed for others, the newest first."""

    cases: list[HelpedCase]
    next: str = Field(description=_NEXT)


class Home(Schema):
    """A home of somebody."""

    id: UUID
    address: str


class PersonToHelp(Schema):
    """As much of the register as it takes to know that it is them."""

    person_id: UUID
    name: str
    age: int | None
    homes: list[Home]


class PeopleToHelp(Schema):
    """At most ten; nobody for less than two letters."""

    people: list[PersonToHelp]


class AnswerTemplate(Schema):
    """Words for an answer, to be completed."""

    id: UUID
    name: str
    text: str


class AnswerTemplates(Schema):
    """Those for the case's place and category, the nearest first."""

    templates: list[AnswerTemplate]


class SimilarCase(Schema):
    """An open case that may be the same matter, masked. Join it instead of reporting anew."""

    number: CaseNumber
    title: str
    place: str
    state: str
    lead_name: str
    created_at: datetime
    due_at: datetime | None
    due_kind: str
    joiners: int
    picture: str = Field(description="Path of a released picture, or empty.")
    joined: bool = Field(description="The caller is concerned already.")


class SimilarCases(Schema):
    """At most three, the likest first."""

    cases: list[SimilarCase]


class Notice(Schema):
    """Something that the caller was told, in the language that the program asks for."""

    id: UUID
    text: str
    link: str = Field(description="Path of the page that it is about.")
    asks: bool = Field(description="Waits for the caller's answer.")
    unread: bool
    at: datetime


class Notices(Schema):
    """What the caller was told, the newest first."""

    notices: list[Notice]
    next: str = Field(description=_NEXT)


class Marked(Schema):
    """How many notices were marked as read."""

    read: int


class CallToMake(Schema):
    """Somebody to ring. The name is empty for who may not see it."""

    id: UUID
    number: CaseNumber
    title: str
    state: str
    name: str
    because: str
    due_at: datetime
    attempts: int
    party: UUID = Field(description="For `read-phone`.")
    has_phone: bool


class CallsToMake(Schema):
    """People of the office's areas to ring, the longest waiting first."""

    calls: list[CallToMake]
    next: str = Field(description=_NEXT)


class Phone(Schema):
    """A telephone that was read."""

    phone: str


class Blurred(Schema):
    """A photo after blurring. Look whether all is covered, then release it."""

    photo: UUID
    regions: int
    src: str = Field(description="Link to its public form for some minutes; empty while nothing is blurred.")


class Receipt(Schema):
    """What stands on the slip: with the number it proves that the first entry is still as it was."""

    number: CaseNumber
    receipt: str = Field(examples=["ABCD-EFGH-IJKL-MNOP"])


class Inclusion(Schema):
    """That the entry is under its day's seal (RFC 9162, 2.1.3). Hashes in hexadecimal."""

    day: date
    index: int
    count: int
    path: list[str]
    root: str
    prev_hash: str
    sealed_at: Exact
    seal_hash: str


class Proof(Schema):
    """The entry of a receipt, and the proof that it was sealed."""

    number: CaseNumber
    receipt: str
    entry_id: UUID
    entry_hash: str | None = Field(description="Null until the day is sealed.")
    verb: str
    recorded_at: datetime
    inclusion: Inclusion | None = Field(description="Null until the day is sealed: ask again tomorrow.")


class Seal(Schema):
    """A day's record under one hash."""

    day: str
    count: int
    root: str
    prev_hash: str
    hash: str
    sealed_at: Exact


class Seals(Schema):
    """The seals, the newest first."""

    seals: list[Seal]
    next: str = Field(description=_NEXT)
