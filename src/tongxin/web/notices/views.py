"""What a person was told, the newest first, grouped by what it is about."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST, require_safe

from tongxin.kernel.errors import NotFound
from tongxin.notifications.operations import mark_read
from tongxin.notifications.queries import notice, notice_groups
from tongxin.web.cases.words import ratings
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


def _after(request: Request) -> UUID | None:
    try:
        return UUID(request.GET["after"]) if "after" in request.GET else None
    except ValueError:
        raise NotFound("There is no such page.", code="no-page") from None


@policy("signed_in")
def notices(request: Request) -> HttpResponse:
    """A page of notices."""
    groups, following = notice_groups(request.account.person_id, _after(request))
    return page(
        request,
        "notices/list.html",
        groups=groups,
        following=following,
        first="after" not in request.GET,
        ratings=ratings(),
    )


@require_POST
@policy("signed_in")
def read_all(request: Request) -> HttpResponse:
    """Mark all that only inform as read."""
    mark_read(request.account.person_id, now=request.now)
    return SeeOther("/notices/")


@require_safe
@policy("signed_in")
def open_one(request: Request, notice_id: UUID) -> HttpResponse:
    """Go to what a notice is about; it is read then. What asks stays unread until it is answered."""
    found = notice(request.account.person_id, notice_id)
    if found is None:
        raise NotFound("This notice is not yours, or it is gone.", code="no-notice")
    if not found.asks:
        mark_read(request.account.person_id, now=request.now, notice_id=notice_id)
    return SeeOther(found.link or "/notices/")
