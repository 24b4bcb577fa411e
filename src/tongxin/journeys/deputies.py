"""Deputies' action: what a resident said becomes a suggestion, which is a case; what the deputy says of the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases.operations import suggestions as cases
from tongxin.cases.operations.submit import Report
from tongxin.cases.queries.suggestions import filed_already
from tongxin.deputies import operations
from tongxin.deputies import queries as deputies
from tongxin.deputies.queries import Seat
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid, NotFound
from tongxin.notifications.operations import tell


def tell_my_deputy(
    actor: Actor, seat_id: UUID, *, text: str, named: bool, once: UUID | None = None, now: datetime
) -> None:
    """A resident tells their deputy something; the deputy is told that it came. Errors: as for ``tell_deputy``."""
    with transaction.atomic():
        row = operations.tell_deputy(actor, seat_id, text=text, named=named, once=once, now=now)
        seat = deputies.seat(seat_id, now)
        tell(
            [seat.person_id],
            kind="opinion",
            message="Somebody has told you something as their deputy.",
            params={},
            subject=("opinion", row.pk),
            link="/desk/deputy/",
            key=f"opinion:{row.pk}",
            now=now,
        )


def set_opinion_aside(actor: Actor, opinion_id: UUID, *, reason: str, now: datetime) -> None:
    """A deputy does not take an opinion up; who said it reads why. Errors: as for ``set_aside``."""
    with transaction.atomic():
        row = operations.set_aside(actor, opinion_id, reason=reason, now=now)
        tell(
            [row.person_id] if row.person_id else [],
            kind="opinion",
            message="%(who)s makes no suggestion of what you said: %(reason)s",
            params={"who": actor.name, "reason": row.set_aside_reason},
            subject=("opinion", row.pk),
            link="/deputies/",
            key=f"opinion-aside:{row.pk}",
            now=now,
        )


def file_suggestion(
    actor: Actor,
    seat_id: UUID,
    *,
    opinions: Sequence[UUID],
    title: str,
    text: str,
    category: str,
    once: UUID | None = None,
    now: datetime,
) -> str:
    """A deputy files a suggestion out of opinions: a case at the level that elected them. Returns its number.

    Everyone whose opinion is in it is told, and asked about the answer beside the deputy. Errors: as for
    ``cases.operations.suggestions.file_suggestion`` and ``lock_opinions``; the same ``once`` files once.
    """
    with transaction.atomic():
        made = filed_already(actor, once)
        if made:
            return made
        seat = _own(actor, seat_id, now)
        rows = operations.lock_opinions(actor, opinions, now)
        if not title.strip():
            raise Invalid("Give it a title.", field="title")
        people = {row.person_id: not row.named for row in rows if row.person_id is not None}
        report = Report(text=text, title=title, category=category, area_id=seat.area_id, once=once)
        case = cases.file_suggestion(actor, report, people, now)
        operations.make_suggestion(actor, seat_id, case.pk, case.number, title=case.title, opinions=rows, now=now)
        tell(
            [key for key in people if key != actor.person_id],
            kind="suggestion",
            message="Your deputy %(who)s suggests what you said: %(title)s (%(number)s). The answer comes to you too.",
            params={"who": actor.name, "title": case.title, "number": case.number},
            subject=("suggestion", case.pk),
            link=f"/cases/{case.number}/",
            key=f"suggestion:{case.pk}",
            now=now,
        )
    return str(case.number)


def _own(actor: Actor, seat_id: UUID, now: datetime) -> Seat:
    for seat in deputies.seats_of(actor, now):
        if seat.id == seat_id:
            return seat
    raise NotFound("There is no such deputy in office.", code="no-deputy")


def judge(actor: Actor, number: str, *, grade: str, reason: str = "", now: datetime) -> None:
    """The deputy's word on the answer. Errors: as for ``cases.operations.suggestions.judge_suggestion``."""
    cases.judge_suggestion(actor, deputies.suggestion(number).case_id, now, grade=grade, reason=reason)


def find_complex(actor: Actor, number: str, *, reason: str, now: datetime) -> None:
    """The level's office takes the longer limit. Errors: as for ``cases.operations.suggestions.judge_complex``."""
    cases.judge_complex(actor, deputies.suggestion(number).case_id, now, reason=reason)
