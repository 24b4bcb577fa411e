"""My matters: those I reported or joined, and those of the family members I act for; what waits for my word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tongxin.cases import rules
from tongxin.cases.models import Case, Party, Petition, Update
from tongxin.cases.queries.access import PUBLIC, Access, strangers
from tongxin.cases.queries.parties import unspoken, word_now
from tongxin.cases.queries.timeline import Photo, shown
from tongxin.cases.queries.view import public_place
from tongxin.cases.rules import State, Verb
from tongxin.files import queries as files
from tongxin.kernel.actor import Actor
from tongxin.people.models import FamilyLink
from tongxin.people.queries.areas import sign_in_rows
from tongxin.record.statements import Statement

PAGE = 20
WAITING_SHOWN = 5
FILTERS: Final = ("all", "open", "waiting", "ended")
_ANSWERS: Final = (Verb.ANSWER, Verb.ANSWER_DIRECTLY)


@dataclass(frozen=True, slots=True)
class MyCase:
    """A line of my list. ``for_name``: of the family member whose it is. ``key``: for the next page."""

    key: UUID
    number: str
    title: str
    place: str
    state: State
    outcome: str
    category_name: str
    category_name_en: str
    lead_name: str
    holder_name: str
    mode: str
    due_at: datetime | None
    due_kind: str
    closed_at: datetime | None
    joined: bool
    for_name: str
    helped: bool
    word: str
    rating: int | None

    @property
    def steps_done(self) -> int:
        """How many of the five steps are done."""
        return rules.steps_done(self.state)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for my word: a case that is answered, or a question to me."""

    case: MyCase
    question: str
    answer: str
    answered_by: str
    answered_at: datetime | None
    photo: Photo | None
    asked_at: datetime | None


def people_of(actor: Actor) -> list[UUID]:
    """Myself, with every row that is me, and the family members I act for. One query."""
    if actor.person_id is None:
        return []
    return [actor.person_id, *(key for (key,) in _PEOPLE(actor.person_id))]


_PEOPLE: Statement[tuple[UUID]] = Statement(
    lambda person_id: (
        sign_in_rows(person_id)
        .order_by()
        .values_list("id")
        .union(FamilyLink.objects.filter(child_id=person_id, until=None).order_by().values_list("parent_id"), all=True)
    )
)


def my_cases(
    actor: Actor, *, which: str = "all", before: UUID | None = None, limit: int = PAGE, people: Sequence[UUID] = ()
) -> tuple[list[MyCase], UUID | None]:
    """My cases, the newest first, and the key of the next page. ``people``: what :func:`people_of` gave, if asked."""
    whose = people or people_of(actor)
    if not whose:
        return [], None
    found = _whole(_statement(which, before is not None, limit + 1)(whose, *([before] if before else [])))
    following = found[limit - 1].id if len(found) > limit else None
    readers = strangers(row.case_id for row in found[:limit])
    return [_my_case(row, actor, readers[row.case_id]) for row in found[:limit]], following


@lru_cache(maxsize=64)
def _statement(which: str, before: bool, limit: int) -> Statement[UUID]:
    """Which they are, by an index: the joins are for a page and not for all that somebody reported."""

    def build(people: Sequence[UUID], *key: UUID) -> QuerySet[Party, UUID]:
        rows = _of(people)
        if which == "open":
            rows = rows.filter(case__open=True)
        elif which == "ended":
            rows = rows.filter(case__open=False)
        elif which == "waiting":
            rows = rows.filter(_waits())
        if before:
            rows = rows.filter(id__lt=key[0])
        return rows.order_by("-id").values_list("pk", flat=True)[:limit]

    return Statement(build)


def helped_cases(actor: Actor, limit: int = PAGE) -> list[MyCase]:
    """What I filed for others as their helper, the newest first; ``for_name`` says for whom."""
    if actor.person_id is None:
        return []
    rows = Party.objects.filter(helper_id=actor.person_id, role=Party.Role.REPORTER, disowned_at=None)
    return [_my_case(row, actor) for row in rows.select_related(*_RELATED).only(*_COLUMNS).order_by("-id")[:limit]]


def waiting_for_me(actor: Actor, now: datetime, people: Sequence[UUID] = ()) -> list[Waiting]:
    """What waits for my word, the longest waiting first; at most five. At most five queries."""
    whose = people or people_of(actor)
    found = _whole(_WAITING(whose)) if whose else []
    if not found:
        return []
    # A gathered case was answered where it was gathered.
    answered = {row.case.parent_id or row.case_id for row in found}
    answers = _latest_answers(answered)
    pictures = files.of_owners("update", [update.id for update in answers.values() if update.files_count])
    questions = _questions([row.case_id for row in found if row.case.info_pending])
    readers = strangers(row.case_id for row in found)
    return [
        _waiting(
            row, actor, readers[row.case_id], answers.get(row.case.parent_id or row.case_id), pictures, questions, now
        )
        for row in found
    ]


