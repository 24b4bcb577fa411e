"""The handler's phone: the list, one task, and the page of a worker without an account behind a link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tongxin.cases.operations import contact, petitions, work
from tongxin.cases.queries import choices
from tongxin.cases.queries.handling import FILTERS, counts, tasks
from tongxin.cases.queries.view import CaseView, case_for, case_of
from tongxin.cases.rules import TAKEN, Party, State, Verb
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.notifications.senders import sms_ready
from tongxin.people.queries.offices import handlers_of, stands_in
from tongxin.web.cases.detail import detail_context, photos_of
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.errors import message_of
from tongxin.web.offline.keeping import keep_offline
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.speech import gettext_lazy

Deed = Callable[[Request, CaseView], Any]


@require_safe
@policy(permission="case.handle")
def work_list(request: Request) -> HttpResponse:
    """What waits for my organisations, what I have, and what is in the pool near me."""
    found = counts(request.actor)
    which = request.GET.get("which", "")
    if which not in FILTERS:
        which = next((name for name in ("waiting", "mine", "pool") if found[name]), "waiting")
    rows, more = tasks(request.actor, which, after=as_uuid(request.GET.get("after", "")))
    labels = {
        "waiting": _("To take"),
        "mine": _("Mine"),
        "pool": _("Near me"),
        "ours": _("Colleagues"),
        "done": _("Answered"),
    }
    response = page(
        request,
        "cases/work.html",
        rows=rows,
        which=which,
        filters=[
            {"href": f"?which={key}", "label": label, "current": key == which, "count": found.get(key)}
            for key, label in labels.items()
        ],
        more=f"?which={which}&after={more}" if more else "",
        helps=request.actor.may_somewhere("case.submit_for"),
        visits=request.actor.may_somewhere("people.verify"),
    )
    return keep_offline(request, response)


@require_safe
@policy(permission="case.handle")
def task(request: Request, number: str) -> HttpResponse:
    """One task: what, where, by when; the likeliest next step filled."""
    return keep_offline(request, _page(request, case_for(request.actor, number, request.now)))


_WORK = frozenset(
    {
        Verb.CLAIM, Verb.START, Verb.ANSWER, Verb.CO_ANSWER, Verb.HAND_TO_WORKER, Verb.OBJECT, Verb.REQUEST_EXTENSION,
        Verb.REQUEST_SUSPENSION, Verb.REQUEST_INFO, Verb.PUT_BACK, Verb.HAND_OVER,
    }
)  # fmt: skip


def _page(
    request: Request, view: CaseView, *, status: int = 200, opened: str = "", error: str = "", phone: str = "",
    made: WorkerLink | None = None,
) -> HttpResponse:  # fmt: skip
    holder = view.facts.holder
    held = False
    if isinstance(holder, UUID) and holder != request.actor.person_id:
        held = not stands_in(request.actor, holder, view.lead.id if view.lead else None)
    subtask = next((row for row in view.subtasks if row.mine and row.state in {"waiting", "claimed"}), None)
    verbs = {str(verb) for verb in view.verbs if verb in _WORK}
    if held:
        verbs -= {Verb.START, Verb.ANSWER, Verb.HAND_TO_WORKER, Verb.REQUEST_EXTENSION, Verb.REQUEST_SUSPENSION}
    colleagues = _colleagues(request, view) if Verb.HAND_OVER in verbs else []
    return page(
        request,
        "cases/task.html",
        status=status,
        **detail_context(view, request),
        verbs=verbs,
        held_by=view.holder_name if held else "",
        waits_for=_waits_for(view, verbs),
        subtask=subtask,
        colleagues=colleagues,
        typed=request.POST,
        ready=_ready_text(request, templates) if (templates := _templates(view, verbs)) else "",
        templates=templates,
        opened=opened,
        error=error,
        phone=phone,
        made=made,
        may_ring=view.reporter is not None and view.reporter.has_contact and view.access.notes,
    )


def _colleagues(request: Request, view: CaseView) -> list[tuple[str, str]]:
    """Who else handles matters for the lead; the desk has its own page for the next organisation."""
    if Party.HANDLER not in view.access.parties or view.lead is None or view.state not in _IN_HAND:
        return []
    holder = view.facts.holder
    return [(str(key), name) for key, name in handlers_of(view.lead.id, request.now) if key != holder]


_IN_HAND = TAKEN | {State.DISPATCHED}


def _templates(view: CaseView, verbs: set[str]) -> list[tuple[str, str, str]]:
    """Ready answers for the place and the kind, for who may answer now: (id, name, text)."""
    if not {Verb.ANSWER, Verb.CO_ANSWER} & verbs:
        return []
    return choices.templates(view.area_path, view.category_path)


def _ready_text(request: Request, templates: list[tuple[str, str, str]]) -> str:
    """The chosen one, to be written on."""
    return next((text for key, _name, text in templates if key == request.GET.get("template")), "")


def _waits_for(view: CaseView, verbs: set[str]) -> list[str]:
    """Whose part is missing before the lead may answer; nobody where that is not what stands in the way."""
    leads = Party.HANDLER in view.access.parties and view.state in {State.CLAIMED, State.IN_PROGRESS}
    if not leads or Verb.ANSWER in verbs:
        return []
    return [row.organisation.name for row in view.subtasks if row.state != "done" and not row.mine]


def _text(request: Request, name: str = "text") -> str:
    return request.POST.get(name, "")


def _claim(request: Request, view: CaseView) -> None:
    work.claim_case(request.actor, view.id, request.now, start="start" in request.POST, text=_text(request))


def _start(request: Request, view: CaseView) -> None:
    work.start_work(request.actor, view.id, request.now, text=_text(request))


def _answer(request: Request, view: CaseView) -> None:
    work.answer_case(
        request.actor,
        view.id,
        request.now,
        text=_text(request),
        explained=bool(request.POST.get("explained")),
        before=photos_of(request, "before"),
        after=photos_of(request, "after"),
        documents=photos_of(request, "documents"),
    )


def _co_answer(request: Request, view: CaseView) -> None:
    mine = next((row for row in view.subtasks if row.mine), None)
    if mine is None:
        raise NotFound("There is no such case.")
    work.answer_sub_task(
        request.actor,
        view.id,
        request.now,
        organisation=mine.organisation.id,
        text=_text(request),
        photos=photos_of(request, "after"),
        documents=photos_of(request, "documents"),
    )


@dataclass(frozen=True, slots=True)
class WorkerLink:
    """A worker's link as it is shown once: its address and picture, for whom, and whether a text message carries it."""

    address: str
    picture: str
    worker: str
    texted: bool


