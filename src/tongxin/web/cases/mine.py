"""All my matters, and the look-up by number and code for whoever holds a slip."""

from __future__ import annotations

from django.core.signing import BadSignature
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tongxin.cases.operations.progress import open_by_code
from tongxin.cases.queries.mine import FILTERS, my_cases
from tongxin.cases.queries.view import case_by_id_masked
from tongxin.kernel.errors import Invalid, TooMany
from tongxin.web.cases import words
from tongxin.web.cases.detail import detail_context
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request, client_address
from tongxin.web.shell import page

COOKIE = "slip"
OPEN_SECONDS = 30 * 60


@require_safe
@policy("signed_in")
def mine(request: Request) -> HttpResponse:
    """Those I reported or joined, and those of the family members I act for."""
    which = request.GET.get("which", "all")
    which = which if which in FILTERS else "all"
    rows, more = my_cases(request.actor, which=which, before=as_uuid(request.GET.get("before", "")))
    labels = {"all": _("All"), "waiting": _("Wait for me"), "open": _("On their way"), "ended": _("Ended")}
    return page(
        request,
        "cases/mine.html",
        rows=[(row, words.note(row, request.now, outcome=row.outcome, holder=row.holder_name)) for row in rows],
        filters=[{"href": f"?which={key}", "label": labels[key], "current": key == which} for key in labels],
        which=which,
        more=f"?which={which}&before={more}" if more else "",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def progress(request: Request) -> HttpResponse:
    """Number and code of a slip."""
    number, error, status = request.GET.get("number", "")[:24], "", 200
    if request.method == "POST":
        number = request.POST.get("number", "")[:40]
        try:
            case_id = open_by_code(
                number, request.POST.get("code", "")[:40], request.now, address=client_address(request)
            )
        except (Invalid, TooMany) as wrong:
            error, status = message_of(wrong), wrong.status
        else:
            response = SeeOther("/progress/case/")
            response.set_signed_cookie(
                COOKIE, case_id.hex, max_age=OPEN_SECONDS, httponly=True, samesite="Lax", path="/progress/",
                secure=request.is_secure(),
            )  # fmt: skip
            return response
    return page(request, "cases/progress.html", status=status, number=number, error=error)


@require_safe
@policy("public")
def progress_case(request: Request) -> HttpResponse:
    """Where the matter of the slip stands. Half an hour after the code was given, it is asked for again."""
    try:
        found = as_uuid(request.get_signed_cookie(COOKIE, default="", max_age=OPEN_SECONDS) or "")
    except BadSignature:
        found = None
    if found is None:
        return SeeOther("/progress/")
    view = case_by_id_masked(found, request.now)
    response = page(request, "cases/progress_case.html", **detail_context(view, request))
    response.headers["Cache-Control"] = "no-store, private"
    return response
