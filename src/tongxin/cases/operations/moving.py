"""An area came under another one: its cases follow with all that is kept of where they lie.

A case carries the path and the codes of its areas, so that lists and searches read one index; the record commits to the
path. Moving the area therefore rewrites them, open and closed cases alike, and leaves an entry in the chain of each. The
figures of the areas above follow as well: a figure opens the list of what it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, Substr

from tongxin.cases import rules, search
from tongxin.cases.models import LINEAGE, Assignment, CallBack, Case, SearchText, Tally, TallyDelta
from tongxin.cases.operations import notices
from tongxin.cases.operations.base import Said, open_case, step
from tongxin.cases.operations.due import add_to_tallies
from tongxin.cases.queries.offices import standing
from tongxin.cases.queries.raised import DEPTH, RAISED
from tongxin.cases.queries.state import case_state
from tongxin.cases.rules import Verb
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Conflict
from tongxin.kernel.text import N_
from tongxin.places.models import Area
from tongxin.places.queries import below
from tongxin.places.rules import codes_of, depth_of, lineage_paths
from tongxin.record.operations import Draft, append_entries

PERMISSION = "places.manage"
BATCH = 500
MOVED = "area-moved"  # a note of the house: the page has the words
_NAMED = 3


@transaction.atomic
def follow_area(actor: Actor, old_path: str, new_path: str, now: datetime, *, most: int | None = None) -> int:
    """Take the cases of an area that was moved from ``old_path`` to ``new_path`` along; how many there are.

    Both paths are of one depth. One transaction with the move itself, so that nobody meets a case that lies nowhere;
    cost: the cases of the area, some two thousand a second. Needs ``places.manage`` there. Raises Conflict while an open
    case waits for the word of an office above that the area leaves, which would lose it unseen, or goes with a common
    matter that stays behind, or there are more than ``most``. The move has locked the areas: no report comes in between.
    """
    actor.require(PERMISSION, new_path)
    depth = depth_of(old_path)
    code = codes_of(old_path)[-1]
    inside = Q(**{LINEAGE[depth]: code}) & below(old_path, "area_path")
    _refuse_too_many(inside, most, code, codes_of(new_path)[-2])
    ids = _lock(inside)
    _refuse_what_waits_above(inside, old_path, new_path)
    _refuse_what_is_gathered_outside(inside)
    _rewrite(inside, old_path, new_path)
    for start in range(0, len(ids), BATCH):
        _tell(actor, ids[start : start + BATCH], {"from": old_path, "to": new_path}, now)
    for table in (Assignment, CallBack):
        _repath(
            table.objects.filter(below(old_path, "area_path"), **{f"case__{LINEAGE[depth]}": code}), old_path, new_path
        )
    _carry_figures(old_path, new_path)
    _tell_desks_of_strangers(Q(**{f"case__{LINEAGE[depth]}": code}) & below(new_path, "case__area_path"), now)
    return len(ids)


def _refuse_too_many(inside: Q, most: int | None, code: str, under: str) -> None:
    """A page does not keep somebody waiting for minutes, nor its worker: the server's command line does it."""
    if most is not None and Case.objects.filter(inside)[: most + 1].count() > most:
        raise Conflict(
            "This area has more than %(most)d matters, too many for a page. "
            "Whoever runs the server moves it with: tongxin area move %(moved)s --under %(under)s",
            code="too-many-matters",
            most=most,
            moved=code,
            under=under,
        )


def _lock(inside: Q) -> list[UUID]:
    """Lock the cases; their ids. What others are gathered into comes first, as in ``open_case``, so that nobody deadlocks."""
    rows = Case.objects.select_for_update().order_by("id").values_list("id", flat=True)
    gathering = Case.objects.filter(inside, parent__isnull=False).values("parent")
    list(rows.filter(inside, Q(kind=Case.Kind.COMMON) | Q(pk__in=gathering)))
    return list(rows.filter(inside))


def _refuse_what_waits_above(inside: Q, old_path: str, new_path: str) -> None:
    """What was raised to the county stays with the county; what was raised to the street that is left holds it back."""
    left = _left(old_path, new_path)
    waiting = Case.objects.filter(inside, RAISED, open=True).annotate(decided_at_depth=DEPTH)
    depths = [depth_of(path) for path in left]
    held = waiting.filter(decided_at_depth__in=depths).order_by("id").values_list("number", flat=True)
    if numbers := _named(held):
        raise Conflict(
            "These matters wait for an office above that the area would leave. Let it decide first: %(numbers)s",
            code="matters-wait-above",
            numbers=numbers,
        )


