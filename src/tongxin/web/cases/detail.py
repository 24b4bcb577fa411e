"""A matter's page for whom it concerns, and what they can do on it. Also the slip with number and code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.operations import desk, petitions, resident
from tongxin.cases.queries.progress import spoken_code
from tongxin.cases.queries.settlement import own_word
from tongxin.cases.queries.timeline import timeline
from tongxin.cases.queries.view import CaseView, case_for
from tongxin.cases.rules import Party, State, Verb
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.record.queries import first_receipt
from tongxin.web.cases import words
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.speech import gettext_lazy

MOST_PHOTOS = 9


def detail_context(view: CaseView, request: Request) -> dict[str, Any]:
    """What every page of one case shows: where it stands, and what happened."""
    lines, more = timeline(view, request.now, before=as_uuid(request.GET.get("before", "")))
    return {
        "case": view,
        "chip": words.chip(view, request.now),
        "sentence": words.sentence(view, request.now),
        "labels": words.step_labels(view),
        "who": words.who_has_it(view),
        "common": words.note(view.parent, request.now) if view.parent else "",
        "due_shown": view.due_at if words.deadline_counts(view.state, view.due_kind) else None,
        "lines": [
            {
                "who": words.line_who(line),
                "at": line.at,
                "said": words.line_said(line),
                "note": words.noted(line.note),
                "helper": line.helper,
                "photos": words.line_photos(line),
                "documents": [photo for photo in line.photos if photo.is_document and not photo.is_voice],
                "voices": [photo for photo in line.photos if photo.is_voice],
                "preparing": any(not photo.src and not photo.is_document for photo in line.photos),
                "kept_back": line.photos_kept_back if not view.access.photos else 0,
                "warn": line.verb in {Verb.NOT_SOLVED, Verb.REOPEN, Verb.URGE, Verb.SEND_BACK, Verb.ESCALATE},
            }
            for line in words.worth_showing(lines)
        ],
        "more": f"?before={more}" if more else "",
        "first_page": "before" not in request.GET,
    }


def may(view: CaseView, *verbs: Verb) -> bool:
    """True if one of the verbs is open to the viewer."""
    return any(verb in view.verbs for verb in verbs)


@require_safe
@policy("signed_in")
def detail(request: Request, number: str) -> HttpResponse:
    """The matter, for those whom it concerns."""
    return _page(request, case_for(request.actor, number, request.now))


def _page(request: Request, view: CaseView, *, errors: dict[str, str] | None = None, typed: str = "", status: int = 200,
          opened: str = "") -> HttpResponse:  # fmt: skip
    mine = view.mine
    asks = may(view, Verb.CONFIRM) and mine is not None and not mine.word
    return page(
        request,
        "cases/detail.html",
        status=status,
        **detail_context(view, request),
        asks=asks or _joiner_is_asked(view),
        records=mine is None and may(view, Verb.CONFIRM, Verb.NOT_SOLVED) and view.reporter is not None,
        rates=may(view, Verb.RATE) and mine is not None and bool(mine.word or view.state is State.CLOSED),
        ratings=words.ratings(),
        rated=words.rating_word(mine.rating) if mine is not None and mine.rating else "",
        reopens=may(view, Verb.REOPEN),
        reopen_href=f"/cases/{view.number}/word/" if _only_helps(view) else f"/cases/{view.number}/not-solved/",
        urges=may(view, Verb.URGE) and mine is not None,
        withdraws=may(view, Verb.WITHDRAW, Verb.LEAVE) and mine is not None,
        adds=may(view, Verb.NOTE) and mine is not None,
        provides=may(view, Verb.PROVIDE_INFO) and bool(view.question),
        disowns=may(view, Verb.NOT_MINE) and mine is not None and bool(mine.helper_name),
        errors=errors or {},
        typed=typed,
        opened=opened,
        settlement=own_word(request.actor, view.id) if view.joiners and mine is not None else None,
        judges=view.kind == "suggestion" and mine is not None and mine.role == "reporter",
        may_print=mine is not None or view.reporter is not None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def not_solved(request: Request, number: str) -> HttpResponse:
    """Why it is not solved, with a photo: the same whether it is said in time or the case is opened again."""
    view = case_for(request.actor, number, request.now)
    if _only_helps(view):
        return SeeOther(f"/cases/{view.number}/word/")
    reason, error, status = "", "", 200
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            _not_solved(request, view, reason)
        except Invalid as wrong:
            status = wrong.status
            error = _("Please say what is still not right.") if wrong.field in {"reason", ""} else message_of(wrong)
        else:
            if view.mine is not None and view.mine.role == "joined":
                messages.success(request, _("Noted. The community has been told; the reporter has the last word."))
                return SeeOther(f"/cases/{view.number}/")
            messages.success(request, _("It goes on. Whoever deals with it has been told what is still not right."))
            return SeeOther(f"/cases/{view.number}/")
    elif not may(view, Verb.NOT_SOLVED, Verb.REOPEN) and not _joiner_is_asked(view):
        return SeeOther(f"/cases/{view.number}/")
    return page(request, "cases/not_solved.html", status=status, case=view, reason=reason, error=error)


def _only_helps(view: CaseView) -> bool:
    """True for a helper who has no say of their own: they record the person's."""
    own = {Party.REPORTER, Party.JOINER, Party.AFFECTED, Party.DESK, Party.SUPERVISOR}
    return Party.HELPER in view.access.parties and not view.access.parties & own


