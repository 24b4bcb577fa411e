"""A picture or document by its link. The link itself says who may have it; see ``files.queries``."""

from __future__ import annotations

import re
from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from tongxin.files.queries import OpenFile, open_link
from tongxin.web.policy import policy
from tongxin.web.request import Request


@require_safe
@policy("public")
def file(request: Request, token: str) -> HttpResponse:
    """Send the file, or nothing if the browser has it already. Whatever it holds, it may not act as a page of ours."""
    found = open_link(token, request.now)
    etag = f'"{found.etag}"'
    response: Any
    voice = found.mime.startswith("audio/")
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponseNotModified()
    elif voice and request.headers.get("Range"):
        response = _part(found, request.headers["Range"])
    else:
        response = FileResponse(
            found.path.open("rb"), as_attachment=not found.inline, filename=found.name, content_type=found.mime
        )
    if voice:  # telephones of some makers play nothing that they cannot ask for piece by piece
        response.headers["Accept-Ranges"] = "bytes"
        response.headers["Content-Encoding"] = "identity"
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = f"{'public' if found.public else 'private'}, max-age={found.max_age}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def _part(found: OpenFile, asked: str) -> HttpResponse:
    """The piece of a recording that a player asked for (RFC 9110, 14.2); all of it for what is no single range."""
    content = found.path.read_bytes()
    wanted = _RANGE.fullmatch(asked.strip())
    if wanted is None or wanted[1] == wanted[2] == "":
        return HttpResponse(content, content_type=found.mime)
    first = int(wanted[1]) if wanted[1] else max(0, len(content) - int(wanted[2]))
    last = min(int(wanted[2]) if wanted[1] and wanted[2] else len(content) - 1, len(content) - 1)
    if first > last:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{len(content)}"})
    response = HttpResponse(content[first : last + 1], status=206, content_type=found.mime)
    response.headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return response
