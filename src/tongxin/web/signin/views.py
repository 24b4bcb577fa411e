"""Residents sign in: by a code on their phone, or by WeChat once the phone was proved."""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongxin.journeys.sign_in import account_of_phone, prove_phone, send_code, take_over
from tongxin.journeys.wechat import WeChatFailed, authorize_address, exchange, wechat_offered
from tongxin.kernel.errors import DomainError, Invalid, NotFound
from tongxin.kernel.masking import mask_phone
from tongxin.notifications.push import forget_session
from tongxin.notifications.senders import sms_ready
from tongxin.people.fields import clean_phone
from tongxin.people.operations.accounts import open_visitor, prove_holder
from tongxin.people.operations.sessions import sign_out as end
from tongxin.people.operations.wechat import keep_openid
from tongxin.people.queries.signin import account_of_wechat, holders_of
from tongxin.people.rules.signin import CODE_DIGITS
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy, safe_next
from tongxin.web.request import Request, client_address
from tongxin.web.shell import page
from tongxin.web.signin import known, pending

PHONE_CHARACTERS = 40  # with spaces, dashes and +86


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def phone(request: Request) -> HttpResponse:
    """First step: the phone."""
    if request.actor.signed_in and request.method != "POST":
        return HttpResponseRedirect(safe_next(request, "/me/"))
    typed = request.POST.get("phone", "")[:PHONE_CHARACTERS]
    error: DomainError | None = None
    if request.method == "POST":
        try:
            code_id = send_code(typed, address=client_address(request), now=request.now, browser=known.kept(request))
            pending.begin(request, code=str(code_id), phone=mask_phone(clean_phone(typed)))
            return SeeOther(reverse("sign-in-code"))
        except DomainError as caught:
            error = caught
    return page(
        request,
        "signin/phone.html",
        status=error.status if error else 200,
        typed=typed,
        error=message_of(error) if error else "",
        next=safe_next(request, ""),
        wechat=wechat_offered(),
        linking="wechat" in pending.read(request),
        ready=sms_ready(),
        demo=settings.DEMO,
    )


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def code(request: Request) -> HttpResponse:
    """Second step: the code."""
    noted = pending.read(request)
    if "code" not in noted:
        return SeeOther(reverse("sign-in"))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            proved = prove_phone(
                UUID(noted["code"]),
                request.POST.get("code", "")[:20],
                address=client_address(request),
                now=request.now,
                browser=known.kept(request),
            )
            return known.keep(request, _go_on(request, proved), proved)
        except DomainError as caught:
            error = caught
    return page(
        request,
        "signin/code.html",
        status=error.status if error else 200,
        phone=noted["phone"],
        digits=CODE_DIGITS,
        error=message_of(error) if error else "",
        over=error is not None and error.code in {"code-over", "code-spent"},
        demo=settings.DEMO,
    )


def _go_on(request: Request, proved: str) -> HttpResponse:
    account_id = account_of_phone(proved, now=request.now)
    if account_id is not None:
        take_over(account_id, proved, now=request.now)
        return pending.finish(request, account_id, way="phone", strong=False)
    noted = pending.read(request)
    noted.pop("code")
    request.session.cycle_key()
    pending.write(request, **{**noted, "proved": pending.seal_phone(proved)})
    return SeeOther(reverse("sign-in-choose"))


@sensitive_post_parameters("last_four")
@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def choose(request: Request) -> HttpResponse:
    """Third step, only where several people share the phone: which of them, and a proof."""
    noted = pending.read(request)
    if "proved" not in noted:
        return SeeOther(reverse("sign-in"))
    proved = pending.open_phone(noted["proved"])
    chosen = request.POST.get("person", "")
    error: DomainError | None = None
    if request.method == "POST":
        try:
            account_id = _chosen(request, proved, chosen)
            take_over(account_id, proved, now=request.now)
            return pending.finish(request, account_id, way="phone", strong=False)
        except DomainError as caught:
            error = caught
    return page(
        request,
        "signin/choose.html",
        status=error.status if error else 200,
        holders=[one for one in holders_of(proved) if one.registered],
        phone=mask_phone(proved),
        chosen=chosen,
        error=message_of(error) if error else "",
        field=error.field if isinstance(error, Invalid) else "",
    )


def _chosen(request: Request, proved: str, chosen: str) -> UUID:
    if chosen == "none":
        return open_visitor(proved, now=request.now)
    try:
        person_id = UUID(chosen)
    except ValueError:
        raise Invalid("Choose who you are.", field="person", code="nobody-chosen") from None
    return prove_holder(proved, person_id, request.POST.get("last_four", "")[:20], now=request.now)


@require_GET
@policy("public")
def wechat(request: Request) -> HttpResponse:
    """To WeChat, with a state that only this browser knows. A link: our CSP forbids forms to elsewhere."""
    if not wechat_offered():
        raise NotFound("Signing in by WeChat is not set up here.", code="no-wechat")
    state = secrets.token_urlsafe(24)
    pending.begin(request, state=state)
    back = settings.PUBLIC_URL + reverse("sign-in-wechat-back")
    inside = "MicroMessenger" in request.headers.get("User-Agent", "")
    return HttpResponseRedirect(authorize_address(state, back, inside=inside))


@require_GET
@policy("public")
def wechat_back(request: Request) -> HttpResponse:
    """Back from WeChat: into the linked account, or on to the phone that links one."""
    noted = pending.read(request)
    state, answer = request.GET.get("state", ""), request.GET.get("code", "")
    if not wechat_offered() or not hmac.compare_digest(noted.get("state", "").encode(), state.encode()) or not state:
        raise WeChatFailed("This sign-in was not begun in this browser. Please begin again.", code="state", status=400)
    noted.pop("state")
    pending.write(request, **noted)  # a state serves once
    if not answer:
        raise WeChatFailed(
            "You did not allow it in WeChat. You can sign in with your phone.", code="denied", status=400
        )
    index, sealed = exchange(answer[:200])
    account_id = account_of_wechat(index)
    if account_id is not None:
        keep_openid(index, sealed)
        return pending.finish(request, account_id, way="wechat", strong=False)
    request.session.cycle_key()
    pending.write(request, **noted, wechat=index.hex(), openid=sealed.hex())
    return SeeOther(reverse("sign-in"))


@require_POST
@policy("public")
def sign_out(request: Request) -> HttpResponse:
    """Leave. This browser is sent nothing any more."""
    if request.session.get("id"):
        forget_session(UUID(request.session["id"]))
    end(request.session, now=request.now)
    return SeeOther("/")
