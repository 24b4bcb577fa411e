"""The forms on paper as PDF: the reporter's slip, the dispatch sheet 派单单, the signed-word sheet 代记意见表."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.cases.queries.detail import ClockLine, Detail, Holder, detail
from tongxin.cases.queries.progress import spoken_code
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import CaseView, case_for
from tongxin.cases.rules import Party, Verb, lawful
from tongxin.kernel.errors import NotFound
from tongxin.record.queries import first_receipt
from tongxin.web import speech, times
from tongxin.web.cases import words
from tongxin.web.desk import words as desk_words
from tongxin.web.policy import SeeOther, policy
from tongxin.web.print import pdf, qr
from tongxin.web.request import Request

_ANSWERS = {Verb.ANSWER, Verb.ANSWER_DIRECTLY}


@require_safe
@policy("signed_in")
def slip(request: Request, number: str) -> HttpResponse:
    """The slip, for the reporter and whoever may see them; in the language of whoever prints it."""
    view = case_for(request.actor, number, request.now)
    if view.mine is None and view.reporter is None:
        raise NotFound("There is no such case.")
    data = _head(_("Slip: your matter is here"), view.number, view.desk.name if view.desk else view.area_name)
    data |= {
        "qr": qr.svg(f"{settings.PUBLIC_URL}/progress/?number={view.number}"),
        "qr_says": _("Look up a slip"),
        "number_label": _("Number"),
        "code_label": _("Query code"),
        "code": spoken_code(view.id),
        "rows": _slip_rows(view, request.now),
        "how_title": _("What happens next"),
        "how": [
            _("To see where it stands: scan the code above, or open {address}, and give number and query code.").format(
                address=f"{settings.PUBLIC_URL.partition('://')[2]}/progress/"
            ),
            _(
                "You are asked in the end whether it is solved. Keep this slip; whoever holds it can look the matter up."
            ),
            _(
                "The receipt proves that nothing was changed behind your back: give it with the number on the page /seals/."
            ),
        ],
    }
    return _pdf("slip.typ", data, _("Slip"), request.now)


def _slip_rows(view: CaseView, now: datetime) -> list[list[str]]:
    reporter = view.reporter
    named = reporter is not None and bool(reporter.helper_name) and not reporter.hidden
    return [
        [_("What"), view.title],
        [_("Where"), view.place],
        [_("In whose name"), reporter.name if reporter is not None and named else ""],
        [_("Through"), reporter.helper_name if reporter is not None else ""],
        [_("Reported on"), _moment(view.created_at)],
        [_("Receipt of the record"), first_receipt(("case", view.id))],
        [_("Community"), f"{view.desk.name} {view.desk.phone}".strip() if view.desk else view.area_name],
    ]


@require_safe
@policy(permission="case.read|case.handle")
def dispatch_sheet(request: Request, number: str) -> HttpResponse:
    """派单单, for those who work on the case and who read it: names and words as they may see them, no telephone."""
    shown = detail(request.actor, number, request.now)
    with speech.override(settings.LANGUAGE_CODE):  # it goes into the offices' own files
        return _pdf("dispatch.typ", _dispatch_data(shown, request.now), _("Dispatch sheet"), request.now)


def _dispatch_data(shown: Detail, now: datetime) -> dict[str, Any]:
    case = shown.case
    reporter = shown.reporter
    live = [clock for clock in shown.clocks if clock.state in {"running", "paused"}]
    data = _head(_("Dispatch sheet"), case.number, shown.holders[0].name if shown.holders else "")
    return data | {
        "qr": qr.svg(f"{settings.PUBLIC_URL}/work/{case.number}/"),
        "qr_says": _("Open the task"),
        "urgent": _urgent(shown),
        "rows": [
            [_("Number"), case.number],
            [_("What"), shown.title],
            [_("Kind"), case.category.name],
            [_("Urgency"), str(desk_words.URGENCIES[case.urgency])],
            [_("Where"), shown.place],
            [_("The reporter"), (reporter.name if reporter else "") or _("not to be known to whoever handles it")],
            [_("Reported on"), _moment(case.occurred_at)],
            [_("Printed on"), _moment(now)],
        ],
        "said_title": _("What was reported"),
        "said": shown.text,
        "answers": [[label, said] for label, said in shown.answers],
        "holders_title": _("Who has it"),
        "holders_head": [_("Organisation"), _("Lead or co-handler"), _("Task"), _("Until")],
        "holders": [_holder(one) for one in shown.holders],
        "limits_title": _("Time limits"),
        "limits_head": [_("Step"), _("Limit"), _("Until")],
        "limits": [_limit(clock) for clock in live],
        "how_title": _("What to do"),
        "how": [
            _(
                "Take it in the app (scan the code) within its limit; if it is not yours, object at once with the reason."
            ),
            _("Photograph the place before and after the work; keep faces and number plates out of the picture."),
            _("If there is not enough time, ask for more before the limit runs out, not after."),
            _("Answer as you would tell the neighbour. The resident, not you, says whether it is solved."),
            _(
                "The telephone is shown in the app alone, and each look at it is on the record. Pass this sheet to nobody else."
            ),
        ],
        "sign": [_("Dispatched by"), _("Taken by"), _("Date"), _("Date")],
    }


def _urgent(shown: Detail) -> str:
    said = []
    if shown.case.supervised:
        said.append(_("Under supervision"))
    if shown.late:
        said.append(_("Overdue"))
    if shown.case.urgency == "emergency":
        said.append(_("Emergency: go at once"))
    return " · ".join(said)


def _holder(one: Holder) -> list[str]:
    part = _("Lead") if one.lead else _("Co-handler")
    if one.whistle:
        part = f"{part} · {_('Whistle')}"
    until = _moment(one.due_at) if one.due_at else str(desk_words.HOLDING.get(one.state, ""))
    return [one.name or _("the pool"), part, one.task or (_("the whole matter") if one.lead else ""), until]


def _limit(clock: ClockLine) -> list[str]:
    name = str(desk_words.CLOCKS[clock.kind])
    if clock.whose:
        name = f"{name} · {clock.whose}"
    until = _moment(clock.due_at) if clock.state == "running" else str(desk_words.CLOCK_STATES["paused"])
    if clock.provisional:
        until = f"{until} {_('(provisional)')}"
    return [name, f"{clock.amount + clock.extension} {desk_words.UNITS[clock.unit]}", until]


@require_safe
@policy(permission="case.submit_for")
def word_sheet(request: Request, number: str) -> HttpResponse:
    """代记意见表, for who may record the reporter's word: filled in but for what only the reporter can fill in."""
    view = case_for(request.actor, number, request.now)
    helps = request.actor.may("case.submit_for", view.area_path) and view.access.notes
    if view.reporter is None or view.mine is not None or not helps:
        raise NotFound("There is no such case.")
    if not {Verb.CONFIRM, Verb.NOT_SOLVED} & set(lawful(view.facts, {Party.HELPER})):
        messages.warning(request, _("This step is not open any more: the matter has moved on."))
        return SeeOther(f"/cases/{view.number}/")
    lines, _more = timeline(view, request.now)
    answer = next((line.text for line in lines if line.verb in _ANSWERS), "")
    with speech.override(settings.LANGUAGE_CODE):
        return _pdf("word.typ", _word_data(view, answer, request), _("Signed-word sheet"), request.now)


