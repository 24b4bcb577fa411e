"""What the rules need to know of a case, and why a verb may be refused. PURE.

``rules`` asks here; operations build a :class:`CaseFacts` from their row, under its lock.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from tongxin.cases.rules_words import WAITING_DESK, Mode, Outcome, Party, Rating, State, Verb

Given = Mapping[str, Any]
"""What comes with a verb: ``{"reason": "…", "lead": id}``. Blank texts and empty collections count as
missing."""

MAX_EXTENSIONS: Final = 1
MAX_INFO_REQUESTS: Final = 3
ASKS: Final = 2


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """One case as the rules see it. Ids are opaque; counts stand for people, so that a case with many stays
    cheap."""

    state: State = State.SUBMITTED
    id: Hashable = None

    # of its category and place
    needs_verification: bool = False
    complained_of: frozenset[Hashable] = frozenset()  # organisations the report complains about

    # who has it
    mode: Mode = Mode.ASSIGNED
    lead: Hashable = None  # organisation; None in the pool, and where a person took it for themselves
    holder: Hashable = None  # the actor who claimed it
    holder_name: str = ""
    worker: Hashable = None  # without an account, by link
    co_outstanding: frozenset[Hashable] = frozenset()
    co_done: frozenset[Hashable] = frozenset()
    whistled: frozenset[Hashable] = frozenset()  # co-handlers that a street called in 街道吹哨

    # whose it is
    reporter_present: bool = True  # False once withdrawn while others stay on
    filed_by_helper: bool = False
    joiners: int = 0
    is_suggestion: bool = False  # of a deputy: it lies at its own level from the start
    is_common: bool = False  # made by the desk to gather others: nobody's own
    children_open: int = 0  # gathered cases that have not ended
    children_confirmed: int = 0
    parent: Hashable = None
    parent_state: State | None = None

    # what waits for a decision
    objection_pending: bool = False
    objection_rejected: bool = False  # this dispatch was objected to once already
    info_pending: bool = False
    extension_pending: bool = False
    suspension_pending: bool = False

    # what has been
    accepted_once: bool = False
    times_declined: int = 0
    times_reopened: int = 0
    asked: int = 0  # how often the resident was asked in this round
    extensions: int = 0
    info_requests: int = 0
    answer_kind: Outcome = Outcome.SOLVED
    confirmed_by_helper: bool = False
    outcome: Outcome | None = None

    # how high it stands
    raised: int = 0  # levels above the first desk
    top: int = 3  # levels there are above the first desk
    supervised: bool = False

    # set by policy
    max_extensions: int = MAX_EXTENSIONS
    max_info_requests: int = MAX_INFO_REQUESTS
    asks: int = ASKS
    window_open: bool = True  # ``rules_clocks.reopen_until`` has not passed

    @property
    def others(self) -> int:
        """Joiners and gathered reporters: the case goes on for them when the reporter withdraws."""
        return self.joiners + self.children_open

    @property
    def must_verify(self) -> bool:
        """True if the resident may be asked only after the desk has looked: by category, under supervision,
        and always where the lead is complained of, who must never handle its case alone."""
        return self.needs_verification or self.supervised or (self.lead is not None and self.lead in self.complained_of)

    @property
    def joiners_speak_beside(self) -> bool:
        """True if a joiner's word is noted beside that of those who decide: the reporter, or each one gathered."""
        return self.is_common or self.reporter_present

    @property
    def asks_gathered_only(self) -> bool:
        """True if no single reporter can end it: a common matter, or one whose reporter and joiners all
        left."""
        return self.is_common or (not self.reporter_present and self.joiners == 0)


def goes_with_common(case: CaseFacts) -> bool:
    """True while the case counts in its common matter's ``children_open``: gathered, or asked with it."""
    return case.parent is not None and case.state in {State.MERGED, State.AWAITING}


