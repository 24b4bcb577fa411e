"""What happened to a case, with photos, as its viewer may see it. At most three queries, however long it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.cases.models import Update
from tongxin.cases.queries.access import Access
from tongxin.cases.queries.view import CaseView
from tongxin.cases.rules import Verb
from tongxin.files import queries as files
from tongxin.kernel.actor import SYSTEM_ID
from tongxin.people.models import Organisation, Person
from tongxin.record.statements import Statement

PAGE = 20

_OF_RESIDENTS: Final = frozenset(
    {Verb.CONFIRM, Verb.NOT_SOLVED, Verb.RATE, Verb.JOIN, Verb.LEAVE, Verb.WITHDRAW, Verb.NOT_MINE, Verb.PROVIDE_INFO}
)
SHOWN: Final = frozenset(
    {
        Verb.SUBMIT, Verb.ACCEPT, Verb.DECLINE, Verb.DISPATCH, Verb.REDISPATCH, Verb.CLAIM, Verb.START, Verb.ANSWER,
        Verb.ANSWER_DIRECTLY, Verb.CO_ANSWER, Verb.SEND_BACK, Verb.ASK_RESIDENT, Verb.CONFIRM, Verb.NOT_SOLVED,
        Verb.RATE, Verb.REOPEN, Verb.WITHDRAW, Verb.JOIN, Verb.URGE, Verb.SUPERVISE, Verb.APPROVE_EXTENSION,
        Verb.APPROVE_SUSPENSION, Verb.RESUME, Verb.MERGE, Verb.SEPARATE, Verb.REQUEST_INFO, Verb.PROVIDE_INFO,
        Verb.LAPSE_INFO, Verb.REMIND, Verb.CLOSE_UNANSWERED, Verb.CLOSE_COMMON, Verb.PUT_BACK, Verb.ESCALATE,
        Verb.ADD_CO_HANDLER, Verb.NOT_MINE, Verb.HAND_OVER, Verb.GATHER,
    }
)  # fmt: skip
"""Verbs that a resident understands by themselves; of the others only a text for them is shown."""
_FOR_ALL: Final = frozenset({Verb.DISPATCH, Verb.REDISPATCH, Verb.CLAIM, Verb.START, Verb.ANSWER, Verb.ANSWER_DIRECTLY})
_SPOKEN_TO_ALL: Final = frozenset({Verb.ANSWER, Verb.ANSWER_DIRECTLY, Verb.DECLINE})


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture or document of a line. ``src`` is empty while the picture is being prepared."""

    id: UUID
    src: str
    href: str
    purpose: str
    name: str
    width: int | None
    height: int | None
    is_document: bool  # not to be shown as a picture: a paper, or a recording
    released: bool
    is_voice: bool = False
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``who`` is ``me``, ``office``, ``resident`` or ``system``; names only for those who may have them."""

    id: UUID
    verb: str
    state: str
    at: datetime
    who: str
    organisation: str
    name: str
    text: str
    note: str
    data: dict[str, Any] = field(default_factory=dict)
    to: str = ""  # the organisation it was given to
    helper: bool = False  # done for somebody else
    for_name: str = ""  # for whom, where the viewer may know
    role: str = ""  # the office in which the helper acted; empty for family
    photos: tuple[Photo, ...] = ()
    photos_kept_back: int = 0


def timeline(
    view: CaseView, now: datetime, *, before: UUID | None = None, limit: int = PAGE
) -> tuple[list[Line], UUID | None]:
    """Lines of a case, the newest first, and the key of the next page (None at the end)."""
    # What is done for all gathered cases is done for this one.
    keys = [view.id, *([view.parent.id] if view.parent is not None else []), *([before] if before else [])]
    found = _statement(view.parent is not None, view.access.notes, before is not None, limit + 1)(*keys)
    following = found[limit - 1].id if len(found) > limit else None
    found = found[:limit]
    pictures = files.of_owners("update", [row.id for row in found if row.files_count])
    bodies, helped = _bodies(found), _helped(found, view)
    return [_line(row, view, pictures.get(row.id, ()), bodies, helped, now) for row in found], following


@lru_cache(maxsize=64)
def _statement(gathered: bool, notes: bool, before: bool, limit: int) -> Statement[Update]:
    def build(case_id: UUID, *further: UUID) -> QuerySet[Update]:
        whose = Q(case_id=case_id)
        if gathered:
            whose |= Q(case_id=further[0], verb__in=_FOR_ALL)
        rows = Update.objects.filter(whose).select_related("organisation").order_by("-id")
        if not notes:
            rows = rows.exclude(audience=Update.Audience.STAFF)
            # What only an office needs to know leaves no gap in the page: it is not asked for.
            rows = rows.exclude(text="", verb__in=[verb for verb in Verb if verb not in SHOWN])
        return (rows.filter(id__lt=further[-1]) if before else rows)[:limit]

    return Statement(build)


def _helped(rows: Iterable[Update], view: CaseView) -> dict[UUID, str]:
    """For whom somebody acted, by line: the person's name, or that of a reporter who is not in the register."""
    by_helper = [row for row in rows if _for_another(row)]
    wanted = {row.on_behalf_of for row in by_helper if row.on_behalf_of is not None}
    names = dict(Person.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}
    reporter = view.reporter.name if view.reporter is not None else ""
    return {row.id: names.get(row.on_behalf_of, reporter) if row.on_behalf_of else reporter for row in by_helper}


