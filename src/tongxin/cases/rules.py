"""The state machine of a case: which verb leads where, by whom, and what it needs. PURE, drawn in README.md.

The operations layer maps an actor to the :class:`Party` set that they are to the case, then::

    facts = rules.apply(facts, Verb.ANSWER, parties, {"text": "…"}, actor_id=actor.id)
    clocks = rules_clocks.turn(clocks, facts, Verb.ANSWER, now, policy, calendar)

Three promises hold by construction. A case is closed only by the resident's own word or by silence after the
last reminder (a common matter: after each gathered reporter was asked). Nobody decides on what they asked
for themselves: decisions are barred to whoever is also the handler. And whoever has to do with a case in office
says nothing of it as its reporter: not the handler, nor the desk.

Sources: GB/T 30428 (the loop), 国办发〔2020〕53号, Beijing hotline ordinance 11-17, 23, 32.
"""

from __future__ import annotations

from collections.abc import Hashable, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from tongxin.cases.rules_changes import changes
from tongxin.cases.rules_facts import (
    ASKS,
    GUARDS,
    CaseFacts,
    Given,
    Refusal,
    gathered_ended,
    goes_with_common,
    missing,
    present,
    refuse_given,
)
from tongxin.cases.rules_words import (
    CO_WORKABLE,
    DECIDES,
    FINAL,
    OPEN,
    RUNNING,
    STEP_OF,
    TAKEN,
    UNANSWERED_YET,
    WAITING_CHECK,
    WAITING_DESK,
    WAITING_RESIDENT,
    WHERE_IT_STANDS,
    WITH_HANDLER,
    Mode,
    Outcome,
    Party,
    Rating,
    State,
    Step,
    Urgency,
    Verb,
    steps_done,
)
from tongxin.kernel.errors import Conflict, Invalid, NotAllowed