def _refuse_what_is_gathered_outside(inside: Q) -> None:
    """A case goes the way of the common matter it was gathered into, which must lie where its desk can see both."""
    gathered = Case.objects.filter(inside, state__in=(rules.State.MERGED, rules.State.AWAITING), parent__open=True)
    common = Case.objects.filter(pk__in=gathered.values("parent")).exclude(inside)
    if numbers := _named(common.order_by("id").values_list("number", flat=True)):
        raise Conflict(
            "These common matters stay behind and have gathered matters of the area. "
            "Close them or take those out first: %(numbers)s",
            code="matters-gathered-outside",
            numbers=numbers,
        )


def _named(numbers: QuerySet[Any, str]) -> str:
    """The first of these numbers, for a message."""
    found = list(numbers[: _NAMED + 1])
    return "、".join(found[:_NAMED]) + ("…" if len(found) > _NAMED else "")


def _tell_desks_of_strangers(inside: Q, now: datetime) -> None:
    """Open cases stay with whoever has them; where that body has nothing to do with the new place, the desk there is told."""
    held = Assignment.objects.filter(inside, ended_at=None, organisation__isnull=False, case__open=True)
    strange: set[UUID] = set()
    for organisation, path in set(held.values_list("organisation_id", "case__area_path")):
        found = standing(organisation, path, now) if organisation is not None else None
        if found is None or not found.near:
            theirs = held.filter(organisation=organisation, case__area_path=path)
            strange.update(theirs.values_list("case_id", flat=True))
    for case_id in sorted(strange):
        opened = open_case(SYSTEM, case_id, now)
        opened.parties |= {rules.Party.DESK}
        said = Said(note=MOVED, audience="staff", data={"because": MOVED})
        update = step(opened, Verb.NOTE, {"text": MOVED}, said)
        notices.tell_desk(opened, update, N_("The area moved; please dispatch anew: %(title)s (%(number)s)"))


def _left(old_path: str, new_path: str) -> list[str]:
    """The areas above the old place that are not above the new one."""
    stays = set(lineage_paths(new_path))
    return [path for path in lineage_paths(old_path)[:-1] if path not in stays]


def _rewrite(inside: Q, old_path: str, new_path: str) -> None:
    """Paths, codes and search tokens of all cases at once: they begin with those of the areas, from the top down."""
    old, new = codes_of(old_path), codes_of(new_path)
    was, is_now = search.area_tokens(old), search.area_tokens(new)
    texts = SearchText.objects.filter(case__in=Case.objects.filter(inside), body__startswith=was)
    texts.update(body=Concat(Value(is_now), Substr(F("body"), len(was) + 1)))
    Case.objects.filter(inside).update(
        area_path=_with(new_path, old_path), **dict(zip(LINEAGE, new[:-1], strict=False))
    )


def _tell(actor: Actor, ids: Sequence[UUID], data: dict[str, str], now: datetime) -> None:
    """An entry in the chain of each case, with its row as it is now."""
    append_entries(
        [
            Draft(actor, "case.area_moved", ("case", case.pk), case.area_path, data=data, state=case_state(case))
            for case in Case.objects.filter(pk__in=ids).order_by("id")
        ],
        now=now,
    )


def _with(new_path: str, old_path: str) -> Concat:
    return Concat(Value(new_path), Substr(F("area_path"), len(old_path) + 1))


def _repath(rows: Any, old_path: str, new_path: str) -> None:
    """Begin the paths with the new one, in one statement."""
    rows.update(area_path=_with(new_path, old_path))


def _carry_figures(old_path: str, new_path: str) -> None:
    """Take the area's figures from those above whom it left and give them to those above whom it came to.

    What is written and not folded yet is locked first: whoever folds it now is done before we read, or leaves it to us.
    """
    waiting = TallyDelta.objects.filter(below(old_path, "area_path"))
    list(waiting.select_for_update().values_list("id", flat=True))
    left, come_to = _left(old_path, new_path), _left(new_path, old_path)
    areas = dict(Area.objects.filter(path__in=[*left, *come_to], valid_until=None).values_list("path", "id"))
    totals: dict[Any, int] = {}
    for row in Tally.objects.filter(area__path=new_path, area__valid_until=None).iterator(chunk_size=2000):
        for paths, sign in ((left, -1), (come_to, 1)):
            totals |= {(areas[path], row.day, row.kind): sign * row.amount for path in paths if path in areas}
    if totals:
        add_to_tallies(totals)
    _repath(waiting, old_path, new_path)