def waiting_count(actor: Actor) -> int:
    """How many of my cases wait for my word."""
    return _of(people_of(actor)).filter(_waits()).count()


_RELATED: Final = ("case__category", "case__lead", "case__area", "case__building", "case__unit", "person")
_COLUMNS: Final = (
    "id", "case", "person", "helper", "role", "word", "rating", "answered_at", "person__name", "person__same_as",
    *(
        f"case__{name}"
        for name in (
            "number", "title", "place", "home", "state", "outcome", "holder_name", "mode", "due_at", "due_kind",
            "closed_at", "answered_at", "asked_at", "info_pending", "parent", "category__name", "category__name_en",
            "lead__name", "lead__short_name", "area__name", "building__name", "unit__name",
        )
    ),
)  # fmt: skip
"""A list shows a few columns of whole rows."""


def _of(people: Sequence[UUID]) -> QuerySet[Party]:
    return Party.objects.filter(person_id__in=people, disowned_at=None)


def _whole(ids: Sequence[UUID]) -> list[Party]:
    """The rows with what a line shows of their cases, in this order. One query, none without any."""
    found = {row.pk: row for row in _WHOLE(ids)} if ids else {}
    return [found[key] for key in ids if key in found]


_WHOLE: Statement[Party] = Statement(
    lambda ids: Party.objects.filter(pk__in=ids).select_related(*_RELATED).only(*_COLUMNS)
)


def _waits() -> Q:
    asked = Q(case__state=State.AWAITING) & unspoken(F("case__answered_at"))
    return asked | Q(case__info_pending=True, case__open=True, role=Party.Role.REPORTER)


_WAITING: Statement[UUID] = Statement(
    lambda people: (
        _of(people).filter(_waits()).order_by("case__asked_at", "id").values_list("pk", flat=True)[:WAITING_SHOWN]
    )
)


def _latest_answers(case_ids: Iterable[UUID]) -> dict[UUID, Update]:
    rows = Update.objects.filter(case_id__in=case_ids, verb__in=_ANSWERS).select_related("organisation").order_by("id")
    return {row.case_id: row for row in rows}


def _questions(case_ids: Sequence[UUID]) -> dict[UUID, str]:
    if not case_ids:
        return {}
    rows = Petition.objects.filter(
        case_id__in=case_ids, kind=Petition.Kind.INFORMATION, state=Petition.State.PENDING
    ).values_list("case_id", "reason")
    return dict(rows)


def _waiting(
    row: Party,
    actor: Actor,
    stranger: Access,
    answer: Update | None,
    pictures: dict[UUID, list[files.Picture]],
    questions: dict[UUID, str],
    now: datetime,
) -> Waiting:
    reporter = row.role == Party.Role.REPORTER
    access = Access(concerned=True, reporter=reporter, photos=reporter, names=stranger.names)
    photos = (
        [shown(picture, access, now) for picture in pictures.get(answer.id, ()) if picture.purpose == "answer"]
        if (answer)
        else []
    )
    who = " · ".join(part for part in (str(answer.organisation or ""), answer.actor_name) if part) if answer else ""
    return Waiting(
        case=_my_case(row, actor, stranger),
        question=questions.get(row.case_id, ""),
        answer=access.words(answer.text) if answer else "",
        answered_by=who,
        answered_at=answer.recorded_at if answer else None,
        photo=next((photo for photo in photos if photo is not None and photo.src), None),
        asked_at=row.case.asked_at,
    )


def _my_case(row: Party, actor: Actor, access: Access = PUBLIC) -> MyCase:
    case: Case = row.case
    mine = row.role == Party.Role.REPORTER
    family = row.person is not None and actor.person_id not in {row.person_id, row.person.same_as_id}
    return MyCase(
        key=row.id,
        number=case.number,
        title=case.title if mine else access.words(case.title),
        place=case.place if mine else public_place(case, access),
        state=State(case.state),
        outcome=case.outcome,
        category_name=case.category.name,
        category_name_en=case.category.name_en,
        lead_name=str(case.lead) if case.lead else "",
        holder_name=case.holder_name,
        mode=case.mode,
        due_at=case.due_at,
        due_kind=case.due_kind,
        closed_at=case.closed_at,
        joined=not mine,
        for_name=row.person.name if family and row.person else "",
        helped=row.helper_id is not None,
        word=word_now(row.word, row.answered_at, case.answered_at),
        rating=row.rating,
    )
