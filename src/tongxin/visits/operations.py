"""The verbs of visits: share out households, set a rhythm, write down a visit, sign its form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from tongxin.files.operations import Upload, stage
from tongxin.files.rules import Purpose
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_text
from tongxin.kernel.times import local_day
from tongxin.people.models import Household
from tongxin.people.queries.areas import current
from tongxin.places.models import Area
from tongxin.record.operations import Draft, append_entries
from tongxin.visits import rules
from tongxin.visits.models import AreaRhythm, Assignment, EstateStanding, Matter, Visit, VisitTally
from tongxin.visits.queries.rounds import PLACE, members_of, rhythm_of, traits_of, visitors_at
from tongxin.visits.rules import Outcome, Rhythm, Signature

MOST_AT_ONCE = 600
_STEP = 500


@dataclass(frozen=True, slots=True)
class Filled:
    """A visit form as it was filled in. ``once`` is its key; ``matters`` how many matters go with it."""

    once: UUID
    assignment_id: UUID
    outcome: str
    text: str = ""
    consent: bool = False
    same_day: bool = False
    occurred_at: datetime | None = None
    matters: int = 0
    signature: Upload | None = None
    on_paper: bool = False


def share_out(actor: Actor, households: Sequence[UUID], visitors: Sequence[UUID], now: datetime) -> int:
    """Share households out among visitors, evenly and so that neighbours stay together; how many were given.

    Needs ``visit.plan`` where each lies. Whoever visited one until now is relieved of it; one who keeps it keeps its
    history. Errors: :class:`Invalid` by field, NotAllowed.
    """
    today = local_day(now)
    rows = _households(households, now)
    for path in _paths(rows):
        actor.require("visit.plan", path)
    known = {one.id: one for path in _paths(rows) for one in visitors_at(path, now)}
    if not visitors or set(visitors) - known.keys():
        raise Invalid("Choose who is to visit.", field="visitors", code="no-visitors")
    with transaction.atomic():
        before = _running(rows)
        loads = {key: known[key].households for key in visitors}
        for kept in before.values():
            if kept.visitor_id in loads:
                loads[kept.visitor_id] -= 1
        shares = rules.divide(len(rows), loads)
        members = members_of([row.pk for row in rows], today)
        wanted = {
            rows[index].pk: _not_at_home(key, visitors, [one.person_id for one in members[rows[index].pk]])
            for key, share in shares.items()
            for index in share
        }
        given = give(rows, wanted, now)
        append_entries([_shared(actor, visitor, path, keys) for (visitor, path), keys in given.items()], now=now)
    return sum(len(keys) for keys in given.values())


def give(rows: Sequence[Household], wanted: Mapping[UUID, UUID], now: datetime) -> dict[tuple[UUID, str], list[UUID]]:
    """Give households to the visitors wanted for them, in the caller's transaction, whose entry tells of it: the households
    that changed hands, by visitor and estate's path. For :func:`share_out` and the import."""
    today, before = local_day(now), _running(rows)
    members = members_of([row.pk for row in rows], today)
    rhythms = {path: rhythm_of(path) for path in _paths(rows)}
    made, given = [], defaultdict(list)
    for row in rows:
        old = before.get(row.pk)
        if old is not None and old.visitor_id == wanted[row.pk]:
            continue
        made.append(_assignment(row, wanted[row.pk], old, members, rhythms, now))
        given[wanted[row.pk], row.home.unit.building.estate.path].append(row.pk)
    ended = [before[one.household_id].pk for one in made if one.household_id in before]
    Assignment.objects.filter(pk__in=ended).update(until=today)
    Assignment.objects.bulk_create(made, batch_size=_STEP)
    for estate_id in sorted({one.estate_id for one in made}):
        _count(estate_id, now)
    return given


def _count(estate_id: UUID, now: datetime) -> None:
    """How an estate stands today, counted by index and kept for the figures, which then read one row an estate.

    The row is locked before it is counted, so that of two who count at once the later one sees what the first one did.
    """
    today = local_day(now)
    EstateStanding.objects.get_or_create(estate_id=estate_id, defaults={"counted_on": today})
    row = EstateStanding.objects.select_for_update().get(pk=estate_id)
    running = Assignment.objects.filter(estate=estate_id, until=None)
    row.households, row.missed = running.count(), running.filter(due_on__lt=today).count()
    row.counted_on = today
    row.save()


