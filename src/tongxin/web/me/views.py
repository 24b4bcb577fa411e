"""Who am I here, how well am I known and how to be known better, and where am I signed in."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from tongxin.journeys.wechat import wechat_offered
from tongxin.kernel.actor import Trust
from tongxin.kernel.errors import DomainError, Invalid
from tongxin.notifications.push import application_key, push_ready, subscription_of
from tongxin.notifications.queries import channel_warning
from tongxin.people.operations.accounts import change_password, rename_self
from tongxin.people.operations.sessions import end_other_sessions, end_session
from tongxin.people.operations.wechat import unlink_wechat
from tongxin.people.queries.signin import account_view, offices_of
from tongxin.people.rules.trust import LEVEL_NAMES, way_to
from tongxin.web import nav
from tongxin.web.errors import message_of
from tongxin.web.levels import allowed_at
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


def _this_session(request: Request) -> UUID:
    return UUID(request.session["id"])


@policy("signed_in")
def me(request: Request) -> HttpResponse:
    """The page of one's own account."""
    return _page(request)


def _page(request: Request, error: DomainError | None = None, part: str = "") -> HttpResponse:
    actor = request.actor
    following = Trust(actor.trust + 1) if actor.trust < Trust.OWNER else None
    way = way_to(following, actor.trust) if following is not None else None
    # Only in a session that passed the second factor, like the offices themselves.
    offices = offices_of(request.account.person_id, request.now) if actor.grants else []
    return page(
        request,
        "me/me.html",
        status=error.status if error else 200,
        levels=[(level, _(LEVEL_NAMES[level]), allowed_at(level)) for level in Trust if level > Trust.NOBODY],
        way=_(way.message) if way is not None else "",
        way_url=way.href if way is not None else "",
        offices=offices,
        more=nav.shown(nav.MORE_OF_ME, actor),
        work_url=nav.start_page(actor) if actor.grants else "",
        this_session=_this_session(request),
        known=account_view(request.account.pk, request.now),
        username=request.account.username or "",
        wechat=wechat_offered(),
        push_key=application_key() if push_ready() else "",
        push=subscription_of(_this_session(request)) if push_ready() else None,
        warning=_(channel_warning()) if channel_warning() and actor.may_somewhere("system.administer") else "",
        error=message_of(error) if error else "",
        error_field=error.field if isinstance(error, Invalid) else "",
        error_part=part,
    )


@require_POST
@policy("signed_in")
def name(request: Request) -> HttpResponse:
    """Say one's name."""
    try:
        rename_self(request.actor, request.POST.get("name", "")[:200], now=request.now)
    except Invalid as error:
        return _page(request, error, "name")
    return SeeOther("/me/")


@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def password(request: Request) -> HttpResponse:
    """Choose another password."""
    if not request.strong:
        return SeeOther("/staff/sign-in/?next=/me/password/")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _change(request)
            messages.success(request, _("Your password is changed. All other sessions were ended."))
            return SeeOther("/me/")
        except DomainError as caught:
            error = caught
    return page(
        request,
        "me/password.html",
        status=error.status if error else 200,
        username=request.account.username or "",
        error=message_of(error) if error else "",
        field=error.field if isinstance(error, Invalid) else "",
    )


def _change(request: Request) -> None:
    new = request.POST.get("password", "")[:200]
    if new != request.POST.get("again", "")[:200]:
        raise Invalid("The two are not the same.", field="again", code="not-the-same")
    old = request.POST.get("old", "")[:200]
    change_password(request.account.pk, old, new, keep_session=_this_session(request), now=request.now)


@require_POST
@policy("signed_in")
def end_one(request: Request) -> HttpResponse:
    """End one of one's sessions."""
    try:
        session_id = UUID(request.POST.get("session", ""))
    except ValueError:
        raise Invalid("This session is over already.", field="session", code="no-session") from None
    end_session(request.actor, session_id, now=request.now)
    messages.success(request, _("That session is ended."))
    return SeeOther("/me/")


@require_POST
@policy("signed_in")
def end_others(request: Request) -> HttpResponse:
    """Sign out everywhere else."""
    count = end_other_sessions(request.actor, request.account.pk, keep=_this_session(request), now=request.now)
    messages.success(request, _("Ended: {n} other sessions.").format(n=count))
    return SeeOther("/me/")


@require_POST
@policy("signed_in")
def end_wechat(request: Request) -> HttpResponse:
    """WeChat no longer signs in as this account."""
    unlink_wechat(request.actor, now=request.now)
    messages.success(request, _("WeChat is no longer linked."))
    return SeeOther("/me/")
