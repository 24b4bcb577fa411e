"""To report for somebody who cannot do it themselves: find them, and see what was filed for others before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tongxin.cases.operations import resident
from tongxin.cases.queries.mine import helped_cases
from tongxin.cases.queries.view import CaseView, case_for
from tongxin.cases.rules import State, Verb
from tongxin.kernel.errors import Invalid, NotAllowed, NotFound
from tongxin.people.queries.helping import people_to_help
from tongxin.web.cases import words
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_safe
@policy(permission="case.submit_for")
def for_somebody(request: Request) -> HttpResponse:
    """Who it is, by name or address; and what I filed for others, first of all where their own word is awaited."""
    name, address = request.GET.get("name", "")[:60], request.GET.get("address", "")[:120]
    filed = sorted(helped_cases(request.actor), key=lambda row: row.state is not State.AWAITING)
    return page(
        request,
        "cases/for_somebody.html",
        name=name,
        address=address,
        found=people_to_help(request.actor, name=name, address=address, now=request.now),
        filed=[(row, words.note(row, request.now, outcome=row.outcome)) for row in filed],
    )


WAYS = {
    "in_person": gettext_lazy("said in person, before me"),
    "phone": gettext_lazy("said by telephone"),
    "signed": gettext_lazy("signed on paper"),
}


def _ways(request: Request, view: CaseView) -> dict[str, Any]:
    """How the choice may have reached this helper: by telephone only who rings for the desk can have heard it."""
    rings = request.actor.may("case.callback", view.area_path)
    return {way: label for way, label in WAYS.items() if way != "phone" or rings}


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.submit_for")
def word(request: Request, number: str) -> HttpResponse:
    """The reporter's own word, recorded by their helper, with how it was given. Both names go on the record."""
    view = case_for(request.actor, number, request.now)
    if view.reporter is None or view.mine is not None:
        raise NotFound("There is no such case.")
    if not {Verb.CONFIRM, Verb.NOT_SOLVED, Verb.REOPEN} & set(view.verbs):
        messages.warning(request, _("This step is not open any more: the matter has moved on."))
        return SeeOther(f"/cases/{view.number}/")
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = _record(request, view)
        if not errors:
            messages.success(request, _("Recorded as their word, with your name beside it."))
            return SeeOther(f"/cases/{view.number}/")
    return page(
        request,
        "cases/word.html",
        status=422 if errors else 200,
        case=view,
        errors=errors,
        wrong=[(f"f-{name}", said) for name, said in errors.items()],
        given=request.POST,
        ways=list(_ways(request, view).items()),
        reopens=Verb.CONFIRM not in view.verbs,
        ratings=[(row["value"], row["label"]) for row in words.ratings()],
    )


def _record(request: Request, view: CaseView) -> dict[str, str]:
    """Record it; what is missing, by field, if anything is."""
    given = request.POST
    said, way, reason = given.get("word", ""), given.get("own_choice", ""), given.get("reason", "").strip()
    errors: dict[str, str] = {}
    if said not in {"solved", "not_solved"}:
        errors["word"] = _("Choose what they said.")
    if way not in _ways(request, view):
        errors["own_choice"] = _("Say how they told you.")
    if said == "not_solved" and not reason:
        errors["reason"] = _("Say in their words what is not solved.")
    paper = request.FILES.getlist("paper")
    if way == "signed" and not paper:
        errors["paper"] = _("Add a photo of the paper that they signed.")
    if errors or view.reporter is None:
        return errors
    rating = given.get("rating", "")
    more: dict[str, Any] = {
        "on_behalf_of": view.reporter.person_id,
        "own_choice": way,
        "paper": paper,
    }
    rated = int(rating) if rating in {"1", "2", "3", "4", "5"} else None
    try:
        if said == "solved":
            resident.confirm_solved(request.actor, view.id, request.now, text=reason, rating=rated, **more)
        elif Verb.NOT_SOLVED in view.verbs:
            resident.say_not_solved(request.actor, view.id, request.now, reason=reason, rating=rated, **more)
        else:
            resident.reopen_case(request.actor, view.id, request.now, reason=reason, **more)
    except (Invalid, NotAllowed) as error:
        field = getattr(error, "field", "")
        errors[{"file": "paper"}.get(field, field) or "own_choice"] = message_of(error)
    return errors
