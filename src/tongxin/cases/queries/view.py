"""One case as one viewer may see it. Pages and the API show what stands here and nothing else of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from tongxin.cases import rules
from tongxin.cases.models import Assignment, Case, Party, Petition
from tongxin.cases.queries.access import PUBLIC, Access, access_for, strangers
from tongxin.cases.queries.answers import answers_of
from tongxin.cases.queries.facts import facts_of, reopen_until
from tongxin.cases.queries.parties import is_near, parties_of, word_now
from tongxin.cases.queries.reported import Known, Mine, Reporter, known_of
from tongxin.cases.rules import CaseFacts, Outcome, State, Verb
from tongxin.cases.rules_limits import ClockKind
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotFound
from tongxin.kernel.text import clean_line
from tongxin.people.models import FamilyLink, Organisation
from tongxin.places import rules as place_rules
from tongxin.record.statements import Statement


@dataclass(frozen=True, slots=True)
class Body:
    """An organisation, with the telephone it answers."""

    id: UUID
    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class SubTask:
    """A co-handler's part."""

    organisation: Body
    task: str
    state: str
    mine: bool
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Common:
    """The common matter into which a case was gathered, as much as its reporters need to know."""

    id: UUID
    number: str
    title: str
    state: State
    lead_name: str
    due_at: datetime | None
    due_kind: str
    is_public: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case, masked for its viewer (see :class:`Access`). ``verbs``: what they may do now, the most likely first."""

    id: UUID
    number: str
    kind: str
    state: State
    outcome: Outcome | None
    title: str
    text: str
    category: str
    category_path: str
    category_name: str
    category_name_en: str
    urgency: str
    answers: tuple[tuple[str, str], ...]
    area_id: UUID
    area_path: str
    area_name: str
    place: str
    lat: float | None
    lng: float | None
    created_at: datetime
    changed_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    due_kind: str
    due_provisional: bool
    review_on: date | None
    reopen_until: datetime | None
    mode: str
    lead: Body | None
    holder_name: str
    desk: Body | None
    subtasks: tuple[SubTask, ...]
    joiners: int
    is_public: bool
    times_reopened: int
    supervised: bool
    parent: Common | None
    question: str  # asked of the reporter
    reporter: Reporter | None
    mine: Mine | None
    on_behalf_of: UUID | None
    access: Access
    verbs: tuple[Verb, ...]
    facts: CaseFacts
    own_ids: frozenset[UUID]
    reporter_ids: frozenset[UUID]

    @property
    def step(self) -> int:
        """At which of the five steps it stands."""
        return int(rules.STEP_OF[self.state])

    @property
    def steps_done(self) -> int:
        """How many of the five steps are done."""
        return rules.steps_done(self.state)

    @property
    def waits_for_me(self) -> bool:
        """True if it is the viewer's turn: to say whether it is solved, or to answer a question."""
        asked = Verb.CONFIRM in self.verbs and self.mine is not None and not self.mine.word
        return asked or (bool(self.question) and Verb.PROVIDE_INFO in self.verbs)


_RELATED: Final = ("category", "area", "building", "unit", "lead", "parent__lead")


def _whole(**which: Any) -> QuerySet[Case]:
    """The row with what it points to, without the outlines of areas, which are many times as long."""
    return Case.objects.select_related(*_RELATED).defer("area__shape").filter(**which)


_BY_NUMBER: Statement[Case] = Statement(lambda number: _whole(number=number))
_BY_ID: Statement[Case] = Statement(lambda key: _whole(pk=key))
_PUBLIC_ONE: Statement[Case] = Statement(lambda number: _whole(number=number, is_public=True))


def case_for(actor: Actor, number: str, now: datetime) -> CaseView:
    """The case with this number for somebody whom it concerns: reporter, joiner, family, handler, worker, desk, reader.

    At most ten queries. Raises :class:`NotFound` for everybody else, whether or not there is such a case.
    """
    return _view_for(actor, _BY_NUMBER.first(clean_number(number)), now)


def case_of(actor: Actor, case_id: UUID, now: datetime) -> CaseView:
    """The same by its id."""
    return _view_for(actor, _BY_ID.first(case_id), now)


def public_case(number: str, now: datetime) -> CaseView:
    """The case as everybody may see it. Raises :class:`NotFound` unless the office made it public."""
    case = _PUBLIC_ONE.first(clean_number(number))
    if case is None:
        raise NotFound("There is no such case, or it was not made public.")
    return masked(case, now)


def may_reopen(actor: Actor, view: CaseView) -> bool:
    """True if somebody who lives or owns where the public case is may open it again, as everybody sees it."""
    return is_near(actor, view.area_path) and neighbours_may_reopen(view)


