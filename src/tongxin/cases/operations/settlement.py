"""One settlement for all parties of a case: proposed once, and each party's own word on it, on screen or on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongxin.cases import rules, rules_settlement
from tongxin.cases.models import Acceptance, Case, Settlement
from tongxin.cases.operations import notices
from tongxin.cases.operations.base import Opened, Said, open_case, step
from tongxin.cases.operations.levels import open_for
from tongxin.cases.queries.parties import rows_of
from tongxin.cases.queries.state import acceptance_state
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.cases.rules_texts import fit_line, fit_text
from tongxin.files.operations import Upload
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import N_
from tongxin.record.operations import Draft, append_entries
from tongxin.record.rules import REMOVED

_DESKS = frozenset({rules.Party.DESK, rules.Party.LOWER_DESK, rules.Party.SUPERVISOR})


def _at_desk(actor: Actor, case_id: UUID, now: datetime) -> Opened:
    opened = open_case(actor, case_id, now)
    if not opened.parties & _DESKS:
        raise NotAllowed("This is for somebody else to do.")
    return opened


@transaction.atomic
def propose_settlement(actor: Actor, case_id: UUID, now: datetime, *, text: str) -> Settlement:
    """Put one settlement before all parties; each is told and asked. One that stood before ends, with what was said of it.

    For the desks of the case. The same words once more change nothing. Raises :class:`Invalid` for no words,
    :class:`Conflict` where the matter is over.
    """
    opened = _at_desk(actor, case_id, now)
    if not text.strip():
        raise Invalid("Please write the settlement.", field="text")
    _still_open(opened)
    standing = Settlement.objects.select_for_update().filter(case_id=case_id, ended_at=None).first()
    if standing is not None and standing.text == fit_text(text, MAX_TEXT):
        return standing  # sent twice: nobody is asked anew for the same words
    Settlement.objects.filter(case_id=case_id, ended_at=None).update(ended_at=now)
    row = Settlement.objects.create(
        id=uuid7(now), case_id=case_id, text=fit_text(text, MAX_TEXT), proposed_by=actor.person_id or actor.id,
        proposed_name=actor.name, proposed_at=now,
    )  # fmt: skip
    update = step(opened, Verb.NOTE, {"text": row.text}, Said(text=row.text, data={"settlement": str(row.pk)}))
    message = N_("A settlement is put before you: %(title)s (%(number)s). Read it and say whether you agree.")
    notices.tell_parties(opened, update, message)
    return row


@transaction.atomic
def say_word(actor: Actor, case_id: UUID, now: datetime, *, word: str, reason: str = "") -> Acceptance:
    """A party's own word, by their own account. It stands as it was given; the same word again is answered with it."""
    rules_settlement.check_word(word, reason)
    opened = open_for("settlement.word", actor, case_id, now)
    party = opened.case.parties.filter(rows_of(actor), disowned_at=None).order_by("id").first()
    if party is None:
        raise NotAllowed("This is for somebody else to do.")
    _still_open(opened)
    settlement = _running(opened.case)
    said = Acceptance.objects.filter(settlement=settlement, party=party).first()
    if said is not None:
        if (said.word, said.way) == (word, Acceptance.Way.SCREEN):
            return said
        rules_settlement.check_not_said(said.word)
    row = Acceptance(
        id=uuid7(now), settlement=settlement, party=party, word=word, way=Acceptance.Way.SCREEN,
        reason=fit_line(reason, 500, "reason"), recorded_by=actor.person_id or actor.id, recorded_name=actor.name,
        recorded_at=now,
    )  # fmt: skip
    _write(actor, opened, [row], now)
    return row


