"""The levels of the area tree and what they are called: data, because another city has other words."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.places import operations, queries
from tongxin.web.places.edit import FRESH, READ_OR_WRITE, attempt, text
from tongxin.web.places.views import PERMISSION
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

ADDRESS = "/desk/settings/levels/"


@require_http_methods(READ_OR_WRITE)
@policy(permission=PERMISSION)
def levels(request: Request) -> HttpResponse:
    """All levels from the top, with their names to change for whoever manages the whole tree."""
    rows = queries.levels()

    def deed() -> str:
        sent = {row.code: (text(request, f"name.{row.code}"), text(request, f"name_en.{row.code}")) for row in rows}
        operations.rename_levels(request.actor, sent, request.now)
        return ADDRESS

    context: dict[str, Any] = dict(FRESH)
    if request.method == "POST":
        response, context = attempt(request, deed, _("Saved."))
        if response is not None:
            return response
    return page(
        request,
        "places/levels.html",
        status=context.pop("status"),
        levels=rows,
        may_rename=queries.keeps_all_places(request.actor, request.now),
        **context,
    )
