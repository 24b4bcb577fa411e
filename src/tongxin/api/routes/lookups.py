"""Who and what a call may name: organisations, colleagues, answer templates, cases alike; and the calls to make."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ninja import Path, Query, Router

from tongxin.api import calls, cursors, document
from tongxin.api.routes.places import area_named, category_path
from tongxin.api.schemas.base import NUMBER, AskedNumber, Code, Cursor, Limit
from tongxin.api.schemas.lists import filled
from tongxin.api.schemas.lookups import (
    AnswerTemplate,
    AnswerTemplates,
    CallsToMake,
    CallToMake,
    Colleague,
    Colleagues,
    Organisation,
    Organisations,
    SimilarCase,
    SimilarCases,
)
from tongxin.api.schemas.verbs import Similar
from tongxin.cases.queries import choices
from tongxin.cases.queries.calls import calls_page
from tongxin.cases.queries.names import names_in, veiled
from tongxin.cases.queries.nearby import similar_cases
from tongxin.cases.queries.view import CaseView, case_for
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.people.queries.offices import colleagues

router = Router()
_OFFICE = ("case.desk", "case.supervise", "case.handle")
MOST = 100


def _of_office(request: Any, number: str) -> CaseView:
    """The case for those who read what the offices write. Raises :class:`NotFound` for everybody else."""
    view = case_for(request.actor, number, request.now)
    if not view.access.notes:
        raise NotFound("There is no such case.")
    return view


def list_organisations(
    request: Any, area: Code | None = None, case: AskedNumber | None = None, q: str = Query(default="", max_length=60)
) -> Organisations:
    """To whom a case can be dispatched or handed over: those of the place and above it, and who serves it.

    `case`: for that case; `area`: for a place of the caller's office, such as to plan a common matter. One of both.
    """
    if (area is None) == (case is None):
        raise Invalid("Give either an area or a case.", field="area", code="area-or-case")
    if case is not None:
        path = _of_office(request, case).area_path
    else:
        path = area_named(str(area)).path
        if not any(request.actor.may(permission, path) for permission in _OFFICE):
            raise NotAllowed("This area is not yours to look after.", code="other-area")
    return Organisations(
        organisations=[filled(Organisation, row) for row in choices.takers(path, request.now, q, limit=MOST)]
    )


def list_colleagues(request: Any, organisation: UUID, cursor: Cursor = "", limit: Limit = 50) -> Colleagues:
    """Those who handle cases for an organisation: for its members, and for the desk of its area."""
    of = f"colleagues {organisation}"
    after = cursors.read_key(of, cursor)
    rows, key = colleagues(request.actor, organisation, request.now, after=after, limit=limit)
    return Colleagues(people=[filled(Colleague, row) for row in rows], next=cursors.make_key(of, key))


def list_answer_templates(request: Any, number: str = Path(..., pattern=NUMBER)) -> AnswerTemplates:
    """Words that the desk keeps for answers to cases like this one."""
    view = _of_office(request, number)
    rows = choices.templates(view.area_path, category_path(view.category))
    return AnswerTemplates(templates=[AnswerTemplate(id=UUID(key), name=name, text=text) for key, name, text in rows])


def find_similar(request: Any) -> SimilarCases:
    """Open cases of the same community and the last ninety days that may be the same matter. Nothing is kept.

    Whoever lives there is shown those of public categories, others what was made public; never one whose reporter hid
    their name.
    """
    data = calls.asked(request, Similar)
    rows = similar_cases(
        request.actor,
        request.now,
        area_path=area_named(data.area).path,
        text=data.text,
        category=data.category or "",
        building_id=data.building,
        lat=data.position.lat if data.position else None,
        lng=data.position.lng if data.position else None,
    )
    return SimilarCases(cases=[filled(SimilarCase, row, picture=row.photo.src if row.photo else "") for row in rows])


def list_call_backs(request: Any, cursor: Cursor = "", limit: Limit = 50) -> CallsToMake:
    """回访: people to ring after a case, the longest waiting first. What they say goes to `call-back`."""
    of = f"calls {request.token.acts_as}"
    after = cursors.read_key(of, cursor)
    rows, key = calls_page(request.actor, after=after, limit=limit)
    names = names_in([row.number for row in rows], hidden_only=True)
    if request.actor.may_somewhere("case.see_reporter"):
        names = {}
    lines = [filled(CallToMake, row, title=veiled(row.title, names.get(row.number, ()))) for row in rows]
    return CallsToMake(calls=lines, next=cursors.make_key(of, key))


document.add(
    router, "GET", "/organisations", list_organisations, "listOrganisations", "To whom a case can be given", "Handlers",
    Organisations,
)  # fmt: skip
document.add(
    router, "GET", "/organisations/{organisation}/people", list_colleagues, "listColleagues",
    "Those who handle cases for an organisation", "Handlers", Colleagues,
)  # fmt: skip
document.add(
    router, "GET", "/cases/{number}/answer-templates", list_answer_templates, "listAnswerTemplates",
    "Words for an answer", "Handlers", AnswerTemplates,
)  # fmt: skip
document.add(
    router, "POST", "/similar", find_similar, "findSimilar", "Cases like the one about to be reported", "Residents",
    SimilarCases, takes=Similar, keyed=False,
)  # fmt: skip
document.add(router, "GET", "/call-backs", list_call_backs, "listCallBacks", "People to ring", "Desk", CallsToMake)
