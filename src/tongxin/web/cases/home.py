"""The resident's start page: what waits for them, the ways in, their matters, and what was made public near them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tongxin.announcements.queries import public_page
from tongxin.cases.queries.mine import Waiting, my_cases, people_of, waiting_for_me
from tongxin.cases.queries.public import public_cases
from tongxin.kernel.actor import Trust
from tongxin.web import nav, times
from tongxin.web.cases import words
from tongxin.web.policy import policy
from tongxin.web.request import Request
from tongxin.web.shell import page

MINE_SHOWN, PUBLIC_SHOWN, ANNOUNCED_SHOWN = 4, 3, 2


@require_safe
@policy("public")
def home(request: Request) -> HttpResponse:
    """Signed in: one's own page. Else what this is, and what can be done without signing in."""
    if not request.actor.signed_in:
        shown, _next = public_cases("", request.now, limit=PUBLIC_SHOWN)
        return page(request, "cases/home_signed_out.html", public=_public(shown, request))
    people = people_of(request.actor)
    waiting = waiting_for_me(request.actor, request.now, people)
    asked = {row.case.number for row in waiting}
    mine, more = my_cases(request.actor, which="open", limit=MINE_SHOWN + len(asked), people=people)
    community = request.account.person.community
    shown, _next = public_cases(community.path if community else "", request.now, limit=PUBLIC_SHOWN)
    return page(
        request,
        "cases/home.html",
        waiting=[asked_of(row, request) for row in waiting],
        mine=[(row, words.note(row, request.now)) for row in mine if row.number not in asked][:MINE_SHOWN],
        has_more=more is not None,
        public=_public(shown, request),
        announced=public_page(community.path, limit=ANNOUNCED_SHOWN)[0] if community else [],
        community=community.name if community else "",
        known=request.actor.trust >= Trust.RESIDENT,
        helps=request.actor.may_somewhere("case.submit_for"),
        visits=request.actor.may_somewhere("people.verify"),
        works=request.actor.may_somewhere("case.handle") and nav.exists("/work/"),
        desk=nav.if_exists("/desk/") if request.actor.may_somewhere("case.desk") else "",
        owner=str(request.actor.person_id),
    )


def asked_of(row: Waiting, request: Request) -> dict[str, Any]:
    """What is asked, as one sentence: who did what, when."""
    if row.question:
        text = row.question
    else:
        when = times.when(row.answered_at, request.now) if row.answered_at else ""
        text = _("{who}, {when}: {answer}").format(
            who=row.answered_by.replace(" · ", "") or _("The community"),
            when=when,
            answer=row.answer or _("It is done, please have a look."),
        )
    return {
        "row": row.case,
        "text": text,
        "question": bool(row.question),
        "photo": {"src": row.photo.src, "alt": words.photo_words(row.photo.purpose)} if row.photo else None,
    }


def _public(rows: list[Any], request: Request) -> list[tuple[Any, str]]:
    return [(row, words.note(row, request.now, outcome=row.outcome)) for row in rows]
