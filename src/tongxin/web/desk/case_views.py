"""One case on the desk: its page, its steps, its photos, the phone of its reporter."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongxin.cases.operations import contacts, photos
from tongxin.cases.queries.asked import Asked, gathered, pending
from tongxin.cases.queries.detail import Detail, detail, shot
from tongxin.files import queries as files
from tongxin.files.rules import Region
from tongxin.kernel.errors import Conflict, DomainError, Invalid, NotFound
from tongxin.web.desk import forms, steps, words
from tongxin.web.desk.common import CASES, OFFICE, back, desk_page, errors_of, is_pane, refuse, status_of
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


def case_context(request: Request, shown: Detail, *, list_url: str = "") -> dict[str, Any]:
    """What the detail's template needs."""
    own = f"{CASES}{shown.case.number}/"
    if list_url:
        joint = "&" if "?" in list_url else "?"
        own = f"{list_url}{joint}at={shown.case.number}"
    buttons = steps.bar(shown)
    return {
        "d": shown,
        "bar": buttons,
        "works": words.work_of(shown),
        "keyed": steps.keys(buttons),
        "list_url": list_url or "/desk/",
        "own_url": own,
        "steps_url": f"{CASES}{shown.case.number}/",
        "children": gathered(request.actor, shown.case.id) if shown.facts.is_common else [],
        "asked": pending(shown.case.id) if _asks(shown) else {},
        "words": words,
    }


def _asks(shown: Detail) -> bool:
    facts = shown.facts
    return facts.objection_pending or facts.extension_pending or facts.suspension_pending or facts.info_pending


@require_GET
@policy(permission=OFFICE)
def case(request: Request, number: str) -> HttpResponse:
    """The case by itself; ``before`` shows earlier lines of its history, ``people`` further people concerned."""
    before, after = (_key(request.GET.get(name, "")) for name in ("before", "people"))
    shown = detail(request.actor, number, request.now, before=before, after=after)
    context = case_context(request, shown)
    if is_pane(request):
        return page(request, "desk/pane.html", **context)
    return desk_page(request, "desk/case.html", **context)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("This page does not exist.", code="no-page") from None


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=OFFICE)
def step(request: Request, number: str, name: str) -> HttpResponse:
    """One step: its form, or, sent, the step itself."""
    wanted = steps.BY_NAME.get(name)
    shown = detail(request.actor, number, request.now)
    if wanted is None:
        raise NotFound("This page does not exist.", code="no-page")
    if wanted not in steps.offered(shown):
        if request.method == "POST":  # no form for who may not have it: its choices may name other matters
            raise steps.why_not(wanted, shown)
        messages.warning(request, _("This step is not open any more: the matter has moved on."))
        return SeeOther(back(request, shown.case.number))
    form_class = wanted.form or forms.Nothing
    extra: dict[str, Any] = {"detail": shown, "actor": request.actor, "now": request.now}
    if request.method == "POST" and not request.POST.get("search"):
        form = form_class(request.POST, request.FILES, **extra)
        if form.is_valid() and _not_overtaken(request, shown, form) and _done(request, wanted, shown, form):
            messages.success(request, str(wanted.done))
            return SeeOther(back(request, shown.case.number))
    else:
        initial = {key: request.GET[key] for key in ("org",) if key in request.GET}
        form = form_class(initial=initial, **extra)
    context = case_context(request, shown, list_url="")
    context |= {
        "step": wanted,
        "form": form,
        "errors": errors_of(form),
        "back": back(request, shown.case.number),
        "request_data": _asked_for(shown, name),
    }
    return desk_page(request, "desk/step.html", status=status_of(form), **context)


def _not_overtaken(request: Request, shown: Detail, form: forms.StepForm) -> bool:
    """Whether the case is still as it stood on the form: sent twice, or after somebody else, it is asked again."""
    seen = request.POST.get("seen", "")
    if not seen or seen == str(shown.case.version):
        return True
    refuse(
        form, Conflict("Something has happened here since you opened this. Look at it again, then send it once more.")
    )
    return False


def _done(request: Request, wanted: steps.Step, shown: Detail, form: forms.StepForm) -> bool:
    """Do it; what the operation refuses is said beside the field that it names."""
    try:
        wanted.run(request.actor, shown, request.now, form.cleaned_data, form)
    except DomainError as error:
        field = getattr(error, "field", "") or ""
        field = {"lead": "to", "co_handler": "organisation", "complained_of": "about"}.get(field, field)
        refuse(form, error, field)
        return False
    return True


def _asked_for(shown: Detail, name: str) -> Asked | None:
    return pending(shown.case.id).get(name) if name in {"objection", "extension", "suspension"} else None


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.read_sensitive")
def phone(request: Request, number: str, party: UUID) -> HttpResponse:
    """The phone of somebody concerned, after a reason; the reading is on the record."""
    shown = detail(request.actor, number, request.now, party=party)
    person = next((one for one in shown.concerned if one.id == party), None)
    if person is None or not shown.may_reveal:
        raise NotFound("There is no such case.")
    found, error = "", ""
    if request.method == "POST":
        try:
            found = contacts.reveal_phone(request.actor, party, request.POST.get("reason", ""), request.now)
        except Invalid as refused:
            error = message_of(refused)
    return desk_page(
        request,
        "desk/phone.html",
        status=422 if error else 200,
        d=shown,
        person=person,
        found=found,
        error=error,
        back=back(request, number),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="file.release")
def photo(request: Request, number: str, photo_id: UUID) -> HttpResponse:
    """Release a photo, take it back, or blur what must not be seen."""
    shown = detail(request.actor, number, request.now)
    if photos.case_of(photo_id) != shown.case.pk:  # a photo of another matter is not opened by way of this one
        raise NotFound("There is no such file.")
    picture = files.get(photo_id)
    if not shown.may_release or picture.is_document or picture.is_voice or picture.purpose == "evidence":
        raise NotFound("There is no such file.")
    error, status = "", 200
    if request.method == "POST":
        try:
            _photo_step(request, photo_id)
        except DomainError as refused:
            error, status = message_of(refused), refused.status
        else:
            address = f"{CASES}{number}/photos/{photo_id}/"
            return SeeOther(address if "blur" in request.POST else back(request, number))
    return desk_page(
        request,
        "desk/photo.html",
        status=status,
        d=shown,
        shot=shot(picture, request.now, whole=shown.sees_reporter),
        regions=picture.blurred,
        blurred=files.link(picture, "public-large", now=request.now),
        error=error,
        back=back(request, number),
    )


def _photo_step(request: Request, photo_id: UUID) -> None:
    act = request.POST
    if "release" in act or "hide" in act:
        photos.release_photo(request.actor, photo_id, request.now, public="release" in act)
        messages.success(request, _("Everybody can see it now.") if "release" in act else _("It is hidden again."))
    elif "blur" in act:
        photos.blur_photo(request.actor, photo_id, _regions(act.getlist("region")), request.now)
        messages.success(request, _("Blurred. Look whether all is covered, then release it."))


def _regions(lines: list[str]) -> list[Region]:
    """Rectangles as “left,top,width,height” in per mille; empty ones are left out."""
    found = []
    for line in lines:
        if not line.strip():
            continue
        try:
            left, top, width, height = (int(float(part)) for part in line.replace("，", ",").split(","))
        except ValueError:
            raise Invalid("Give four numbers for a rectangle: left, top, width, height.", field="region") from None
        found.append(Region(left, top, width, height))
    return found
