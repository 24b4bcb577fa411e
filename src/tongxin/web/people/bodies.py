"""Organisations on the desk: lists by kind, one with its offices and services, the party's tree."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.journeys.change_company import change_company
from tongxin.kernel.errors import DomainError
from tongxin.people.operations import organisations as verbs
from tongxin.people.operations.organisations import OrganisationData
from tongxin.people.queries import organisations as reads
from tongxin.people.queries import owning
from tongxin.people.rules.organisations import JOINABLE
from tongxin.places import queries as places
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

MOST_AREAS = 3_000  # a city; one chooses by typing the first characters


@require_GET
@policy("signed_in")
def bodies(request: Request) -> HttpResponse:
    """Organisations of the actor's areas."""
    kind, text = request.GET.get("kind", "")[:24], request.GET.get("q", "")[:60]
    rows, after = reads.list_organisations(
        request.actor, kind=kind, text=text, after=request.GET.get("after", "")[:36], now=request.now
    )
    return page(
        request,
        "organisations/list.html",
        rows=rows,
        owned=owning.owned_counts(request.actor, [row.id for row in rows], request.now),
        kind=kind,
        text=text,
        filters=[
            {"href": f"?{urlencode({'kind': value})}", "label": label, "current": value == kind}
            for value, label in reads.KINDS
        ],
        more=f"?{urlencode({'kind': kind, 'q': text, 'after': after})}" if after else "",
        may_export=request.actor.may_somewhere("people.export"),
        may_manage=request.actor.may_somewhere("organisations.manage"),
        words=WORDS,
    )


@require_GET
@policy("signed_in")
def body(request: Request, organisation_id: UUID) -> HttpResponse:
    """One organisation."""
    return _body(request, organisation_id, Form(request))


def _body(request: Request, organisation_id: UUID, form: Form) -> HttpResponse:
    shown = reads.organisation_page(request.actor, organisation_id, now=request.now)
    text = request.GET.get("unit", "")[:60]
    units = reads.find_for_choice(request.actor, text, kinds=JOINABLE) if shown.may_manage and text else ()
    owned, more = owning.homes_owned(
        request.actor, organisation_id, after=request.GET.get("homes", "")[:36], now=request.now
    )
    return page(
        request,
        "organisations/body.html",
        status=form.status,
        body=shown,
        form=form,
        owned=owned,
        more_owned=f"?{urlencode({'homes': more})}" if more else "",
        unit_text=text,
        unit_rows=units,
        areas=_areas(request) if shown.may_manage else [],
        words=WORDS,
    )


@require_GET
@policy("signed_in")
def tree(request: Request, organisation_id: UUID) -> HttpResponse:
    """The party's tree below a body."""
    shown = reads.party_tree(request.actor, organisation_id, now=request.now)
    return page(request, "organisations/tree.html", root=shown, words=WORDS)


def _areas(request: Request) -> list[tuple[str, str]]:
    """The areas whose organisations the actor keeps: communities and their estates, named with where they lie."""
    rows: list[tuple[str, str]] = []
    for root in places.managed_roots(request.actor, request.now, "organisations.manage"):
        rows.append((str(root.id), root.name))
        if root.level_id == "community":
            rows += [(str(area.id), area.name) for area in places.estates(root, request.now)]
        elif root.level_id != "estate":
            found = places.communities(root.path, request.now)
            above = places.names_by_path({area.path.rsplit("/", 2)[0] + "/" for area in found})
            streets = ((area, above.get(area.path.rsplit("/", 2)[0] + "/", "")) for area in found)
            rows += [(str(area.id), f"{street} · {area.name}" if street else area.name) for area, street in streets]
    return rows[:MOST_AREAS]


