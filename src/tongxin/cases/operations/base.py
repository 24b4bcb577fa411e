"""What every verb on a case shares: lock, ask the rules, write state, timeline, record, figures and clocks.

Whoever has read :func:`step` has read all verbs: the modules beside this one only say what comes with each of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Model

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, Party, Petition, TallyDelta, TaskLink, Update
from tongxin.cases.operations import clocks, rows
from tongxin.cases.queries.facts import ROW_FIELDS, facts_of, practice_of
from tongxin.cases.queries.parties import helping_role, parties_of
from tongxin.cases.queries.state import case_state, party_state
from tongxin.cases.rules import CaseFacts, Verb
from tongxin.cases.rules_import import MAX_TEXT
from tongxin.cases.rules_texts import fit_text
from tongxin.files import operations as files
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import SHANGHAI, local_day
from tongxin.notifications import operations as notifications
from tongxin.people.models import Person
from tongxin.people.queries.offices import stands_in
from tongxin.record.operations import Draft, append_entries
from tongxin.record.statements import Statement
from tongxin.record.writes import write_changed

SUBJECT = "case"
OFFICES = frozenset({rules.Party.DESK, rules.Party.LOWER_DESK, rules.Party.SUPERVISOR, rules.Party.SYSTEM})
"""Parties that act for the desks."""
Photos = Sequence[tuple[str, files.Upload]]
"""Files that come with a step: (purpose, upload)."""


@dataclass(slots=True)
class Together:
    """Of a case that is not there yet: what is to be written of it and of its first steps, in one statement."""

    rows: list[Model]
    party: Party | None
    reporter: str
    """Their name."""
    drafts: list[Draft] = field(default_factory=list)


@dataclass(slots=True)
class Opened:
    """A case under its lock, as the rules see it, and what the actor is to it."""

    case: Case
    facts: CaseFacts
    parties: frozenset[rules.Party]
    actor: Actor
    now: datetime
    on_behalf_of: UUID | None = None
    assignments: list[Assignment] = field(default_factory=list)
    stands_in_for: UUID | None = None  # the holder, for whose leave the actor stands in
    staged: list[rows.Staged] = field(default_factory=list)  # what the next step changes beside the case
    together: Together | None = None
    stored: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.stored = dict(vars(self.case))

    def save(self) -> None:
        """Write what has changed of the row, which is little of its sixty columns. A row that is not there yet waits."""
        if self.together is not None:
            return
        before, row = self.stored, vars(self.case)
        changed = [f.name for f in Case._meta.concrete_fields if row.get(f.attname) != before.get(f.attname)]
        if changed:
            write_changed(self.case, changed)
        self.stored = dict(row)

    @property
    def lead(self) -> Assignment | None:
        """The running assignment of the lead."""
        return next((a for a in self.assignments if a.role == Assignment.Role.LEAD), None)


def open_case(
    actor: Actor, case_id: UUID, now: datetime, *, on_behalf_of: UUID | None = None, extra: Iterable[rules.Party] = ()
) -> Opened:
    """Lock a case and see what the actor is to it. Must run inside a transaction.

    Raises :class:`NotFound` if there is none, or none that the actor may know of, or nobody of that id to act for.
    """
    if on_behalf_of is not None:
        check_person(on_behalf_of)
    _lock_common(case_id)
    case = _LOCKED.first(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    assignments = _RUNNING(case.id)
    parent = Case.objects.filter(pk=case.parent_id).first() if case.parent_id else None
    facts = facts_of(case, assignments, now, parent)
    parties = parties_of(actor, case, facts, assignments, now, on_behalf_of=on_behalf_of) | frozenset(extra)
    if not parties:
        raise NotFound("There is no such case.")
    return Opened(case, facts, parties, actor, now, on_behalf_of, assignments, _stands_in_for(actor, case, parties))


# Nobody needs the outline of the area here, which may be many kB.
_LOCKED: Statement[Case] = Statement(
    lambda case_id: (
        Case.objects.select_for_update(of=("self",))
        .select_related("category", "area")
        .defer("area__shape")
        .filter(pk=case_id)
    )
)
_RUNNING: Statement[Assignment] = Statement(
    lambda case_id: Assignment.objects.filter(case_id=case_id, ended_at=None).order_by("id")
)
_COMMON_OF: Statement[tuple[UUID]] = Statement(
    lambda case_id: (
        Case.objects.select_for_update()
        .filter(pk__in=Case.objects.filter(gathered=case_id).values("pk"))
        .values_list("pk")
    )
)


def _stands_in_for(actor: Actor, case: Case, parties: frozenset[rules.Party]) -> UUID | None:
    """The holder, if the actor stands in for them: the case stays theirs, and the actor may go on with it."""
    holder = case.holder_id
    if holder is None or holder == actor.person_id or rules.Party.HANDLER not in parties:
        return None
    return holder if stands_in(actor, holder, case.lead_id) else None


def _lock_common(case_id: UUID) -> None:
    """Lock the common matter before what is gathered in it, always in this order, so that nobody deadlocks."""
    if connection.features.has_select_for_update:
        _COMMON_OF(case_id)


def check_person(person_id: UUID) -> None:
    """Raise :class:`NotFound` unless there is such a person."""
    if not Person.objects.filter(pk=person_id, erased_at=None).exists():
        raise NotFound("There is no such person.", code="no-person")


@dataclass(slots=True)
class Said:
    """What a step says: to the people concerned (or everybody), and to the offices."""

    text: str = ""
    note: str = ""
    audience: str = Update.Audience.PARTIES
    data: dict[str, Any] = field(default_factory=dict)
    occurred_at: datetime | None = None


def write(opened: Opened, drafts: Sequence[Draft], beside: Sequence[Model]) -> None:
    """Write entries and new rows beside them; those of a case that is not there yet wait for it."""
    if opened.together is None:
        append_entries(drafts, now=opened.now, beside=beside)
    else:
        opened.together.drafts += drafts
        opened.together.rows += beside


def step(
    opened: Opened,
    verb: Verb,
    given: rules.Given | None = None,
    said: Said | None = None,
    *,
    party: Party | None = None,
    tallies: Sequence[str] = (),
    photos: Photos = (),
) -> Update:
    """Do one lawful step: the rules decide, then state, clocks, timeline, figures and record are written.

    ``party``: the person concerned whose word it is; it goes on the record with the case. Raises what
    :func:`rules.next_state` raises; then nothing was changed.
    """
    case, said, before = opened.case, said or Said(), opened.facts
    actor_id = opened.stands_in_for or opened.actor.person_id or opened.actor.id
    opened.facts = rules.apply(before, verb, opened.parties, given, actor_id=actor_id)
    write_facts(case, opened.facts, said.occurred_at or opened.now)
    if opened.facts.state is not before.state:
        tallies = (*tallies, f"to:{opened.facts.state}")
    case.changed_at = opened.now
    case.version += 1
    turned = clocks.turn(opened, verb, given or {})
    rows.lapse(opened, _lapsed(before, opened.facts))
    if verb in _GIVES_BACK:
        rows.wait_for_taker(opened, before)
    opened.save()
    clocks.write_changed(opened, turned)
    update = new_update(opened, verb, said, files_count=len(photos))
    pictures, stored = take_files(opened, update, photos)
    beside = [*turned.new, update, *counted(case, update.occurred_at, tallies), *pictures]
    write(opened, [*entries_of(opened, verb, update, said, party), *stored], beside)
    rows.write_staged(opened)
    _end_what_is_over(opened, before)
    if rules.goes_with_common(before) and not rules.goes_with_common(opened.facts):
        _leave_common(opened, before)
    asked = before.state is rules.State.AWAITING or before.info_pending
    if asked and not (opened.facts.state is rules.State.AWAITING or opened.facts.info_pending):
        notifications.withdraw((SUBJECT, case.id), now=opened.now)  # nobody need answer any more
    return update


_REQUESTS = {
    "objection_pending": Petition.Kind.OBJECTION,
    "extension_pending": Petition.Kind.EXTENSION,
    "suspension_pending": Petition.Kind.SUSPENSION,
    "info_pending": Petition.Kind.INFORMATION,
}
_GIVES_BACK = frozenset({Verb.HAND_OVER, Verb.SEND_BACK, Verb.RESUME})
_NO_WORK = rules.FINAL | {rules.State.MERGED}


def _lapsed(before: CaseFacts, after: CaseFacts) -> list[str]:
    """Kinds of requests that waited before the step and wait no longer."""
    return [kind for flag, kind in _REQUESTS.items() if getattr(before, flag) and not getattr(after, flag)]


def _end_what_is_over(opened: Opened, before: CaseFacts) -> None:
    """What the case has left behind ends with the step: workers' links, planned calls."""
    case, after = opened.case, opened.facts
    if after.state in _NO_WORK and before.state not in _NO_WORK:
        TaskLink.objects.filter(assignment__case=case, ended_at=None).update(ended_at=opened.now)
        if after.state is not rules.State.CLOSED:
            case.call_backs.filter(done_at=None).delete()