def gathered_ended(common: CaseFacts, *, confirmed: bool) -> CaseFacts:
    """The common matter after one of its gathered cases ended or went its own way."""
    return replace(
        common,
        children_open=max(0, common.children_open - 1),
        children_confirmed=common.children_confirmed + int(confirmed),
    )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not: ``code`` for programs, ``message`` a translatable sentence, ``field`` the form's field at
    fault, if any."""

    code: str
    message: str
    field: str = ""


def missing(needs: tuple[str, ...], given: Given) -> str:
    """Name of the first need not given, ``""`` if all are. ``"a|b"`` needs one of both."""
    for need in needs:
        if not any(present(given.get(name)) for name in need.split("|")):
            return need.split("|")[0]
    return ""


def present(value: object) -> bool:
    """False for what a form leaves blank: None, False, blank text, an empty collection."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        return bool(value)
    return value is not None and value is not False


# --- refusals that follow from the facts alone --------------------------------------------------------------

_OBJECTED = Refusal("objection-pending", "The objection to the dispatch is decided first.")
_CO_OUTSTANDING = Refusal(
    "co-handlers-outstanding", "Co-handlers have not answered yet; wait for them or have them waived."
)
_ASK_EACH = Refusal("asks-each", "Each reporter of this common matter is asked in their own case.")
_NOTHING_PENDING = Refusal("nothing-pending", "There is no request to decide or to answer.")
_PENDING = Refusal("already-pending", "A request is already waiting to be decided or answered.")
_OWN_REPORT = Refusal("own-report", "You reported this yourself; you can withdraw it.")
_ENOUGH = Refusal("limit-reached", "This has been done as often as the rules allow.")