def _for_another(row: Update) -> bool:
    if row.on_behalf_of is not None:
        return row.on_behalf_of != row.actor_id
    return row.verb == Verb.SUBMIT and "role" in row.data


def _bodies(rows: Iterable[Update]) -> dict[str, str]:
    """Names of the organisations to which something was given."""
    wanted = {UUID(row.data.get("lead") or row.data.get("co")) for row in rows if _one(row)}
    return {str(key): short or name for key, short, name in _NAMES(list(wanted))} if wanted else {}


_NAMES: Statement[tuple[UUID, str, str]] = Statement(
    lambda ids: Organisation.objects.filter(id__in=ids).values_list("id", "short_name", "name")
)


def _one(row: Update) -> bool:
    return isinstance(row.data.get("lead") or row.data.get("co"), str)


def _line(
    row: Update,
    view: CaseView,
    pictures: Iterable[files.Picture],
    bodies: dict[str, str],
    helped: dict[UUID, str],
    now: datetime,
) -> Line:
    access = view.access
    who = _who(row, view)
    named = who == "me" or access.names_speaker(row.actor_id, row.on_behalf_of)
    pictures = [one for one in pictures if named or one.purpose != "evidence"]
    photos = tuple(photo for picture in pictures if (photo := shown(picture, access, now)) is not None)
    return Line(
        id=row.id,
        verb=row.verb,
        state=row.state,
        at=row.occurred_at,
        who=who,
        organisation=_organisation(row, view, who),
        name=_name(row, access, who),
        text=_text(row, access, who),
        note=row.note if access.notes else "",
        data=row.data if access.notes or who == "me" else _harmless(row.data),
        to=bodies.get(str(row.data.get("lead") or row.data.get("co")), ""),
        helper=row.id in helped,
        for_name=helped.get(row.id, "") if named else "",
        role=str(row.data.get("role", "")) if row.id in helped else "",
        photos=photos,
        photos_kept_back=max(0, row.files_count - len(photos)),
    )


def _who(row: Update, view: CaseView) -> str:
    if row.actor_id == SYSTEM_ID:
        return "system"
    if row.actor_id in view.own_ids and row.actor_id != view.facts.worker:
        return "me"
    if row.actor_id in view.reporter_ids or (row.verb in _OF_RESIDENTS and row.on_behalf_of is None):
        return "resident"
    return "office" if row.organisation_id is not None else "resident"


def _organisation(row: Update, view: CaseView, who: str) -> str:
    if who not in {"office", "me"}:
        return ""
    if row.organisation is not None:
        return "" if who == "me" and row.verb in _OF_RESIDENTS else str(row.organisation)
    return view.lead.name if who == "office" and view.lead else ""


def _name(row: Update, access: Access, who: str) -> str:
    if who == "office":
        return row.actor_name if access.concerned else ""
    return row.actor_name if who == "resident" and access.names_speaker(row.actor_id, row.on_behalf_of) else ""


def _text(row: Update, access: Access, who: str) -> str:
    """Strangers read what offices answered, masked; what residents said is for those concerned."""
    if not access.concerned and (who != "office" or row.verb not in _SPOKEN_TO_ALL):
        return row.text if row.audience == Update.Audience.PUBLIC else ""
    if who == "resident" and row.actor_id in access.hidden:
        access = replace(access, reporter=False)
    return row.text if who == "me" else access.words(row.text, row.actor_name if who == "resident" else "")


def _harmless(data: dict[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("pool", "by_route", "outcome", "into") if key in data}


_OF_THE_ANSWER = frozenset({"before", "answer", "policy"})


def shown(picture: files.Picture, access: Access, now: datetime) -> Photo | None:
    """The picture for this viewer: all of them for those who may, the released form for everybody else.

    A paper that somebody signed shows their name, and a voice tells it: they are for those who may know the reporter.
    """
    if (picture.purpose == "evidence" or picture.is_voice) and not access.reporter:
        return None
    whole = access.photos or (access.answers and picture.purpose in _OF_THE_ANSWER)
    if picture.state == "refused" or (not whole and not picture.is_public):
        return None
    if picture.is_voice:
        # A voice is never public. A resident of the matter hears their own, the offices hear all.
        if not whole:
            return None
        href = files.link(picture, "original", now=now)
        return Photo(
            picture.id, "", href, picture.purpose, picture.name, None, None, True, False, True, picture.seconds
        )
    if picture.is_document:
        href = files.link(picture, "original", now=now) if whole else files.public_link(picture, "original")
        if not href:
            return None
        return Photo(picture.id, "", href, picture.purpose, picture.name, None, None, True, picture.is_public)
    address = (
        (lambda size: files.link(picture, size, now=now)) if whole else (lambda size: files.public_link(picture, size))
    )
    src, href = address("medium"), address("large")
    if not src and not whole:
        return None
    return Photo(picture.id, src, href, picture.purpose, "", picture.width, picture.height, False, picture.is_public)
