"""The queue: list, map, filters, what is done to several at once, and taking a list away."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tongxin.cases.operations import bulk, desktop, gather
from tongxin.cases.operations.submit import Report
from tongxin.cases.queries import choices, dots
from tongxin.cases.queries import queue as queries
from tongxin.cases.queries.counts import Counts, counts
from tongxin.cases.queries.detail import Detail, detail
from tongxin.cases.queries.figures import figures
from tongxin.cases.queries.public import shapes_below
from tongxin.cases.queries.queue import Filter
from tongxin.cases.queries.scope import scope_of
from tongxin.kernel.errors import DomainError
from tongxin.kernel.ids import uuid7
from tongxin.web import nav
from tongxin.web.desk import export, rows, words
from tongxin.web.desk.case_views import case_context
from tongxin.web.desk.common import CASES, OFFICE, desk_page, is_pane, scope_and_place
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.tiles import tiles

FILTER_NAMES = tuple(Filter.__slots__)
MAIN_CHIPS = ("", "submitted", "dispatch", "claim", "working", "verify", "confirm")
FURTHER_CHIPS = ("overdue", "raised", "supervised", "suspended", "common", "petitions", "closed", "all")


@require_GET
@policy(permission=OFFICE)
def index(request: Request) -> HttpResponse:
    """The queue, with the chosen case beside it where the address names one (``at``)."""
    at = request.GET.get("at", "")
    wanted = Filter.read(request.GET)
    shown = _chosen(request, at) if at else None
    after = request.GET.get("after", "")
    here = wanted.query(after=after) if after else wanted.query()
    context: dict[str, Any] = {"wanted": wanted, "here": f"/desk/?{here}" if here else "/desk/"}
    if shown is not None:
        context |= case_context(request, shown, list_url=context["here"])
        if is_pane(request):
            return page(request, "desk/pane.html", **context)
    scope, place = scope_and_place(request, wanted)
    found = queries.queue(request.actor, wanted, request.now, after=after)
    counted = counts(request.actor, wanted, request.now, kept=not request.acted)
    if not wanted.area:
        nav.note_waiting("/desk/", request.actor, counted.waiting)
    query = wanted.query()
    context |= {
        "rows": rows.lines(
            found.rows,
            request.now,
            f"/desk/?{here}&at=" if here else "/desk/?at=",
            shown.case.number if shown else "",
            pick=request.actor.may_somewhere("case.desk"),
        ),
        "note": _(found.note) if found.note else "",
        "more": f"/desk/?{wanted.query(after=found.after)}" if found.after else "",
        "counts": counted,
        "figures": figures(scope.paths, request.now) if scope.paths else None,
        "chips": _chips(wanted, counted, MAIN_CHIPS),
        "further": _chips(wanted, counted, FURTHER_CHIPS),
        "saved": choices.saved_filters(request.actor),
        "words": words,
        "filter_names": FILTER_NAMES,
        "query": query,
        "may_bulk": request.actor.may_somewhere("case.desk"),
        "may_export": request.actor.may_somewhere("case.export"),
        "taken": {name: getattr(wanted, name) for name in FILTER_NAMES},
    }
    return page(request, "desk/queue.html", **place, **context)


def _chosen(request: Request, number: str) -> Detail | None:
    """The case beside the list; a list with a case that is gone is still a list."""
    try:
        return detail(request.actor, number, request.now)
    except DomainError:
        return None


def _chips(wanted: Filter, counts: Counts, which: tuple[str, ...]) -> list[dict[str, Any]]:
    uncounted = {"", "closed", "all"}
    return [
        {
            "href": words.chip_href(wanted, chip),
            "label": words.CHIPS[chip],
            "count": None if chip in uncounted or not counts.by_chip.get(chip) else counts.words(chip),
            "current": wanted.show == chip and not wanted.q,
        }
        for chip in which
        if chip != "raised" or wanted.show == chip or counts.by_chip.get(chip)  # nothing is raised to the first desk
    ]


@require_GET
@policy(permission=OFFICE)
def filters(request: Request) -> HttpResponse:
    """All filters of the queue, and the ones one keeps."""
    wanted = Filter.read(request.GET)
    scope = scope_of(request.actor)
    return desk_page(
        request,
        "desk/filters_pane.html" if is_pane(request) else "desk/filters.html",
        wanted=wanted,
        query=wanted.query(),
        list_url=f"/desk/?{wanted.query()}" if wanted.query() else "/desk/",
        filter_names=FILTER_NAMES,
        words=words,
        chips=words.listed(words.CHIPS),
        categories=[(c.path, "　" * c.depth + c.name) for c in choices.categories()],
        areas=choices.sub_areas(scope, request.now),
        handlers=choices.handlers(scope),
        saved=choices.saved_filters(request.actor),
    )


@require_POST
@policy(permission=OFFICE)
def save_filter(request: Request) -> HttpResponse:
    """Keep the filter under a name, or keep one no longer."""
    if dropped := request.POST.get("drop"):
        for key in queries.chosen([dropped]):
            desktop.drop_filter(request.actor, key)
        messages.success(request, _("The filter is kept no longer."))
        return SeeOther("/desk/")
    query = Filter.read(request.POST).query()
    desktop.save_filter(request.actor, request.POST.get("name", ""), query, request.now)
    messages.success(request, _("The filter is kept."))
    return SeeOther(f"/desk/?{query}")


@require_GET
@policy(permission=OFFICE)
def on_map(request: Request) -> HttpResponse:
    """The filter's cases on the map, with the list of them below."""
    wanted = Filter.read(request.GET)
    found = dots.points(request.actor, wanted, request.now)
    return desk_page(
        request,
        "desk/map.html",
        wanted=wanted,
        query=wanted.query(),
        points=found,
        most=dots.MAP_MOST,
        tiles=tiles(),
        words=words,
    )


