"""The people of the demo, one click each, and the text messages that go nowhere. Only where ``TONGXIN_DEMO`` is set."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.templatetags.static import static
from django.views.decorators.http import require_POST, require_safe

from tongxin.kernel.errors import NotFound
from tongxin.notifications.queries import demo_messages
from tongxin.people.queries.actors import actor_for
from tongxin.people.queries.signin import account_of, demo_people
from tongxin.people.roles import ROLE_NAMES
from tongxin.web import nav
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page
from tongxin.web.signin import pending


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise NotFound(
            "The page does not exist, or it is not for you. Check the address or start again.", code="no-page"
        )


@policy("public")
def demo(request: Request) -> HttpResponse:
    """Whom one can be, and what was sent to whose phone."""
    _only_in_demo()
    people = demo_people()
    return page(
        request,
        "demo/demo.html",
        groups=[
            (str(ROLE_NAMES.get(role, role)), list(rows)) for role, rows in groupby(people, key=lambda one: one.role)
        ],
        sms=demo_messages(),
    )


@require_safe
@policy("public")
def components(request: Request) -> HttpResponse:
    """The gallery: every component in its states, for whoever builds a page."""
    _only_in_demo()
    return page(
        request,
        "gallery.html",
        photo=static("tongxin/seal.svg"),
        soon=request.now + timedelta(minutes=40),
        late=request.now - timedelta(hours=2),
        later=request.now + timedelta(days=3),
    )


@require_POST
@policy("public")
def enter(request: Request) -> HttpResponse:
    """Be one of them: a real session, as after the code, or as after the authenticator for those in office."""
    _only_in_demo()
    wanted = request.POST.get("account", "")
    one = next((one for one in demo_people() if str(one.account_id) == wanted), None)
    if one is None:
        raise NotFound("This is none of the people of the demo.", code="no-demo-person")
    pending.enter(request, one.account_id, way="demo", strong=one.strong)
    return SeeOther(_start(request, one.account_id) if one.strong else "/")


def _start(request: Request, account_id: UUID) -> str:
    return nav.start_page(actor_for(account_of(account_id), True, request.now))
