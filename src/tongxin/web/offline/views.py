"""What works without signal: the service worker, the page it shows then, and what the browser asks before it sends."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.templatetags.static import static
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from tongxin.kernel.actor import NOBODY
from tongxin.kernel.text import clean_text
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page

SHELL = (
    "tongxin.css", "icons.svg", "seal.svg",
    *(f"js/{name}.js" for name in
      ("areas", "base", "drafts", "live", "map", "offline", "outbox", "photos", "pick", "questions", "report")),
)  # fmt: skip
"""What the pages that open without signal are drawn with."""
SHARED_CHARACTERS = 2000  # of an address


@require_safe
@policy("public")
def token(request: Request) -> HttpResponse:
    """Who is signed in here now, and a fresh token for a form: a page may have stood open for days without signal."""
    answer = JsonResponse({"owner": str(request.actor.person_id or ""), "token": get_token(request)})
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@require_safe
@policy("public")
def worker(request: Request) -> HttpResponse:
    """The service worker. At the root, for it serves the pages below where it lies; new whenever a file of its is new."""
    shell = [static(f"tongxin/{name}") for name in SHELL]
    told = {"shell": shell, "offline": "/offline/"}
    told["version"] = hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
    script = f'import {{ serve }} from "{static("tongxin/js/worker.js")}";\nserve(self, {json.dumps(told)});\n'
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_safe
@policy("public")
def no_signal(request: Request) -> HttpResponse:
    """What is shown without signal in place of a page that needs it. It is kept in the browser, so it is nobody's own."""
    request.account, request.actor = None, NOBODY
    return page(request, "offline/offline.html")


@csrf_exempt  # another app shares, without a form of ours; nothing is written here
@require_http_methods(["POST"])
@policy("public")
def shared(request: Request) -> HttpResponse:
    """What another app shares to Tongxin, where no service worker took it: its words go into the report form."""
    words = "\n".join(filter(None, (request.POST.get(name, "") for name in ("title", "text", "url"))))
    return SeeOther(f"/report/?{urlencode({'text': clean_text(words, SHARED_CHARACTERS)[:SHARED_CHARACTERS]})}")