def _hand(request: Request, view: CaseView) -> HttpResponse:
    """Pass it to a worker. The link is known to nobody but them and whoever made it, now."""
    name = _text(request, "name")
    secret = work.hand_to_worker(request.actor, view.id, request.now, name=name, phone=_text(request, "phone"))
    address = f"{settings.PUBLIC_URL}/t/{secret}"
    made = WorkerLink(
        address, segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2), name, sms_ready()
    )
    return _quiet(_page(request, case_for(request.actor, view.number, request.now), made=made))


def _object(request: Request, view: CaseView) -> None:
    work.object_to_dispatch(request.actor, view.id, request.now, reason=_text(request))


def _extension(request: Request, view: CaseView) -> None:
    extra = request.POST.get("extra", "")
    if not extra.isdigit() or len(extra) > 3:
        raise Invalid("Please say how much more time you need.", field="extra")
    work.request_extension(request.actor, view.id, request.now, reason=_text(request), extra=int(extra))


def _suspension(request: Request, view: CaseView) -> None:
    try:
        day = date.fromisoformat(request.POST.get("review_on", ""))
    except ValueError:
        raise Invalid("Choose a day within the coming year.", field="review_on") from None
    work.request_suspension(request.actor, view.id, request.now, reason=_text(request), review_on=day)