def count_due(now: datetime, limit: int = 50) -> int:
    """Count the estates that were not counted today: what is due changes at midnight. How many; for the ticker."""
    stale = EstateStanding.objects.filter(counted_on__lt=local_day(now)).order_by("counted_on", "pk")
    keys = list(stale.values_list("pk", flat=True)[:limit])
    for key in keys:
        with transaction.atomic():
            _count(key, now)
    return len(keys)


def _running(rows: Sequence[Household]) -> dict[UUID, Assignment]:
    """Who visits the households now, locked."""
    locked = Assignment.objects.select_for_update().filter(until=None, household__in=[row.pk for row in rows])
    return {row.household_id: row for row in locked.order_by("pk")}


def _paths(rows: Sequence[Household]) -> set[str]:
    return {row.home.unit.building.estate.path for row in rows}


def _households(ids: Sequence[UUID], now: datetime) -> list[Household]:
    """The households in the order of their addresses."""
    if not ids or len(ids) > MOST_AT_ONCE:
        raise Invalid("Choose between one and six hundred households.", field="households", code="no-households")
    building = "home__unit__building"
    rows = Household.objects.filter(current(local_day(now)), pk__in=list(ids)).select_related(f"{building}__estate")
    order = (f"{building}__estate__path", f"{building}__sort_key", "home__unit__sort_key", "home__sort_key", "pk")
    found = list(rows.order_by(*order))
    if len(found) != len(set(ids)):
        raise NotFound("There is no such household.", code="no-household")
    return found


def _not_at_home(visitor: UUID, visitors: Sequence[UUID], living: Sequence[UUID]) -> UUID:
    """The visitor, or the next one where they would visit their own home."""
    found = next((one for one in (visitor, *visitors) if one not in living), None)
    if found is None:
        raise Invalid("Nobody visits their own home; choose one more visitor.", field="visitors", code="own-home")
    return found


def _assignment(
    row: Household,
    visitor: UUID,
    old: Assignment | None,
    members: Mapping[UUID, Any],
    rhythms: Mapping[str, Rhythm],
    now: datetime,
) -> Assignment:
    estate = row.home.unit.building.estate
    rhythm, traits = rhythms[estate.path], traits_of(row.traits, members[row.pk])
    since, met = local_day(now), old.last_met_on if old is not None else None
    return Assignment(
        id=uuid7(now),
        visitor_id=visitor,
        household=row,
        estate=estate,
        since=since,
        special=bool(rhythm.special & traits),
        due_on=old.due_on if old is not None else rules.due_on(since, met, rhythm.days_for(traits)),
        last_met_on=met,
        last_outcome=old.last_outcome if old is not None else "",
        tries=old.tries if old is not None else 0,
    )


def _shared(actor: Actor, visitor: UUID, path: str, households: list[UUID]) -> Draft:
    return Draft(
        actor=actor,
        verb="visits.shared_out",
        subject=("visitor", visitor),
        area_path=path,
        data={"households": [str(key) for key in households]},
    )


def set_rhythm(actor: Actor, area_id: UUID, rhythm: Rhythm, now: datetime) -> None:
    """Say how often the households of an area are visited; needs ``visit.plan`` there. What is due is counted anew."""
    rules.check_rhythm(rhythm)
    area = Area.objects.filter(pk=area_id, valid_until=None).first()
    if area is None:
        raise NotFound("There is no such area.", code="no-area")
    actor.require("visit.plan", area.path)
    values = {
        "every_days": rhythm.every_days,
        "special_days": rhythm.special_days,
        "special": sorted(rhythm.special),
    }
    with transaction.atomic():
        row = AreaRhythm.objects.filter(area=area).first()
        if row is not None and values == {name: getattr(row, name) for name in values}:
            return
        AreaRhythm.objects.update_or_create(area=area, defaults=values)
        draft = Draft(
            actor=actor, verb="visits.rhythm_set", subject=("area", area.pk), area_path=area.path, data=values
        )
        append_entries([draft], now=now)
        _count_anew(area, now)