def _word_data(view: CaseView, answer: str, request: Request) -> dict[str, Any]:
    reporter = view.reporter
    data = _head(_("Signed-word sheet"), view.number, view.desk.name if view.desk else view.area_name)
    return data | {
        "rows": [
            [_("Number"), view.number],
            [_("What"), view.title],
            [_("Where"), view.place],
            [_("The reporter"), reporter.name if reporter is not None else ""],
            [_("Answered by"), view.lead.name if view.lead else view.holder_name],
            [_("Recorded by"), request.actor.name],
        ],
        "answer_title": _("What was answered"),
        "answer": answer,
        "solved_title": _("Is it solved? (ticked by the person themselves)"),
        "solved": [_("Solved"), _("Not solved")],
        "rating_title": _("How satisfied"),
        "ratings": [row["label"] for row in words.ratings()],
        "words_title": _("In their own words (needed where it is not solved)"),
        "statement": _("The choice above is my own. Whoever helped me has only recorded it, and has not chosen for me."),
        "sign": [_("Signed (or fingerprint)"), _("Date"), _("Signature of the helper"), _("Date")],
        "after": _(
            "Then record it in the app with a photo of this sheet. The person is told by their own channel and can say "
            "“not mine”."
        ),
    }  # fmt: skip


def _head(title: str, number: str, office: str) -> dict[str, Any]:
    return {"title": title, "number": number, "office": office, "foot": _("Tongxin")}


def _moment(moment: datetime) -> str:
    """The day with its year: paper is read later."""
    return times.local(moment).strftime("%Y-%m-%d %H:%M")


def _pdf(document: str, data: dict[str, Any], name: str, now: datetime) -> HttpResponse:
    response = HttpResponse(pdf.render(document, data, now), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name)}-{data['number']}.pdf"
    response["Content-Language"] = get_language() or settings.LANGUAGE_CODE
    response["Cache-Control"] = "no-store, private"
    return response
