"""All my matters."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.cases.queries.mine import FILTERS, my_cases
from tongxin.web.cases import words
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page


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