def _leave_common(opened: Opened, before: CaseFacts) -> None:
    """A gathered case has ended or goes its own way: the common matter ends with the last of them."""
    if not isinstance(before.parent, UUID):
        return
    confirmed = opened.facts.outcome in {rules.Outcome.SOLVED, rules.Outcome.EXPLAINED}
    common = open_case(SYSTEM, before.parent, opened.now)
    common.facts = rules.gathered_ended(common.facts, confirmed=confirmed)
    if rules.refusal(common.facts, Verb.CLOSE_COMMON, common.parties) is None:
        step(common, Verb.CLOSE_COMMON)
    else:
        write_facts(common.case, common.facts, common.now)
        common.case.save(update_fields=["children_open", "children_confirmed"])


def take_files(opened: Opened, update: Update, photos: Photos) -> tuple[list[Model], list[Draft]]:
    """Take in the files of a step: their rows and their entries of the record, both yet to be written."""
    rows: list[Model] = []
    drafts: list[Draft] = []
    by_purpose: dict[str, list[files.Upload]] = {}
    for purpose, upload in photos:
        by_purpose.setdefault(purpose, []).append(upload)
    for purpose, uploads in by_purpose.items():
        staged, entries = files.stage(
            actor=opened.actor,
            uploads=uploads,
            purpose=purpose,
            owner=("update", update.id),
            area_path=opened.case.area_path,
            now=opened.now,
            watermark=_watermark(opened, purpose),
        )
        rows += staged
        drafts += entries
    return rows, drafts


