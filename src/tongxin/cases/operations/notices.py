"""Who is told what of a case, by their own channel. Within the transaction of the step that it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext, override

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Party, Update
from tongxin.cases.operations import by_phone
from tongxin.cases.operations.base import Opened
from tongxin.cases.queries import pool
from tongxin.cases.queries.access import stranger, strangers
from tongxin.cases.queries.offices import MAX_TOLD, desks_of, members
from tongxin.cases.queries.progress import spoken_code
from tongxin.kernel.text import N_
from tongxin.kernel.times import local_day
from tongxin.notifications import operations as notifications
from tongxin.notifications.models import Notice
from tongxin.people.models import FamilyLink


def tell_parties(
    opened: Opened, update: Update, message: str, *, asks: bool = False, ends: bool = False,
    but: UUID | None = None, only: Q | None = None, **params: Any,
) -> None:  # fmt: skip
    """Tell everyone concerned, each once, and the child who reported for a parent. ``asks``: it waits for their answer.
    ``ends``: it is over. ``but``: who did it needs no notice. ``only``: to those of them alone.

    Who is not in the register is sent a text message of what asks and what ends, with what stands on the slip.
    """
    if asks or ends:
        _text_contacts(opened, message, params, only or Q())
    rows = _concerned(opened, only or Q())
    people = [(person, role) for person, role, _ in [*rows, *_children(rows)] if person is not None and person != but]
    told: dict[str, Any] = {"link": f"/cases/{opened.case.number}/", "asks": asks}
    _tell(opened, update, [key for key, role in people if role == Party.Role.REPORTER], message, **told, **params)
    joined = [key for key, role in people if role == Party.Role.JOINED]
    if joined:  # neighbours do not learn from a notice who reported it
        _tell(opened, update, joined, message, **told, **_masked(opened, params))


def _concerned(opened: Opened, only: Q) -> list[tuple[UUID | None, str, UUID | None]]:
    """(person, role, helper) of those concerned. Of a case that is not there yet: its reporter."""
    if opened.together is not None:
        party = opened.together.party
        return [(party.person_id, party.role, party.helper_id)] if party is not None else []
    concerned = opened.case.parties.filter(only, disowned_at=None)
    return list(concerned.values_list("person_id", "role", "helper_id"))


def _children(rows: Iterable[tuple[UUID | None, str, UUID | None]]) -> list[tuple[UUID, str, None]]:
    """Those of the helpers who act by a family account: what they did for their parent comes back to them. Who helps by
    their office has the list of what they filed. One query, or none."""
    pairs = {(helper, person): role for person, role, helper in rows if helper is not None and person is not None}
    if not pairs:
        return []
    links = FamilyLink.objects.filter(until=None, child__in=[child for child, _ in pairs])
    found = [pair for pair in links.values_list("child_id", "parent_id") if pair in pairs]
    return [(child, pairs[child, parent], None) for child, parent in found]


def _text_contacts(opened: Opened, message: str, params: dict[str, Any], only: Q) -> None:
    """Reach those of whom a mobile number is all that is known."""
    rows = opened.case.parties.filter(only, person=None, disowned_at=None, contact_index__isnull=False)
    for party in rows.order_by("id")[:MAX_TOLD]:
        number = by_phone.mobile(by_phone.number_of(party))
        if number is None:
            continue
        own = party.role == Party.Role.REPORTER
        told = {"title": opened.case.title, **params} if own else _masked(opened, params)
        with override("zh-hans"):  # as all text messages: phones do not tell us their language
            said = gettext(message) % {"number": opened.case.number, **told}
        notifications.text(
            number,
            message=N_("%(said)s Number %(number)s, code %(code)s. Answer here: %(link)s"),
            params={"said": said, **_slip(opened)},
            now=opened.now,
        )


def _slip(opened: Opened) -> dict[str, str]:
    """What stands on the slip."""
    case = opened.case
    link = f"{settings.PUBLIC_URL}/progress/?number={case.number}"
    return {"number": case.number, "code": spoken_code(case.id), "link": link}


def tell_one(opened: Opened, update: Update, person: UUID, message: str, **params: Any) -> None:
    """Tell one of those concerned of what was done in their name: also by text message, for they may not look here."""
    _tell(opened, update, [person], message, link=f"/cases/{opened.case.number}/", by_text=True, **params)


def tell_joined(opened: Opened, update: Update, people: Iterable[UUID], message: str, **params: Any) -> None:
    """Tell those whom the desk made parties; neighbours do not learn from a notice who reported it."""
    told = {"link": f"/cases/{opened.case.number}/", "by_text": True, **_masked(opened, params)}
    _tell(opened, update, people, message, **told)


def tell_organisation(
    opened: Opened, update: Update, organisation: UUID | None, message: str, *, only: UUID | None = None, **params: Any
) -> None:
    """Tell those who handle cases for an organisation, or ``only`` one of them."""
    if organisation is not None:
        told = _masked(opened, params) if _hides(opened, organisation) else params
        told = {"link": f"/work/{opened.case.number}/", **told}
        people = members(organisation, opened.now) if only is None else [only]
        _tell(opened, update, people, message, **told)


def tell_pool(opened: Opened, update: Update, message: str, **params: Any) -> None:
    """Tell those near and fit of an order in the pool, the nearest first, fifty at most."""
    people = pool.fit_for(pool.order_of(opened.case), local_day(opened.now), MAX_TOLD)
    told = {"link": f"/work/{opened.case.number}/", **_masked(opened, params)}
    _tell(opened, update, people, message, **told)


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
    access = stranger(opened.together.reporter) if opened.together is not None else strangers([case.pk])[case.pk]
    said = {"title": case.title, **params}
    return {name: access.words(value) if name in _WORDS else value for name, value in said.items()}


def tell_desk(opened: Opened, update: Update, message: str, *, levels_up: int = 0, **params: Any) -> None:
    """Tell the desk of the case's area, or of as many levels above it."""
    _tell_desk(opened, update, at_desk(opened, levels_up), message, **params)


def at_desk(opened: Opened, levels_up: int = 0) -> list[UUID]:
    """Who sits at the desk of the case's area, or of as many levels above it; members of a body complained of do not."""
    desks = desks_of(opened.case, opened.now)
    return [person for person, _ in desks[min(levels_up, len(desks) - 1)][1]] if desks else []


def tell_deciders(opened: Opened, update: Update, message: str, **params: Any) -> None:
    """Tell those who decide: the desk of the level to which the case was raised, or, where that is of the very body
    whose work it is, the next one up that is not."""
    desks = desks_of(opened.case, opened.now)
    for _, sitting in desks[rules.level_needed(opened.facts) :] or desks[-1:]:
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
    told: dict[str, Any] = {
        "people": list(dict.fromkeys(people)),
        "kind": f"case.{update.verb}",
        "message": message,
        "params": {"number": opened.case.number, "title": opened.case.title, **params},
        "subject": ("case", opened.case.id),
        "link": link,
        "key": once or str(update.id),
        "now": opened.now,
    }
    if opened.together is not None and not (asks or by_text):
        rows = opened.together.rows
        keys = {row.key for row in rows if isinstance(row, Notice)}  # a worker may have reported it: told once
        rows += [notice for notice in notifications.notices_for(**told) if notice.key not in keys]
    else:
        notifications.tell(**told, asks=asks, by_text=by_text)


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
            **_slip(opened),
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
