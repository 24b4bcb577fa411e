"""To hear an opinion, to set it aside, to gather several into a suggestion. Cases and notices meet it in the journey."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.deputies import queries, rules
from tongxin.deputies.models import Opinion, Suggestion
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.people.queries.contacts import known_by_name_and_phone
from tongxin.people.rules.trust import require_level
from tongxin.record.operations import Draft, append_entries


@transaction.atomic
def tell_deputy(
    actor: Actor, seat_id: UUID, *, text: str, named: bool, once: UUID | None = None, now: datetime
) -> Opinion:
    """A resident tells a deputy in office something, on the deputy's public page. The same ``once`` tells once.

    Takes the level of ``opinion.tell``. Raises :class:`NotFound` for nobody in office, :class:`Invalid` for no words.
    """
    require_level(actor, "opinion.tell")
    if actor.person_id is None:
        raise Invalid("A person asks for this, not a programme.", code="no-person")
    seat = queries.seat(seat_id, now)
    row = Opinion(
        id=uuid7(now), seat_id=seat.id, person_id=actor.person_id, named=named, way=rules.Way.PAGE,
        text=rules.opinion_text(text), area_id=seat.area_id, occurred_at=now, recorded_at=now, once=once,
    )  # fmt: skip
    return _kept(actor, row, seat.area_path, now)


@transaction.atomic
def note_opinion(
    actor: Actor,
    seat_id: UUID,
    *,
    text: str,
    way: str,
    phone: str = "",
    said_by: str = "",
    named: bool = False,
    area_id: UUID | None = None,
    occurred_at: datetime | None = None,
    once: UUID | None = None,
    now: datetime,
) -> Opinion:
    """A deputy writes down what somebody said. Name and ``phone`` that the register knows together make it the resident's
    own, who is then told what becomes of it; the number itself is not kept, and nothing says whether it was known.

    Only in one's own seat. Raises :class:`Invalid` naming the field.
    """
    seat = _own_seat(actor, seat_id, now)
    actor.require("deputy.act", seat.area_path)
    area = queries.area_of(area_id or seat.area_id)
    if area is None or not area.path.startswith(seat.area_path):
        raise Invalid("Choose a place in the area that elected you.", field="area")
    if occurred_at is not None and occurred_at > now:
        raise Invalid("This day has not come yet.", field="occurred_on")
    person = known_by_name_and_phone(said_by, phone) if phone.strip() else None
    row = Opinion(
        id=uuid7(now), seat_id=seat.id, person_id=person, said_by="" if person else clean_line(said_by, 60), named=named,
        way=rules.heard_way(way), text=rules.opinion_text(text), area=area, occurred_at=occurred_at or now,
        recorded_at=now, once=once,
    )  # fmt: skip
    return _kept(actor, row, area.path, now)


def _own_seat(actor: Actor, seat_id: UUID, now: datetime) -> queries.Seat:
    for seat in queries.seats_of(actor, now):
        if seat.id == seat_id:
            return seat
    raise NotFound("There is no such deputy in office.", code="no-deputy")


def _kept(actor: Actor, row: Opinion, area_path: str, now: datetime) -> Opinion:
    made = Opinion.objects.filter(once=row.once).first() if row.once is not None else None
    if made is not None:
        if (made.seat_id, made.text) != (row.seat_id, row.text):
            raise Conflict("This was sent before. Please begin anew.", code="sent-before")
        return made
    row.save(force_insert=True)
    draft = Draft(
        actor=actor, verb="opinion.hear", subject=("opinion", row.pk), area_path=area_path, data={"way": row.way},
        personal={"text": row.text, "said_by": row.said_by}, occurred_at=row.occurred_at,
        state=queries.opinion_state(row), new=True,
    )  # fmt: skip
    append_entries([draft], now=now)
    return row


@transaction.atomic
def set_aside(actor: Actor, opinion_id: UUID, *, reason: str, now: datetime) -> Opinion:
    """The deputy does not take an opinion up, with the reason that the person reads."""
    row = _locked(actor, [opinion_id], now)[0]
    row.set_aside_reason, row.set_aside_at = rules.why(reason), now
    row.save(update_fields=["set_aside_reason", "set_aside_at"])
    _moved(actor, [row], "opinion.set_aside", now)
    return row


@transaction.atomic
def lock_opinions(actor: Actor, opinion_ids: Sequence[UUID], now: datetime) -> list[Opinion]:
    """The deputy's own opinions that are to be gathered, under their lock. Raises :class:`Invalid` for none or too many."""
    wanted = list(dict.fromkeys(opinion_ids))
    if not 0 < len(wanted) <= rules.MOST_OPINIONS:
        raise Invalid("Choose from one to 200 opinions.", field="opinions")
    return _locked(actor, wanted, now)


def _locked(actor: Actor, ids: Sequence[UUID], now: datetime) -> list[Opinion]:
    mine = [seat.id for seat in queries.seats_of(actor, now)]
    rows = list(
        Opinion.objects.select_for_update(of=("self",))
        .select_related("area")
        .filter(pk__in=ids, seat__in=mine)
        .order_by("id")
    )
    if len(rows) != len(ids):
        raise NotFound("There is no such opinion.", code="no-opinion")
    for row in rows:
        actor.require("deputy.act", row.area.path)
        rules.check_open(gathered=row.suggestion_id is not None, set_aside=row.set_aside_at is not None)
    return rows


@transaction.atomic
def make_suggestion(
    actor: Actor, seat_id: UUID, case_id: UUID, number: str, *, title: str, opinions: Sequence[Opinion], now: datetime
) -> Suggestion:
    """Write down whose suggestion a case is, and out of which opinions. ``opinions``: as :func:`lock_opinions` gave them."""
    seat = _own_seat(actor, seat_id, now)
    actor.require("deputy.act", seat.area_path)
    row = Suggestion.objects.create(
        id=uuid7(now), case_id=case_id, number=number, seat_id=seat.id, deputy_id=seat.person_id, deputy_title=seat.title,
        area_id=seat.area_id, area_path=seat.area_path, session=rules.session_of(now), title=title, filed_at=now,
    )  # fmt: skip
    append_entries(
        [
            Draft(
                actor=actor, verb="suggestion.file", subject=("suggestion", row.pk), area_path=seat.area_path,
                data={"case": str(case_id), "opinions": len(opinions)}, state=queries.suggestion_state(row), new=True,
            )
        ],
        now=now,
    )  # fmt: skip
    for opinion in opinions:
        opinion.suggestion = row
    Opinion.objects.bulk_update(opinions, ["suggestion"])
    _moved(actor, opinions, "opinion.gather", now)
    return row


def _moved(actor: Actor, rows: Sequence[Opinion], verb: str, now: datetime) -> None:
    drafts = [
        Draft(
            actor=actor, verb=verb, subject=("opinion", row.pk), area_path=row.area.path, data={},
            personal={"reason": row.set_aside_reason} if row.set_aside_reason else None,
            state=queries.opinion_state(row),
        )
        for row in rows
    ]  # fmt: skip
    append_entries(drafts, now=now)
