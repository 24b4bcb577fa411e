"""Pages that a phone may keep for when there is no signal."""

from __future__ import annotations

from django.http import HttpResponse

from tongxin.web.request import Request

KEEP = "X-Tongxin-Keep"


def keep_offline(request: Request, response: HttpResponse) -> HttpResponse:
    """Let the phone keep this page for whoever is signed in. The service worker keeps it apart from the browser's own
    cache, for one person, and throws it away when they sign out or somebody else signs in.

    For pages of one's own work without contact data; a page of nobody's is not kept.
    """
    if request.method == "GET" and request.actor.signed_in and response.status_code == 200:
        response.headers[KEEP] = str(request.actor.person_id or "")
    return response
