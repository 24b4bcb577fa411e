"""The register on the desk: find people, see one, add, edit, read a number in clear."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.kernel.errors import DomainError
from tongxin.people.operations import register
from tongxin.people.operations.register import PersonData
from tongxin.people.queries import helping, organisations
from tongxin.people.queries import register as reads
from tongxin.places import queries as places
from tongxin.web.people.forms import Form
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

MOST_COMMUNITIES = 300  # in a list to choose from


@require_GET
@policy(permission="people.read")
def people(request: Request) -> HttpResponse:
    """Find people by name, number or address."""
    text, address = request.GET.get("q", "")[:60], request.GET.get("address", "")[:120]
    found = reads.search_people(
        request.actor, text=text, address=address, after=request.GET.get("after", "")[:36], now=request.now
    )
    more = urlencode({"q": text, "address": address, "after": found.after}) if found.after else ""
    return page(
        request,
        "people/list.html",
        text=text,
        address=address,
        rows=found.rows,
        more=f"?{more}" if more else "",
        may_export=request.actor.may_somewhere("people.export"),
        may_manage=request.actor.may_somewhere("people.manage"),
        words=WORDS,
    )


@require_GET
@policy(permission="people.read")
def person(request: Request, person_id: UUID) -> HttpResponse:
    """One person, numbers masked."""
    return _person(request, person_id, Form(request))


def _person(request: Request, person_id: UUID, form: Form, clear: dict[str, str] | None = None) -> HttpResponse:
    return page(
        request,
        "people/person.html",
        status=form.status,
        person=reads.person_page(request.actor, person_id, now=request.now),
        offices=organisations.offices_of_person(person_id),
        family=helping.family_of(person_id),
        clear=clear or {},
        form=form,
        words=WORDS,
    )


@never_cache
@require_POST
@policy(permission="people.read_sensitive")
def reveal(request: Request, person_id: UUID) -> HttpResponse:
    """Read phone and ID number in clear, for a reason that stays on the record. Shown once, never stored."""
    form, clear = Form(request), None
    try:
        clear = register.reveal(
            request.actor, person_id, request.POST.getlist("fields"), form.text("reason"), now=request.now
        )
    except DomainError as error:
        form.refuse(error)
    return _person(request, person_id, form, clear)


def _communities(request: Request) -> list[tuple[str, str]]:
    """The communities whose register the actor keeps."""
    rows: list[tuple[str, str]] = []
    for root in places.managed_roots(request.actor, request.now, "people.manage"):
        if root.level_id == "estate":
            own = places.community_of(root.path)
            rows += [(str(own.id), own.name)] if own else []
        else:
            rows += [(str(area.id), area.name) for area in places.communities(root.path, request.now)]
    return rows[:MOST_COMMUNITIES]


def _data(form: Form) -> PersonData:
    return PersonData(
        name=form.text("name"),
        id_number=form.text("id_number"),
        phone=form.text("phone"),
        gender=form.text("gender"),
        birth_date=form.day_or_none("birth_date"),
        is_party_member=form.flag("is_party_member"),
    )


@sensitive_post_parameters("id_number", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.manage")
def add(request: Request) -> HttpResponse:
    """Put a person on the register."""
    form = Form(request)
    if request.method == "POST":
        try:
            made = register.add_person(
                request.actor, _data(form), form.id("community"), now=request.now, once=form.once_id
            )
            return SeeOther(reverse("person", args=[made.pk]))
        except DomainError as error:
            form.refuse(error)
    return page(
        request,
        "people/form.html",
        status=form.status,
        form=form,
        person=None,
        communities=_communities(request),
        words=WORDS,
    )


@sensitive_post_parameters("id_number", "phone")
@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.manage")
def edit(request: Request, person_id: UUID) -> HttpResponse:
    """Change what is known. Numbers are not shown: an empty field leaves them, the box beside it clears them."""
    shown = reads.person_page(request.actor, person_id, now=request.now)
    form = Form(
        request,
        name=shown.name,
        gender=shown.gender,
        birth_date=shown.birth_date.isoformat() if shown.birth_date else "",
        is_party_member=shown.is_party_member,
    )
    if request.method == "POST":
        try:
            register.edit_person(request.actor, person_id, _changes(form), now=request.now)
            return SeeOther(reverse("person", args=[person_id]))
        except DomainError as error:
            form.refuse(error)
    return page(request, "people/form.html", status=form.status, form=form, person=shown, communities=[], words=WORDS)


def _changes(form: Form) -> dict[str, object]:
    changes: dict[str, object] = {
        "name": form.text("name"),
        "gender": form.text("gender"),
        "birth_date": form.day_or_none("birth_date"),
        "is_party_member": form.flag("is_party_member"),
    }
    for name in ("phone", "id_number"):
        if form.flag(f"clear_{name}"):
            changes[name] = ""
        elif form.text(name):
            changes[name] = form.text(name)
    return changes
