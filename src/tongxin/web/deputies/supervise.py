"""For the level's office: all suggestions of its areas with their deadlines, the late ones first to be seen."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tongxin.cases.queries.suggestions import FILTERS, suggestion_page
from tongxin.deputies import queries
from tongxin.journeys.deputies import find_complex
from tongxin.kernel.errors import Invalid
from tongxin.web.cases.drafts import as_uuid
from tongxin.web.deputies import words
from tongxin.web.desk.common import desk_page
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request


@require_safe
@policy(permission="case.supervise")
def suggestions(request: Request) -> HttpResponse:
    """All suggestions of the areas that the actor supervises."""
    return _suggestions(request, Form(request))


def _suggestions(request: Request, form: Form) -> HttpResponse:
    which = request.GET.get("which", "all")
    which = which if which in FILTERS else "all"
    paths = list(dict.fromkeys(request.actor.areas_with("case.supervise")))
    before = as_uuid(request.GET.get("before", ""))
    rows, more = suggestion_page(paths, request.now, which=which, before=before)
    lines = queries.lines_of([row.id for row in rows])
    return desk_page(
        request,
        "deputies/supervise.html",
        status=form.status,
        form=form,
        rows=[(row, lines.get(row.id)) for row in rows],
        filters=[{"href": f"?which={key}", "label": words.FILTERS[key], "current": key == which} for key in FILTERS],
        more=f"?which={which}&before={more}" if more else "",
        words=words,
    )


@require_POST
@policy(permission="case.supervise")
def complex_(request: Request, number: str) -> HttpResponse:
    """Found complex, with the reason that the deputy reads: the longer limit holds."""
    form = Form(request)
    try:
        find_complex(request.actor, number, reason=form.text("reason"), now=request.now)
    except Invalid as error:
        form.refuse(error)
        return _suggestions(request, form)
    messages.success(request, _("The longer limit holds; the deputy is told why."))
    return SeeOther(reverse("supervised-suggestions"))
