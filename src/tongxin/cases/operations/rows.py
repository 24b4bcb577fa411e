"""Changes of a case's rows that belong to a step: the step's entry commits to them, then they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Model

from tongxin.cases.models import Assignment, Petition
from tongxin.cases.queries.rows import KINDS, key_of, row_digest, row_words
from tongxin.cases.rules import CaseFacts, State

if TYPE_CHECKING:
    from tongxin.cases.operations.base import Opened


@dataclass(slots=True)
class Staged:
    """A row with what the next step changes of it."""

    row: Model
    changes: dict[str, Any] = field(default_factory=dict)
    make: bool = False


def stage(opened: Opened, row: Model, *, make: bool = False, **changes: Any) -> None:
    """Let the next step's entry tell of the row as it is after ``changes``; the step writes them, if it is lawful.

    ``make``: the row is not in the database yet. Fields by their names in the row, ids as ``person_id``.
    """
    for one in opened.staged:
        if one.row is row:
            one.changes |= changes
            return
    opened.staged.append(Staged(row, changes, make))


def told(opened: Opened, said: dict[str, str]) -> tuple[dict[str, str], dict[str, Any]]:
    """(digests, words) of what is staged, for the entry. ``said`` is what the entry keeps anyway: words that are the
    same are not kept twice."""
    digests: dict[str, str] = {}
    words: dict[str, Any] = {}
    for one in opened.staged:
        kind = KINDS[type(one.row)]
        key = key_of(kind, one.row.pk)
        digests[key] = row_digest(kind, one.row, one.changes)
        kept = row_words(kind, one.row, one.changes)
        if kept:
            words[key] = {name: _as_said(text, said) for name, text in kept.items()}
    return digests, words


def _as_said(text: str, said: dict[str, str]) -> str | list[str]:
    """The name of what is said in the same words, in a list; else the words."""
    return next(([name] for name, other in said.items() if other == text), text)


def write_staged(opened: Opened) -> None:
    """Write what was staged: its entry is appended."""
    staged, opened.staged = opened.staged, []
    for one in staged:
        for name, value in one.changes.items():
            setattr(one.row, name, value)
        if one.make and opened.together is not None:
            opened.together.rows.append(one.row)
        elif one.make:
            one.row.save(force_insert=True)
        elif one.changes and opened.together is None:  # else the row itself is yet to be written
            one.row.save(update_fields=[name.removesuffix("_id") for name in one.changes])


def lapse(opened: Opened, kinds: list[str]) -> None:
    """Requests that the step leaves undecided end with it."""
    decided = {one.row.kind for one in opened.staged if isinstance(one.row, Petition)}
    if left := [kind for kind in kinds if kind not in decided]:
        for row in opened.case.petitions.filter(state=Petition.State.PENDING, kind__in=left):
            stage(opened, row, state=Petition.State.REFUSED, decided_at=opened.now)


def wait_for_taker(opened: Opened, before: CaseFacts) -> None:
    """What nobody has in hand any more waits with the lead's members, who take it anew."""
    lead = opened.lead
    given_back = before.state is not State.DISPATCHED and opened.facts.state is State.DISPATCHED
    if given_back and lead is not None and lead.organisation_id is not None:
        waits: dict[str, Any] = {"state": Assignment.State.WAITING, "person_id": None, "claimed_at": None}
        stage(opened, lead, **waits, mode=opened.facts.mode)


def co_handler(opened: Opened, organisation: Any) -> Assignment | None:
    """The running sub-task of an organisation."""
    rows = (row for row in opened.assignments if row.role == Assignment.Role.CO)
    return next((row for row in rows if row.organisation_id == organisation), None)