__all__ = [
    "ASKS", "CO_WORKABLE", "DECIDES", "FINAL", "OPEN", "RUNNING", "STEP_OF", "TAKEN", "TRANSITIONS",
    "UNANSWERED_YET", "WAITING_CHECK", "WAITING_DESK", "WAITING_RESIDENT", "WHERE_IT_STANDS",
    "WITH_HANDLER", "CaseFacts", "Given", "HeldByAnother", "Incomplete", "Mode", "NotLawful", "NotYours",
    "Outcome", "Party", "Rating", "Refusal", "State", "Step", "Transition", "Urgency", "Verb", "apply", "below_its_level",
    "gathered_ended", "goes_with_common", "lawful", "level_needed", "may_see_reporter", "may_whistle", "next_state",
    "refusal", "steps_done",
    "without_conflict",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. ``target`` None keeps the state; ``barred`` parties may not even if they are also
    in ``by``; ``needs`` name what must come with it (``"a|b"``: one of both)."""

    verb: Verb
    sources: frozenset[State]
    target: State | None
    by: frozenset[Party]
    needs: tuple[str, ...] = ()
    barred: frozenset[Party] = frozenset()


_S, _P, _V = State, Party, Verb
_EVERY: Final = frozenset(State)
_DECIDING: Final = frozenset({_P.DESK, _P.SUPERVISOR})
"""Who decides: once a case was raised, only the level to which it was, and those above."""
_OFFICE: Final = _DECIDING | {_P.LOWER_DESK}
_OFFICE_OR_SYSTEM: Final = _OFFICE | {_P.SYSTEM}
_RESIDENT: Final = frozenset({_P.REPORTER, _P.HELPER})
_ANY_RESIDENT: Final = _RESIDENT | {_P.JOINER}
_WORKER: Final = frozenset({_P.HANDLER})
_WORKERS: Final = frozenset({_P.HANDLER, _P.CO_HANDLER})


def _row(
    verb: Verb,
    sources: Set[State],
    target: State | None,
    by: Set[Party],
    *needs: str,
    barred: Set[Party] = frozenset(),
) -> Transition:
    return Transition(verb, frozenset(sources), target, frozenset(by), needs, frozenset(barred))


_ROWS: Final = (
    # the way through, in the order in which it goes: ``lawful`` answers in this order, the most likely first
    _row(_V.SUBMIT, set(), _S.SUBMITTED, _RESIDENT | {_P.DESK, _P.SYSTEM}),
    _row(_V.UPHOLD_OBJECTION, WITH_HANDLER, _S.ACCEPTED, _DECIDING, "reason", barred=_WORKER),
    _row(_V.REJECT_OBJECTION, WITH_HANDLER, None, _DECIDING, "reason", barred=_WORKER),
    _row(_V.PROVIDE_INFO, WAITING_DESK | WITH_HANDLER, None, _ANY_RESIDENT, "text"),
    _row(_V.ACCEPT, {_S.SUBMITTED}, _S.ACCEPTED, _OFFICE_OR_SYSTEM),
    _row(_V.DISPATCH, {_S.ACCEPTED, _S.REOPENED}, _S.DISPATCHED, _OFFICE_OR_SYSTEM, "lead|pool"),
    _row(_V.ANSWER_DIRECTLY, {_S.SUBMITTED, _S.ACCEPTED}, _S.AWAITING, _OFFICE, "text"),
    _row(_V.CLAIM, {_S.DISPATCHED}, _S.CLAIMED, {_P.HANDLER, _P.TAKER}),
    _row(_V.START, {_S.CLAIMED}, _S.IN_PROGRESS, _WORKER),
    _row(_V.ANSWER, TAKEN, _S.ANSWERED, _WORKER, "text"),
    _row(_V.CO_ANSWER, CO_WORKABLE, None, {_P.CO_HANDLER}, "co_handler", "text"),
    _row(_V.VERIFY, {_S.ANSWERED}, _S.VERIFIED, _DECIDING, barred=_WORKER),
    _row(_V.ASK_RESIDENT, WAITING_CHECK | {_S.MERGED}, _S.AWAITING, _OFFICE_OR_SYSTEM),
    _row(_V.CONFIRM, {_S.AWAITING}, _S.CLOSED, _ANY_RESIDENT),
    _row(_V.NOT_SOLVED, {_S.AWAITING}, _S.REOPENED, _ANY_RESIDENT, "reason"),
    _row(_V.RATE, {_S.AWAITING, _S.CLOSED}, None, _ANY_RESIDENT, "rating", barred=_WORKERS),
    _row(_V.CALL_BACK, {_S.AWAITING, _S.CLOSED}, None, _OFFICE, "result", barred=_WORKER),
    _row(_V.REMIND, {_S.AWAITING}, None, {_P.DESK, _P.LOWER_DESK, _P.SYSTEM}),
    _row(_V.CLOSE_UNANSWERED, {_S.AWAITING}, _S.CLOSED, {_P.SYSTEM}),
    _row(_V.CLOSE_COMMON, {_S.AWAITING}, _S.CLOSED, {_P.SYSTEM}),
    _row(_V.REOPEN, {_S.CLOSED, _S.DECLINED}, _S.REOPENED, _ANY_RESIDENT | {_P.AFFECTED} | _OFFICE, "reason"),
    _row(_V.SEND_BACK, WAITING_CHECK, _S.IN_PROGRESS, _DECIDING, "reason"),
    # when it does not go straight
    _row(_V.APPROVE_EXTENSION, TAKEN, None, _DECIDING, barred=_WORKER),
    _row(_V.REJECT_EXTENSION, TAKEN, None, _DECIDING, "reason", barred=_WORKER),
    _row(_V.APPROVE_SUSPENSION, TAKEN, _S.SUSPENDED, _DECIDING, "review_on", barred=_WORKER),
    _row(_V.REJECT_SUSPENSION, TAKEN, None, _DECIDING, "reason", barred=_WORKER),
    _row(_V.RESUME, {_S.SUSPENDED}, _S.IN_PROGRESS, _WORKER | _OFFICE_OR_SYSTEM),
    _row(_V.HAND_TO_WORKER, TAKEN, None, _WORKER, "worker"),
    _row(_V.REQUEST_INFO, WAITING_DESK | TAKEN, None, _WORKER | _OFFICE, "text"),
    _row(_V.LAPSE_INFO, WAITING_DESK | WITH_HANDLER, None, {_P.SYSTEM}),
    _row(
        _V.ADD_CO_HANDLER,
        CO_WORKABLE - {_S.SUSPENDED},
        None,
        _WORKER | _OFFICE_OR_SYSTEM,
        "co_handler",
        "task",
    ),
    _row(_V.WAIVE_CO_HANDLER, CO_WORKABLE, None, _DECIDING, "co_handler", "reason", barred=_WORKER),
    _row(_V.REQUEST_EXTENSION, TAKEN, None, _WORKER, "reason", "extra"),
    _row(_V.REQUEST_SUSPENSION, TAKEN, None, _WORKER, "reason", "review_on"),
    _row(_V.OBJECT, WITH_HANDLER, None, _WORKER, "reason"),
    _row(_V.PUT_BACK, TAKEN, _S.DISPATCHED, _WORKER, "reason"),
    _row(_V.REDISPATCH, WITH_HANDLER, _S.DISPATCHED, _OFFICE_OR_SYSTEM, "lead|pool", "reason"),
    _row(
        _V.HAND_OVER,
        WITH_HANDLER | WAITING_CHECK | {_S.SUSPENDED},
        None,
        _WORKER | _OFFICE_OR_SYSTEM,
        "holder|lead",
    ),
    # around it
    _row(_V.JOIN, RUNNING, None, {_P.AFFECTED, _P.HELPER}, barred={_P.REPORTER, _P.JOINER}),
    _row(_V.URGE, RUNNING - WAITING_RESIDENT, None, _ANY_RESIDENT | _OFFICE),
    _row(_V.SUPERVISE, RUNNING, None, {_P.SUPERVISOR}, "reason"),
    _row(_V.LIFT_SUPERVISION, RUNNING, None, {_P.SUPERVISOR}, "reason"),
    _row(_V.ESCALATE, RUNNING, None, {_P.DESK, _P.LOWER_DESK, _P.SYSTEM}, "reason"),
    _row(_V.GATHER, (UNANSWERED_YET - {_S.SUBMITTED}) | WAITING_CHECK, None, _OFFICE, "cases"),
    _row(_V.MERGE, UNANSWERED_YET, _S.MERGED, _DECIDING, "into"),
    _row(_V.SEPARATE, {_S.MERGED}, _S.ACCEPTED, _OFFICE_OR_SYSTEM, "reason"),
    _row(_V.RECLASSIFY, UNANSWERED_YET, None, _DECIDING, "category|urgency|about"),
    _row(_V.RELEASE_PHOTO, _EVERY, None, _OFFICE, "photo"),
    _row(_V.HIDE_PHOTO, _EVERY, None, _OFFICE, "photo"),
    _row(_V.NOTE, _EVERY, None, _ANY_RESIDENT | _WORKERS | _OFFICE, "text"),
    _row(_V.DECLINE, {_S.SUBMITTED, _S.REOPENED}, _S.DECLINED, _DECIDING, "reason", "elsewhere"),
    _row(_V.WITHDRAW, UNANSWERED_YET | {_S.MERGED}, _S.WITHDRAWN, _RESIDENT),
    _row(_V.LEAVE, UNANSWERED_YET | {_S.MERGED}, _S.WITHDRAWN, {_P.JOINER}),
    _row(_V.NOT_MINE, _EVERY, None, {_P.REPORTER}, barred={_P.HELPER}),
)

TRANSITIONS: Final[dict[Verb, Transition]] = {row.verb: row for row in _ROWS}
"""The whole machine: one row per verb."""

_JUDGES: Final = frozenset({_V.CONFIRM, _V.NOT_SOLVED, _V.RATE})

_HOLDERS_ONLY: Final = frozenset(
    {_V.START, _V.ANSWER, _V.PUT_BACK, _V.HAND_TO_WORKER, _V.REQUEST_EXTENSION, _V.REQUEST_SUSPENSION}
)


class NotLawful(Conflict):
    """The case does not allow the verb now. ``possible``: what these parties could do instead. Nothing was
    changed."""

    code = "not-lawful"

    def __init__(self, why: Refusal, case: CaseFacts, verb: Verb, possible: tuple[Verb, ...], **params: Any) -> None:
        super().__init__(why.message, code=why.code, **params)
        self.state, self.verb, self.possible = case.state, verb, possible


class HeldByAnother(NotLawful):
    """Somebody else took or answered it first; ``holder`` is who (the name is in ``params["who"]`` where
    known)."""

    def __init__(self, case: CaseFacts, verb: Verb, possible: tuple[Verb, ...]) -> None:
        if case.holder_name:
            why = Refusal("held", "%(who)s already has this case.")
            super().__init__(why, case, verb, possible, who=case.holder_name)
        else:
            super().__init__(Refusal("held", "Somebody else already has this case."), case, verb, possible)
        self.holder = case.holder


class NotYours(NotAllowed):
    """The case allows it, but not to these parties."""

    code = "not-yours"


class Incomplete(Invalid):
    """Something that the verb needs is missing or unfit; ``field`` names it."""

    code = "incomplete"


def refusal(case: CaseFacts, verb: Verb, parties: Set[Party]) -> Refusal | None:
    """Why the verb is not open to these parties now, judged without what would come with it; None if it
    is."""
    row = TRANSITIONS[verb]
    if case.state not in row.sources:
        return Refusal("not-lawful", WHERE_IT_STANDS[case.state])
    if not _entitled(case, row, parties):
        return Refusal("not-yours", "This is for somebody else to do.")
    guard = GUARDS.get(verb)
    return guard(case, parties) if guard else None


def lawful(case: CaseFacts, parties: Set[Party]) -> tuple[Verb, ...]:
    """The verbs open to these parties now, the most likely first (the filled button on the desk)."""
    return tuple(verb for verb in TRANSITIONS if refusal(case, verb, parties) is None)


def next_state(
    case: CaseFacts,
    verb: Verb,
    parties: Set[Party],
    given: Given | None = None,
    *,
    actor_id: Hashable = None,
) -> State:
    """The state after ``verb`` by an actor who is ``parties`` to the case, with ``given`` (the row's
    ``needs``).

    With ``actor_id`` only the holder or their worker may go on with a claimed case. Raises
    :class:`NotLawful`, :class:`HeldByAnother`, :class:`NotYours` or :class:`Incomplete`; each leaves
    everything as it was.
    """
    given = given or {}
    row = TRANSITIONS[verb]
    why = refusal(case, verb, parties)
    if _held(case, verb, parties, actor_id):
        raise HeldByAnother(case, verb, lawful(case, parties))
    if why is not None:
        if why.code == "not-yours":
            raise NotYours(why.message, possible=", ".join(lawful(case, parties)))
        raise NotLawful(why, case, verb, lawful(case, parties))
    field = missing(_needs(row, parties), given)
    if field:
        raise Incomplete("Something is missing: %(field)s.", field=field)
    unfit = refuse_given(case, verb, given)
    if unfit is not None:
        raise Incomplete(unfit.message, code=unfit.code, field=unfit.field)
    return _target(case, row, given)


def apply(
    case: CaseFacts,
    verb: Verb,
    parties: Set[Party],
    given: Given | None = None,
    *,
    actor_id: Hashable = None,
) -> CaseFacts:
    """The facts after ``verb``: :func:`next_state` and everything else that the verb changes. Raises as it
    does."""
    given = given or {}
    state = next_state(case, verb, parties, given, actor_id=actor_id)
    helper = Party.HELPER in parties and Party.REPORTER not in parties
    return replace(case, **changes(case, verb, state, given, actor_id, helper))


def without_conflict(parties: Set[Party], organisations: Set[Hashable], case: CaseFacts) -> frozenset[Party]:
    """The parties left to a member of ``organisations``: who belongs to a body complained of neither desks,
    supervises, helps nor takes the case. They may handle it where it was given to them beside others."""
    if not set(organisations) & case.complained_of:
        return frozenset(parties)
    return frozenset(parties) - {Party.DESK, Party.LOWER_DESK, Party.SUPERVISOR, Party.TAKER, Party.HELPER}


def level_needed(case: CaseFacts) -> int:
    """How many levels above the first desk decide on the case: as many as it was raised, one at least under
    supervision. A deputy's suggestion is supervised at the level for which the deputy was elected."""
    return min(case.top, max(case.raised, int(case.supervised and not case.is_suggestion)))


def below_its_level(parties: Set[Party]) -> frozenset[Party]:
    """The parties left to an office below the level to which a case was raised: it goes on with what there is to do
    and decides nothing; what the level above took to itself, it does not take back."""
    left = frozenset(parties) - {Party.DESK, Party.SUPERVISOR}
    return left | {Party.LOWER_DESK} if Party.DESK in parties else left


def may_see_reporter(
    parties: Set[Party], organisations: Set[Hashable], case: CaseFacts, *, name_hidden: bool = False
) -> bool:
    """True if the reporter's name may be shown: never to a body complained of; to the desk and the levels
    above it; to handlers and helpers unless the reporter hid their name from all but the desk."""
    if Party.REPORTER in parties:
        return True
    if set(organisations) & case.complained_of:
        return False
    if parties & {Party.DESK, Party.LOWER_DESK, Party.SUPERVISOR, Party.SYSTEM}:
        return True
    return not name_hidden and bool(parties & {Party.HANDLER, Party.CO_HANDLER, Party.HELPER})


def may_whistle(parties: Set[Party], called: Set[Hashable], partners: Set[Hashable]) -> bool:
    """True if ``called`` may be whistled in 吹哨, so that they must come: by the levels above the community anybody, by
    its own desk the ``partners``, units of its general party committee 大党委 (Beijing ordinance, art. 16)."""
    if parties & {Party.SUPERVISOR, Party.SYSTEM}:
        return True
    return Party.DESK in parties and set(called) <= set(partners)


def _entitled(case: CaseFacts, row: Transition, parties: Set[Party]) -> bool:
    mine = set(parties)
    if not case.reporter_present and row.verb is not Verb.JOIN:
        mine -= _RESIDENT  # the withdrawn reporter has no further say; joiners speak for it
    if _P.HELPER in mine and _P.REPORTER not in mine and row.verb in DECIDES and mine & _WORKERS:
        mine.discard(_P.HELPER)  # whose work is judged does not record the judgement
    if row.verb in _JUDGES and mine & (_OFFICE | _WORKERS):
        mine -= {_P.REPORTER, _P.JOINER}  # who has to do with it in office has no word of their own on it
    return bool(mine & row.by) and not mine & row.barred


def _needs(row: Transition, parties: Set[Party]) -> tuple[str, ...]:
    """A helper brings the person's own signed or recorded choice wherever the choice decides."""
    own = parties & row.by
    return (*row.needs, "own_choice") if row.verb in DECIDES and own == {Party.HELPER} else row.needs


def _held(case: CaseFacts, verb: Verb, parties: Set[Party], actor_id: Hashable) -> bool:
    if actor_id is None or case.holder is None or actor_id in {case.holder, case.worker}:
        return False
    if verb in _HOLDERS_ONLY and case.state in TAKEN:
        return Party.HANDLER in parties
    late = case.state in TAKEN | WAITING_CHECK | WAITING_RESIDENT
    return verb in {Verb.CLAIM, Verb.START, Verb.ANSWER} and late and bool(parties & TRANSITIONS[verb].by)


def _target(case: CaseFacts, row: Transition, given: Given) -> State:
    """Where the verb leads. What nobody has in hand waits to be taken: it is never “in progress” with nobody."""
    if row.verb is Verb.HAND_OVER and case.state in TAKEN:
        stays = present(given.get("holder")) or present(given.get("co_from"))
        return case.state if stays else State.DISPATCHED
    if row.verb in {Verb.RESUME, Verb.SEND_BACK} and case.holder is None:
        return State.DISPATCHED
    if row.verb is Verb.WITHDRAW and case.others:
        return case.state
    if row.verb is Verb.LEAVE and (case.reporter_present or case.joiners > 1 or case.children_open):
        return case.state
    return row.target or case.state
