"""Whom nothing reached: door by door, on the grid worker's phone and on paper; and the notice for the board."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from tongxin.announcements import operations, queries
from tongxin.announcements.rules import SHANGHAI
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.queries.of_places import community_phone
from tongxin.web.announcements import words
from tongxin.web.announcements.desk import key_of
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.print import pdf, qr
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.speech import override

MOST_PAGES = 40


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="people.verify")
def doors(request: Request, announcement_id: UUID) -> HttpResponse:
    """The buildings in which somebody has to be told; of a chosen one, who."""
    row = queries.for_desk(request.actor, announcement_id, request.now)
    chosen = request.GET.get("building", "")
    address = reverse("announcement-doors", args=[announcement_id])
    error, status = "", 200
    if request.method == "POST":
        try:
            key = _recipient(request.POST.get("who", ""))
            operations.tell_at_door(request.actor, key, request.POST.get("door", ""), now=request.now)
            return SeeOther(f"{address}?building={quote(chosen)}" if chosen else address)
        except DomainError as refused:
            error, status = message_of(refused), refused.status
    counts = queries.door_counts(request.actor, row)
    building = None if chosen in {"", "none"} else key_of(chosen)
    return page(
        request,
        "announcements/doors.html",
        status=status,
        row=row,
        error=error,
        counts=counts,
        chosen=chosen,
        name=next((one.name for one in counts if str(one.building_id) == chosen), _("without a home on the register")),
        people=queries.at_doors(request.actor, row, building, request.now) if chosen else [],
        words=words,
    )


def _recipient(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid("Please choose.", code="not-chosen") from None


@require_GET
@policy(permission="announce.write|people.verify")
def paper(request: Request, announcement_id: UUID) -> HttpResponse:
    """The notice for the board with its QR code, or with ``of=doors`` the list to tick at the doors, as PDF."""
    row = queries.for_desk(request.actor, announcement_id, request.now)
    doors_too = request.GET.get("of") == "doors" and request.actor.may_somewhere(queries.DOOR)
    with override(settings.LANGUAGE_CODE):
        data = _door_list(request, row) if doors_too else _notice(row)
    document = "doors.typ" if doors_too else "notice.typ"
    response = HttpResponse(pdf.render(document, data, request.now), content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(row.title)}.pdf"
    return response


def _notice(row: Any) -> dict[str, Any]:
    address = f"{settings.PUBLIC_URL}{reverse('announcement-public', args=[row.pk])}"
    until = row.valid_until
    return {
        "title": row.title,
        "kind": str(words.KINDS[row.kind]),
        "urgent": row.kind == "emergency",
        "body": row.organisation_name,
        "place": row.area.name,
        "text": row.text.splitlines(),
        "holds": _period(row) if row.valid_from or until else "",
        "day": (row.published_at or row.created_at).astimezone(SHANGHAI).strftime("%Y年%-m月%-d日"),
        "svg": qr.svg(address) if row.is_public else "",
        "scan": _("Scan to read it, and to see whether it still holds"),
        "phone": community_phone(row.area_path),
        "phone_label": _("No smartphone? Ring the community desk:"),
    }


def _period(row: Any) -> str:
    start, end = (day.strftime("%Y年%-m月%-d日") if day else "" for day in (row.valid_from, row.valid_until))
    if start and end and start != end:
        return _("Holds from {start} to {end}").format(start=start, end=end)
    if start and end:
        return _("Holds on {day}").format(day=start)
    return _("Holds until {day}").format(day=end) if end else _("Holds from {day}").format(day=start)


def _door_list(request: Request, row: Any) -> dict[str, Any]:
    buildings = []
    for one in queries.door_counts(request.actor, row)[:MOST_PAGES]:
        people = queries.at_doors(request.actor, row, one.building_id, request.now)
        buildings.append(
            {
                "name": one.name or _("without a home on the register"),
                "people": [
                    [who.address, who.name, str(who.age or ""), str(words.DOOR[who.door]) if who.door else ""]
                    for who in people
                ],
            }
        )
    return {
        "title": _("To be told at the door: {title}").format(title=row.title),
        "text": " ".join(row.text.split())[:400],
        "columns": [_("Where they live"), _("Name"), _("Age"), _("Told / nobody home"), _("When, by whom")],
        "buildings": buildings,
        "nobody": _("Nobody has to be told at the door."),
    }
