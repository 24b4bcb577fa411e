"""The look-up by number and code for whoever holds a slip, and the answer of a reporter who is not in the register.

Number and code show where it stands and let one say “that was not me”, add what was asked for; whatever decides a right
takes a code sent to the phone that was noted as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.core.signing import BadSignature
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases import rules
from tongxin.cases.operations import petitions, resident
from tongxin.cases.operations.by_phone import Slip, slip_of
from tongxin.cases.operations.progress import open_by_code
from tongxin.cases.queries.view import CaseView, case_by_id_masked, question_of, word_of
from tongxin.cases.rules import Party, State, Verb
from tongxin.journeys.slip import prove_slip, send_slip_code
from tongxin.kernel.errors import DomainError, Invalid, NotAllowed, NotFound, TooMany
from tongxin.people.rules.signin import CODE_DIGITS
from tongxin.web.cases import words
from tongxin.web.cases.detail import detail_context
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request, client_address
from tongxin.web.shell import page

COOKIE = "slip"
OPEN_SECONDS = 30 * 60
BY_CODE, PROVED = "", "proved"


@dataclass(frozen=True, slots=True)
class Held:
    """What the browser holds: the case its slip opened, the code on its way to the phone, and whether it came back."""

    case_id: UUID
    sent: UUID | None = None
    proved: bool = False

    def keep(self, request: Request, response: HttpResponse) -> HttpResponse:
        value = f"{self.case_id.hex}:{self.sent.hex if self.sent else ''}:{PROVED if self.proved else BY_CODE}"
        response.set_signed_cookie(
            COOKIE, value, max_age=OPEN_SECONDS, httponly=True, samesite="Lax", path="/progress/",
            secure=request.is_secure(),
        )  # fmt: skip
        return response


def _held(request: Request) -> Held | None:
    """What was opened within the last half hour; then number and code are asked for again."""
    try:
        kept = request.get_signed_cookie(COOKIE, default="", max_age=OPEN_SECONDS) or ""
    except BadSignature:
        return None
    case_id, _sent, rest = (f"{kept}::".split(":"))[:3] if kept else ("", "", "")
    found = as_uuid(case_id)
    return Held(found, as_uuid(_sent), rest == PROVED) if found is not None else None


def _slip(case_id: UUID) -> Slip | None:
    """The reporter, where they are not in the register; who is, signs in to answer."""
    try:
        return slip_of(case_id)
    except NotFound:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def progress(request: Request) -> HttpResponse:
    """Number and code of a slip."""
    number, error, status = request.GET.get("number", "")[:24], "", 200
    if request.method == "POST":
        number = request.POST.get("number", "")[:40]
        try:
            case_id = open_by_code(
                number, request.POST.get("code", "")[:40], request.now, address=client_address(request)
            )
        except (Invalid, TooMany) as wrong:
            error, status = message_of(wrong), wrong.status
        else:
            return Held(case_id).keep(request, SeeOther("/progress/case/"))
    return page(request, "cases/progress.html", status=status, number=number, error=error)


@require_safe
@policy("public")
def progress_case(request: Request) -> HttpResponse:
    """Where the matter of the slip stands, and what its reporter may answer here."""
    held = _held(request)
    return SeeOther("/progress/") if held is None else _case_page(request, held)


def _case_page(request: Request, held: Held, *, error: DomainError | None = None, typed: str = "") -> HttpResponse:
    view = case_by_id_masked(held.case_id, request.now)
    slip = _slip(held.case_id)
    may = _verbs(view) if slip is not None else frozenset()
    word = word_of(slip.party) if slip is not None else ""
    response = page(
        request,
        "cases/progress_case.html",
        status=error.status if error else 200,
        **detail_context(view, request),
        slip=slip,
        proved=held.proved,
        asks=Verb.CONFIRM in may and not word,
        rates=Verb.RATE in may and (bool(word) or view.state is State.CLOSED),
        reopens=Verb.REOPEN in may,
        question=question_of(view.id) if Verb.PROVIDE_INFO in may else "",
        disowns=Verb.NOT_MINE in may,
        ratings=words.ratings(),
        error=message_of(error) if error else "",
        typed=typed,
    )
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _verbs(view: CaseView) -> frozenset[Verb]:
    return frozenset(rules.lawful(view.facts, {Party.REPORTER}))


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def prove(request: Request) -> HttpResponse:
    """A code to the phone that was noted; who types it has the last word."""
    held = _held(request)
    if held is None:
        return SeeOther("/progress/")
    slip, error = _slip(held.case_id), None
    if slip is None or not slip.mobile:
        return SeeOther("/progress/case/")
    address = client_address(request)
    if request.method == "POST":
        try:
            if "send" in request.POST:
                sent = send_slip_code(held.case_id, address=address, now=request.now)
                return Held(held.case_id, sent).keep(request, SeeOther("/progress/prove/"))
            if held.sent is None:
                raise Invalid("This code is no longer valid. Ask for a new one.", field="code", code="code-over")
            typed = request.POST.get("code", "")[:20]
            prove_slip(held.case_id, held.sent, typed, address=address, now=request.now)
            return Held(held.case_id, None, True).keep(request, SeeOther("/progress/case/"))
        except DomainError as caught:
            error = caught
    return page(
        request,
        "cases/progress_prove.html",
        status=error.status if error else 200,
        slip=slip,
        sent=held.sent is not None,
        digits=CODE_DIGITS,
        error=message_of(error) if error else "",
    )


@require_POST
@policy("public")
def word(request: Request) -> HttpResponse:
    """The reporter's own word; solved, not yet and the rating need the phone's code as well."""
    held = _held(request)
    if held is None:
        return SeeOther("/progress/")
    slip = slip_of(held.case_id)
    said, text = request.POST.get("answer", ""), request.POST.get("text", "")
    if said in {"yes", "no", "rate"} and not held.proved:
        raise NotAllowed("First we send a code to the phone that was noted.", code="needs-phone-code")
    try:
        thanks = _say(request, held.case_id, slip, said, text)
    except Invalid as wrong:
        return _case_page(request, held, error=wrong, typed=text)
    messages.success(request, thanks)
    return SeeOther("/progress/case/")


def _say(request: Request, case_id: UUID, slip: Slip, said: str, text: str) -> str:
    actor, now = slip.actor, request.now
    if said == "yes":
        resident.confirm_solved(actor, case_id, now)
        return _("Thank you. It is closed. If it comes back, open it again here.")
    if said == "no":
        if case_by_id_masked(case_id, now).state is State.AWAITING:
            resident.say_not_solved(actor, case_id, now, reason=text)
        else:
            resident.reopen_case(actor, case_id, now, reason=text)
        return _("It goes on. Whoever deals with it has been told what is still not right.")
    if said == "rate":
        rating = request.POST.get("rating", "")
        if rating not in {"1", "2", "3", "4", "5"}:
            raise Invalid("Choose one of the five grades.", field="rating")
        resident.rate_case(actor, case_id, now, rating=int(rating))
        return _("Thank you for your rating.")
    if said == "info":
        petitions.provide_information(actor, case_id, now, text=text)
        return _("Thank you. They go on with it now.")
    if said == "not_mine":
        resident.disown_case(actor, case_id, now, reason=text)
        return _("Noted: this was not you. The community looks into it.")
    raise Invalid("Choose one of the answers.", field="answer")
