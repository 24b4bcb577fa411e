"""Language and view: remembered in the account of who signed in, else in a cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from tongxin.kernel.errors import Invalid
from tongxin.people.operations.preferences import choose_language, choose_view
from tongxin.web.middleware import VIEW_COOKIE, VIEWS
from tongxin.web.policy import SeeOther, policy, safe_next
from tongxin.web.request import Request

YEAR_SECONDS = 365 * 24 * 60 * 60


def _remember(request: Request, cookie: str, value: str) -> HttpResponse:
    response = SeeOther(safe_next(request))
    response.set_cookie(
        cookie, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@require_POST
@policy("public")
def language(request: Request) -> HttpResponse:
    """Switch the language of the pages."""
    wanted = request.POST.get("language", "")
    if wanted not in dict(settings.LANGUAGES):
        raise Invalid("This language is not spoken here.", field="language")
    if request.account is not None:
        choose_language(account_id=request.account.pk, language=wanted)
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, wanted)


@require_POST
@policy("public")
def view(request: Request) -> HttpResponse:
    """Switch between the standard and the elder view."""
    wanted = request.POST.get("view", "")
    if wanted not in VIEWS:
        raise Invalid("There is no such view.", field="view")
    if request.account is not None:
        choose_view(account_id=request.account.pk, elder=wanted == "elder")
    return _remember(request, VIEW_COOKIE, wanted)
