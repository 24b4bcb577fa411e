"""One case on the desk: where it stands, who has it, until when, what may be done next. Eight queries, nine with photos."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db.models import IntegerField, QuerySet
from django.db.models.expressions import RawSQL

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, CaseClock, Party, Update
from tongxin.cases.queries.answers import answers_of
from tongxin.cases.queries.facts import facts_of
from tongxin.cases.queries.parties import parties_of, word_now
from tongxin.cases.queries.queue import RESIDENTS_CLOCKS
from tongxin.cases.queries.veil import veils
from tongxin.cases.rules import CaseFacts, Verb
from tongxin.cases.rules_limits import ClockKind
from tongxin.files import queries as files
from tongxin.files.queries import Picture
from tongxin.kernel.actor import SYSTEM_ID, Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.masking import mask_name, mask_text
from tongxin.kernel.text import clean_line
from tongxin.record.statements import Statement

LINES: Final = 20
PARTIES: Final = 20
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
class Concerned:
    """Somebody whom the case concerns. ``name`` is empty for who may not see it."""

    id: UUID
    person_id: UUID | None
    name: str
    role: str
    hidden: bool
    helper: str
    has_phone: bool
    word: str
    reason: str
    rating: int | None
    disowned: bool


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
    extension: int


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture or document. ``src`` is empty while it is being prepared."""

    id: UUID
    src: str
    href: str
    purpose: str
    name: str
    width: int | None
    height: int | None
    document: bool
    public: bool
    blurred: int
    ready: bool
    taken_at: datetime | None = None  # as the camera said; with the place for those who may know the reporter
    lat: float | None = None
    lng: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timeline, for the offices: with notes. ``on_behalf``: said for somebody else, ``for_name``, in an
    office of ``role``."""

    id: UUID
    verb: str
    state: str
    at: datetime
    recorded_at: datetime
    who: str
    organisation: str
    system: bool
    on_behalf: bool
    for_name: str
    role: str
    text: str
    note: str
    data: dict[str, Any]
    shots: tuple[Shot, ...] = ()


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
    holders: tuple[Holder, ...]
    clocks: tuple[ClockLine, ...]
    lines: tuple[Line, ...]
    earlier: UUID | None
    answers: tuple[tuple[str, str], ...]
    similar: int
    late: bool

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


class _Party(NamedTuple):
    """A row of those concerned, with the names it needs and nothing else of the register."""

    id: UUID
    role: str
    hidden: bool
    word: str
    reason: str
    rating: int | None
    answered_at: datetime | None
    disowned_at: datetime | None
    contact_name: str
    contact_cipher: bytes | None
    person_id: UUID | None
    person_name: str | None
    same_as: UUID | None
    phone_cipher: bytes | None
    helper_name: str | None

    @property
    def name(self) -> str:
        return self.person_name or self.contact_name


_PARTY_COLUMNS: Final = (
    "id", "role", "hidden", "word", "reason", "rating", "answered_at", "disowned_at", "contact_name", "contact_cipher",
    "person_id", "person__name", "person__same_as_id", "person__phone_cipher", "helper__name",
)  # fmt: skip
_HOLDER_COLUMNS: Final = (
    "case_id", "role", "state", "organisation_id", "person_id", "task", "whistle", "by_route", "answer",
    "organisation__name", "organisation__short_name", "organisation__phone",
)  # fmt: skip


def load(number: str) -> tuple[Case, list[_Party], list[Assignment]]:
    """The case with those it concerns and those who have it. Three queries; raises :class:`NotFound`."""
    case = _CASE.first(clean_line(number, 24).upper())
    if case is None:
        raise NotFound("There is no such case.")
    return case, [_Party(*row) for row in _CONCERNED(case.pk)], _HOLDERS(case.pk)


_CASE: Statement[Case] = Statement(
    lambda number: Case.objects.select_related("category").annotate(similar=_SIMILAR).filter(number=number)
)
_CONCERNED: Statement[tuple[Any, ...]] = Statement(
    lambda case_id: Party.objects.filter(case_id=case_id).order_by("id").values_list(*_PARTY_COLUMNS)[:PARTIES]
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


def detail(actor: Actor, number: str, now: datetime, *, before: UUID | None = None) -> Detail:
    """The case with this number for the desk, a reader of its area or who works on it.

    Raises :class:`NotFound` for everybody else, members of a body complained of included.
    """
    case, concerned, assignments = load(number)
    facts = facts_of(case, assignments, now, case.parent)
    roles = [p.role for p in concerned if p.disowned_at is None and _is(p, actor)]
    parties = parties_of(actor, case, facts, assignments, roles=roles)
    conflict = bool(actor.organisations() & facts.complained_of)
    reads = actor.may("case.read", case.area_path) and not conflict
    if not reads and not parties & _AT_WORK:
        raise NotFound("There is no such case.")
    sees = _sees_reporter(actor, case, facts, parties, reads, hidden=case.reporter_hidden)
    all_seen = sees and _sees_reporter(actor, case, facts, parties, reads, hidden=True)
    unseen = [row for row in concerned if not sees or (row.hidden and not all_seen)]
    secret = _secret(unseen)
    names = {row.person_id: row.name for row in concerned if row not in unseen}
    lines, earlier = _timeline(case, now, before, secret, names)
    clocks = _CLOCKS(case.pk)
    helps = actor.may("case.submit_for", case.area_path) and not conflict
    return Detail(
        case=case,
        title=_veiled(case.title, secret),
        text=_veiled(case.text, secret),
        place=case.place if sees else veils([case.pk])[case.pk].place,
        facts=facts,
        parties=parties,
        verbs=rules.lawful(facts, parties - {rules.Party.AFFECTED}),
        for_resident=_words(facts) if helps and rules.Party.REPORTER not in parties else (),
        sees_reporter=sees,
        may_release=actor.may("file.release", case.area_path) and not conflict,
        may_reveal=sees and actor.may("people.read_sensitive", case.area_path),
        concerned=tuple(_concerned(row, case, sees and (all_seen or not row.hidden)) for row in concerned),
        holders=tuple(_holders(assignments, clocks)),
        clocks=tuple(_clock_lines(clocks, assignments)),
        lines=tuple(lines),
        earlier=earlier,
        answers=tuple((label, _veiled(said_, secret)) for label, said_ in answers_of(case)),
        similar=case.similar,  # type: ignore[attr-defined]  # annotated
        late=case.due_at is not None and case.due_at < now and case.due_kind not in RESIDENTS_CLOCKS,
    )


_AT_WORK: Final = frozenset(
    {rules.Party.DESK, rules.Party.SUPERVISOR, rules.Party.HANDLER, rules.Party.CO_HANDLER, rules.Party.SYSTEM}
)


def _is(row: _Party, actor: Actor) -> bool:
    return row.person_id is not None and actor.person_id in {row.person_id, row.same_as}


def _sees_reporter(
    actor: Actor, case: Case, facts: CaseFacts, parties: frozenset[rules.Party], reads: bool, *, hidden: bool
) -> bool:
    if rules.may_see_reporter(parties, actor.organisations(), facts, name_hidden=hidden):
        return True
    return reads and (not hidden or actor.may("case.see_reporter", case.area_path))


def _words(facts: CaseFacts) -> tuple[Verb, ...]:
    return tuple(v for v in rules.lawful(facts, {rules.Party.HELPER}) if v in _WORD_OF_RESIDENT)


class _Secret(NamedTuple):
    """Persons whose names the reader may not see; nobody for who may see them all."""

    ids: frozenset[UUID | None] = frozenset()
    names: tuple[str, ...] = ()


def _secret(concerned: Sequence[_Party]) -> _Secret:
    ids = frozenset(key for row in concerned for key in (row.person_id, row.same_as) if key is not None)
    return _Secret(ids, tuple(row.name for row in concerned if len(row.name) > 1))


def _concerned(row: _Party, case: Case, sees: bool) -> Concerned:
    word = word_now(row.word, row.answered_at, case.answered_at)
    return Concerned(
        id=row.id,
        person_id=row.person_id,
        name=row.name if sees else "",
        role=row.role,
        hidden=row.hidden,
        helper=row.helper_name or "" if sees else "",
        has_phone=bool(row.phone_cipher or row.contact_cipher),
        word=word,
        reason=row.reason if sees and word else "",
        rating=row.rating,
        disowned=row.disowned_at is not None,
    )


def _holders(assignments: Sequence[Assignment], clocks: Sequence[CaseClock]) -> Iterable[Holder]:
    live = [clock for clock in clocks if clock.stopped_at is None]
    for row in assignments:
        lead = row.role == Assignment.Role.LEAD
        kinds = {ClockKind.CLAIM, ClockKind.RESOLVE} if lead else {ClockKind.CO_TASK}
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
            extension=clock.extension,
        )


def _veiled(text: str, secret: _Secret) -> str:
    """A text without the names in it, for who may not see them."""
    if not text or secret == _Secret():
        return text
    for name in secret.names:
        text = text.replace(name, mask_name(name))
    return mask_text(text)


def _updates(case_id: UUID) -> QuerySet[Update, Any]:
    return Update.objects.filter(case_id=case_id).order_by("-id").values_list(
        "id", "verb", "state", "occurred_at", "recorded_at", "actor_id", "actor_name", "organisation__short_name",
        "organisation__name", "on_behalf_of", "text", "note", "data", "files_count",
    )  # fmt: skip


_LATEST: Statement[tuple[Any, ...]] = Statement(lambda case_id: _updates(case_id)[: LINES + 1])
_EARLIER: Statement[tuple[Any, ...]] = Statement(
    lambda case_id, before: _updates(case_id).filter(id__lt=before)[: LINES + 1]
)


def _timeline(
    case: Case, now: datetime, before: UUID | None, secret: _Secret, names: Mapping[UUID | None, str]
) -> tuple[list[Line], UUID | None]:
    """``names``: of those concerned, where they may be shown."""
    found = _LATEST(case.pk) if before is None else _EARLIER(case.pk, before)
    earlier = found[LINES - 1][0] if len(found) > LINES else None
    found = found[:LINES]
    with_files = [row[0] for row in found if row[13]]
    pictures = files.of_owners("update", with_files) if with_files else {}
    lines = [
        Line(
            id=row[0],
            verb=row[1],
            state=row[2],
            at=row[3],
            recorded_at=row[4],
            who="" if row[5] in secret.ids or (row[9] in secret.ids and not (row[7] or row[8])) else row[6],
            organisation=row[7] or row[8] or "",
            system=row[5] == SYSTEM_ID,
            on_behalf=row[9] != row[5] if row[9] is not None else row[1] == Verb.SUBMIT and "role" in row[12],
            for_name=names.get(row[9], ""),
            role=str(row[12].get("role", "")),
            text=_veiled(row[10], secret),
            note=_veiled(row[11], secret),
            data=row[12],
            shots=tuple(
                shot(picture, now, whole=not secret.names and not secret.ids)
                for picture in pictures.get(row[0], ())
                if picture.state != "refused"
            ),
        )
        for row in found
    ]
    return lines, earlier


def shot(picture: Picture, now: datetime, *, whole: bool = False) -> Shot:
    """A file with links for those who may see it unblurred; ``whole``: with where and when it was taken, which tells
    where the reporter was."""
    document = picture.is_document
    return Shot(
        id=picture.id,
        src="" if document else files.link(picture, "medium", now=now),
        href=files.link(picture, "original" if document else "large", now=now),
        purpose=picture.purpose,
        name=picture.name,
        width=picture.width,
        height=picture.height,
        document=document,
        public=picture.is_public,
        blurred=len(picture.blurred),
        ready=picture.state == "ready",
        taken_at=picture.taken_at if whole else None,
        lat=picture.lat if whole else None,
        lng=picture.lng if whole else None,
    )