def neighbours_may_reopen(view: CaseView) -> bool:
    """True if those who live or own there may open the public case again: it has ended, and the window is open."""
    return rules.refusal(view.facts, Verb.REOPEN, {rules.Party.AFFECTED}) is None


def case_by_id_masked(case_id: UUID, now: datetime) -> CaseView:
    """The case as whoever holds its slip may see it: where it stands, without names, numbers or photos."""
    case = _BY_ID.first(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    return masked(case, now)


def clean_number(number: str) -> str:
    """A case number as somebody typed it."""
    return clean_line(number, 24).upper()


def masked(case: Case, now: datetime) -> CaseView:
    """The row for everybody."""
    assignments = _ASSIGNMENTS(case.pk)
    known = known_of(case.pk, None)
    access = Access(names=tuple(name for name, _ in known.reporters if len(name) > 1))
    facts = facts_of(case, assignments, now, case.parent)
    return _build(case, facts, assignments, access, now, PUBLIC.parties, known)


def _view_for(actor: Actor, case: Case | None, now: datetime) -> CaseView:
    if case is None:
        raise NotFound("There is no such case.")
    assignments = _ASSIGNMENTS(case.pk)
    facts = facts_of(case, assignments, now, case.parent)
    known = known_of(case.pk, actor.person_id)
    roles = [row.role for row in known.own(actor.person_id)]
    on_behalf_of, parties = None, parties_of(actor, case, facts, assignments, now, roles=roles)
    if actor.person_id is not None and not parties & {rules.Party.REPORTER, rules.Party.JOINER}:
        on_behalf_of = _family_member(actor.person_id, case)
        if on_behalf_of is not None:
            parties |= parties_of(actor, case, facts, assignments, now, on_behalf_of=on_behalf_of)
            known = known_of(case.pk, on_behalf_of)
    access = access_for(actor, case, facts, parties, known.reporters, known.hidden_joiners)
    if not access.concerned:
        raise NotFound("There is no such case.")
    return _build(case, facts, assignments, access, now, parties, known, actor=actor, on_behalf_of=on_behalf_of)


_ASSIGNMENTS: Statement[Assignment] = Statement(
    lambda case_id: Assignment.objects.filter(case_id=case_id, ended_at=None).select_related("organisation")
)


def _family_member(child: UUID, case: Case) -> UUID | None:
    """Whom of those concerned the person may act for."""
    people = case.parties.filter(disowned_at=None).values("person_id")
    links = FamilyLink.objects.filter(child_id=child, until=None, parent_id__in=people)
    return links.values_list("parent_id", flat=True).first()


def _build(
    case: Case,
    facts: CaseFacts,
    assignments: list[Assignment],
    access: Access,
    now: datetime,
    parties: frozenset[rules.Party],
    known: Known,
    *,
    actor: Actor | None = None,
    on_behalf_of: UUID | None = None,
) -> CaseView:
    lat, lng = position(case, exact=access.reporter)
    whose = on_behalf_of or (actor.person_id if actor else None)
    mine = known.mine(whose, case.answered_at, family=on_behalf_of is not None)
    organisations = actor.organisations() if actor else frozenset()
    due = _own_times(case, assignments) if rules.Party.CO_HANDLER in parties else {}
    return CaseView(
        id=case.id,
        number=case.number,
        kind=case.kind,
        state=facts.state,
        outcome=facts.outcome,
        title=public_title(case, access),
        text=case.text if access.reporter else access.words(case.public_text),
        category=case.category.code,
        category_path=case.category.path,
        category_name=case.category.name,
        category_name_en=case.category.name_en,
        urgency=case.urgency,
        answers=_answers(case, access) if access.photos else (),
        area_id=case.area_id,
        area_path=case.area_path,
        area_name=case.area.name,
        place=case.place if access.reporter else public_place(case, access),
        lat=lat,
        lng=lng,
        created_at=case.created_at,
        changed_at=case.changed_at,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        due_at=case.due_at,
        due_kind=case.due_kind,
        due_provisional=case.due_provisional,
        review_on=case.review_on,
        reopen_until=reopen_until(case, now),
        mode=case.mode,
        lead=_body(case.lead),
        holder_name=case.holder_name if access.concerned else "",
        desk=_desk(case),
        subtasks=tuple(
            SubTask(body, a.task, a.state, a.organisation_id in organisations, due.get(a.organisation_id))
            for a in assignments
            if a.role == Assignment.Role.CO and (body := _body(a.organisation)) is not None
        ),
        joiners=case.joiners,
        is_public=case.is_public,
        times_reopened=case.times_reopened,
        supervised=case.supervised,
        parent=_common(case.parent, access),
        question=_question(case) if facts.info_pending and access.concerned else "",
        reporter=known.reporter() if access.reporter else None,
        mine=mine,
        on_behalf_of=on_behalf_of,
        access=access,
        verbs=rules.lawful(facts, parties),
        facts=facts,
        own_ids=_own_ids(actor, mine if on_behalf_of is None else None),
        reporter_ids=known.ids,
    )


def _own_times(case: Case, assignments: list[Assignment]) -> dict[UUID | None, datetime]:
    """Until when each co-handler answers, or comes where they were whistled in. One query, asked for co-handlers alone."""
    bodies = [a.organisation_id for a in assignments if a.role == Assignment.Role.CO]
    rows = case.clocks.filter(kind__in=(ClockKind.CO_TASK, ClockKind.WHISTLE), subject__in=bodies, stopped_at=None)
    return dict(rows.order_by("-due_at").values_list("subject", "due_at"))


def _own_ids(actor: Actor | None, mine: Mine | None) -> frozenset[UUID]:
    """Under which ids the viewer acted here: also before the register knew them."""
    ids = {actor.id, actor.person_id} if actor is not None else set()
    return frozenset(one for one in (*ids, mine.person_id if mine else None) if one is not None)


@dataclass(frozen=True, slots=True)
class Released:
    """The words of a case as everybody may read them."""

    title: str
    text: str
    place: str


def released_words(case: Case) -> Released:
    """What everybody would read of the case as the program masks it, or does as the desk released it: the desk's form
    begins with it. One query."""
    if case.is_public and case.public_title:
        return Released(case.public_title, case.public_text, case.public_place)
    access = strangers([case.pk])[case.pk]
    return Released(access.words(case.title), access.words(case.public_text), _place_without_home(case, access))


def public_title(case: Case, access: Access) -> str:
    """What it is called, for this viewer."""
    if not access.concerned and case.is_public and case.public_title:
        return case.public_title
    return access.words(case.title)


def public_place(case: Case, access: Access = PUBLIC) -> str:
    """Where it is, without anybody's home: needs ``area``, ``building`` and ``unit`` loaded."""
    if not access.concerned and case.is_public and case.public_place:
        return case.public_place
    return _place_without_home(case, access)


def _place_without_home(case: Case, access: Access) -> str:
    if case.home_id is None:
        return access.words(case.place)
    return " ".join(part.name for part in (case.area, case.building, case.unit) if part is not None and part.name)


def position(case: Case, *, exact: bool) -> tuple[float | None, float | None]:
    """The place on the map. For everybody to about ten metres, and that of the building where it is in a home."""
    if exact or case.lat is None or case.lng is None:
        return case.lat, case.lng
    if case.home_id is not None:
        return (case.building.lat, case.building.lng) if case.building else (None, None)
    return round(case.lat, 4), round(case.lng, 4)


def _answers(case: Case, access: Access) -> tuple[tuple[str, str], ...]:
    return tuple((question, access.words(answer)) for question, answer in answers_of(case))


def _common(parent: Case | None, access: Access) -> Common | None:
    if parent is None:
        return None
    lead = str(parent.lead) if parent.lead else ""
    title = access.words(parent.title)
    return Common(
        parent.id, parent.number, title, State(parent.state), lead, parent.due_at, parent.due_kind, parent.is_public
    )


def _body(organisation: Organisation | None) -> Body | None:
    return Body(organisation.id, str(organisation), organisation.phone) if organisation is not None else None


def _desk(case: Case) -> Body | None:
    """The community's own office."""
    found = _DESKS.first(place_rules.lineage_paths(case.area_path))
    return Body(found[0], found[1] or found[2], found[3]) if found is not None else None


_DESKS: Statement[tuple[UUID, str, str, str]] = Statement(
    lambda paths: (
        Organisation.objects.filter(kind=Organisation.Kind.COMMUNITY, area__path__in=paths, until=None)
        .order_by("-area__depth", "id")
        .values_list("id", "short_name", "name", "phone")[:1]
    )
)


def _question(case: Case) -> str:
    return question_of(case.pk)


def question_of(case_id: UUID) -> str:
    """What the office asked the reporter and still waits for; empty if nothing. One query."""
    rows = Petition.objects.filter(case_id=case_id, kind=Petition.Kind.INFORMATION, state=Petition.State.PENDING)
    return rows.values_list("reason", flat=True).first() or ""


def word_of(party_id: UUID) -> str:
    """What somebody concerned has said of the latest answer. One query."""
    row = Party.objects.filter(pk=party_id).values_list("word", "answered_at", "case__answered_at").first()
    return word_now(*row) if row else ""
