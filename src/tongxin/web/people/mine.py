"""The resident's own pages: to be known for one's home, family accounts, reporting in as a party member."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tongxin.journeys.family import ask_parent, confirm_by_code
from tongxin.journeys.knowing import ask_before_worker, ask_to_be_known, report_in_as_member
from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.people.operations import family as family_operations
from tongxin.people.operations.report_in import end_report_in
from tongxin.people.queries import helping
from tongxin.people.queries import verification as reads
from tongxin.people.rules.signin import CODE_DIGITS
from tongxin.places import queries as places
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request, client_address
from tongxin.web.shell import page

CODES = "family-codes"  # of the session: request → code; the browser never sees the code's id


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


def _finder(request: Request) -> dict[str, Any]:
    """Estate, building, home, one step at a time; works without JavaScript."""
    text = request.GET.get("q", "")[:40]
    estate_id, building_id = _id(request.GET.get("estate", "")), _id(request.GET.get("building", ""))
    found: dict[str, Any] = {"text": text, "estates": (), "buildings": (), "homes": (), "where": ""}
    if building_id:
        building = places.building(building_id)
        found |= {"homes": reads.homes_of_building(building_id), "where": f"{building.estate.name} {building.name}"}
    elif estate_id:
        estate = places.area(estate_id)
        found |= {"buildings": places.buildings(estate, limit=500), "where": estate.name}
    elif text:
        found["estates"] = _estates(request, text)
    elif request.account.person.community is not None:
        found["estates"] = places.estates(request.account.person.community, request.now)
    return found


def _estates(request: Request, text: str) -> list[object]:
    """Estates by name; of a community, its estates."""
    rows: list[object] = []
    for area in places.search(text, request.now, limit=12):
        if area.level_id == "estate":
            rows.append(area)
        elif area.level_id == "community":
            rows += places.estates(area, request.now)
    return rows[:40]


@sensitive_post_parameters("id_last_six")
@require_http_methods(["GET", "HEAD", "POST"])
@policy(trust=Trust.VISITOR)
def home(request: Request) -> HttpResponse:
    """Ask to be known as resident or owner of a home."""
    owner = "owner" in (request.GET.get("as", ""), request.POST.get("kind", ""))
    form = Form(request, kind="owner" if owner else "resident", name=_own_name(request))
    if request.method == "POST":
        try:
            ask_to_be_known(
                request.actor,
                form.text("kind"),
                form.id("home"),
                name=form.text("name"),
                id_last_six=form.text("id_last_six"),
                paper=request.FILES.get("paper"),
                now=request.now,
            )
            return SeeOther(reverse("verify-home"))
        except DomainError as error:
            form.refuse(error)
    return page(
        request,
        "mine/home.html",
        status=form.status,
        form=form,
        requests=reads.my_requests(request.actor),
        owner=owner,
        words=WORDS,
        **_finder(request),
    )


def _own_name(request: Request) -> str:
    """The name, unless it is the one that stands in for a phone."""
    name = request.actor.name
    return "" if any(character.isdigit() for character in name) else name


@require_http_methods(["GET", "HEAD", "POST"])
@policy(trust=Trust.VISITOR)
def family(request: Request) -> HttpResponse:
    """Family accounts: who acts for me, for whom I act; ask a parent by a code, or before the grid worker."""
    form = Form(request)
    if request.method == "POST":
        try:
            if form.text("how") == "worker":
                ask_before_worker(
                    request.actor, parent_name=form.text("name"), home_id=form.id("home"), now=request.now
                )
                return SeeOther(reverse("my-family"))
            return _ask_parent(request, form)
        except DomainError as error:
            form.refuse(error)
    links, asked = helping.my_family(request.actor)
    return page(
        request,
        "mine/family.html",
        status=form.status,
        form=form,
        links=links,
        asked=asked,
        at_home=request.GET.get("how") == "worker" or form.text("how") == "worker",
        words=WORDS,
        **_finder(request),
    )


def _ask_parent(request: Request, form: Form) -> HttpResponse:
    request_id, code_id = ask_parent(
        request.actor,
        parent_name=form.text("name"),
        parent_phone=form.text("phone"),
        address=client_address(request),
        now=request.now,
    )
    request.session[CODES] = {str(request_id): str(code_id)}
    return SeeOther(reverse("my-family-code", args=[request_id]))


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@policy(trust=Trust.VISITOR)
def family_code(request: Request, request_id: UUID) -> HttpResponse:
    """Type the code that the parent got."""
    code_id = request.session.get(CODES, {}).get(str(request_id))
    if code_id is None:
        return SeeOther(reverse("my-family"))
    form = Form(request)
    if request.method == "POST":
        try:
            confirm_by_code(
                request.actor,
                request_id,
                UUID(code_id),
                form.text("code"),
                address=client_address(request),
                now=request.now,
            )
            del request.session[CODES]
            return SeeOther(reverse("my-family"))
        except DomainError as error:
            form.refuse(error)
    return page(request, "mine/family_code.html", status=form.status, form=form, digits=CODE_DIGITS)


@require_POST
@policy(trust=Trust.VISITOR)
def family_end(request: Request, link_id: UUID) -> HttpResponse:
    """End a family account, from either side."""
    family_operations.end_link(request.actor, link_id, now=request.now)
    return SeeOther(reverse("my-family"))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(trust=Trust.VISITOR)
def reporting_in(request: Request) -> HttpResponse:
    """双报到: report in to the community where one lives, or end it."""
    form = Form(request)
    community = request.account.person.community
    if request.method == "POST":
        try:
            if form.text("end"):
                end_report_in(request.actor, form.id("end"), now=request.now)
            elif community is None:
                raise Invalid("Tell us first where you live.", code="no-community")
            else:
                report_in_as_member(
                    request.actor,
                    community.pk,
                    home_unit=form.text("home_unit"),
                    skills=form.text("skills"),
                    now=request.now,
                )
            return SeeOther(reverse("my-report-in"))
        except DomainError as error:
            form.refuse(error)
    return page(
        request,
        "mine/report_in.html",
        status=form.status,
        form=form,
        row=reads.my_report_in(request.actor, now=request.now),
        community=community.name if community is not None else "",
    )