def _data(form: Form) -> OrganisationData:
    return OrganisationData(
        kind=form.text("kind"),
        name=form.text("name"),
        short_name=form.text("short_name"),
        credit_code=form.text("credit_code"),
        phone=form.text("phone"),
        parent_id=form.id_or_none("parent_id"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="organisations.manage")
def add(request: Request) -> HttpResponse:
    """Put an organisation on the register."""
    form = Form(request, kind=request.GET.get("kind", "")[:24], parent_id=request.GET.get("parent", "")[:36])
    if request.method == "POST":
        try:
            made = verbs.add_organisation(
                request.actor,
                _data(form),
                form.id("area"),
                since=form.day("since"),
                now=request.now,
                once=form.once_id,
            )
            return SeeOther(reverse("organisation", args=[made.pk]))
        except DomainError as error:
            form.refuse(error)
    return _form(request, form, None)


def _form(request: Request, form: Form, shown: reads.OrganisationPage | None) -> HttpResponse:
    text = request.GET.get("above", "")[:60]
    return page(
        request,
        "organisations/form.html",
        status=form.status,
        form=form,
        body=shown,
        areas=[] if shown else _areas(request),
        above_text=text,
        above_rows=reads.find_for_choice(request.actor, text),
        words=WORDS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="organisations.manage")
def edit(request: Request, organisation_id: UUID) -> HttpResponse:
    """Change what is known of an organisation."""
    shown = reads.organisation_page(request.actor, organisation_id, now=request.now)
    names = ("kind", "name", "short_name", "credit_code", "phone")
    form = Form(
        request, parent_id=request.GET.get("parent") or shown.parent_id or "", **{n: getattr(shown, n) for n in names}
    )
    if request.method == "POST":
        try:
            data = _data(form)
            changes = {name: getattr(data, name) for name in (*names, "parent_id")}
            verbs.edit_organisation(request.actor, organisation_id, changes, now=request.now)
            return SeeOther(reverse("organisation", args=[organisation_id]))
        except DomainError as error:
            form.refuse(error)
    return _form(request, form, shown)


def _then_body(request: Request, organisation_id: UUID, act: Callable[[Form], object]) -> HttpResponse:
    """Do one thing and come back to the organisation's page, with the reason if it was refused."""
    form = Form(request)
    try:
        act(form)
    except DomainError as error:
        form.refuse(error)
        return _body(request, organisation_id, form)
    return SeeOther(reverse("organisation", args=[organisation_id]))


@require_POST
@policy(permission="organisations.manage")
def end(request: Request, organisation_id: UUID) -> HttpResponse:
    """An organisation no longer exists."""
    return _then_body(
        request,
        organisation_id,
        lambda form: verbs.end_organisation(request.actor, organisation_id, on=form.day("on"), now=request.now),
    )


@require_POST
@policy(permission="organisations.manage")
def join(request: Request, organisation_id: UUID) -> HttpResponse:
    """A unit joins this general party committee."""
    return _then_body(
        request,
        organisation_id,
        lambda form: verbs.join_committee(
            request.actor, organisation_id, form.id("unit"), since=form.day("since"), now=request.now
        ),
    )


@require_POST
@policy(permission="organisations.manage")
def leave(request: Request, organisation_id: UUID, membership_id: UUID) -> HttpResponse:
    """A unit leaves this general party committee."""
    return _then_body(
        request,
        organisation_id,
        lambda form: verbs.leave_committee(request.actor, membership_id, on=form.day("on"), now=request.now),
    )


@require_POST
@policy(permission="organisations.manage")
def serve(request: Request, organisation_id: UUID) -> HttpResponse:
    """This organisation begins to serve an area; a property company takes over from the one before."""

    def begin(form: Form) -> None:
        area, kind, since = form.id("area"), form.text("kind"), form.day("since")
        if kind == "property":
            change_company(request.actor, area, organisation_id, on=since, now=request.now)
        else:
            verbs.start_service(request.actor, organisation_id, area, kind, since=since, now=request.now)

    return _then_body(request, organisation_id, begin)


@require_POST
@policy(permission="organisations.manage")
def end_service(request: Request, organisation_id: UUID, service_id: UUID) -> HttpResponse:
    """This organisation no longer serves an area."""
    return _then_body(
        request,
        organisation_id,
        lambda form: verbs.end_service(request.actor, service_id, on=form.day("on"), now=request.now),
    )
