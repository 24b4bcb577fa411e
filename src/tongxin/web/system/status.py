"""How the installation fares."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.journeys.status import system_status
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_safe
@policy(permission="system.administer")
def status(request: Request) -> HttpResponse:
    """One line for each thing that can go wrong, what is wrong first."""
    found = sorted(
        system_status(request.actor, request.now), key=lambda line: ("error", "warn", "done").index(line.tone)
    )
    lines = [
        (_(line.name), line.tone, _(line.words) % line.params if line.params else _(line.words), line.at)
        for line in found
    ]
    return page(request, "system/status.html", lines=lines)
