"""Announcements at the desk: the list, to write one, to look at it and send it; groups and quiet hours."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongxin.announcements import operations, queries
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.web.announcements import words
from tongxin.web.announcements.forms import AnnouncementForm, GroupForm, QuietForm, initial_of, moment
from tongxin.web.desk.common import desk_page, errors_of, refuse, status_of
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

WRITE = "announce.write"


def key_of(text: str) -> UUID | None:
    """The key in an address, or None without one. Raises NotFound for nonsense."""
    try:
        return UUID(text) if text else None
    except ValueError:
        raise NotFound("There is no such page.", code="no-page") from None


@require_GET
@policy(permission="announce.write|people.verify")
def index(request: Request) -> HttpResponse:
    """Announcements of one's areas."""
    rows, after = queries.desk_page(request.actor, request.now, key_of(request.GET.get("after", "")))
    return desk_page(
        request,
        "announcements/index.html",
        writes=request.actor.may_somewhere(WRITE),
        rows=rows,
        more=f"?after={after}" if after else "",
        words=words,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=WRITE)
def write(request: Request) -> HttpResponse:
    """Write one; ``from`` is one that is written anew: a draft is replaced, what is out is corrected."""
    known = key_of(request.GET.get("from", ""))
    before = queries.for_desk(request.actor, known, request.now) if known else None
    initial: dict[str, Any] = (
        initial_of(before) if before else {"kind": "notice", "roles": ["residents"], "is_public": True}
    )
    form = AnnouncementForm(request.POST or None, initial=initial, request=request)
    search = request.POST.get("search")
    if search:
        form.is_valid()
        form.errors.clear()
    elif request.method == "POST" and form.is_valid():
        try:
            row = _written(request, form, before)
        except DomainError as error:
            field = getattr(error, "field", "") or ""
            refuse(form, error, "buildings" if field == "places" else field)
        else:
            return SeeOther(reverse("announcement", args=[row.pk]))
    return desk_page(
        request,
        "announcements/write.html",
        status=200 if search else status_of(form),
        form=form,
        errors=errors_of(form),
        before=before,
        once=uuid7(request.now),
        chosen={name: form.data.getlist(name) for name in form.fields} if form.is_bound else initial,  # type: ignore[attr-defined]
    )


def _written(request: Request, form: AnnouncementForm, before: Any) -> Any:
    try:
        area = UUID(form.cleaned_data["area"])
    except ValueError:
        raise Invalid("Please choose where it is.", field="area", code="no-area") from None
    corrects = before.pk if before is not None and before.state in queries.SHOWN else None
    row = operations.write_announcement(
        request.actor, area, form.draft, now=request.now, corrects=corrects, once=form.cleaned_data["once"]
    )
    if before is not None and before.state == "draft":
        operations.throw_away(request.actor, before.pk, now=request.now)
    return row


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=WRITE)
def one(request: Request, announcement_id: UUID) -> HttpResponse:
    """One announcement: whom it would reach, to send it; how many read it, to withdraw it."""
    row = queries.for_desk(request.actor, announcement_id, request.now)
    error, status = "", 200
    if request.method == "POST":
        try:
            said = _step(request, announcement_id)
        except DomainError as refused:
            error, status = message_of(refused), refused.status
        else:
            messages.success(request, said)
            return SeeOther(reverse("announcement", args=[announcement_id]))
    unsent = row.state in {"draft", "waiting", "scheduled"}
    doors = [] if unsent else queries.door_counts(request.actor, row)
    return desk_page(
        request,
        "announcements/one.html",
        status=status,
        row=row,
        error=error,
        unsent=unsent,
        preview=queries.preview(row, request.now) if unsent else None,
        sent={} if unsent else queries.message_states(row),
        at_doors=sum(one.waiting + one.told for one in doors),
        told=sum(one.told for one in doors),
        author=queries.name_of(row.written_by),
        releaser=queries.name_of(row.released_by),
        mine=row.written_by == request.actor.person_id,
        correction=queries.correction_of(row),
        quiet=queries.quiet_hours(row.area_path),
        words=words,
    )


def _step(request: Request, key: UUID) -> str:
    """Do what the form asks for; what is said then."""
    actor, now, given = request.actor, request.now, request.POST
    match given.get("do", ""):
        case "send":
            try:
                at = moment(given.get("at", ""))
            except ValueError:
                raise Invalid("This is not a date.", field="at", code="not-a-date") from None
            row = operations.send_announcement(actor, key, at=at, now=now)
            return _("Another person has to release it now.") if row.state == "waiting" else _("It goes out.")
        case "release":
            operations.release_announcement(actor, key, now=now)
            return _("It goes out.")
        case "throw_away":
            operations.throw_away(actor, key, now=now)
            return _("Thrown away.")
        case "withdraw":
            operations.withdraw_announcement(actor, key, reason=given.get("reason", ""), now=now)
            return _("Withdrawn; it says so wherever it stands.")
    raise Invalid("Please choose.", code="not-chosen")


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=WRITE)
def channels(request: Request) -> HttpResponse:
    """Robots of groups and mailboxes, and quiet hours, in one's areas."""
    posted = request.POST if request.method == "POST" else None
    doing = request.POST.get("do", "")
    group = GroupForm(posted if doing == "add" else None, request=request)
    quiet = QuietForm(posted if doing == "quiet" else None, request=request)
    error, status = "", 200
    if posted is not None:
        try:
            if said := _channel_step(request, doing, group, quiet):
                messages.success(request, said)
                return SeeOther(reverse("announcement-channels"))
            status = 422
        except DomainError as refused:
            field = getattr(refused, "field", "") or ""
            if doing == "add":
                refuse(group, refused, field)
            else:
                error = message_of(refused)
            status = refused.status
    return desk_page(
        request,
        "announcements/channels.html",
        status=status,
        group=group,
        quiet=quiet,
        errors=errors_of(group) + errors_of(quiet),
        error=error,
        groups=queries.groups_of(request.actor),
        words=words,
    )


def _channel_step(request: Request, doing: str, group: GroupForm, quiet: QuietForm) -> str:
    """Do what the form asks for; what is said then, or nothing if the form is not complete."""
    actor, now = request.actor, request.now
    if doing == "add" and group.is_valid():
        given = dict(group.cleaned_data)
        operations.add_group(actor, _id(given.pop("area")), **given, now=now)
        return _("Saved. Send a test message to see that it arrives.")
    if doing == "quiet" and quiet.is_valid():
        hours = quiet.cleaned_data
        operations.set_quiet_hours(actor, _id(hours["quiet_area"]), hours["start"], hours["end"], now=now)
        return _("Saved.")
    if doing == "test":
        operations.try_group(actor, _id(request.POST.get("group", "")), now=now)
        return _("A test message is on its way.")
    if doing == "end":
        operations.end_group(actor, _id(request.POST.get("group", "")), now=now)
        return _("Nothing goes there any more.")
    if doing in {"add", "quiet"}:
        return ""
    raise Invalid("Please choose.", code="not-chosen")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Please choose.", field="area", code="not-chosen") from None