def _count_anew(area: Area, now: datetime) -> None:
    """What is due in an area, by the rhythms as they are now. In steps of five hundred, so that memory is bounded."""
    after, today, kept = UUID(int=0), local_day(now), dict[str, Rhythm]()
    while True:
        rows = Assignment.objects.filter(until=None, estate__path__startswith=area.path, pk__gt=after)
        chunk = list(rows.select_related(PLACE).order_by("pk")[:_STEP])
        if not chunk:
            break
        after = chunk[-1].pk
        members = members_of([row.household_id for row in chunk], today)
        for row in chunk:
            path = row.household.home.unit.building.estate.path
            if path not in kept:
                kept[path] = rhythm_of(path)
            rhythm = kept[path]
            traits = traits_of(row.household.traits, members[row.household_id])
            row.special = bool(rhythm.special & traits)
            row.due_on = rules.due_on(row.since, row.last_met_on, rhythm.days_for(traits))
        Assignment.objects.bulk_update(chunk, ["special", "due_on"])
    for key in (
        EstateStanding.objects.filter(estate__path__startswith=area.path).order_by("pk").values_list("pk", flat=True)
    ):
        _count(key, now)


def record_visit(actor: Actor, filled: Filled, now: datetime) -> tuple[Visit, bool]:
    """Write a visit down; the visit, and whether this wrote it. Only who visits the household may.

    The same key by the same visitor again gives back what was written then, and changes nothing: a copy that waited on the
    phone may be sent twice. Errors: :class:`Invalid` by field, NotFound, Conflict if the key is somebody else's.
    """
    with transaction.atomic():
        row = _own(actor, filled.assignment_id)
        made = Visit.objects.filter(once=filled.once).first()
        if made is not None:
            if made.visitor_id != actor.person_id or made.household_id != row.household_id:
                raise Conflict("This was sent before. Please begin a new visit.", code="sent-before")
            return made, False
        if row.until is not None:
            raise NotFound("This household is not on your list.", code="no-round")
        estate = row.household.home.unit.building.estate
        actor.require("visit.make", estate.path)
        visit = _visit(row, estate, filled, now)
        files, stored = _signature(actor, visit, estate.path, filled.signature, now)
        draft = Draft(
            actor=actor,
            verb="visit.made",
            subject=("visit", visit.pk),
            area_path=estate.path,
            data={
                "household": str(row.household_id), "outcome": visit.outcome, "consent": visit.consent,
                "same_day": visit.same_day, "matters": filled.matters, "signature": visit.signature,
            },
            personal={"text": visit.text} if visit.text else None,
            occurred_at=visit.occurred_at,
            new=True,
        )  # fmt: skip
        append_entries([draft, *stored], now=now, beside=[visit, *files])
        _move_on(row, visit, estate.path)
        _count(estate.pk, now)
        _tally(visit, {visit.outcome: 1, **({"matter": filled.matters} if filled.matters else {})})
    return visit, True


def _own(actor: Actor, assignment_id: UUID) -> Assignment:
    """The assignment, locked; also one that has ended, for copies that arrive late."""
    rows = Assignment.objects.select_for_update(of=("self",)).select_related(PLACE)
    row = rows.filter(pk=assignment_id, visitor=actor.person_id).first() if actor.person_id is not None else None
    if row is None:
        raise NotFound("This household is not on your list.", code="no-round")
    return row


def _visit(row: Assignment, estate: Area, filled: Filled, now: datetime) -> Visit:
    if filled.outcome not in set(Outcome):
        raise Invalid("Say what came of it.", field="outcome", code="outcome-missing")
    met = filled.outcome == Outcome.MET
    text = clean_text(filled.text, 2000)
    if filled.matters and not met:
        raise Invalid("A matter is told by somebody whom you met.", field="outcome", code="nobody-told")
    if filled.matters and not filled.consent:
        raise Invalid("Ask whether you may file it in their name.", field="consent", code="no-consent")
    if filled.matters > rules.MOST_MATTERS:
        raise Invalid("At most three matters go with one visit.", field="matters", code="too-many-matters")
    if met and not text and not filled.matters:
        raise Invalid("Write in a line what you talked about.", field="text", code="text-missing")
    paper = Signature.PAPER if filled.on_paper else Signature.NONE
    return Visit(
        id=uuid7(now),
        once=filled.once,
        assignment=row,
        visitor_id=row.visitor_id,
        household_id=row.household_id,
        estate=estate,
        outcome=filled.outcome,
        text=text,
        consent=filled.consent,
        same_day=filled.same_day and filled.matters > 0,
        signature=Signature.SCREEN if filled.signature is not None else paper,
        occurred_at=rules.check_when(filled.occurred_at, now),
        recorded_at=now,
    )