@require_GET
@policy(permission=OFFICE)
def points(request: Request) -> HttpResponse:
    """The same as GeoJSON, with the outlines of the areas to draw them on."""
    wanted = Filter.read(request.GET)
    scope = scope_of(request.actor, wanted.area)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [point.lng, point.lat]},
            "properties": {
                "title": point.title,
                "note": _("Overdue") if point.late else point.number,
                "href": f"{CASES}{point.number}/",
                "open": point.late,
            },
        }
        for point in dots.points(request.actor, wanted, request.now)
    ]
    ground = shapes_below(scope.paths[0]) if scope.paths else []
    answer = JsonResponse({"type": "FeatureCollection", "features": [*ground, *features]})
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@require_POST
@policy(permission="case.desk")
def many(request: Request) -> HttpResponse:
    """Several at once: choose what happens to them, then see what came of it."""
    ids = queries.chosen(request.POST.getlist("pick"))
    selected = choices.selection(request.actor, ids)
    act = request.POST.get("act", "")
    done = {"dispatch": _dispatch_many, "gather": _gather_many, "accept": _accept_many}.get(act)
    back = request.POST.get("back", "")
    back = back if back.startswith("/desk/") else "/desk/"
    error, status = "", 200
    if done is not None:
        try:
            return done(request, ids, selected, back)
        except DomainError as refused:
            if not selected:
                raise
            error, status = message_of(refused), refused.status
            if status == HTTPStatus.FORBIDDEN:  # which of them it is, their rows on the list say: “decided by …”
                error = _(
                    "At least one of these is not yours to decide. Take it out, or ask the office that decides it."
                )
    area = choices.common_area([row.id for row in selected])
    return desk_page(
        request,
        "desk/many.html",
        status=status,
        error=error,
        typed=request.POST if error else {},
        selected=selected,
        unseen=len(ids) - len(selected),
        area=area,
        organisations=choices.organisations(area[1], request.now) if area else [],
        categories=[(c.code, "　" * c.depth + c.name) for c in choices.categories()],
        back=back,
        once=uuid7(request.now),
        words=words,
    )


def _dispatch_many(request: Request, ids: list[UUID], selected: list[choices.Similar], back: str) -> HttpResponse:
    to = request.POST.get("to", "")
    lead = None if to == "pool" else queries.chosen([to])[0]
    note = request.POST.get("note", "") or _("given together with others")
    outcome = bulk.dispatch_many(request.actor, ids, request.now, lead=lead, pool=to == "pool", note=note)
    return _outcome(request, outcome, back)


def _accept_many(request: Request, ids: list[UUID], selected: list[choices.Similar], back: str) -> HttpResponse:
    return _outcome(request, bulk.accept_many(request.actor, ids, request.now), back)


def _outcome(request: Request, outcome: bulk.Outcome, back: str) -> HttpResponse:
    refused = [(number, title, message_of(error)) for number, title, error in outcome.refused]
    return desk_page(request, "desk/outcome.html", done=outcome.done, refused=refused, back=back)


def _gather_many(request: Request, ids: list[UUID], selected: list[choices.Similar], back: str) -> HttpResponse:
    area = choices.common_area([row.id for row in selected])
    text = request.POST.get("text", "")
    report = Report(
        text=text,
        title=request.POST.get("title", ""),
        category=request.POST.get("category", ""),
        area_id=area[0] if area else ids[0],
        channel="desk",
        once=_once(request),
    )
    common = gather.make_common_matter(request.actor, report, ids, request.now, reason=request.POST.get("reason", ""))
    messages.success(request, _("Gathered {n} into one. Their reporters are told.").format(n=len(ids)))
    return SeeOther(f"{CASES}{common.number}/")


def _once(request: Request) -> UUID | None:
    try:
        return UUID(request.POST.get("once", ""))
    except ValueError:
        return None


@require_POST
@policy(permission="case.export")
def take_away(request: Request) -> Any:
    """The list as a workbook, put on the record."""
    wanted = Filter.read(request.POST)
    return export.matters(request.actor, wanted, request.now)
