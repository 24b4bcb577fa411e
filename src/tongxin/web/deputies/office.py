"""The deputy's own pages, for phone and desk: what was said to me, what I made of it, where it stands."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.queries.categories import categories
from tongxin.cases.queries.suggestions import suggestions_by_id
from tongxin.cases.rules import State
from tongxin.deputies import queries
from tongxin.deputies.operations import note_opinion
from tongxin.journeys.deputies import file_suggestion, judge, set_opinion_aside
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.kernel.times import SHANGHAI
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.deputies import words
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_safe
@policy(permission="deputy.act")
def opinions(request: Request) -> HttpResponse:
    """What was said to me: what waits, or all of it."""
    return _opinions(request, Form(request))


def _opinions(request: Request, form: Form) -> HttpResponse:
    which = "all" if request.GET.get("which") == "all" else "open"
    rows, more = queries.opinions(
        request.actor, request.now, which=which, before=as_uuid(request.GET.get("before", ""))
    )
    filters = [
        {"href": "?which=open", "label": _("To be taken up"), "current": which == "open"},
        {"href": "?which=all", "label": _("All"), "current": which == "all"},
    ]
    return page(
        request,
        "deputies/opinions.html",
        status=form.status,
        form=form,
        rows=rows,
        which=which,
        filters=filters,
        more=f"?which={which}&before={more}" if more else "",
        seats=queries.seats_of(request.actor, request.now),
        words=words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="deputy.act")
def hear(request: Request) -> HttpResponse:
    """Write down what somebody said."""
    form, seats = Form(request), queries.seats_of(request.actor, request.now)
    if request.method == "POST":
        try:
            day = form.day_or_none("occurred_on")
            note_opinion(
                request.actor,
                _seat(form, seats),
                text=form.text("text"),
                way=form.text("way"),
                phone=form.text("phone"),
                said_by=form.text("said_by"),
                named=form.flag("named"),
                occurred_at=datetime.combine(day, time(0), SHANGHAI) if day else None,
                once=form.once_id,
                now=request.now,
            )
            messages.success(request, _("Written down."))
            return SeeOther(reverse("my-opinions"))
        except DomainError as error:
            form.refuse(error)
    return page(
        request,
        "deputies/hear.html",
        status=form.status,
        form=form,
        seats=seats,
        seat_options=_options(seats),
        words=words,
    )


def _seat(form: Form, seats: list[queries.Seat]) -> UUID:
    return seats[0].id if len(seats) == 1 else form.id("seat")


def _options(seats: list[queries.Seat]) -> list[tuple[str, str]]:
    return [(str(seat.id), f"{seat.title} · {seat.area_name}") for seat in seats]


@require_POST
@policy(permission="deputy.act")
def aside(request: Request, opinion_id: UUID) -> HttpResponse:
    """Not taken up, with the reason that the person reads."""
    form = Form(request)
    try:
        set_opinion_aside(request.actor, opinion_id, reason=form.text("reason"), now=request.now)
    except Invalid as error:
        form.refuse(error)
        return _opinions(request, form)
    messages.success(request, _("Set aside; who said it reads why."))
    return SeeOther(reverse("my-opinions"))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="deputy.act")
def suggest(request: Request) -> HttpResponse:
    """File a suggestion out of the chosen opinions."""
    form, seats = Form(request), queries.seats_of(request.actor, request.now)
    ids = [key for text in request.GET.getlist("opinions") if (key := as_uuid(text)) is not None]
    if request.method == "POST":
        try:
            ids = form.ids("opinions")
            number = file_suggestion(
                request.actor,
                _seat(form, seats),
                opinions=ids,
                title=form.text("title"),
                text=form.text("text"),
                category=form.text("category"),
                once=form.once_id,
                now=request.now,
            )
            messages.success(request, _("Filed, and under supervision until it is answered."))
            return SeeOther(reverse("my-suggestion", args=[number]))
        except DomainError as error:
            form.refuse(error)
    chosen = queries.opinions_chosen(request.actor, ids, request.now)
    if not chosen and request.method != "POST":
        messages.warning(request, _("Choose the opinions first that it is made of."))
        return SeeOther(reverse("my-opinions"))
    return page(
        request,
        "deputies/suggest.html",
        status=form.status,
        form=form,
        chosen=chosen,
        text=form.value("text") or "\n".join(one.text for one in reversed(chosen)),
        categories=[(row.code, row.name) for row in categories() if not row.parent and not row.is_service],
        seats=seats,
        seat_options=_options(seats),
        words=words,
    )


@require_safe
@policy(permission="deputy.act")
def mine(request: Request) -> HttpResponse:
    """My suggestions and where they stand."""
    lines, more = queries.suggestions_of(request.actor, request.now, before=as_uuid(request.GET.get("before", "")))
    standing = suggestions_by_id([line.case_id for line in lines], request.now)
    return page(
        request,
        "deputies/mine.html",
        rows=[(standing[line.case_id], line) for line in lines if line.case_id in standing],
        more=f"?before={more}" if more else "",
        words=words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="deputy.act")
def suggestion(request: Request, number: str) -> HttpResponse:
    """One of my suggestions, the answer, and my word on it."""
    form, line = Form(request), queries.suggestion(number)
    heard = queries.opinions_in(request.actor, number, request.now)
    one = suggestions_by_id([line.case_id], request.now).get(line.case_id)
    if not heard or one is None:
        raise NotFound("There is no such suggestion.", code="no-suggestion")
    if request.method == "POST":
        try:
            judge(request.actor, number, grade=form.text("grade"), reason=form.text("reason"), now=request.now)
            messages.success(request, _("Your word is on the record. Those whose opinions are in it can read it."))
            return SeeOther(reverse("my-suggestion", args=[number]))
        except DomainError as error:
            form.refuse(error)
    return page(
        request,
        "deputies/suggestion.html",
        status=form.status,
        form=form,
        line=line,
        one=one,
        heard=heard,
        asks=one.state is State.AWAITING,
        words=words,
    )
