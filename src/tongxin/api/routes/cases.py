"""Cases: reported, listed, read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Path, Query, Router, Schema

from tongxin.api import calls, cursors, document, words
from tongxin.api.bodies import Body
from tongxin.api.policy import POLICIES
from tongxin.api.routes.places import area_named, category_path
from tongxin.api.schemas.base import NUMBER, Code, Cursor, Limit
from tongxin.api.schemas.cases import Case, CaseState, Point, Submitted, case_out, case_state
from tongxin.api.schemas.lists import (
    MyCase,
    MyCases,
    PublicCase,
    PublicCases,
    Queue,
    QueueFilter,
    QueueRow,
    Task,
    Tasks,
    filled,
)
from tongxin.api.schemas.verbs import CommonMatter, Progress, Report
from tongxin.cases.operations import gather, progress, submit
from tongxin.cases.queries.handling import tasks
from tongxin.cases.queries.mine import my_cases
from tongxin.cases.queries.names import names_in, veiled
from tongxin.cases.queries.numbers import case_ids
from tongxin.cases.queries.progress import query_code
from tongxin.cases.queries.public import public_cases
from tongxin.cases.queries.queue import Filter, queue
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import case_by_id_masked, case_for, public_case
from tongxin.cases.rules import Verb

router = Router()
PHOTOS = frozenset({"photos"})


def _report(data: Any, body: Body) -> submit.Report:
    return submit.Report(
        text=data.text,
        category=data.category,
        area_id=area_named(data.area).id,
        title=data.title,
        building_id=data.building,
        unit_id=data.unit,
        home_id=data.home,
        place=data.place,
        lat=data.position.lat if data.position else None,
        lng=data.position.lng if data.position else None,
        answers=data.answers,
        hidden=data.hidden,
        for_person=data.for_person,
        contact_name=data.contact_name,
        contact_phone=data.contact_phone,
        complained_of=tuple(data.complained_of),
        urgency=data.urgency or "",
        channel="api",
        photos=list(body.files.get("photos", ())),
    )


def submit_case(request: Any) -> HttpResponse:
    """Report a matter: it gets its number, its clocks and, where a route says so, at once its handler."""

    def act(data: Any, body: Body) -> Schema:
        case = submit.submit_case(request.actor, _report(data, body), request.now)
        return Submitted(**case_state(case), query_code=query_code(case.pk))

    response = calls.write(request, Report, act, files=PHOTOS, status=201)
    return _located(response)


def make_common_matter(request: Any) -> HttpResponse:
    """Make a common matter 共性问题 of several cases without losing any reporter. Takes `case.submit_for` as well."""

    def act(data: Any, body: Body) -> Schema:
        ids = case_ids(data.cases)
        case = gather.make_common_matter(
            request.actor, _report(data.report, body), ids, request.now, reason=data.reason
        )
        return CaseState(**case_state(case))

    return _located(calls.write(request, CommonMatter, act, status=201))


def _located(response: HttpResponse) -> HttpResponse:
    """Where the new case is: the number begins the answer, also of one that is given again."""
    number = calls.validated(_Numbered, response.content.decode()).number
    response.headers["Location"] = f"{calls.BASE}/cases/{number}"
    return response


class _Numbered(Schema):
    number: str


def list_my_cases(
    request: Any,
    which: Literal["all", "open", "waiting", "ended"] = "all",
    cursor: Cursor = "",
    limit: Limit = 20,
) -> MyCases:
    """The caller's own matters and those of the family members they act for, the newest first."""
    of = f"mine {request.token.acts_as} {which}"
    rows, key = my_cases(request.actor, which=which, before=cursors.read_key(of, cursor), limit=limit)
    return MyCases(
        cases=[filled(MyCase, row, outcome=str(row.outcome or "")) for row in rows], next=cursors.make_key(of, key)
    )


def list_tasks(
    request: Any,
    which: Literal["waiting", "mine", "ours", "pool", "done"] = "waiting",
    cursor: Cursor = "",
    limit: Limit = 20,
) -> Tasks:
    """Tasks of the caller's organisation, and what is in the pool near them; what is due first."""
    of = f"tasks {request.token.acts_as} {which}"
    rows, key = tasks(request.actor, which, after=cursors.read_key(of, cursor), limit=limit)
    return Tasks(tasks=_lines(Task, rows, hidden_only=True), next=cursors.make_key(of, key))