def _signature(
    actor: Actor, visit: Visit, path: str, upload: Upload | None, now: datetime
) -> tuple[list[Any], list[Draft]]:
    if upload is None:
        return [], []
    owner = ("visit", visit.pk)
    return stage(actor=actor, uploads=[upload], purpose=Purpose.EVIDENCE, owner=owner, area_path=path, now=now)


def _move_on(row: Assignment, visit: Visit, path: str) -> None:
    """What the visit means for the list. One that was sent late does not undo a later one."""
    day = local_day(visit.occurred_at)
    if row.last_met_on is not None and day < row.last_met_on:
        return
    row.last_outcome = visit.outcome
    if visit.outcome == Outcome.MET:
        members = members_of([row.household_id], day)[row.household_id]
        days = rhythm_of(path).days_for(traits_of(row.household.traits, members))
        row.last_met_on, row.tries = day, 0
        row.due_on = rules.due_on(row.since, day, days)
    else:
        row.tries += 1
    row.save(update_fields=["last_outcome", "last_met_on", "tries", "due_on"])


def _tally(visit: Visit, amounts: Mapping[str, int]) -> None:
    for kind, amount in amounts.items():
        row, made = VisitTally.objects.get_or_create(
            estate_id=visit.estate_id, day=local_day(visit.occurred_at), kind=kind, defaults={"amount": amount}
        )
        if not made:
            VisitTally.objects.filter(pk=row.pk).update(amount=F("amount") + amount)


def tie_matters(actor: Actor, visit: Visit, cases: Iterable[tuple[UUID, UUID, str]], now: datetime) -> None:
    """Note which cases a visit's matters became, as (person, case, number), in the transaction that made both."""
    rows = [
        Matter(id=uuid7(now), visit=visit, row=place, person_id=person, case_id=case, number=number)
        for place, (person, case, number) in enumerate(cases)
    ]
    if rows:
        Matter.objects.bulk_create(rows)
        draft = Draft(
            actor=actor,
            verb="visit.matters_filed",
            subject=("visit", visit.pk),
            area_path=visit.estate.path,
            data={"cases": [str(row.case_id) for row in rows]},
        )
        append_entries([draft], now=now)


def attach_form(
    actor: Actor, visit_id: UUID, picture: Upload, now: datetime, *, on: Signature = Signature.PAPER
) -> None:
    """Keep what the household signed: the form on paper, photographed or scanned, or what was drawn on the screen. Who made
    the visit may, and who plans visits there."""
    with transaction.atomic():
        visit = Visit.objects.select_for_update(of=("self",)).select_related("estate").filter(pk=visit_id).first()
        if visit is None:
            raise NotFound("There is no such visit.", code="no-visit")
        path = visit.estate.path
        if visit.visitor_id != actor.person_id and not actor.may("visit.plan", path):
            raise NotAllowed("You have no permission for this here.", code="no-permission", permission="visit.plan")
        rows, stored = _signature(actor, visit, path, picture, now)
        visit.signature = on
        visit.save(update_fields=["signature"])
        draft = Draft(
            actor=actor, verb="visit.form_signed", subject=("visit", visit_id), area_path=path, data={"on": str(on)}
        )
        append_entries([draft, *stored], now=now, beside=rows)


def note_taken(actor: Actor, area_id: UUID, rows: int, now: datetime) -> None:
    """Put on the record who took the list of an area's missed homes away, and how many rows of it. ``visit.read``."""
    area = Area.objects.filter(pk=area_id).first()
    if area is None:
        raise NotFound("There is no such area.", code="no-area")
    actor.require("visit.read", area.path)
    with transaction.atomic():
        draft = Draft(
            actor=actor, verb="visits.exported", subject=("export", uuid7(now)), area_path=area.path, new=True,
            data={"rows": rows},
        )  # fmt: skip
        append_entries([draft], now=now)