def _watermark(opened: Opened, purpose: str) -> str:
    """Time and place, drawn into the photos of the work where the office wants it; never whose home it is."""
    case = opened.case
    if purpose not in {"before", "answer"} or not practice_of(case.area_path).watermark:
        return ""
    parts = (case.area, case.building, case.unit)
    place = " ".join(part.name for part in parts if part is not None)
    return f"{opened.now.astimezone(SHANGHAI):%Y-%m-%d %H:%M} · {place}"


def write_facts(case: Case, facts: CaseFacts, now: datetime) -> None:
    """Put the rules' facts back into the row (unsaved), and the times that follow from them."""
    if facts.state != case.state:
        ended = facts.state in rules.FINAL
        case.closed_at = now if ended else None
        if facts.state in {rules.State.ANSWERED, rules.State.AWAITING}:
            case.answered_at = case.answered_at or now
        if facts.state is rules.State.REOPENED:
            case.answered_at = None
    if facts.asked > case.asked:
        case.asked_at = now
    for name in ROW_FIELDS:
        setattr(case, name, getattr(facts, name))
    case.state = facts.state
    case.open = facts.state in rules.OPEN
    case.outcome = facts.outcome or ""
    case.lead_id, case.holder_id, case.parent_id = map(uuid_of, (facts.lead, facts.holder, facts.parent))


