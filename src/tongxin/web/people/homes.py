"""A home on the desk: who lives in it, rents it and owns it; and what ties a person to a home."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.operations import ownership, register
from tongxin.people.operations.ownership import Owner
from tongxin.people.operations.register import Member
from tongxin.people.queries import home_pages, organisations, owning
from tongxin.people.queries import register as reads
from tongxin.people.rules.ownership import parse_share
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_GET
@policy(permission="people.read")
def home(request: Request, home_id: UUID) -> HttpResponse:
    """One home."""
    return _home(request, home_id, Form(request))


def _home(request: Request, home_id: UUID, form: Form) -> HttpResponse:
    shown = home_pages.home_page(request.actor, home_id, now=request.now)
    return page(request, "people/home.html", status=form.status, home=shown, form=form, words=WORDS)


def _then_home(request: Request, act: Callable[[Form], object]) -> HttpResponse:
    """Do one thing and come back to the home's page, with the reason if it was refused."""
    form = Form(request)
    home_id = form.id("home")
    try:
        act(form)
    except DomainError as error:
        form.refuse(error)
        return _home(request, home_id, form)
    return SeeOther(reverse("people-home", args=[home_id]))


@require_POST
@policy(permission="people.manage")
def move_out(request: Request, residence_id: UUID) -> HttpResponse:
    """Somebody lives there no longer."""
    return _then_home(
        request, lambda form: register.move_out(request.actor, residence_id, on=form.day("on"), now=request.now)
    )


@require_POST
@policy(permission="people.manage")
def end_household(request: Request, household_id: UUID) -> HttpResponse:
    """A household has left."""
    return _then_home(
        request, lambda form: register.end_household(request.actor, household_id, on=form.day("on"), now=request.now)
    )


@require_POST
@policy(permission="people.manage")
def traits(request: Request, household_id: UUID) -> HttpResponse:
    """What a household's life asks for."""
    chosen = request.POST.getlist("traits")
    return _then_home(request, lambda form: register.set_traits(request.actor, household_id, chosen, now=request.now))


@require_POST
@policy(permission="people.manage")
def end_tenancy(request: Request, tenancy_id: UUID) -> HttpResponse:
    """A tenancy ends."""
    return _then_home(
        request, lambda form: ownership.end_tenancy(request.actor, tenancy_id, on=form.day("on"), now=request.now)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.manage")
def tie(request: Request, person_id: UUID) -> HttpResponse:
    """A person comes to live in, to rent or to own a home: find the home, then say which."""
    form = Form(request)
    shown = reads.person_page(request.actor, person_id, now=request.now)
    address = request.GET.get("address", "")[:120]
    chosen = _chosen(request)
    if request.method == "POST" and chosen is not None:
        try:
            _TIES[_kind(form)](request, person_id, chosen, form)
            return SeeOther(reverse("person", args=[person_id]))
        except DomainError as error:
            form.refuse(error)
    there = home_pages.home_page(request.actor, chosen, now=request.now) if chosen else None
    return page(
        request,
        "people/tie.html",
        status=form.status,
        form=form,
        person=shown,
        address=address,
        homes=() if there else reads.homes_at(request.actor, address),
        home=there,
        household_options=household_options(there.households if there else ()),
        owner_options=owner_options(there) if there else [],
        words=WORDS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.manage")
def owner(request: Request, home_id: UUID) -> HttpResponse:
    """An organisation comes to own a home: find it, then say in which share, since when, and known from where."""
    form = Form(request)
    shown = home_pages.home_page(request.actor, home_id, now=request.now)
    request.actor.require("people.manage", shown.estate_path)
    chosen = _in_address(request, "organisation")
    if request.method == "POST":
        try:
            chosen = form.id("organisation")
            _becomes_owner(request, home_id, Owner(parse_share(form.text("share")), organisation_id=chosen), form)
            return SeeOther(reverse("people-home", args=[home_id]))
        except DomainError as error:
            form.refuse(error)
    text = request.GET.get("q", "")[:60]
    return page(
        request,
        "people/owner.html",
        status=form.status,
        form=form,
        home=shown,
        text=text,
        found=organisations.find_for_choice(request.actor, text),
        body=owning.body_to_own(chosen) if chosen is not None else None,
        owner_options=owner_options(shown),
        words=WORDS,
    )


def owner_options(home: home_pages.HomePage) -> list[tuple[str, str]]:
    """Those who own a home now, to choose whose ownership ends."""
    return [(str(row.id), f"{row.name} · {row.share}") for row in home.owners]


def household_options(households: Iterable[home_pages.HouseholdRow]) -> list[tuple[str, str]]:
    """Households to choose one of, named by who lives in them."""
    return [(str(row.id), "、".join(member.name for member in row.members[:4])) for row in households]


def _chosen(request: Request) -> UUID | None:
    return _as_id(request.POST.get("home") or request.GET.get("home") or "", "home")


def _in_address(request: Request, name: str) -> UUID | None:
    return _as_id(request.GET.get(name, ""), name)


def _as_id(text: str, field: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Invalid("Please choose.", field=field, code="not-chosen") from None


def _kind(form: Form) -> str:
    kind = form.text("kind")
    if kind not in _TIES:
        raise Invalid("Please choose.", field="kind", code="not-chosen")
    return kind


def _lives(request: Request, person_id: UUID, home_id: UUID, form: Form) -> None:
    household, relation, head = form.id_or_none("household"), form.text("relation"), form.flag("is_head")
    since = form.day("since")
    if household is None:
        member = Member(person_id, relation, head)
        register.settle_household(request.actor, home_id, [member], since=since, now=request.now)
    else:
        register.add_resident(
            request.actor, household, person_id, since=since, relation=relation, is_head=head, now=request.now
        )


def _rents(request: Request, person_id: UUID, home_id: UUID, form: Form) -> None:
    ownership.add_tenancy(
        request.actor, home_id, person_id, since=form.day("since"), until=form.day_or_none("until"), now=request.now
    )


def _owns(request: Request, person_id: UUID, home_id: UUID, form: Form) -> None:
    _becomes_owner(request, home_id, Owner(parse_share(form.text("share")), person_id), form)


def _becomes_owner(request: Request, home_id: UUID, owner: Owner, form: Form) -> None:
    """A person or an organisation begins to own, in the place of others if the form names some."""
    owners = [owner]
    ending = form.ids("ending")
    source, since = form.text("source"), form.day("since")
    if ending:
        ownership.transfer_ownership(
            request.actor, home_id, ending=ending, owners=owners, source=source, on=since, now=request.now
        )
    else:
        ownership.register_ownership(request.actor, home_id, owners, source=source, since=since, now=request.now)


_TIES: dict[str, Callable[[Request, UUID, UUID, Form], None]] = {"lives": _lives, "rents": _rents, "owns": _owns}
