"""How a form is answered that the browser sends by itself: where to go, without going there."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

SENT_BY_SCRIPT, WENT = "X-Tongxin-Offline", "X-Tongxin-Went"


class OfflineAnswerMiddleware:
    """A redirect becomes a 200 that names its target in ``X-Tongxin-Went``, for a form sent by ``outbox.js``.

    A script cannot see a redirect without following it, and that would read the messages of the page that the person is
    to see; and a target behind a sign-in would be asked for in vain.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and SENT_BY_SCRIPT in request.headers and "Location" in response.headers:
            response.headers[WENT] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 200
        return response
