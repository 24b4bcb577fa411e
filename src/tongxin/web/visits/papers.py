"""走访呈报表, the report form of a visit as offices know it: filled in as far as things stand, to be signed."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.files import queries as files
from tongxin.journeys import visiting
from tongxin.visits.queries import rounds
from tongxin.web import speech, times
from tongxin.web.cases import words
from tongxin.web.policy import policy
from tongxin.web.print import pdf, qr
from tongxin.web.request import Request
from tongxin.web.visits.words import OUTCOMES


@require_safe
@policy(permission="visit.make|visit.read")
def report_form(request: Request, visit_id: UUID) -> HttpResponse:
    """The form as PDF, in Chinese: it goes into the offices' own files."""
    made = rounds.visit(request.actor, visit_id, request.now)
    found = visiting.outcomes(request.actor, made, request.now)
    with speech.override(settings.LANGUAGE_CODE):
        data = _data(request, made, found)
        name = _("Visit report form")
    response = HttpResponse(pdf.render("visit.typ", data, request.now), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}-{data['number']}.pdf"
    response["Content-Language"] = get_language() or settings.LANGUAGE_CODE
    response["Cache-Control"] = "no-store, private"
    return response


def _data(request: Request, made: rounds.Made, found: list[visiting.Outcome]) -> dict[str, Any]:
    number = (
        found[0].matter.number if found else f"ZF-{times.local(made.occurred_at):%Y%m%d}-{made.id.hex[-4:].upper()}"
    )
    drawn = _drawn(request, made)
    return {
        "title": _("Visit report form"),
        "number": number,
        "office": found[0].view.area_name if found else "",
        "foot": _("Tongxin"),
        "qr": qr.svg(f"{settings.PUBLIC_URL}/progress/?number={number}") if found else "",
        "qr_says": _("Look up a slip"),
        "rows": [
            [_("Number"), number],
            [_("Household"), f"{made.round.names}　{made.round.address}"],
            [_("Visitor"), made.visitor],
            [_("Visited on"), times.stamp(made.occurred_at)],
            [_("How the visit went"), str(OUTCOMES[made.outcome])],
        ],
        "situation_title": _("Situation"),
        "situation": made.text,
        "matters": [_matter(one, made.same_day) for one in found],
        "asks": any(one.rating is None for one in found),  # who has said it need not tick it once more
        "solved_title": _("Is it solved? (ticked by the person themselves)"),
        "solved": [_("Solved"), _("Not solved")],
        "rating_title": _("How satisfied"),
        "ratings": [row["label"] for row in words.ratings()],
        "sign": [_("Signature of the household"), _("Date"), _("Signature of the visitor"), _("Seal of the unit")],
        "signed_title": _("Signed on the screen"),
        "signature": drawn,
        "statement": _(
            "The choice above is my own. Whoever helped me has only recorded it, and has not chosen for me."
        ),
    }


def _matter(one: visiting.Outcome, same_day: bool) -> dict[str, Any]:
    answered = " · ".join(
        part for part in (one.answered_by, times.stamp(one.answered_at) if one.answered_at else "") if part
    )
    result = words.rating_word(one.rating) if one.rating else ""
    return {
        "title": _("Matter {number}").format(number=one.matter.number),
        "rows": [
            [_("In whose name"), one.matter.person],
            [_("What"), one.view.text],
            [_("Asked for"), _("an answer the same day") if same_day else ""],
            [_("Opinion of the unit"), one.answer or "　"],
            [_("Answered by"), answered or "　"],
            [_("Result and satisfaction"), result or "　"],
        ],
    }


def _drawn(request: Request, made: rounds.Made) -> list[int]:
    """The bytes of what the household signed on the screen last, once the picture is ready; nothing on paper."""
    if made.signature != "screen":
        return []
    for picture in reversed(files.of_owner(("visit", made.id))):
        if link := files.link(picture, "thumb", now=request.now):
            return list(files.open_link(link.removeprefix("/f/"), request.now).path.read_bytes())
    return []
