"""What is told of cases. Every field is filled from the same masked views that the pages show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Field, Schema

from tongxin.api import words
from tongxin.api.schemas.base import Body, CaseNumber
from tongxin.cases.queries.view import CaseView


class CaseState(Schema):
    """Where a case stands after a verb. Get the case for more."""

    number: CaseNumber
    state: str = Field(examples=["claimed"])
    open: bool
    outcome: str | None = Field(description="How it ended, once it has.")
    due_at: datetime | None = Field(description="The nearest deadline.")
    version: int = Field(description="Counts every step.")


class Submitted(CaseState):
    """A case that was reported."""

    query_code: str = Field(
        description="With the number it opens the progress page: print it on the slip, log it never."
    )


class HandedToWorker(CaseState):
    """A task that was passed on."""

    link: str = Field(description="Path of the worker's page; whoever has it may answer, so log it never.")


def case_state(case: Any) -> dict[str, Any]:
    """The fields of :class:`CaseState` of what an operation gave back."""
    return {
        "number": case.number,
        "state": str(case.state),
        "open": case.open,
        "outcome": str(case.outcome) or None,
        "due_at": case.due_at,
        "version": case.version,
    }


class CategoryName(Schema):
    """What it is about."""

    code: str
    name: str
    name_en: str


class AreaName(Schema):
    """Where it lies."""

    code: str
    name: str


class Point(Schema):
    """WGS-84; for those not concerned to about ten metres."""

    lat: float
    lng: float


class Picture(Schema):
    """A picture or document. Links open for some minutes; both are empty while it is being prepared."""

    id: UUID = Field(description="By which staff release, hide and blur it.")
    src: str = Field(description="Medium size.")
    href: str = Field(description="Large, or the document itself.")
    purpose: str
    is_document: bool
    released: bool = Field(description="To the public, in its blurred form.")
    width: int | None
    height: int | None


class Line(Schema):
    """What happened, the newest first. Names only for those who may have them."""

    id: UUID
    verb: str
    state: str = Field(description="After it.")
    at: datetime
    who: Literal["me", "office", "resident", "system"]
    organisation: str
    name: str
    on_behalf: bool = Field(description="Done for somebody else.")
    to: str = Field(description="The organisation it was given to.")
    text: str
    note: str = Field(description="For the offices; empty for everybody else.")
    pictures: list[Picture]
    pictures_kept_back: int


class SubTask(Schema):
    """A co-handler's part."""

    organisation: Body
    task: str
    state: str
    mine: bool


class Answer(Schema):
    """To one of the category's extra questions."""

    question: str
    answer: str


class Reporter(Schema):
    """In whose name it was reported. Telephones are never told here."""

    name: str
    hidden: bool = Field(description="By name from all but the desk.")
    helper_name: str


class Mine(Schema):
    """What the caller, or the family member they act for, is to the case, and their own word."""

    role: str
    word: str
    rating: int | None
    for_name: str
    helper_name: str


class Parent(Schema):
    """The common matter into which it was gathered."""

    number: CaseNumber
    title: str


class Case(Schema):
    """A case as this caller may see it."""

    number: CaseNumber
    kind: Literal["case", "common", "suggestion"]
    state: str
    open: bool
    outcome: str | None
    step: int = Field(ge=1, le=5, description="At which of the five steps it stands.")
    title: str
    text: str
    answers: list[Answer]
    category: CategoryName
    urgency: str
    area: AreaName
    place: str
    position: Point | None
    created_at: datetime
    changed_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    due_kind: str
    due_provisional: bool = Field(description="The calendar of that year is not published yet.")
    review_on: date | None = Field(description="Of a suspension.")
    reopen_until: datetime | None
    mode: str
    lead: Body | None
    holder_name: str
    desk: Body | None
    sub_tasks: list[SubTask]
    joiners: int
    is_public: bool
    times_reopened: int
    supervised: bool
    parent: Parent | None
    question: str = Field(description="Asked of the reporter, waiting for an answer.")
    reporter: Reporter | None
    mine: Mine | None
    on_behalf_of: UUID | None = Field(description="The family member whose case it is.")
    verbs: list[str] = Field(description="What the caller may do now, the most likely first: names of calls.")
    timeline: list[Line]
    timeline_next: str = Field(description="Pass it as `timeline` for earlier lines; empty at the end.")


def case_out(view: CaseView, lines: Sequence[Any], following: str, verbs: list[str]) -> Case:
    """The case from its view and timeline; ``verbs``: names of the calls that are open."""
    position = Point(lat=view.lat, lng=view.lng) if view.lat is not None and view.lng is not None else None
    return Case(
        **{name: getattr(view, name) for name in _SAME},
        state=str(view.state),
        open=view.closed_at is None,
        outcome=str(view.outcome) if view.outcome else None,
        answers=[Answer(question=question, answer=answer) for question, answer in view.answers],
        category=CategoryName(code=view.category, name=view.category_name, name_en=view.category_name_en),
        area=AreaName(code=view.area_path.rstrip("/").rpartition("/")[2], name=view.area_name),
        position=position,
        lead=_body(view.lead),
        desk=_body(view.desk),
        sub_tasks=[
            SubTask(organisation=_body(one.organisation), task=one.task, state=one.state, mine=one.mine)
            for one in view.subtasks
        ],
        parent=Parent(number=view.parent.number, title=view.parent.title) if view.parent else None,
        reporter=_reporter(view.reporter),
        mine=_mine(view.mine),
        verbs=verbs,
        timeline=[_line(line) for line in lines],
        timeline_next=following,
    )


_SAME = (
    "number", "kind", "step", "title", "text", "urgency", "place", "created_at", "changed_at", "answered_at",
    "closed_at", "due_at", "due_kind", "due_provisional", "review_on", "reopen_until", "mode", "holder_name", "joiners",
    "is_public", "times_reopened", "supervised", "question", "on_behalf_of",
)  # fmt: skip


def _body(found: Any) -> Any:
    return Body(id=found.id, name=found.name, phone=found.phone) if found is not None else None


def _reporter(found: Any) -> Reporter | None:
    if found is None:
        return None
    return Reporter(name=found.name, hidden=found.hidden, helper_name=found.helper_name)


def _mine(found: Any) -> Mine | None:
    if found is None:
        return None
    return Mine(
        role=found.role,
        word=found.word,
        rating=found.rating,
        for_name=found.for_name,
        helper_name=found.helper_name,
    )


def _line(line: Any) -> Line:
    return Line(
        **{name: getattr(line, name) for name in ("id", "state", "at", "who", "organisation", "name", "to", "text")},
        verb=words.said(line.verb),
        note=line.note,
        on_behalf=line.helper,
        pictures=[_picture(photo) for photo in line.photos],
        pictures_kept_back=line.photos_kept_back,
    )


def _picture(photo: Any) -> Picture:
    return Picture(**{name: getattr(photo, name) for name in Picture.model_fields})