@transaction.atomic
def record_sheet(
    actor: Actor,
    case_id: UUID,
    now: datetime,
    *,
    parties: Sequence[UUID],
    paper: Sequence[Upload],
    word: str = "accepted",
) -> int:
    """Record who signed on a scanned sheet; it counts once somebody else has checked it. How many were recorded.

    For the desks. Raises :class:`Invalid` (``parties``, ``paper``), :class:`Conflict` where one has said a word already.
    """
    opened = _at_desk(actor, case_id, now)
    _still_open(opened)
    settlement = _running(opened.case)
    wanted = list(dict.fromkeys(parties))
    if not 0 < len(wanted) <= rules_settlement.MOST_ON_A_SHEET:
        raise Invalid("Choose those who signed on this sheet, 200 at most.", field="parties")
    if not paper:
        raise Invalid("Add the scan or photo of the signed sheet.", field="paper")
    rules_settlement.check_word(word, "on paper")
    found = list(opened.case.parties.filter(pk__in=wanted, disowned_at=None).order_by("id"))
    if len(found) != len(wanted):
        raise Invalid("Choose from the parties of this case.", field="parties")
    if Acceptance.objects.filter(settlement=settlement, party__in=found).exists():
        raise Conflict("One of them has said a word already. Look at the list again.", code="settlement-said")
    said = Said(note="settlement-sheet", data={"signed": len(found)}, audience="staff")
    given = {"text": "settlement-sheet"}
    update = step(opened, Verb.NOTE, given, said, photos=[("evidence", page) for page in paper])
    rows = [
        Acceptance(
            id=uuid7(now), settlement=settlement, party=party, word=word, way=Acceptance.Way.PAPER, sheet=update.pk,
            recorded_by=actor.person_id or actor.id, recorded_name=actor.name, recorded_at=now,
        )
        for party in found
    ]  # fmt: skip
    _write(actor, opened, rows, now)
    return len(rows)


@transaction.atomic
def check_sheet(actor: Actor, case_id: UUID, now: datetime, *, sheet: UUID, right: bool) -> int:
    """A second person has compared a sheet with what was recorded: it counts from now on, or is taken back whole.

    How many words that were. Raises :class:`NotAllowed` for who recorded it, :class:`Conflict` if it was checked before.
    """
    opened = _at_desk(actor, case_id, now)
    rows = list(
        Acceptance.objects.select_for_update(of=("self",))
        .select_related("party")
        .filter(settlement__case_id=case_id, sheet=sheet, checked_at=None)
        .order_by("id")
    )
    if not rows:
        raise Conflict("This sheet was checked already.", code="sheet-checked")
    rules_settlement.check_four_eyes(actor.person_id or actor.id, rows[0].recorded_by)
    for row in rows:
        row.checked_by, row.checked_at = actor.person_id or actor.id, now
    Acceptance.objects.bulk_update(rows, ["checked_by", "checked_at"])
    _note(actor, opened, rows, "settlement.check" if right else "settlement.take_back", now, gone=not right)
    if not right:
        Acceptance.objects.filter(pk__in=[row.pk for row in rows]).delete()
        return len(rows)
    people = [row.party.person_id for row in rows if row.party.person_id is not None]
    note = Said(note="settlement-checked", data={"signed": len(rows)}, audience="staff")
    update = step(opened, Verb.NOTE, {"text": "settlement-checked"}, note)
    message = N_("Your signature on paper is recorded: %(title)s (%(number)s). If you did not sign, tell the desk.")
    notices.tell_joined(opened, update, people, message)
    return len(rows)


def _still_open(opened: Opened) -> None:
    if not opened.case.open:
        raise Conflict("This matter is over; nothing can be agreed in it any more.", code="matter-over")


def _running(case: Case) -> Settlement:
    row = Settlement.objects.select_for_update().filter(case=case, ended_at=None).first()
    if row is None:
        raise Conflict("No settlement was put before the parties yet.", code="no-settlement")
    return row


def _write(actor: Actor, opened: Opened, rows: Sequence[Acceptance], now: datetime) -> None:
    Acceptance.objects.bulk_create(rows)
    _note(actor, opened, rows, "settlement.word", now, new=True)


def _note(
    actor: Actor,
    opened: Opened,
    rows: Sequence[Acceptance],
    verb: str,
    now: datetime,
    *,
    new: bool = False,
    gone: bool = False,
) -> None:
    drafts = [
        Draft(
            actor=actor, verb=verb, subject=("acceptance", row.pk), area_path=opened.case.area_path,
            data={"settlement": str(row.settlement_id), "party": str(row.party_id), "word": row.word, "way": row.way},
            personal={"reason": row.reason} if row.reason else None, state=REMOVED if gone else acceptance_state(row), new=new,
        )
        for row in rows
    ]  # fmt: skip
    append_entries(drafts, now=now)
