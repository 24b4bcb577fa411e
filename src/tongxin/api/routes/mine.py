"""Of the caller's own: family, notices, and those whom they help."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja import Query, Router, Schema

from tongxin.api import calls, cursors, document
from tongxin.api.bodies import Body
from tongxin.api.schemas.base import Cursor, Limit
from tongxin.api.schemas.lists import filled
from tongxin.api.schemas.lookups import (
    Family,
    FamilyMember,
    HelpedCase,
    HelpedCases,
    Home,
    Marked,
    Notice,
    Notices,
    PeopleToHelp,
    PersonToHelp,
)
from tongxin.api.schemas.verbs import MarkRead
from tongxin.cases.queries.mine import helped_page
from tongxin.cases.queries.told import office_notices
from tongxin.kernel.errors import NotFound
from tongxin.notifications.operations import mark_read
from tongxin.notifications.queries import notice, notice_page
from tongxin.people.queries.helping import my_family, people_to_help

router = Router()


def list_my_family(request: Any) -> Family:
    """亲情账号: for whom the caller acts (their `person_id` is what `on_behalf_of` takes), and who acts for them."""
    links, _ = my_family(request.actor)
    return Family(
        family=[
            FamilyMember(person_id=row.other_id, name=row.other_name, i_act=row.as_child, since=row.since)
            for row in links
        ]
    )


def list_helped_cases(request: Any, cursor: Cursor = "", limit: Limit = 20) -> HelpedCases:
    """What the caller filed for others in this office's area, the newest first."""
    of = f"helped {request.token.acts_as}"
    rows, key = helped_page(request.actor, before=cursors.read_key(of, cursor), limit=limit)
    lines = [filled(HelpedCase, row, outcome=str(row.outcome or "")) for row in rows]
    return HelpedCases(cases=lines, next=cursors.make_key(of, key))


def find_people_to_help(
    request: Any, name: str = Query(default="", max_length=60), address: str = Query(default="", max_length=120)
) -> PeopleToHelp:
    """Whom a helper means, by the beginning of the name or the address, where they may help: for `for_person`."""
    rows = people_to_help(request.actor, name=name, address=address, now=request.now)
    return PeopleToHelp(
        people=[
            filled(PersonToHelp, row, homes=[Home(id=key, address=said) for key, said in row.homes]) for row in rows
        ]
    )


def list_notices(request: Any, cursor: Cursor = "", limit: Limit = 30) -> Notices:
    """What the caller was told, the newest first. A program of an office asks `/notices`."""
    of = f"notices {request.token.acts_as}"
    rows, key = notice_page(request.actor.person_id, after=cursors.read_key(of, cursor), limit=limit)
    return Notices(notices=[filled(Notice, row) for row in rows], next=cursors.make_key(of, key))


def list_office_notices(request: Any, cursor: Cursor = "", limit: Limit = 30) -> Notices:
    """What the holder of this office was told in it: of cases given to its organisation, and of those of its desk.

    Nothing of what they were told as a resident or in another office. They mark it as read themselves.
    """
    of = f"office notices {request.token.acts_as}"
    rows, key = office_notices(request.actor, after=cursors.read_key(of, cursor), limit=limit)
    return Notices(notices=[filled(Notice, row) for row in rows], next=cursors.make_key(of, key))


def mark_notices_read(request: Any) -> HttpResponse:
    """Mark one notice, or all that only inform, as read. What asks stays until it is answered."""

    def act(data: Any, body: Body) -> Schema:
        person = request.actor.person_id
        if data.notice is not None:
            found = notice(person, data.notice)
            if found is None:
                raise NotFound("This notice is not yours, or it is gone.", code="no-notice")
            if found.asks:
                return Marked(read=0)
        return Marked(read=mark_read(person, now=request.now, notice_id=data.notice))

    return calls.write(request, MarkRead, act)


document.add(router, "GET", "/me/family", list_my_family, "listMyFamily", "Family accounts", "Residents", Family)
document.add(
    router, "GET", "/me/helped-cases", list_helped_cases, "listHelpedCases", "What I filed for others", "Helpers",
    HelpedCases,
)  # fmt: skip
document.add(
    router, "GET", "/people-to-help", find_people_to_help, "findPeopleToHelp", "Whom I may report for", "Helpers",
    PeopleToHelp,
)  # fmt: skip
document.add(router, "GET", "/me/notices", list_notices, "listNotices", "What I was told", "Residents", Notices)
document.add(
    router,
    "GET",
    "/notices",
    list_office_notices,
    "listOfficeNotices",
    "What this office was told",
    "Handlers",
    Notices,
)
document.add(
    router, "POST", "/me/notices/read", mark_notices_read, "markNoticesRead", "Mark notices as read", "Residents",
    Marked, takes=MarkRead,
)  # fmt: skip
