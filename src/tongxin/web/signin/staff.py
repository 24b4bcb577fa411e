"""Staff sign in: user name and password, then the code of their authenticator. Only then do their offices act."""

from __future__ import annotations

from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from tongxin.kernel.errors import DomainError, Invalid
from tongxin.people.operations.accounts import check_password, set_password
from tongxin.people.operations.second_factor import (
    check_second_factor,
    confirm_enrolment,
    start_enrolment,
    use_recovery_code,
)
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.signin import account_of, has_second_factor
from tongxin.people.rules.signin import totp_address, totp_text
from tongxin.web import nav
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy, safe_next
from tongxin.web.request import Request, client_address
from tongxin.web.shell import page
from tongxin.web.signin import pending

ISSUER = "同心"
STEPS = ["GET", "HEAD", "POST"]


def _known(request: Request) -> UUID | None:
    """Who has passed the password in this browser."""
    account = pending.read(request).get("staff")
    return UUID(account) if account else None


def _next_step(request: Request, account_id: UUID) -> HttpResponse:
    account = account_of(account_id)
    if account is not None and account.password_is_temporary:
        return SeeOther(reverse("staff-password"))
    return SeeOther(reverse("staff-code" if has_second_factor(account_id) else "staff-enrol"))


def _start_page(request: Request, account_id: UUID) -> str:
    return nav.start_page(actor_for(account_of(account_id), True, request.now))


@sensitive_post_parameters("password")
@require_http_methods(STEPS)
@policy("public")
def sign_in(request: Request) -> HttpResponse:
    """First step: user name and password."""
    error: DomainError | None = None
    username = request.POST.get("username", "")[:60]
    if request.method == "POST":
        try:
            account_id = check_password(
                username, request.POST.get("password", "")[:200], address=client_address(request), now=request.now
            )
            request.session.cycle_key()
            pending.begin(request, staff=str(account_id))
            return _next_step(request, account_id)
        except DomainError as caught:
            error = caught
    return page(
        request,
        "signin/staff.html",
        status=error.status if error else 200,
        username=username,
        error=message_of(error) if error else "",
        next=safe_next(request, ""),
    )


@sensitive_post_parameters("password", "again")
@require_http_methods(STEPS)
@policy("public")
def password(request: Request) -> HttpResponse:
    """Where somebody else gave the password: choose one's own before anything else."""
    account_id = _known(request)
    account = account_of(account_id) if account_id is not None else None
    if account_id is None or account is None or not account.password_is_temporary:
        return SeeOther(reverse("staff-sign-in"))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            _choose_password(request, account_id)
            return _next_step(request, account_id)
        except DomainError as caught:
            error = caught
    return page(
        request,
        "signin/password.html",
        status=error.status if error else 200,
        username=account.username,
        error=message_of(error) if error else "",
        field=error.field if isinstance(error, Invalid) else "",
    )


def _choose_password(request: Request, account_id: UUID) -> None:
    new = request.POST.get("password", "")[:200]
    if new != request.POST.get("again", "")[:200]:
        raise Invalid("The two are not the same.", field="again", code="not-the-same")
    set_password(account_id, new, now=request.now)


@sensitive_post_parameters("code")
@require_http_methods(STEPS)
@policy("public")
def code(request: Request) -> HttpResponse:
    """Second step: the code of the authenticator."""
    account_id = _known(request)
    if account_id is None:
        return SeeOther(reverse("staff-sign-in"))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            check_second_factor(account_id, request.POST.get("code", "")[:20], now=request.now)
            return _enter(request, account_id)
        except DomainError as caught:
            error = caught
    return _code_page(request, error, recovery=False)


@sensitive_post_parameters("code")
@require_http_methods(STEPS)
@policy("public")
def recovery(request: Request) -> HttpResponse:
    """Second step without the authenticator: one of the codes that were kept for that."""
    account_id = _known(request)
    if account_id is None:
        return SeeOther(reverse("staff-sign-in"))
    error: DomainError | None = None
    if request.method == "POST":
        try:
            left = use_recovery_code(account_id, request.POST.get("code", "")[:20], now=request.now)
            messages.warning(
                request,
                _(
                    "This recovery code is used up; {n} are left. Ask the security administrator for a new start."
                ).format(n=left),
            )
            return _enter(request, account_id)
        except DomainError as caught:
            error = caught
    return _code_page(request, error, recovery=True)


def _enter(request: Request, account_id: UUID) -> HttpResponse:
    return pending.finish(request, account_id, way="password", strong=True, default=_start_page(request, account_id))


def _code_page(request: Request, error: DomainError | None, *, recovery: bool) -> HttpResponse:
    return page(
        request,
        "signin/staff_code.html",
        status=error.status if error else 200,
        error=message_of(error) if error else "",
        recovery=recovery,
    )


@sensitive_post_parameters("code")
@require_http_methods(STEPS)
@policy("public")
def enrol(request: Request) -> HttpResponse:
    """At the first sign-in: set up the authenticator, then keep the recovery codes, which are shown once."""
    account_id = _known(request)
    account = account_of(account_id) if account_id is not None else None
    if account_id is None or account is None or account.password_is_temporary:
        return SeeOther(reverse("staff-sign-in"))
    if has_second_factor(account_id):
        return SeeOther(reverse("staff-code"))
    secret = start_enrolment(account_id, now=request.now)
    error: DomainError | None = None
    if request.method == "POST":
        try:
            codes = confirm_enrolment(account_id, request.POST.get("code", "")[:20], now=request.now)
            go_on = pending.read(request).get("next") or _start_page(request, account_id)
            pending.enter(request, account_id, way="password", strong=True)
            return page(request, "signin/recovery_codes.html", codes=codes, go_on=go_on)
        except DomainError as caught:
            error = caught
    address = totp_address(secret, ISSUER, account.username)
    return page(
        request,
        "signin/enrol.html",
        status=error.status if error else 200,
        picture=segno.make(address, micro=False).svg_data_uri(scale=5, border=2),
        secret=" ".join(totp_text(secret)[i : i + 4] for i in range(0, 32, 4)),
        error=message_of(error) if error else "",
    )
