"""For everybody: who is my deputy, what they filed, and to tell them something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongxin.cases.queries.suggestions import FILTERS, suggestion_page, suggestions_by_id
from tongxin.deputies import queries
from tongxin.journeys.deputies import tell_my_deputy
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.people.rules.trust import require_level
from tongxin.places import queries as places
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.deputies import words
from tongxin.web.people.forms import Form
from tongxin.web.policy import SIGN_IN, SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


def area_path(request: Request) -> str:
    """The chosen area; else the reader's community; else everywhere."""
    code = request.GET.get("area")
    if code is None and request.account is not None and request.account.person.community is not None:
        return str(request.account.person.community.path)
    try:
        return places.area_by_code(code[:24]).path if code else ""
    except NotFound:
        return ""


@require_safe
@policy("public")
def deputies(request: Request) -> HttpResponse:
    """Who is my deputy: those elected for where I live; for another area by choosing it."""
    path = area_path(request)
    lineage = places.lineage(path) if path else []
    children = places.children(lineage[-1], request.now) if lineage else places.top_areas(request.now)
    return page(
        request,
        "deputies/deputies.html",
        seats=queries.deputies_of([path] if path else [], request.now),
        mine=queries.opinions_of(request.actor),
        crumbs=_crumbs(lineage),
        below=[{"href": f"?area={area.code}", "label": area.name} for area in children],
        words=words,
    )


def _crumbs(lineage: Iterable[Any]) -> list[dict[str, str]]:
    everywhere = {"href": "?area=", "label": _("Everywhere")}
    return [everywhere, *({"href": f"?area={area.code}", "label": area.name} for area in lineage)]


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def deputy(request: Request, seat_id: UUID) -> HttpResponse:
    """A deputy's public page: who they are, what they filed, and “tell your deputy”."""
    seat, form = queries.seat(seat_id, request.now), Form(request)
    if request.method == "POST" and not request.actor.signed_in:
        return SeeOther(f"{SIGN_IN}?{urlencode({'next': reverse('deputy', args=[seat.id])})}")
    if request.method == "POST":
        try:
            require_level(request.actor, "opinion.tell")
            tell_my_deputy(
                request.actor, seat.id, text=form.text("text"), named=form.flag("named"), once=form.once_id,
                now=request.now,
            )  # fmt: skip
            messages.success(request, _("Your deputy has it. You are told what becomes of it."))
            return SeeOther(reverse("deputy", args=[seat.id]))
        except DomainError as error:
            form.refuse(error)
    lines = queries.suggestions_by_seat(seat.id)
    standing = suggestions_by_id([line.case_id for line in lines], request.now)
    return page(
        request,
        "deputies/deputy.html",
        status=form.status,
        seat=seat,
        form=form,
        rows=[(standing[line.case_id], line) for line in lines if line.case_id in standing],
        words=words,
    )


@require_safe
@policy("public")
def suggestions(request: Request) -> HttpResponse:
    """The public list: who filed what when, by when it is answered, what was answered and what the deputy said of it."""
    path = area_path(request)
    which, year = request.GET.get("which", "all"), request.GET.get("year", "")[:4]
    which = which if which in FILTERS else "all"
    before = as_uuid(request.GET.get("before", ""))
    rows, more = suggestion_page([path] if path else None, request.now, which=which, year=year, before=before)
    lines = queries.lines_of([row.id for row in rows])
    code = path.strip("/").split("/")[-1] if path else ""

    def link(**changed: str) -> str:
        kept = {"area": code, "which": which, "year": year, **changed}
        return "?" + urlencode({key: value for key, value in kept.items() if value or key == "area"})

    lineage = places.lineage(path) if path else []
    children = places.children(lineage[-1], request.now) if lineage else places.top_areas(request.now)
    years = [("", _("All years")), *((one, one) for one in queries.sessions(path))]
    return page(
        request,
        "deputies/suggestions.html",
        rows=[(row, lines.get(row.id)) for row in rows],
        filters=[{"href": link(which=key), "label": words.FILTERS[key], "current": key == which} for key in FILTERS],
        years=[{"href": link(year=key), "label": label, "current": key == year} for key, label in years],
        crumbs=_crumbs(lineage),
        below=[{"href": link(area=area.code), "label": area.name} for area in children],
        more=link(before=str(more)) if more else "",
        words=words,
    )
