"""What was made public: a list, a map and each matter, masked, for everybody."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongxin.cases.operations.resident import reopen_case
from tongxin.cases.queries.public import FILTERS, public_cases, public_points, shapes_below
from tongxin.cases.queries.view import CaseView, may_reopen, neighbours_may_reopen, public_case
from tongxin.cases.rules import RUNNING
from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.places import queries as places
from tongxin.web.cases import words
from tongxin.web.cases.detail import detail_context, photos_of
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.tiles import tiles

MAP_SECONDS = 60


def _area_path(request: Request) -> str:
    """The chosen area; else the reader's community; else everywhere."""
    code = request.GET.get("area")
    if code is None and request.account is not None and request.account.person.community is not None:
        return str(request.account.person.community.path)
    if not code:
        return ""
    try:
        return places.area_by_code(code[:24]).path
    except NotFound:
        return ""


def _which(request: Request) -> str:
    which = request.GET.get("which", "all")
    return which if which in FILTERS else "all"


@require_safe
@policy("public")
def public(request: Request) -> HttpResponse:
    """The list, or the map with the list below it."""
    path, which = _area_path(request), _which(request)
    code = path.strip("/").split("/")[-1] if path else ""
    shows_map = request.GET.get("view") == "map"
    rows, more = public_cases(path, request.now, which=which, before=as_uuid(request.GET.get("before", "")))
    labels = {"all": _("All"), "open": _("On their way"), "ended": _("Ended")}

    def link(**changed: str) -> str:
        kept = {"area": code, "which": which, "view": "map" if shows_map else "", **changed}
        return "?" + urlencode({key: value for key, value in kept.items() if value or key == "area"})

    lineage = places.lineage(path) if path else []
    children = places.children(lineage[-1], request.now) if lineage else places.top_areas(request.now)
    return page(
        request,
        "cases/public.html",
        rows=[(row, words.note(row, request.now, outcome=row.outcome)) for row in rows],
        filters=[{"href": link(which=key), "label": labels[key], "current": key == which} for key in labels],
        crumbs=[
            {"href": "?area=", "label": _("Everywhere")},
            *({"href": link(area=area.code), "label": area.name} for area in lineage),
        ],
        below=[{"href": link(area=area.code), "label": area.name} for area in children],
        segments=[
            {"href": link(view=""), "label": _("List"), "icon": "list", "current": not shows_map},
            {"href": link(view="map"), "label": _("Map"), "icon": "map", "current": shows_map},
        ],
        shows_map=shows_map,
        source="/public/map.json" + link(view=""),
        tiles=tiles(),
        more=link(before=str(more)) if more else "",
    )


@require_safe
@policy("public")
def map_data(request: Request) -> HttpResponse:
    """The matters and outlines of an area as GeoJSON."""
    path = _area_path(request)
    points = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [row.lng, row.lat]},
            "properties": {
                "kind": "case",
                "title": row.title,
                "note": words.note(row, request.now, outcome=row.outcome),
                "href": f"/public/{row.number}/",
                "open": row.state not in {"closed", "declined", "withdrawn"},
            },
        }
        for row in public_points(path, which=_which(request))
    ]
    response = JsonResponse({"type": "FeatureCollection", "features": [*shapes_below(path), *points]})
    response.headers["Cache-Control"] = f"private, max-age={MAP_SECONDS}"
    return response


@require_safe
@policy("public")
def public_detail(request: Request, number: str) -> HttpResponse:
    """One matter as everybody may see it, with “me too” and “it is back” for those who live here."""
    return _public_page(request, public_case(number, request.now))


def _public_page(
    request: Request, view: CaseView, *, status: int = 200, errors: dict[str, str] | None = None, typed: str = ""
) -> HttpResponse:
    context = detail_context(view, request)
    return page(
        request,
        "cases/public_case.html",
        status=status,
        **context,
        running=view.state in RUNNING,
        reopens=may_reopen(request.actor, view),
        reopens_for_residents=request.actor.trust < Trust.RESIDENT and neighbours_may_reopen(view),
        errors=errors or {},
        typed=typed,
    )


@require_POST
@policy(trust=Trust.RESIDENT)
def reopen(request: Request, number: str) -> HttpResponse:
    """“It is back”: whoever lives there opens an ended matter again, and has a part in it from then on."""
    view = public_case(number, request.now)
    reason = request.POST.get("text", "")
    try:
        reopen_case(request.actor, view.id, request.now, reason=reason, photos=photos_of(request))
    except Invalid as error:
        said = _("Please say what is still not right.") if error.field == "reason" else message_of(error)
        return _public_page(request, view, status=error.status, errors={"reopen": said}, typed=reason)
    messages.success(request, _("It is open again. You are told how it goes and asked in the end."))
    return SeeOther(f"/cases/{view.number}/")
