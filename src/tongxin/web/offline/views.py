"""What the browser asks before it sends what waited without signal."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from tongxin.web.policy import policy
from tongxin.web.request import Request


@require_safe
@policy("public")
def token(request: Request) -> HttpResponse:
    """Who is signed in here now, and a fresh token for a form: a page may have stood open for days without signal."""
    answer = JsonResponse({"owner": str(request.actor.person_id or ""), "token": get_token(request)})
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
