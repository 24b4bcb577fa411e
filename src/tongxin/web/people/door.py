"""What waits at the door, for the grid worker's phone; and the branch's list of members who reported in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.files import queries as files
from tongxin.journeys.family import decide_family
from tongxin.journeys.knowing import confirm_request, receive_member, refuse_request, send_member_back
from tongxin.kernel.errors import DomainError
from tongxin.people.queries import verification as reads
from tongxin.people.rules.ownership import parse_share
from tongxin.web.people.forms import Form
from tongxin.web.people.homes import household_options
from tongxin.web.people.words import WORDS
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_GET
@policy(permission="people.verify")
def queue(request: Request) -> HttpResponse:
    """Requests of the worker's areas, the oldest first."""
    rows, after = reads.queue(request.actor, after=request.GET.get("after", "")[:36], now=request.now)
    return page(request, "verify/queue.html", rows=rows, more=f"?after={after}" if after else "", words=WORDS)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.verify")
def door(request: Request, request_id: UUID) -> HttpResponse:
    """One request: see who stands there, confirm or not."""
    form = Form(request)
    shown = reads.door_page(request.actor, request_id, now=request.now)
    if request.method == "POST":
        try:
            _decide(request, shown, form)
            return SeeOther(reverse("verify-queue"))
        except DomainError as error:
            form.refuse(error)
    papers = files.of_owner(("verification", request_id)) if shown.evidence else []
    return page(
        request,
        "verify/door.html",
        status=form.status,
        form=form,
        row=shown,
        papers=[files.link(paper, size, now=request.now) for paper in papers for size in list(paper.sizes)[:1]],
        households=household_options(shown.households),
        known=[("", _("Not on the register")), *((str(key), label) for key, label in shown.known)],
        parents=[(str(m.person_id), f"{m.name} · {m.age or ''}") for h in shown.households for m in h.members],
        words=WORDS,
    )


def _decide(request: Request, shown: reads.DoorPage, form: Form) -> None:
    yes = form.text("answer") == "yes"
    actor, now, reason = request.actor, request.now, form.text("reason")
    if shown.kind == "family":
        parent = form.id_or_none("parent")
        decide_family(actor, shown.id, consented=yes, reason=reason, parent_id=parent, now=now)
    elif yes:
        confirm_request(
            actor,
            shown.id,
            household_id=form.id_or_none("household"),
            share=parse_share(form.text("share")),
            paper=request.FILES.get("paper"),
            known_id=form.id_or_none("known"),
            now=now,
        )
    else:
        refuse_request(actor, shown.id, reason=reason, now=now)


@require_GET
@policy(permission="party.report_in")
def report_ins(request: Request) -> HttpResponse:
    """Members who reported in to the communities of the actor."""
    return _report_ins(request, Form(request))


def _report_ins(request: Request, form: Form) -> HttpResponse:
    rows, after = reads.report_ins(request.actor, after=request.GET.get("after", "")[:36], now=request.now)
    more = f"?after={after}" if after else ""
    return page(request, "people/report_ins.html", status=form.status, rows=rows, more=more, form=form)


@require_POST
@policy(permission="party.report_in")
def receive(request: Request, row_id: UUID) -> HttpResponse:
    """Receive a member, or end their report-in with a reason."""
    form = Form(request)
    try:
        if form.text("answer") == "end":
            send_member_back(request.actor, row_id, reason=form.text("reason"), now=request.now)
        else:
            receive_member(request.actor, row_id, now=request.now)
    except DomainError as error:
        form.refuse(error)
        return _report_ins(request, form)
    return SeeOther(reverse("report-ins"))
