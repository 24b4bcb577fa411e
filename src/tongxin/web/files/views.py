"""A picture or document by its link. The link itself says who may have it; see ``files.queries``."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from tongxin.files.queries import open_link
from tongxin.web.policy import policy
from tongxin.web.request import Request


@require_safe
@policy("public")
def file(request: Request, token: str) -> HttpResponse:
    """Send the file, or nothing if the browser has it already. Whatever it holds, it may not act as a page of ours."""
    found = open_link(token, request.now)
    etag = f'"{found.etag}"'
    response: Any
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    else:
        response = FileResponse(
            found.path.open("rb"), as_attachment=not found.inline, filename=found.name, content_type=found.mime
        )
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"{'public' if found.public else 'private'}, max-age={found.max_age}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
