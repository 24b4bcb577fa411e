"""Settings, suggestions: how good the model is, and which categories its labels mean."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.cases.queries import choices
from tongxin.cases.queries.corrected import corrected_count
from tongxin.kernel.errors import DomainError
from tongxin.triage.classifier import installed
from tongxin.triage.operations import set_targets
from tongxin.triage.queries import label_map, labels_known
from tongxin.web.desk.common import desk_page
from tongxin.web.errors import message_of
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request

ADDRESS = "/desk/settings/suggestions/"


@require_http_methods(["GET", "HEAD", "POST"])
@policy(permission="case.configure")
def suggestions(request: Request) -> HttpResponse:
    """The model as it was measured, and the map of its labels, one label to a form."""
    kinds = [(row.code, row.name) for row in choices.categories() if row.depth == 0]
    label, wrong, status = request.POST.get("label", "")[:60], "", 200
    if request.method == "POST":
        try:
            known = [code for code, _name in kinds]
            set_targets(request.actor, label, request.POST.getlist("codes"), known, request.now)
        except DomainError as error:
            wrong, status = message_of(error), error.status
        else:
            messages.success(request, _("Saved. It holds from the next letter that somebody types."))
            return SeeOther(ADDRESS)
    model, mapped, names = installed(), label_map(), dict(kinds)
    return desk_page(
        request,
        "desk/settings/suggestions.html",
        status=status,
        about=model.about if model is not None else None,
        trained_at=datetime.fromisoformat(model.about["trained_at"]) if model and "trained_at" in model.about else None,
        labels=[
            (name, [code for code in mapped.get(name, ()) if code in names], mapped.get(name, ()) or name in names)
            for name in labels_known()
        ],
        kinds=kinds,
        names=names,
        corrections=corrected_count(),
        wrong=wrong,
        wrong_label=label,
    )