def _joiner_is_asked(view: CaseView) -> bool:
    """True for who joined and has not said yet whether it is solved: their word stands beside the reporter's."""
    mine = view.mine
    return mine is not None and mine.role == "joined" and view.state is State.AWAITING and not mine.word


def _not_solved(request: Request, view: CaseView, reason: str) -> None:
    more: dict[str, Any] = {"reason": reason, "photos": photos_of(request), "on_behalf_of": view.on_behalf_of}
    if view.state is State.AWAITING:
        resident.say_not_solved(request.actor, view.id, request.now, **more)
    else:
        resident.reopen_case(request.actor, view.id, request.now, **more)


def photos_of(request: Request, name: str = "photos") -> list[Any]:
    """The files of a field. Raises :class:`Invalid` for more than nine."""
    found = request.FILES.getlist(name)
    if len(found) > MOST_PHOTOS:
        raise Invalid("At most nine photos can be added.", field=name)
    return list(found)


@require_POST
@policy("signed_in")
def answer(request: Request, number: str) -> HttpResponse:
    """“Solved” in one tap, with a rating if one was tapped; “not yet” asks why first."""
    view = case_for(request.actor, number, request.now)
    said, rating = request.POST.get("answer"), request.POST.get("rating", "")
    if said == "no":
        return SeeOther(f"/cases/{view.number}/not-solved/")
    rated = int(rating) if rating in {"1", "2", "3", "4", "5"} else None
    if said != "yes" and rated is None:
        raise Invalid("Choose one of the answers.", field="answer")
    resident.confirm_solved(request.actor, view.id, request.now, rating=rated, on_behalf_of=view.on_behalf_of)
    messages.success(request, _("Thank you. It is closed. If it comes back, open it again here."))
    return SeeOther(f"/cases/{view.number}/#rate")


Deed = Callable[[Request, CaseView], Any]


def _rate(request: Request, view: CaseView) -> None:
    chosen = request.POST.get("rating", "")
    if chosen not in {"1", "2", "3", "4", "5"}:
        raise Invalid("Choose one of the five grades.", field="rating")
    resident.rate_case(
        request.actor,
        view.id,
        request.now,
        rating=int(chosen),
        text=request.POST.get("text", ""),
        on_behalf_of=view.on_behalf_of,
    )


def _urge(request: Request, view: CaseView) -> None:
    text = request.POST.get("text", "")
    desk.urge_case(request.actor, view.id, request.now, text=text, on_behalf_of=view.on_behalf_of)


def _withdraw(request: Request, view: CaseView) -> None:
    reason = request.POST.get("text", "")
    resident.withdraw_case(request.actor, view.id, request.now, reason=reason, on_behalf_of=view.on_behalf_of)


def _provide(request: Request, view: CaseView) -> None:
    petitions.provide_information(
        request.actor,
        view.id,
        request.now,
        text=request.POST.get("text", ""),
        photos=[*photos_of(request), *photos_of(request, "voice")],
        on_behalf_of=view.on_behalf_of,
    )


def _add(request: Request, view: CaseView) -> None:
    resident.add_word(
        request.actor,
        view.id,
        request.now,
        text=request.POST.get("text", ""),
        photos=[*photos_of(request), *photos_of(request, "voice")],
        on_behalf_of=view.on_behalf_of,
    )


def _disown(request: Request, view: CaseView) -> None:
    resident.disown_case(request.actor, view.id, request.now, reason=request.POST.get("text", ""))


DEEDS: dict[str, tuple[Deed, Any]] = {
    "rate": (_rate, gettext_lazy("Thank you for your rating.")),
    "urge": (_urge, gettext_lazy("Urged. Whoever deals with it and the community have been told.")),
    "withdraw": (_withdraw, gettext_lazy("Taken back.")),
    "provide": (_provide, gettext_lazy("Thank you. They go on with it now.")),
    "add": (_add, gettext_lazy("Added to your report.")),
    "disown": (_disown, gettext_lazy("Noted: this was not you. The community looks into it.")),
}


@require_POST
@policy("signed_in")
def do(request: Request, number: str, deed: str) -> HttpResponse:
    """One deed on the matter, then its page again."""
    view = case_for(request.actor, number, request.now)
    if deed not in DEEDS:
        raise NotFound("There is no such page.")
    act, said = DEEDS[deed]
    try:
        act(request, view)
    except Invalid as error:
        message = _("Please write a few words.") if error.field == "text" else message_of(error)
        return _page(
            request,
            view,
            errors={deed: message},
            typed=request.POST.get("text", ""),
            status=error.status,
            opened=deed,
        )
    messages.success(request, str(said))
    try:
        case_for(request.actor, number, request.now)
    except DomainError:  # who took it back, or said “not mine”, has no part in it any more
        return SeeOther("/cases/")
    return SeeOther(f"/cases/{view.number}/")


@require_safe
@policy("signed_in")
def slip(request: Request, number: str) -> HttpResponse:
    """The slip to print: number, code, and how to look it up. For the reporter and whoever may see them."""
    view = case_for(request.actor, number, request.now)
    if view.mine is None and view.reporter is None:
        raise NotFound("There is no such case.")
    receipt = first_receipt(("case", view.id))
    return page(request, "cases/slip.html", case=view, code=spoken_code(view.id), receipt=receipt)