def _ask(request: Request, view: CaseView) -> None:
    petitions.request_information(request.actor, view.id, request.now, text=_text(request))


def _hand_over(request: Request, view: CaseView) -> None:
    person = as_uuid(request.POST.get("to", ""))
    if person is None:
        raise Invalid("Choose a colleague who handles matters there.", field="to_person")
    work.hand_over(request.actor, view.id, request.now, to_person=person, note=_text(request))


def _put_back(request: Request, view: CaseView) -> None:
    work.put_back(request.actor, view.id, request.now, reason=_text(request))


DEEDS: dict[str, tuple[Deed, Any]] = {
    "claim": (_claim, gettext_lazy("It is yours. The reporter has been told.")),
    "start": (_start, gettext_lazy("Noted: work has begun.")),
    "answer": (_answer, gettext_lazy("Answered. The reporter is asked, where need be after the desk has looked.")),
    "co_answer": (_co_answer, gettext_lazy("Your part is answered.")),
    "object": (_object, gettext_lazy("The desk decides on your objection.")),
    "request_extension": (_extension, gettext_lazy("The desk decides whether there is more time.")),
    "request_suspension": (_suspension, gettext_lazy("The desk decides whether it is put off.")),
    "request_info": (_ask, gettext_lazy("The reporter is asked; your time stands still meanwhile.")),
    "hand_over": (_hand_over, gettext_lazy("Handed over; your colleague is told.")),
    "put_back": (_put_back, gettext_lazy("Given back for others to take.")),
}


@require_POST
@policy(permission="case.handle")
def do(request: Request, number: str, deed: str) -> HttpResponse:
    """One step of the work, then the task again."""
    view = case_for(request.actor, number, request.now)
    if deed == "contact":
        return _ring(request, view)
    if deed not in DEEDS and deed != "hand_to_worker":
        raise NotFound("There is no such page.")
    try:
        if deed == "hand_to_worker":
            return _hand(request, view)
        act, said = DEEDS[deed]
        act(request, view)
    except Invalid as error:
        return _page(request, view, status=error.status, opened=deed, error=_wrong(error))
    messages.success(request, str(said))
    try:
        case_for(request.actor, number, request.now)
    except DomainError:  # given back, or objected away: it is somebody else's now
        return SeeOther("/work/")
    return SeeOther(f"/work/{view.number}/")


def _wrong(error: Invalid) -> str:
    if error.code == "incomplete" and error.field in {"text", "reason"}:
        return _("Please write a few words.")
    return message_of(error)


def _ring(request: Request, view: CaseView) -> HttpResponse:
    """The reporter's number, once it is on the record that it was read."""
    phone = contact.read_contact(request.actor, view.id, request.now, reason="call")
    return _page(request, view, phone=phone)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def link(request: Request, token: str) -> HttpResponse:
    """The task of a worker without an account: what, where, photos, and the answer. The link is the key."""
    actor, case_id = work.link_actor(token[:64], request.now)
    error, status = "", 200
    if request.method == "POST":
        try:
            work.answer_case(
                actor,
                case_id,
                request.now,
                text=_text(request),
                explained=bool(request.POST.get("explained")),
                before=photos_of(request, "before"),
                after=photos_of(request, "after"),
            )
        except Invalid as wrong:
            error, status = _wrong(wrong), wrong.status
        else:
            return _quiet(page(request, "cases/link_done.html", worker=actor.name))
    view = case_of(actor, case_id, request.now)
    return _quiet(
        page(
            request,
            "cases/link.html",
            status=status,
            **detail_context(view, request),
            worker=actor.name,
            token=token,
            typed=_text(request) if request.method == "POST" else "",
            error=error,
        )
    )


def _quiet(response: HttpResponse) -> HttpResponse:
    """The address is a key: nobody on the way keeps it."""
    response.headers["Cache-Control"] = "no-store, private"
    # Not "no-referrer": browsers then send the form with an Origin of null, which the CSRF check refuses.
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