def _claim(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.objection_pending:
        return _OBJECTED
    if Party.HANDLER not in parties and case.mode is not Mode.POOL:
        return Refusal("not-in-pool", "This case was given to somebody; it cannot be taken from the pool.")
    return None


def _start(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    return _OBJECTED if case.objection_pending else None


def _answer(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.objection_pending:
        return _OBJECTED
    return _CO_OUTSTANDING if case.co_outstanding else None


def _answer_directly(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    """Under supervision an answer is verified by the level above; an answer at first contact is not, so it is theirs."""
    if case.supervised and not parties & {Party.DESK, Party.SUPERVISOR}:
        return Refusal("higher-decides", "The level above decides on this: it was raised, or is under supervision.")
    return _CO_OUTSTANDING if case.co_outstanding else None


def _ask(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.state is State.MERGED and case.parent_state not in {State.AWAITING, State.CLOSED}:
        return Refusal("parent-not-done", "The common matter has no result yet.")
    if case.state is State.ANSWERED and case.must_verify:
        return Refusal("verify-first", "The answer must be verified before the resident is asked.")
    return None


def _own_word(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.asks_gathered_only:
        return _ASK_EACH
    if case.reporter_present and not parties & {Party.REPORTER, Party.HELPER}:
        return Refusal("ask-reporter", "The reporter has the last word.")
    return None


def _rate(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    """Who made a common matter does not judge it; who joined it does, beside those gathered."""
    return _ASK_EACH if case.is_common and Party.JOINER not in parties else None


def _close_unanswered(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.asks_gathered_only:
        return _ASK_EACH
    if case.asked < case.asks:
        return Refusal("remind-first", "The resident is reminded before the case is closed as unanswered.")
    return None


def _close_common(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if not case.asks_gathered_only:
        return Refusal("ask-reporter", "The reporter has the last word.")
    return _ASK_EACH if case.children_open else None


def _remind(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    return _ASK_EACH if case.asks_gathered_only else (_ENOUGH if case.asked >= case.asks else None)


def _reopen(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.state is State.DECLINED and case.times_declined > 1:
        return Refusal("declined-twice", "The level above has declined it as well; the reply says where to go instead.")
    if not case.window_open and Party.SUPERVISOR not in parties:
        return Refusal("window-closed", "The time to reopen this case has passed; please report it anew.")
    return None


def _decline(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    """Accepted once is never declined: the first receiver stays responsible (Beijing ordinance, art. 14)."""
    if case.accepted_once or case.children_open:
        return Refusal("accepted-once", "A case once accepted is not declined; it is answered or dispatched elsewhere.")
    if case.state is State.REOPENED and Party.SUPERVISOR not in parties:
        return Refusal("higher-decides", "The level above decides on a case that was declined before.")
    return None


def _merge(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.is_common or case.children_open:
        return Refusal("has-gathered", "Others are gathered in this case; gather them into the other one instead.")
    return None


def _put_back(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.mode is Mode.POOL:
        return None
    return Refusal("not-from-pool", "Only what was taken from the pool can be put back.")


def _object(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    if case.mode is Mode.POOL:
        return Refusal("from-pool", "What was taken from the pool is put back instead.")
    return _PENDING if case.objection_pending else (_ENOUGH if case.objection_rejected else None)


def _request_info(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    """Only whose clock it is may stop it: the lead of an earlier round has no say while the desk has the case."""
    if case.state in WAITING_DESK and not parties & {Party.DESK, Party.LOWER_DESK, Party.SUPERVISOR}:
        return Refusal("desk-asks", "The desk has the case now; it asks for what is missing.")
    if case.asks_gathered_only:
        return _ASK_EACH
    return _PENDING if case.info_pending else (_ENOUGH if case.info_requests >= case.max_info_requests else None)


def _request_extension(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    return _PENDING if case.extension_pending else (_ENOUGH if case.extensions >= case.max_extensions else None)


def _escalate(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    return None if case.raised < case.top else Refusal("at-the-top", "The case is already at the highest level.")


def _sub_task(case: CaseFacts, parties: Set[Party]) -> Refusal | None:
    return None if case.co_outstanding else _NOTHING_PENDING


def _when(flag: str, wanted: bool, refusal: Refusal) -> Callable[[CaseFacts, Set[Party]], Refusal | None]:
    return lambda case, parties: None if getattr(case, flag) is wanted else refusal


_DECIDE_OBJECTION = _when("objection_pending", True, _NOTHING_PENDING)
_DECIDE_EXTENSION = _when("extension_pending", True, _NOTHING_PENDING)
_DECIDE_SUSPENSION = _when("suspension_pending", True, _NOTHING_PENDING)
_INFO_IS_PENDING = _when("info_pending", True, _NOTHING_PENDING)


GUARDS: Final[dict[Verb, Callable[[CaseFacts, Set[Party]], Refusal | None]]] = {
    Verb.CLAIM: _claim,
    Verb.START: _start,
    Verb.ANSWER: _answer,
    Verb.ANSWER_DIRECTLY: _answer_directly,
    Verb.ASK_RESIDENT: _ask,
    Verb.CONFIRM: _own_word,
    Verb.NOT_SOLVED: _own_word,
    Verb.RATE: _rate,
    Verb.CLOSE_UNANSWERED: _close_unanswered,
    Verb.CLOSE_COMMON: _close_common,
    Verb.REMIND: _remind,
    Verb.REOPEN: _reopen,
    Verb.DECLINE: _decline,
    Verb.MERGE: _merge,
    Verb.PUT_BACK: _put_back,
    Verb.OBJECT: _object,
    Verb.UPHOLD_OBJECTION: _DECIDE_OBJECTION,
    Verb.REJECT_OBJECTION: _DECIDE_OBJECTION,
    Verb.REQUEST_INFO: _request_info,
    Verb.PROVIDE_INFO: _INFO_IS_PENDING,
    Verb.LAPSE_INFO: _INFO_IS_PENDING,
    Verb.REQUEST_EXTENSION: _request_extension,
    Verb.APPROVE_EXTENSION: _DECIDE_EXTENSION,
    Verb.REJECT_EXTENSION: _DECIDE_EXTENSION,
    Verb.REQUEST_SUSPENSION: _when("suspension_pending", False, _PENDING),
    Verb.APPROVE_SUSPENSION: _DECIDE_SUSPENSION,
    Verb.REJECT_SUSPENSION: _DECIDE_SUSPENSION,
    Verb.CO_ANSWER: _sub_task,
    Verb.WAIVE_CO_HANDLER: _sub_task,
    Verb.SUPERVISE: _when("supervised", False, Refusal("already-supervised", "The case is already under supervision.")),
    Verb.LIFT_SUPERVISION: _when("supervised", True, Refusal("not-supervised", "The case is not under supervision.")),
    Verb.ESCALATE: _escalate,
    Verb.LEAVE: lambda case, parties: None if case.joiners else _NOTHING_PENDING,
    Verb.NOT_MINE: _when("filed_by_helper", True, _OWN_REPORT),
}


def _refuse_co(case: CaseFacts, old: Hashable, new: Hashable) -> Refusal | None:
    """Why a sub-task cannot pass from one co-handler to the next."""
    if old not in case.co_outstanding:
        return Refusal("no-sub-task", "This organisation has no open sub-task here.", "co_from")
    if new is None or new == case.lead or new in case.co_outstanding:
        return Refusal("takes-part", "This organisation already takes part.", "co_to")
    left = (case.co_outstanding | case.co_done | {new}) - {old} - case.complained_of
    if case.lead in case.complained_of and not left:
        return Refusal("complained-of", "A body complained of cannot handle the case alone.", "co_to")
    return None


# --- refusals that follow from what comes with the verb -----------------------------------------------------


def refuse_given(case: CaseFacts, verb: Verb, given: Given) -> Refusal | None:
    """Why what comes with the verb cannot be taken, or None."""
    if verb in {Verb.DISPATCH, Verb.REDISPATCH, Verb.HAND_OVER, Verb.CLAIM} and present(given.get("lead")):
        helpers = case.co_outstanding | case.co_done | frozenset(given.get("co_handlers") or ())
        if given["lead"] in case.complained_of and not helpers - case.complained_of:
            return Refusal("complained-of", "A body complained of cannot handle the case alone.", "lead")
        if verb is Verb.CLAIM and case.lead is not None and given["lead"] != case.lead:
            return Refusal("other-lead", "The case was given to another organisation.", "lead")
    if verb is Verb.HAND_OVER and present(given.get("co_from")):
        return _refuse_co(case, given["co_from"], given.get("co_to"))
    about = case.complained_of | frozenset(given.get("about") or ())
    newly = verb in {Verb.GATHER, Verb.RECLASSIFY} and case.lead is not None and case.lead in about - case.complained_of
    if newly and not (case.co_outstanding | case.co_done) - about:
        return Refusal("complained-of", "A body complained of cannot handle the case alone.", "lead")
    if verb is Verb.MERGE and given["into"] == case.id:
        return Refusal("into-itself", "A case cannot be gathered into itself.", "into")
    if verb is Verb.ADD_CO_HANDLER and (given["co_handler"] == case.lead or given["co_handler"] in case.co_outstanding):
        return Refusal("takes-part", "This organisation already takes part.", "co_handler")
    if verb in {Verb.CO_ANSWER, Verb.WAIVE_CO_HANDLER} and given["co_handler"] not in case.co_outstanding:
        return Refusal("no-sub-task", "This organisation has no open sub-task here.", "co_handler")
    if verb is Verb.WAIVE_CO_HANDLER and case.lead in case.complained_of:
        left = (case.co_outstanding | case.co_done) - {given["co_handler"]} - case.complained_of
        if not left:
            return Refusal("complained-of", "A body complained of cannot handle the case alone.", "co_handler")
    if verb in {Verb.RATE, Verb.CONFIRM} and given.get("rating") not in {None, *Rating}:
        return Refusal("rating", "Choose one of the five grades.", "rating")
    answers = verb in {Verb.ANSWER, Verb.ANSWER_DIRECTLY}
    if answers and given.get("outcome", Outcome.SOLVED) not in {Outcome.SOLVED, Outcome.EXPLAINED}:
        return Refusal("outcome", "An answer says that it is solved, or explains why it cannot be.", "outcome")
    return None