def list_queue(request: Any, filters: QueueFilter = Query(...), cursor: Cursor = "", limit: Limit = 25) -> Queue:
    """Cases of the caller's areas. Open ones by deadline; closed and found ones by arrival, the newest first."""
    values = {name: "" if value is None else str(value) for name, value in filters.model_dump().items()}
    values["area"] = area_named(values["area"]).path if values["area"] else ""
    values["category"] = category_path(values["category"]) if values["category"] else ""
    wanted = Filter.read(values)
    of = f"queue {request.token.acts_as} {wanted.query()}"
    found = queue(request.actor, wanted, request.now, after=cursors.read(of, cursor), limit=limit)
    if request.actor.may_somewhere("case.see_reporter"):
        lines = [filled(QueueRow, row) for row in found.rows]
    else:
        lines = _lines(QueueRow, found.rows, hidden_only=True)
    return Queue(cases=lines, next=cursors.make(of, found.after))


def _lines(schema: type[Schema], rows: Sequence[Any], *, hidden_only: bool) -> list[Any]:
    """Lines for those who may not know every reporter: what people wrote does not give them away either."""
    names = names_in([row.number for row in rows], hidden_only=hidden_only)
    return [filled(schema, row, title=veiled(row.title, names.get(row.number, ()))) for row in rows]


def _shown(request: Any, view: Any, cursor: str) -> Case:
    of = f"timeline {view.id}"
    lines, key = timeline(view, request.now, before=cursors.read_key(of, cursor))
    return case_out(view, lines, cursors.make_key(of, key), _callable(request, view.verbs))


def _callable(request: Any, verbs: Sequence[Verb]) -> list[str]:
    """What may be called for these verbs with this token."""
    scopes = set(request.token.scopes) if request.token is not None else set()
    return [name for name in words.callable_names(verbs) if scopes & set(POLICIES[name].scopes)]


def get_case(request: Any, number: str = Path(..., pattern=NUMBER), timeline: Cursor = "") -> Case:
    """The case as the caller may see it, with its latest twenty lines. 404 for whoever may not know of it."""
    return _shown(request, case_for(request.actor, number, request.now), timeline)


def get_progress(request: Any) -> Case:
    """Where a case stands, for whoever holds its slip: masked. Five wrong codes for a number, then an hour's wait."""
    asked = calls.asked(request, Progress)
    case_id = progress.open_by_code(asked.number, asked.code, request.now, address=calls.address_of(request))
    return _shown(request, case_by_id_masked(case_id, request.now), "")


def list_public_cases(
    request: Any,
    area: Code,
    which: Literal["all", "open", "ended"] = "all",
    category: Code | None = None,
    cursor: Cursor = "",
    limit: Limit = 20,
) -> PublicCases:
    """What the offices of an area made public, masked, the newest first."""
    path = area_named(area).path
    of = f"public {path} {which} {category}"
    rows, key = public_cases(
        path, request.now, which=which, category=category or "", before=cursors.read_key(of, cursor), limit=limit
    )
    names = names_in([row.number for row in rows], hidden_only=False)
    lines = [
        filled(
            PublicCase,
            row,
            title=veiled(row.title, names.get(row.number, ())),
            picture=row.photo.src if row.photo else "",
            position=Point(lat=row.lat, lng=row.lng) if row.lat is not None and row.lng is not None else None,
        )
        for row in rows
    ]
    return PublicCases(cases=lines, next=cursors.make_key(of, key))


def get_public_case(request: Any, number: str = Path(..., pattern=NUMBER), timeline: Cursor = "") -> Case:
    """One case that was made public, as everybody may see it."""
    return _shown(request, public_case(number, request.now), timeline)


document.add(router, "GET", "/me/cases", list_my_cases, "listMyCases", "My matters", "Residents", MyCases)
document.add(router, "GET", "/tasks", list_tasks, "listTasks", "Tasks to take and to do", "Handlers", Tasks)
document.add(router, "GET", "/queue", list_queue, "listQueue", "The desk's queue", "Desk", Queue)
document.add(
    router, "POST", "/cases", submit_case, "submitCase", "Report a matter", "Residents", Submitted,
    status=201, takes=Report, files=PHOTOS,
)  # fmt: skip
document.add(
    router, "POST", "/common-matters", make_common_matter, "makeCommonMatter", "Gather cases into a common matter",
    "Desk", CaseState, status=201, takes=CommonMatter,
)  # fmt: skip
document.add(router, "GET", "/cases/{number}", get_case, "getCase", "One case with its timeline", "Cases", Case)
document.add(
    router, "POST", "/progress", get_progress, "getProgress", "Where a case stands, by its slip", "Public", Case,
    takes=Progress, keyed=False,
)  # fmt: skip
document.add(
    router, "GET", "/public/cases", list_public_cases, "listPublicCases", "Public cases of an area", "Public",
    PublicCases,
)  # fmt: skip
document.add(
    router, "GET", "/public/cases/{number}", get_public_case, "getPublicCase", "One public case", "Public", Case
)
