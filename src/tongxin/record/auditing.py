"""Reads of the record for those who audit it: what was done, by whom, to what, within their areas.

A list of everything is bounded by a day, one about a subject or an actor by that; each page reads on from a key. So its
cost grows with the entries of a day, a subject or an actor, never with the age of the installation.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tongxin.kernel.crypto import DecryptionFailed
from tongxin.kernel.errors import NotFound
from tongxin.kernel.times import local_day
from tongxin.record import rules
from tongxin.record.models import Entry, Head, PersonalPart, Seal
from tongxin.record.queries import Line, PublicSeal, line_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries. ``paths``: the auditor's areas; ``nowhere``: also those that lie in no area.

    ``subject``: (kind, id), kind empty for whatever has that id. ``readings``: readings of sensitive fields alone.
    """

    paths: tuple[str, ...]
    nowhere: bool = False
    day: date | None = None
    subject: tuple[str, UUID] | None = None
    actor_id: UUID | None = None
    verb: str = ""
    readings: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """Where a page ends: the next one goes on below."""

    recorded_at: datetime
    id: UUID


@dataclass(frozen=True, slots=True)
class Audited:
    """One entry with its place in the chain: ``newest`` is the number of the chain's last entry."""

    line: Line
    newest: int
    before_id: UUID | None
    after_id: UUID | None
    erased_reason: str
    seal: PublicSeal | None


def entries(wanted: Wanted, before: Key | None = None, limit: int = PAGE) -> tuple[list[Line], Key | None]:
    """Entries, newest first, and the key of the next page. One query.

    Personal parts stay closed, but for the reasons of readings: these are what an auditor weighs.
    """
    rows = Entry.objects.filter(_within(wanted))
    if wanted.subject is not None:
        kind, subject_id = wanted.subject
        rows = rows.filter(subject_id=subject_id, **({"subject_kind": kind} if kind else {}))
    if wanted.actor_id is not None:
        rows = rows.filter(actor_id=wanted.actor_id)
    if wanted.day is not None:
        start, end = rules.day_bounds(wanted.day)
        rows = rows.filter(recorded_at__gte=start, recorded_at__lt=end)
    if wanted.readings:
        rows = rows.filter(verb=rules.READ_VERB)
    elif wanted.verb:
        rows = rows.filter(verb=wanted.verb)
    if before is not None:
        # The first bound is what an index can go by.
        rows = rows.filter(recorded_at__lte=before.recorded_at).exclude(
            recorded_at=before.recorded_at, id__gte=before.id
        )
    found = [_shown(entry) for entry in _newest_first(rows)[: limit + 1]]
    more = len(found) > limit
    return found[:limit], Key(found[limit - 1].recorded_at, found[limit - 1].id) if more else None


def audited(wanted: Wanted, entry_id: UUID) -> Audited:
    """One entry within the auditor's areas. Raises NotFound. Four queries."""
    rows = Entry.objects.filter(_within(wanted))
    entry = rows.filter(pk=entry_id).select_related("personal_part").first()
    if entry is None:
        raise NotFound("There is no such entry.")
    chain = {"subject_kind": entry.subject_kind, "subject_id": entry.subject_id}
    beside = rows.filter(**chain, subject_seq__in=[entry.subject_seq - 1, entry.subject_seq + 1])
    found = dict(beside.values_list("subject_seq", "id"))
    newest = Head.objects.filter(**chain).values_list("seq", flat=True).first()
    part: PersonalPart | None = getattr(entry, "personal_part", None) if entry.personal_commit else None
    day = local_day(entry.recorded_at)
    return Audited(
        line=_shown(entry),
        newest=newest or 0,
        before_id=found.get(entry.subject_seq - 1),
        after_id=found.get(entry.subject_seq + 1),
        erased_reason=part.erased_reason if part is not None else "",
        seal=seals_of([day]).get(day),
    )


def seals_of(days: Iterable[date]) -> dict[date, PublicSeal]:
    """The seals of these days, where there are any. One query."""
    return {
        row.day: PublicSeal(row.day.isoformat(), row.count, row.root, row.prev_hash, row.hash, row.sealed_at)
        for row in Seal.objects.filter(day__in=set(days))
    }


def _within(wanted: Wanted) -> Q:
    found = Q(area_path="") if wanted.nowhere else Q(pk__in=[])
    for path in wanted.paths:
        found |= Q(area_path__startswith=path)
    return found


def _newest_first(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    return rows.select_related("personal_part").order_by("-recorded_at", "-id")


def _shown(entry: Entry) -> Line:
    try:
        return line_of(entry, with_personal=entry.verb == rules.READ_VERB)
    except (DecryptionFailed, ValueError):  # ``verify`` says so; the page goes on
        return line_of(entry, with_personal=False)
