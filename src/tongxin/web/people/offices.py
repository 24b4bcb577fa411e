"""Appointments on the desk: give an office, end it with a successor, name a stand-in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from tongxin.journeys import handover
from tongxin.kernel.errors import DomainError, NotAllowed
from tongxin.people.operations import accounts
from tongxin.people.operations import appointments as verbs
from tongxin.people.operations.appointments import Office
from tongxin.people.queries import organisations as reads
from tongxin.people.queries import register, signin
from tongxin.people.roles import ROLE_NAMES
from tongxin.places import queries as places
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def appoint(request: Request, organisation_id: UUID) -> HttpResponse:
    """Give somebody an office in an organisation: find the person, choose role and area."""
    body = reads.organisation_page(request.actor, organisation_id, now=request.now)
    if not body.may_appoint:
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="people.appoint")
    form = Form(request, area=str(body.area_id))
    if request.method == "POST":
        try:
            office = Office(
                role=form.text("role"),
                organisation_id=organisation_id,
                area_id=form.id("area"),
                grid_id=form.id_or_none("grid"),
                title=form.text("title"),
            )
            verbs.appoint(
                request.actor,
                form.id("person"),
                office,
                since=form.day("since"),
                until=form.day_or_none("until"),
                now=request.now,
            )
            return SeeOther(reverse("organisation", args=[organisation_id]))
        except DomainError as error:
            form.refuse(error)
    area = places.area(body.area_id)
    text = request.GET.get("q", "")[:60]
    inner = places.estates(area, request.now) if area.level_id == "community" else []
    return page(
        request,
        "organisations/appoint.html",
        status=form.status,
        form=form,
        body=body,
        text=text,
        people=register.people_for_choice(request.actor, text, now=request.now),
        roles=[(role, ROLE_NAMES[role]) for role in reads.roles_to_give(request.actor, body.area_path)],
        areas=[(str(a.id), a.name) for a in [area, *inner]],
        grids=[(str(g.id), g.name) for g in places.grids(area, request.now)] if area.level_id == "community" else [],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def office(request: Request, appointment_id: UUID) -> HttpResponse:
    """One office: let its holder sign in, end it, with a successor if there is one, or name a stand-in for a leave."""
    shown = reads.office(request.actor, appointment_id)
    form, password = Form(request), ""
    if request.method == "POST":
        try:
            if form.text("do") in {"account", "reset"}:
                password = _let_in(request, shown.person_id, form)
            else:
                _act(request, appointment_id, form)
                return SeeOther(reverse("organisation", args=[shown.organisation_id]))
        except DomainError as error:
            form.refuse(error)
    text = request.GET.get("q", "")[:60]
    account = signin.staff_account_of(shown.person_id)
    response = page(
        request,
        "organisations/office.html",
        username=account[1] if account else "",
        password=password,
        status=form.status,
        form=form,
        office=shown,
        text=text,
        people=register.people_for_choice(request.actor, text, now=request.now),
        words=WORDS,
    )
    if password:
        response["Cache-Control"] = "no-store"
    return response


def _let_in(request: Request, person_id: UUID, form: Form) -> str:
    """A user name for who has none, a new start for who lost theirs. The password that is given back is shown once."""
    account = signin.staff_account_of(person_id)
    if form.text("do") == "account" or account is None:
        return accounts.open_staff_account(request.actor, person_id, form.text("username"), now=request.now)[1]
    return accounts.reset_staff_account(request.actor, account[0], now=request.now)


def _act(request: Request, appointment_id: UUID, form: Form) -> None:
    if form.text("do") == "stand-in":
        handover.name_stand_in(
            request.actor,
            appointment_id,
            form.id("person"),
            since=form.day("since"),
            until=form.day("until"),
            now=request.now,
        )
    else:
        handover.end_office(
            request.actor,
            appointment_id,
            on=form.day("on"),
            reason=form.text("reason"),
            successor_id=form.id_or_none("person"),
            now=request.now,
        )
