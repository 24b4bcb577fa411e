"""The visitor's phone: whom to visit next, the form of a visit, what came of it, and the household's word."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.queries import choices
from tongxin.cases.rules import State
from tongxin.journeys import visiting
from tongxin.journeys.visiting import FoundHere
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.kernel.times import SHANGHAI, local_day
from tongxin.visits import operations as visits
from tongxin.visits import rules
from tongxin.visits.operations import Filled
from tongxin.visits.queries import rounds
from tongxin.visits.rules import Signature
from tongxin.web.cases import words as case_words
from tongxin.web.offline.written import written_at
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.visits.words import OUTCOMES, SIGNATURES, TRAITS

ROWS = range(1, rules.MOST_MATTERS + 1)
LONGEST_SIGNATURE = 400_000
PNG = "data:image/png;base64,"


@require_safe
@policy(permission="visit.make")
def mine(request: Request) -> HttpResponse:
    """My households, those due first, and the visits I made last."""
    rows, after = rounds.my_visits(request.actor, request.now, request.GET.get("after", "")[:60])
    return page(
        request,
        "visits/mine.html",
        rows=rows,
        more=f"?after={after}" if after else "",
        lately=rounds.made_lately(request.actor),
        today=local_day(request.now),
        outcomes=OUTCOMES,
        traits=TRAITS,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="visit.make")
def visit(request: Request, assignment_id: UUID) -> HttpResponse:
    """A household and the form of a visit. It can be opened beforehand and filled in where there is no signal."""
    form = Form(request)
    if request.method == "POST":
        try:
            filled, found = _filled(request, form, assignment_id)
            key = visiting.make_visit(request.actor, filled, found, request.now)
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("The visit is written down."))
            return SeeOther(reverse("visit-made", args=[key]))
    return _visit(request, assignment_id, form)


def _visit(request: Request, assignment_id: UUID, form: Form, clear: dict[UUID, str] | None = None) -> HttpResponse:
    shown = rounds.my_round(request.actor, assignment_id, request.now)
    return page(
        request,
        "visits/visit.html",
        status=form.status,
        row=shown,
        form=form,
        clear=clear or {},
        rows=ROWS,
        units=rounds.units_near(shown.estate_path, request.now),
        categories=[(one.code, "　" * one.depth + one.name) for one in choices.categories()],
        members=[(str(one.person_id), one.name) for one in shown.members],
        today=local_day(request.now),
        outcomes=OUTCOMES,
        traits=TRAITS,
    )


def _filled(request: Request, form: Form, assignment_id: UUID) -> tuple[Filled, list[FoundHere]]:
    found = [
        FoundHere(
            text=form.text(f"text-{row}"),
            category=form.text(f"category-{row}"),
            person_id=form.id_or_none(f"person-{row}"),
            unit=form.text(f"unit-{row}")[:60],
            photos=request.FILES.getlist(f"photos-{row}"),
        )
        for row in ROWS
        if form.text(f"text-{row}")
    ]
    filled = Filled(
        once=form.id("once"),
        assignment_id=assignment_id,
        outcome=form.text("outcome"),
        text=form.text("text"),
        consent=form.flag("consent"),
        same_day=form.flag("same_day"),
        occurred_at=_when(form.text("when")) or written_at(form.text("written_at"), request.now),
        signature=signature_of(request),
        on_paper=form.flag("on_paper"),
    )
    return filled, found


def _when(text: str) -> datetime | None:
    """What a field of day and time says, by the clock of China."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    except ValueError:
        raise Invalid("This is not a date.", field="when", code="not-a-date") from None


def signature_of(request: Request) -> Any:
    """The signature drawn on the screen, or the photo of a paper; None without either."""
    if paper := request.FILES.get("paper"):
        return paper
    drawn = request.POST.get("signature", "")
    if not drawn:
        return None
    try:
        if not drawn.startswith(PNG) or len(drawn) > LONGEST_SIGNATURE:
            raise ValueError
        return ContentFile(base64.b64decode(drawn.removeprefix(PNG), validate=True), "signature.png")
    except (ValueError, binascii.Error):
        raise Invalid("The signature could not be read. Please sign again.", field="signature") from None


@never_cache
@require_POST
@policy(permission="visit.make")
def reveal(request: Request, assignment_id: UUID) -> HttpResponse:
    """A member's phone in clear, for a reason that stays on the record. Shown once, never stored."""
    form, clear = Form(request), {}
    try:
        person = form.id("person")
        clear[person] = visiting.reveal_phone(request.actor, assignment_id, person, form.text("reason"), request.now)
    except DomainError as error:
        form.refuse(error)
    return _visit(request, assignment_id, form, clear)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="visit.make|visit.read")
def made(request: Request, visit_id: UUID) -> HttpResponse:
    """A visit, what became of its matters, and its report form; the signed paper can be attached."""
    form = Form(request)
    if request.method == "POST":
        try:
            paper = request.FILES.get("paper")
            if paper is None:
                raise Invalid("Add a photo of the paper that they signed.", field="paper")
            visits.attach_form(request.actor, visit_id, paper, request.now)
            return SeeOther(reverse("visit-made", args=[visit_id]))
        except DomainError as error:
            form.refuse(error)
    shown = rounds.visit(request.actor, visit_id, request.now)
    own = shown.visitor_id == request.actor.person_id
    found = visiting.outcomes(request.actor, shown, request.now)
    return page(
        request,
        "visits/made.html",
        status=form.status,
        visit=shown,
        found=[(one, case_words.rating_word(one.rating) if one.rating else "") for one in found],
        own=own,
        may_attach=own or request.actor.may("visit.plan", shown.round.estate_path),
        awaiting=State.AWAITING,
        form=form,
        outcomes=OUTCOMES,
        signatures=SIGNATURES,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="visit.make")
def sign(request: Request, visit_id: UUID, number: str) -> HttpResponse:
    """What the household says of the answer, signed on the screen or on paper. It is theirs; the visitor only records it."""
    form = Form(request)
    if request.method == "POST":
        try:
            _record_word(request, form, visit_id, number)
            messages.success(request, _("Recorded as their word, with your name beside it."))
            return SeeOther(reverse("visit-made", args=[visit_id]))
        except DomainError as error:
            form.refuse(error)
    shown = rounds.visit(request.actor, visit_id, request.now)
    found = visiting.outcomes(request.actor, shown, request.now)
    one = next((one for one in found if one.matter.number == number), None)
    if one is None or shown.visitor_id != request.actor.person_id:
        raise NotFound("There is no such visit.", code="no-visit")
    if not one.may_speak and form.refused is None:
        messages.warning(request, _("This step is not open any more: the matter has moved on."))
        return SeeOther(reverse("visit-made", args=[visit_id]))
    ratings = [(row["value"], row["label"]) for row in case_words.ratings()]
    return page(request, "visits/sign.html", status=form.status, visit=shown, one=one, form=form, ratings=ratings)


def _record_word(request: Request, form: Form, visit_id: UUID, number: str) -> None:
    said, rating = form.text("word"), form.text("rating")
    if said not in {"solved", "not_solved"}:
        raise Invalid("Choose what they said.", field="word")
    visiting.sign_answer(
        request.actor,
        visit_id,
        number,
        solved=said == "solved",
        rating=int(rating) if rating in {"1", "2", "3", "4", "5"} else None,
        text=form.text("text"),
        signature=signature_of(request),
        on=Signature.PAPER if request.FILES.get("paper") else Signature.SCREEN,
        now=request.now,
    )