def uuid_of(key: Hashable) -> UUID | None:
    """A key of the rules, which know keys only as opaque, as one of ours."""
    return key if isinstance(key, UUID) else None


def new_update(opened: Opened, verb: Verb, said: Said, files_count: int = 0) -> Update:
    """A line of the timeline, yet to be written."""
    actor, case = opened.actor, opened.case
    data = said.data
    if opened.on_behalf_of is not None and (role := helping_role(actor, case.area_path)):
        data = {**data, "role": role}
    return Update(
        id=uuid7(opened.now),
        case=case,
        verb=verb,
        state=case.state,
        audience=said.audience,
        text=fit_text(said.text, MAX_TEXT),
        note=fit_text(said.note, MAX_TEXT, "note"),
        data=data,
        actor_id=actor.person_id or actor.id,
        actor_name=actor.name,
        organisation_id=organisation_of(opened),
        on_behalf_of=opened.on_behalf_of,
        files_count=files_count,
        occurred_at=said.occurred_at or opened.now,
        recorded_at=opened.now,
    )


def organisation_of(opened: Opened) -> UUID | None:
    """For which organisation the actor acts here: one of the case's own, else that of the grant over its area."""
    mine = opened.actor.organisations()
    if opened.actor.kind == "link":  # a worker without an account works for the lead
        return opened.case.lead_id
    for assignment in opened.assignments:
        if assignment.organisation_id in mine:
            return assignment.organisation_id
    for grant in opened.actor.grants:
        if grant.organisation_id and opened.case.area_path.startswith(grant.area_path):
            return grant.organisation_id
    return None


def entries_of(opened: Opened, verb: Verb, update: Update, said: Said, party: Party | None) -> list[Draft]:
    """Entries of the record for a step. Words of people are committed to, not written into the chain."""
    common: dict[str, Any] = {
        "actor": opened.actor,
        "area_path": opened.case.area_path,
        "occurred_at": update.occurred_at,
        "on_behalf_of": opened.on_behalf_of,
        "organisation_id": update.organisation_id,
    }
    for_whom = {"stands_in_for": str(opened.stands_in_for)} if opened.stands_in_for else {}
    words = {"text": update.text, "note": update.note}
    digests, row_words = rows.told(opened, words)
    personal: dict[str, Any] | None = None
    if update.text or update.note or row_words:
        personal = words | {"by": update.actor_name} | ({"rows": row_words} if row_words else {})
    told: dict[str, Any] = {"rows": digests} if digests else {}
    if said.audience != Update.Audience.PARTIES:
        told["audience"] = str(said.audience)
    drafts = [
        Draft(
            verb=f"case.{verb}",
            subject=(SUBJECT, opened.case.id),
            data={"update": str(update.id), "state": str(opened.case.state), **told, **for_whom, **said.data},
            personal=personal,
            state=case_state(opened.case),
            **common,
        )
    ]
    if party is not None:
        drafts.append(
            Draft(verb=f"party.{verb}", subject=("party", party.id), data={}, state=party_state(party), **common)
        )
    return drafts


def counted(case: Case, now: datetime, kinds: Iterable[str]) -> list[TallyDelta]:
    """Rows that add to the figures of the case's area and, through the ticker, of all areas above it; ``-kind`` takes
    one off."""
    day = local_day(now)
    return [
        TallyDelta(area_path=case.area_path, day=day, kind=kind.lstrip("-"), amount=-1 if kind[0] == "-" else 1)
        for kind in kinds
    ]
