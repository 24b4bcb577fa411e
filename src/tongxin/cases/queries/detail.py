"""One case on the desk: where it stands, who has it, until when, what may be done next. Eight queries, nine with photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import IntegerField
from django.db.models.expressions import RawSQL

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, CaseClock, Party
from tongxin.cases.queries.answers import answers_of
from tongxin.cases.queries.concerned import Concerned, Row, concerned, roles_among, row_of, rows_of, sight_of
from tongxin.cases.queries.desk_lines import Line, Shot, lines_of, shot
from tongxin.cases.queries.facts import facts_of
from tongxin.cases.queries.parties import parties_of
from tongxin.cases.queries.queue import RESIDENTS_CLOCKS
from tongxin.cases.queries.raised import decides_at
from tongxin.cases.queries.veil import veils
from tongxin.cases.rules import CaseFacts, Verb
from tongxin.cases.rules_limits import ClockKind
from tongxin.cases.rules_public import why_not_public
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.text import clean_line
from tongxin.record.statements import Statement

__all__ = ["Concerned", "Detail", "Line", "Shot", "detail", "shot"]

_SIMILAR: Final = RawSQL(
    "(SELECT COUNT(*) FROM (SELECT 1 FROM cases_case o WHERE o.due_at IS NOT NULL AND o.l4 = cases_case.l4"
    " AND o.l3 = cases_case.l3 AND o.category_id = cases_case.category_id AND o.id <> cases_case.id LIMIT 99) AS alike)",
    (),
    output_field=IntegerField(),
)
_WORD_OF_RESIDENT: Final = frozenset(
    {Verb.CONFIRM, Verb.NOT_SOLVED, Verb.PROVIDE_INFO, Verb.WITHDRAW, Verb.REOPEN, Verb.JOIN}
)


@dataclass(frozen=True, slots=True)
class Holder:
    """An organisation that takes part, with its own state and deadline."""

    organisation_id: UUID | None
    name: str
    phone: str
    lead: bool
    state: str
    task: str
    whistle: bool
    by_route: bool
    answer: str
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A time limit. ``state``: running, paused, met, missed or fallen away."""

    kind: str
    whose: str
    due_at: datetime
    provisional: bool
    state: str
    started_at: datetime
    stopped_at: datetime | None
    amount: int
    unit: str
    extension: int


@dataclass(frozen=True, slots=True)
class Detail:
    """The case's page on the desk. ``verbs`` are what the reader may do now, the most likely first; ``for_resident``
    what they may record as the reporter's own word."""

    case: Case
    title: str
    text: str
    place: str
    facts: CaseFacts
    parties: frozenset[rules.Party]
    verbs: tuple[Verb, ...]
    for_resident: tuple[Verb, ...]
    sees_reporter: bool
    may_release: bool
    may_reveal: bool
    concerned: tuple[Concerned, ...]
    more_concerned: UUID | None  # key of the next page of them
    people: int  # whom it concerns in all
    holders: tuple[Holder, ...]
    clocks: tuple[ClockLine, ...]
    lines: tuple[Line, ...]
    earlier: UUID | None
    answers: tuple[tuple[str, str], ...]
    similar: int
    late: bool
    may_publish: bool = False  # it is for everybody to see, and is not yet
    raised_to: int | None = None  # depth of the area that decides, where it was raised

    @property
    def with_handler(self) -> bool:
        """True while it lies with those who do the work."""
        return self.facts.state in rules.WITH_HANDLER

    @property
    def reporter(self) -> Concerned | None:
        """In whose name it was reported."""
        return next((one for one in self.concerned if one.role == Party.Role.REPORTER and not one.disowned), None)

    @property
    def shots(self) -> tuple[Shot, ...]:
        """The reporters' pictures."""
        return tuple(shot for line in self.lines for shot in line.shots if shot.purpose == "report")


_HOLDER_COLUMNS: Final = (
    "case_id", "role", "state", "organisation_id", "person_id", "task", "whistle", "by_route", "answer",
    "organisation__name", "organisation__short_name", "organisation__phone",
)  # fmt: skip


_CASE: Statement[Case] = Statement(
    lambda number: Case.objects.select_related("category").annotate(similar=_SIMILAR).filter(number=number)
)
_HOLDERS: Statement[Assignment] = Statement(
    lambda case_id: (
        Assignment.objects.filter(case_id=case_id, ended_at=None)
        .select_related("organisation")
        .only(*_HOLDER_COLUMNS)
        .order_by("-role", "id")
    )
)
_CLOCKS: Statement[CaseClock] = Statement(
    lambda case_id: CaseClock.objects.filter(case_id=case_id).order_by("started_at", "id")
)


