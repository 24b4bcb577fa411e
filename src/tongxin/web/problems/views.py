"""The pages to which the `type` of a problem leads: for whoever writes a program, and for whom it tells of it."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from tongxin.kernel.errors import NotFound
from tongxin.web.policy import policy
from tongxin.web.problems.words import GROUPS, PROBLEMS
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_safe
@policy("public")
def problems(request: Request) -> HttpResponse:
    """All codes, in groups."""
    return page(request, "problems/list.html", groups=[(title, rows.items()) for title, rows in GROUPS])


@require_safe
@policy("public")
def problem(request: Request, code: str) -> HttpResponse:
    """One code: what it means, and what to do."""
    found = PROBLEMS.get(code)
    if found is None:
        raise NotFound("There is no such problem. The page of all problems lists those there are.", code="no-page")
    status = f"{found.status} {HTTPStatus(found.status).phrase}"
    return page(request, "problems/problem.html", code=code, problem=found, http=status)
