"""Who is told what of a case, by their own channel. Within the transaction of the step that it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Party, Update
from tongxin.cases.operations.base import Opened
from tongxin.cases.queries.access import strangers
from tongxin.cases.queries.offices import desks_of, members
from tongxin.cases.queries.progress import spoken_code
from tongxin.kernel.text import N_
from tongxin.notifications import operations as notifications


def tell_parties(
    opened: Opened, update: Update, message: str, *, asks: bool = False, but: UUID | None = None, **params: Any
) -> None:
    """Tell everyone concerned, each once. ``asks``: it waits for their answer. ``but``: who did it needs no notice."""
    rows = opened.case.parties.filter(disowned_at=None).values_list("person_id", "role")
    people = [(person, role) for person, role in rows if person is not None and person != but]
    told: dict[str, Any] = {"link": f"/cases/{opened.case.number}/", "asks": asks}
    _tell(opened, update, [key for key, role in people if role == Party.Role.REPORTER], message, **told, **params)
    joined = [key for key, role in people if role == Party.Role.JOINED]
    if joined:  # neighbours do not learn from a notice who reported it
        _tell(opened, update, joined, message, **told, **_masked(opened, params))


def tell_one(opened: Opened, update: Update, person: UUID, message: str, **params: Any) -> None:
    """Tell one of those concerned of what was done in their name: also by text message, for they may not look here."""
    _tell(opened, update, [person], message, link=f"/cases/{opened.case.number}/", by_text=True, **params)


def tell_organisation(opened: Opened, update: Update, organisation: UUID | None, message: str, **params: Any) -> None:
    """Tell those who handle cases for an organisation."""
    if organisation is not None:
        told = _masked(opened, params) if _hides(opened, organisation) else params
        told = {"link": f"/work/{opened.case.number}/", **told}
        _tell(opened, update, members(organisation, opened.now), message, **told)


def tell_co_handlers(opened: Opened, update: Update, message: str, **params: Any) -> None:
    """Tell those who help with it."""
    helping = [row.organisation_id for row in opened.assignments if row.role == Assignment.Role.CO]
    for organisation in dict.fromkeys(helping):
        tell_organisation(opened, update, organisation, message, **params)


def _hides(opened: Opened, organisation: UUID | None) -> bool:
    """True if the organisation may not know who reported it."""
    return opened.case.reporter_hidden or str(organisation) in opened.case.complained_of


_WORDS = ("title", "reason", "text")


def _masked(opened: Opened, params: dict[str, Any]) -> dict[str, Any]:
    """What a notice says, without the reporters' names and numbers."""
    case = opened.case
    access = strangers([case.pk])[case.pk]
    said = {"title": case.title, **params}
    return {name: access.words(value) if name in _WORDS else value for name, value in said.items()}


def tell_desk(opened: Opened, update: Update, message: str, *, levels_up: int = 0, **params: Any) -> None:
    """Tell the desk of the case's area, or of as many levels above it."""
    desks = desks_of(opened.case, opened.now)
    if desks:
        _, sitting = desks[min(levels_up, len(desks) - 1)]
        _tell_desk(opened, update, [person for person, _ in sitting], message, **params)


def tell_deciders(opened: Opened, update: Update, message: str, **params: Any) -> None:
    """Tell those who decide: the desk of the level to which the case was raised, or, where that is of the very body
    whose work it is, the next one up that is not."""
    desks = (
        desks_of(opened.case, opened.now)[rules.level_needed(opened.facts) :] or desks_of(opened.case, opened.now)[-1:]
    )
    for _, sitting in desks:
        people = [person for person, organisation in sitting if organisation != opened.case.lead_id]
        if people:
            _tell_desk(opened, update, people, message, **params)
            return


def _tell_desk(opened: Opened, update: Update, people: list[UUID], message: str, **params: Any) -> None:
    _tell(opened, update, people, message, link=f"/desk/cases/{opened.case.number}/", **params)


def _tell(
    opened: Opened,
    update: Update,
    people: Iterable[UUID],
    message: str,
    *,
    link: str,
    asks: bool = False,
    by_text: bool = False,
    once: str = "",
    **params: Any,
) -> None:
    """``once``: told once under this key, not once for each update."""
    notifications.tell(
        list(dict.fromkeys(people)),
        kind=f"case.{update.verb}",
        message=message,
        params={"number": opened.case.number, "title": opened.case.title, **params},
        subject=("case", opened.case.id),
        link=link,
        key=once or str(update.id),
        now=opened.now,
        asks=asks,
        by_text=by_text,
    )


def tell_of_many(
    people: Iterable[UUID],
    message: str,
    *,
    count: int,
    subject: tuple[str, UUID],
    key: str,
    now: datetime,
    **params: Any,
) -> None:
    """One notice about many cases, with the way to the list of one's tasks."""
    notifications.tell(
        list(dict.fromkeys(people)),
        kind="case.handed_over",
        message=message,
        params={"count": count, **params},
        subject=subject,
        link="/work/",
        key=key,
        now=now,
    )


def text_slip(mobile: str, opened: Opened) -> None:
    """Send what stands on the slip to a reporter who is not in the register: number and code open the progress page."""
    notifications.text(
        mobile,
        message=N_("%(who)s reported in your name: %(title)s. Number %(number)s, code %(code)s. See %(link)s"),
        params={
            "who": opened.actor.name,
            "title": opened.case.title,
            "number": opened.case.number,
            "code": spoken_code(opened.case.id),
            "link": f"{settings.PUBLIC_URL}/progress/",
        },
        now=opened.now,
    )


def text_worker(mobile: str, opened: Opened, secret: str) -> None:
    """Send a worker without an account the link to their task."""
    notifications.text(
        mobile,
        message=N_("%(organisation)s gives you a task: %(title)s. Open: %(link)s"),
        params={
            "organisation": opened.case.lead.name if opened.case.lead else "",
            "title": _masked(opened, {})["title"],
            "link": f"{settings.PUBLIC_URL}/t/{secret}",
        },
        now=opened.now,
    )
