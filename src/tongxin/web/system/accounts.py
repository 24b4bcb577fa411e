"""Accounts of staff: open one, reset it, end its sessions, forget its wrong tries."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongxin.kernel.errors import DomainError, NotFound
from tongxin.people.operations import accounts as verbs
from tongxin.people.operations.sessions import end_other_sessions
from tongxin.people.queries.staff import StaffPage, staff, staff_page
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

ACCOUNTS = "/desk/settings/accounts/"
WHO = "security.administer|people.appoint"


@require_safe
@policy(permission=WHO)
def accounts(request: Request) -> HttpResponse:
    """Who is in office here, and whether they can sign in for work."""
    text = request.GET.get("q", "")[:60]
    rows, after = staff(request.actor, text=text, after=request.GET.get("after", "")[:36], now=request.now)
    more = f"?{urlencode({'q': text, 'after': after})}" if after else ""
    return page(request, "system/accounts.html", rows=rows, text=text, more=more)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission=WHO)
def account(request: Request, person_id: UUID) -> HttpResponse:
    """One of them. A password for the first time is shown once, on the answer itself, and kept nowhere."""
    shown = staff_page(request.actor, person_id, now=request.now)
    password, error, status = "", "", 200
    if request.method == "POST":
        try:
            password = _act(request, shown)
        except DomainError as refused:
            error, status = message_of(refused), refused.status
        else:
            if not password:
                return SeeOther(f"{ACCOUNTS}{person_id}/")
            shown = staff_page(request.actor, person_id, now=request.now)
    return page(
        request,
        "system/account.html",
        status=status,
        staff=shown,
        password=password,
        error=error,
        username=request.POST.get("username", "")[:60],
    )


def _act(request: Request, shown: StaffPage) -> str:
    """What the form asks for; the new password if there is one to show."""
    actor, now, account_id = request.actor, request.now, shown.row.account_id
    do = request.POST.get("do", "")
    if do == "open":
        return verbs.open_staff_account(actor, shown.row.person_id, request.POST.get("username", ""), now=now)[1]
    if account_id is None:
        raise NotFound("There is no such account.", code="no-account")
    if do == "reset":
        return verbs.reset_staff_account(actor, account_id, now=now)
    if do == "end-sessions":
        ended = end_other_sessions(actor, account_id, now=now)
        messages.success(request, _("{n} sessions have ended.").format(n=ended))
    elif do == "unlock":
        verbs.unlock_staff_account(actor, account_id, now=now)
        messages.success(request, _("Wrong tries are forgotten."))
    else:
        raise NotFound("This page does not exist.", code="no-page")
    return ""