def detail(
    actor: Actor,
    number: str,
    now: datetime,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
    party: UUID | None = None,
) -> Detail:
    """The case with this number for the desk, a reader of its area or who works on it. ``before`` turns to earlier
    lines, ``after`` to further people concerned, ``party`` shows the one of them alone.

    Raises :class:`NotFound` for everybody else, members of a body complained of included.
    """
    case = _CASE.first(clean_line(number, 24).upper())
    if case is None:
        raise NotFound("There is no such case.")
    rows, more = rows_of(case.pk, after)
    if party is not None:
        rows, more = [row for row in (row_of(case.pk, party),) if row is not None], None
    whole = more is None and after is None and party is None
    assignments = _HOLDERS(case.pk)
    facts = facts_of(case, assignments, now, case.parent)
    parties = parties_of(actor, case, facts, assignments, now, roles=roles_among(rows, whole, actor))
    conflict = bool(actor.organisations() & facts.complained_of)
    reads = actor.may("case.read", case.area_path) and not conflict
    if not reads and not parties & _AT_WORK:
        raise NotFound("There is no such case.")
    sees = _sees_reporter(actor, case, facts, parties, reads, hidden=case.reporter_hidden)
    all_seen = sees and _sees_reporter(actor, case, facts, parties, reads, hidden=True)
    sight = sight_of(case, rows, whole, sees=sees, all_seen=all_seen)
    lines, earlier = lines_of(case, now, before, sight, rows)
    clocks = _CLOCKS(case.pk)
    helps = actor.may("case.submit_for", case.area_path) and not conflict
    return Detail(
        case=case,
        title=sight.words(case.title),
        text=sight.words(case.text),
        place=case.place if sees else veils([case.pk])[case.pk].place,
        facts=facts,
        parties=parties,
        verbs=rules.lawful(facts, parties - {rules.Party.AFFECTED}),
        for_resident=_words(facts) if helps and rules.Party.REPORTER not in parties and _speaks(rows) else (),
        sees_reporter=sees,
        may_release=actor.may("file.release", case.area_path) and not conflict,
        may_reveal=sees and actor.may("people.read_sensitive", case.area_path),
        concerned=tuple(concerned(row, case, sight) for row in rows),
        more_concerned=more,
        people=case.joiners + int(case.reporter_present and not facts.is_common),
        holders=tuple(_holders(assignments, clocks)),
        clocks=tuple(_clock_lines(clocks, assignments)),
        lines=tuple(lines),
        earlier=earlier,
        answers=tuple((label, sight.words(said_)) for label, said_ in answers_of(case)),
        similar=case.similar,  # type: ignore[attr-defined]  # annotated
        late=case.due_at is not None and case.due_at < now and case.due_kind not in RESIDENTS_CLOCKS,
        may_publish=not case.is_public and _publishable(case, facts, rows),
        raised_to=decides_at(case),
    )


_AT_WORK: Final = frozenset(
    {
        rules.Party.DESK,
        rules.Party.LOWER_DESK,
        rules.Party.SUPERVISOR,
        rules.Party.HANDLER,
        rules.Party.CO_HANDLER,
        rules.Party.SYSTEM,
    }
)


def _sees_reporter(
    actor: Actor, case: Case, facts: CaseFacts, parties: frozenset[rules.Party], reads: bool, *, hidden: bool
) -> bool:
    if rules.may_see_reporter(parties, actor.organisations(), facts, name_hidden=hidden):
        return True
    return reads and (not hidden or actor.may("case.see_reporter", case.area_path))


def _publishable(case: Case, facts: CaseFacts, rows: Sequence[Row]) -> bool:
    hidden = case.reporter_hidden or any(row.hidden for row in rows if row.role == Party.Role.REPORTER)
    kind = case.category
    return not why_not_public(
        facts.state, category_public=kind.public, is_service=kind.is_service, reporter_hidden=hidden
    )


def _speaks(rows: Sequence[Row]) -> bool:
    """True if somebody is known in whose name a word could be recorded."""
    return any(row.known for row in rows if row.role == Party.Role.REPORTER and row.disowned_at is None)


def _words(facts: CaseFacts) -> tuple[Verb, ...]:
    return tuple(v for v in rules.lawful(facts, {rules.Party.HELPER}) if v in _WORD_OF_RESIDENT)


def _holders(assignments: Sequence[Assignment], clocks: Sequence[CaseClock]) -> Iterable[Holder]:
    live = [clock for clock in clocks if clock.stopped_at is None]
    for row in assignments:
        lead = row.role == Assignment.Role.LEAD
        kinds = {ClockKind.CLAIM, ClockKind.RESOLVE} if lead else {ClockKind.CO_TASK, ClockKind.WHISTLE}
        own = [c for c in live if c.kind in kinds and (lead or c.subject == row.organisation_id)]
        first = min(own, key=lambda clock: clock.due_at, default=None)
        yield Holder(
            organisation_id=row.organisation_id,
            name=str(row.organisation) if row.organisation else "",
            phone=row.organisation.phone if row.organisation else "",
            lead=lead,
            state=row.state,
            task=row.task,
            whistle=row.whistle,
            by_route=row.by_route,
            answer=row.answer,
            due_at=first.due_at if first else None,
            overdue=first is not None and first.overdue_at is not None,
        )


def _clock_lines(clocks: Sequence[CaseClock], assignments: Sequence[Assignment]) -> Iterable[ClockLine]:
    names = {a.organisation_id: str(a.organisation) for a in assignments if a.organisation}
    for clock in sorted(clocks, key=lambda c: (c.stopped_at is not None, c.due_at)):
        if clock.stopped_at is None:
            state = "paused" if clock.paused_at else "running"
        else:
            state = {True: "met", False: "missed", None: "fell_away"}[clock.met]
        yield ClockLine(
            kind=clock.kind,
            whose=names.get(clock.subject, ""),
            due_at=clock.due_at,
            provisional=clock.provisional,
            state=state,
            started_at=clock.started_at,
            stopped_at=clock.stopped_at,
            amount=clock.amount,
            unit=clock.unit,
            extension=clock.extension,
        )
