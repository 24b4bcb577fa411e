"""Time limits of a case: which clocks must run, when they warn, what follows when they run out. PURE.

One call keeps all clocks right: :func:`turn`, after each :func:`rules.apply`. It compares the clocks at hand
with those that the facts ask for (:func:`running_clocks`, :func:`held_clocks`), so no sequence of verbs can
stop a clock that should run. All times are aware. The limits are in ``rules_limits``.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from tongxin.cases.rules_facts import CaseFacts
from tongxin.cases.rules_limits import ClockKind, ClockPolicy
from tongxin.cases.rules_words import CO_WORKABLE, State, Verb
from tongxin.kernel.errors import Conflict, Invalid
from tongxin.kernel.worktime import Due, Limit, Unit, WorkCalendar, due_at, resume_due

Key = tuple[ClockKind, Hashable]
"""A clock is known by its kind and, for CO_TASK and WHISTLE, by whose it is (else None)."""

_K, _S, _V = ClockKind, State, Verb


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit of one case. ``extension`` is counted in the unit of ``limit``; ``overdue_at`` is when
    it was last escalated; ``met`` says, once stopped, whether the duty was done in time (None: it fell away
    before). ``by``: a deadline given from outside (a hotline's, or the day of a visit), which no pause and no other
    limit moves, an extension alone."""

    kind: ClockKind
    started_at: datetime
    limit: Limit
    due_at: datetime
    warn_at: datetime
    subject: Hashable = None
    provisional: bool = False
    extension: int = 0
    by: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    paused_at: datetime | None = None
    warned_at: datetime | None = None
    overdue_at: datetime | None = None
    stopped_at: datetime | None = None
    met: bool | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.subject

    @property
    def live(self) -> bool:
        """Not stopped: it runs, or stands still for a while."""
        return self.stopped_at is None

    @property
    def runs(self) -> bool:
        return self.live and self.paused_at is None


# --- which clocks must run ----------------------------------------------------------------------------------

_RUNS_IN: Final[dict[State, frozenset[ClockKind]]] = {
    _S.SUBMITTED: frozenset({_K.ACCEPT}),
    _S.ACCEPTED: frozenset({_K.DISPATCH, _K.RESOLVE}),
    _S.DISPATCHED: frozenset({_K.CLAIM, _K.RESOLVE}),
    _S.CLAIMED: frozenset({_K.RESOLVE}),
    _S.IN_PROGRESS: frozenset({_K.RESOLVE}),
    _S.ANSWERED: frozenset({_K.VERIFY}),
    _S.VERIFIED: frozenset({_K.VERIFY}),
    _S.AWAITING: frozenset({_K.RESIDENT_ANSWER}),
    _S.REOPENED: frozenset({_K.DISPATCH, _K.RESOLVE}),
    _S.SUSPENDED: frozenset({_K.REVIEW}),
    _S.MERGED: frozenset(),  # the clocks of the case it was gathered into run for it
    _S.CLOSED: frozenset(),
    _S.DECLINED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
_HELD_IN: Final = frozenset({_S.ANSWERED, _S.VERIFIED, _S.SUSPENDED})
_WAIT_FOR_INFO: Final = frozenset({_K.ACCEPT, _K.DISPATCH, _K.RESOLVE})


def _asked_for(case: CaseFacts) -> tuple[set[Key], set[Key]]:
    running: set[Key] = {(kind, None) for kind in _RUNS_IN[case.state]}
    held: set[Key] = {(_K.RESOLVE, None)} if case.state in _HELD_IN else set()
    helpers = case.co_outstanding if case.state in CO_WORKABLE else frozenset()
    sub_tasks: set[Key] = {(_K.WHISTLE if who in case.whistled else _K.CO_TASK, who) for who in helpers}
    if case.state is _S.SUSPENDED:
        held |= sub_tasks
    else:
        running |= sub_tasks
    if case.info_pending:
        held |= {key for key in running if key[0] in _WAIT_FOR_INFO}
        running = (running - held) | {(_K.INFO, None)}
    if case.objection_pending:
        held |= running & {(_K.CLAIM, None)}
        running = (running - held) | {(_K.OBJECTION, None)}
    return running, held


def running_clocks(case: CaseFacts) -> frozenset[Key]:
    """The clocks that must run. Every open case has one, save a merged one, for which its parent's run."""
    return frozenset(_asked_for(case)[0])


def held_clocks(case: CaseFacts) -> frozenset[Key]:
    """The clocks that stand still: the office's while a resident is asked for information, RESOLVE while an
    answer is looked at or the case suspended, CLAIM while an objection is decided."""
    return frozenset(_asked_for(case)[1])


_RESTARTS: Final[dict[Verb, ClockKind]] = {_V.REDISPATCH: _K.CLAIM, _V.REMIND: _K.RESIDENT_ANSWER}

_FULFILS: Final[dict[ClockKind, frozenset[Verb]]] = {
    _K.ACCEPT: frozenset({_V.ACCEPT, _V.ANSWER_DIRECTLY, _V.DECLINE}),
    _K.DISPATCH: frozenset({_V.DISPATCH, _V.ANSWER_DIRECTLY, _V.DECLINE}),
    _K.CLAIM: frozenset({_V.CLAIM}),
    _K.RESOLVE: frozenset({_V.ASK_RESIDENT, _V.ANSWER_DIRECTLY, _V.DECLINE}),
    _K.CO_TASK: frozenset({_V.CO_ANSWER}),
    _K.WHISTLE: frozenset({_V.CO_ANSWER}),
    _K.VERIFY: frozenset({_V.ASK_RESIDENT, _V.SEND_BACK}),
    _K.RESIDENT_ANSWER: frozenset({_V.CONFIRM, _V.NOT_SOLVED}),
    _K.INFO: frozenset({_V.PROVIDE_INFO}),
    _K.OBJECTION: frozenset({_V.UPHOLD_OBJECTION, _V.REJECT_OBJECTION, _V.REDISPATCH}),
    _K.REVIEW: frozenset({_V.RESUME}),
}


def turn(
    clocks: Sequence[Clock],
    case: CaseFacts,
    verb: Verb,
    now: datetime,
    policy: ClockPolicy,
    calendar: WorkCalendar,
    *,
    review_at: datetime | None = None,
    resolve_by: datetime | None = None,
) -> tuple[Clock, ...]:
    """The clocks after ``verb`` led to ``case``: started, paused, resumed and stopped as its facts ask.

    ``review_at`` is the date approved for a suspension, ``resolve_by`` a deadline of the answer that was given from
    outside; what is reopened has an ordinary limit again. Stopped clocks are kept; doing it twice changes
    nothing.
    """
    running, held = _asked_for(case)
    if verb is _V.SEPARATE:
        clocks = _taken_up(clocks)
    after: list[Clock] = []
    for clock in clocks:
        again = clock.kind is _RESTARTS.get(verb)
        if not clock.live or (clock.key in running and clock.runs and not again):
            after.append(clock)
        elif clock.key in running and not again:
            after.append(resume(clock, now, policy, calendar))
        elif clock.key in held and not again:
            after.append(pause(clock, now))
        else:
            after.append(stop(clock, now, done=verb in _FULFILS[clock.kind]))
    alive = {clock.key for clock in after if clock.live}
    waiting = {
        key for key in held if key[0] in _RUNS_IN[case.state]
    }  # begun while a question holds it: it stands at once
    for kind, subject in sorted((running | waiting) - alive, key=str):
        until = review_at if kind is _K.REVIEW else None
        by = resolve_by if kind is _K.RESOLVE and not case.times_reopened else None
        begun = start(kind, now, policy, calendar, subject=subject, until=until, by=by)
        after.append(pause(begun, now) if (kind, subject) in waiting else begun)
    return tuple(after)


def _taken_up(clocks: Sequence[Clock]) -> tuple[Clock, ...]:
    """The clocks of a case that leaves its common matter: its time to the answer is what it was, for its reporter
    waited all the while."""
    stopped = [c for c in clocks if c.kind is _K.RESOLVE and c.stopped_at is not None]
    if not stopped or any(c.kind is _K.RESOLVE and c.live for c in clocks):
        return tuple(clocks)
    last = max(stopped, key=lambda clock: (clock.stopped_at, clock.started_at))
    return tuple(replace(c, stopped_at=None, met=None) if c is last else c for c in clocks)


def inherit(clocks: Sequence[Clock], gathered: Sequence[Clock]) -> tuple[Clock, ...]:
    """The clocks of a common matter after others were gathered into it: its answer is due when the first of theirs was.

    ``gathered`` are the live clocks of those cases. Who gathers cases gains no time by it.
    """
    theirs = [clock for clock in gathered if clock.kind is _K.RESOLVE and clock.live]
    return tuple(_by_the_first(c, theirs) if c.kind is _K.RESOLVE and c.live else c for c in clocks)


def _by_the_first(own: Clock, theirs: Sequence[Clock]) -> Clock:
    first = min((own, *theirs), key=lambda clock: clock.due_at)
    if first is own:
        return own
    # Whether it stands still is its own matter; how long it stood still before counts as it did for the first.
    return replace(
        own, started_at=first.started_at, limit=first.limit, by=first.by, extension=first.extension, pauses=first.pauses,
        due_at=first.due_at, warn_at=first.warn_at, provisional=first.provisional, warned_at=first.warned_at,
        overdue_at=first.overdue_at,
    )  # fmt: skip


def carried(clocks: Sequence[Clock], old: Hashable, new: Hashable) -> tuple[Clock, ...]:
    """The clocks after a sub-task passed from one co-handler to the next: the time goes on, it does not begin anew."""
    return tuple(replace(c, subject=new) if c.kind is _K.CO_TASK and c.live and c.subject == old else c for c in clocks)


# --- one clock ----------------------------------------------------------------------------------------------


class ExtensionRefused(Invalid):
    """The extension is longer than allowed. ``params["most"]`` is what is."""

    code = "extension-too-long"


class ClockRanOut(Conflict):
    """Too late: the clock has run out, or it no longer runs."""

    code = "clock-ran-out"


def start(
    kind: ClockKind,
    now: datetime,
    policy: ClockPolicy,
    calendar: WorkCalendar,
    *,
    subject: Hashable = None,
    until: datetime | None = None,
    by: datetime | None = None,
) -> Clock:
    """A clock begun now, due by its limit or, where a date was decided, at ``until``, or given from outside, ``by``."""
    limit = policy.limits[kind]
    decided = by or until
    due = Due(decided, False) if decided is not None else due_at(now, limit, calendar)
    warn = _warn_at(now, due.at, policy)
    return Clock(kind, now, limit, due.at, warn, subject=subject, provisional=due.provisional, by=by)


def pause(clock: Clock, now: datetime) -> Clock:
    """The clock standing still from now. It cannot run out meanwhile."""
    return replace(clock, paused_at=now) if clock.runs else clock


def resume(clock: Clock, now: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    """The clock running again, its deadline later by the pause."""
    if clock.paused_at is None or not clock.live:
        return clock
    pauses = (*clock.pauses, (clock.paused_at, now))
    return _counted_anew(replace(clock, pauses=pauses, paused_at=None), policy, calendar)


def longest_extension(limit: Limit, policy: ClockPolicy) -> int:
    """The most that may be added, in the unit of the limit: five days (Baoding), for limits in hours once
    their length."""
    by_hours = limit.unit in {Unit.URGENT_HOURS, Unit.WORK_HOURS}
    return limit.amount if by_hours else policy.longest_extension_days


def extend(clock: Clock, extra: int, asked_at: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    """The clock with ``extra`` of its unit added, if it was asked for before it ran out.

    Raises :class:`ExtensionRefused` or :class:`ClockRanOut`.
    """
    most = longest_extension(clock.limit, policy) - clock.extension
    if not 1 <= extra <= most:
        raise ExtensionRefused("At most %(most)s can be added.", field="extra", most=most)
    if not clock.live or asked_at > clock.due_at:
        raise ClockRanOut("The time had run out before the extension was asked for.")
    longer = replace(clock, extension=clock.extension + extra, warned_at=None, overdue_at=None)
    return _counted_anew(longer, policy, calendar)


def stop(clock: Clock, now: datetime, *, done: bool) -> Clock:
    """The clock stopped. ``done``: by its duty being done, in time or not; otherwise the duty fell away, and
    the clock counts as missed only if it had run out already."""
    if not clock.live:
        return clock
    in_time = (clock.paused_at or now) <= clock.due_at
    met = in_time if done or not in_time else None
    pauses = clock.pauses if clock.paused_at is None else (*clock.pauses, (clock.paused_at, now))
    return replace(clock, stopped_at=now, met=met, pauses=pauses, paused_at=None)


def reclassified(
    clocks: Sequence[Clock], now: datetime, policy: ClockPolicy, calendar: WorkCalendar
) -> tuple[Clock, ...]:
    """The live clocks under the limits of another category or urgency, counted from their own start.

    One whose new deadline lies ahead warns and runs out again, whatever it did before.
    """
    return tuple(
        clock
        if not clock.live or clock.kind is _K.REVIEW
        else recounted(replace(clock, limit=policy.limits[clock.kind]), now, policy, calendar)
        for clock in clocks
    )


def recounted(clock: Clock, now: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    """A live clock by the limit and the calendar of today; a deadline that now lies ahead is watched anew."""
    again = _counted_anew(clock, policy, calendar)
    return replace(again, warned_at=None, overdue_at=None) if again.due_at > now else again


def by_calendar(clock: Clock, now: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    """A live clock after the calendar was settled: as it was where no day moves, but known for sure where it now is.

    The day of a suspension was decided, not counted.
    """
    if not clock.live or clock.kind is _K.REVIEW:
        return clock
    again = _counted_anew(clock, policy, calendar)
    if again.due_at == clock.due_at:
        return replace(clock, provisional=again.provisional)
    return recounted(clock, now, policy, calendar)


def _counted_anew(clock: Clock, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    if clock.by is None:
        whole = Limit(clock.limit.amount + clock.extension, clock.limit.unit)
        due = resume_due(clock.started_at, whole, clock.pauses, calendar)
    else:
        longer = clock.extension and due_at(clock.by, Limit(clock.extension, clock.limit.unit), calendar)
        due = longer or Due(clock.by, False)
    warn = _warn_at(clock.started_at, due.at, policy)
    return replace(clock, due_at=due.at, provisional=due.provisional, warn_at=warn)


def _warn_at(started_at: datetime, due: datetime, policy: ClockPolicy) -> datetime:
    return started_at + (due - started_at) * policy.warn_percent / 100


# --- what the ticker does -----------------------------------------------------------------------------------


class Ripe(StrEnum):
    """What a clock asks for now."""

    WARN = "warn"
    RAN_OUT = "ran_out"


ON_RUNNING_OUT: Final[dict[ClockKind, Verb]] = {
    _K.ACCEPT: _V.ESCALATE,
    _K.DISPATCH: _V.ESCALATE,
    _K.CLAIM: _V.ESCALATE,
    _K.RESOLVE: _V.ESCALATE,
    _K.CO_TASK: _V.ESCALATE,
    _K.WHISTLE: _V.ESCALATE,
    _K.VERIFY: _V.ESCALATE,
    _K.OBJECTION: _V.ESCALATE,
    _K.RESIDENT_ANSWER: _V.REMIND,  # or CLOSE_UNANSWERED: see after_silence
    _K.INFO: _V.LAPSE_INFO,
    _K.REVIEW: _V.RESUME,
}
"""The verb of the system when a clock has run out. An office's silence goes up the tree, a resident's is
asked about."""


def is_overdue(clock: Clock, now: datetime) -> bool:
    """True if it runs and its time is over."""
    return clock.runs and now > clock.due_at


def ripe(clock: Clock, now: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Ripe | None:
    """What is due now: a warning once, running out at the deadline, and again each ``escalate_every`` after
    that."""
    at = next_at(clock, policy, calendar)
    if at is None or now < at:
        return None
    return Ripe.RAN_OUT if now >= clock.due_at else (Ripe.WARN if clock.warned_at is None else None)


def next_at(clock: Clock, policy: ClockPolicy, calendar: WorkCalendar) -> datetime | None:
    """When the ticker has to look at it next; None while it stands still or is stopped."""
    if not clock.runs:
        return None
    if clock.overdue_at is not None:
        return due_at(clock.overdue_at, policy.escalate_every, calendar).at
    return clock.due_at if clock.warned_at is not None else min(clock.warn_at, clock.due_at)


def mark(clock: Clock, what: Ripe, now: datetime) -> Clock:
    """The clock after the ticker did what it asked for."""
    if what is Ripe.WARN:
        return replace(clock, warned_at=now)
    return replace(clock, overdue_at=now, warned_at=clock.warned_at or now)


class Silence(StrEnum):
    """What follows from a resident's silence."""

    WAIT = "wait"
    ASK_AGAIN = "ask_again"
    CLOSE = "close"  # as unanswered, never as satisfied


def after_silence(
    asked: int, last_asked_at: datetime, now: datetime, policy: ClockPolicy, calendar: WorkCalendar
) -> Silence:
    """What to do about a resident who was asked ``asked`` times, last at ``last_asked_at``, and said
    nothing."""
    if now < due_at(last_asked_at, policy.limits[_K.RESIDENT_ANSWER], calendar).at:
        return Silence.WAIT
    return Silence.ASK_AGAIN if asked < policy.asks else Silence.CLOSE


def reopen_until(ended_at: datetime, policy: ClockPolicy, calendar: WorkCalendar) -> Due:
    """Until when anyone affected may reopen a case that ended at ``ended_at``."""
    return due_at(ended_at, policy.reopen_window, calendar)


FIRST_DESK_DEPTH: Final = 3
"""How deep the community lies below the city: the first desk is its, or, of an area above, that area's own."""


def first_desk_depth(area_path: str) -> int:
    """How many levels there are above the first desk of a case in this area, which is also its depth."""
    return max(0, min(FIRST_DESK_DEPTH, area_path.count("/") - 1))


def path_above_first_desk(area_path: str) -> str:
    """Path of the area right above the first desk: whoever supervises has a grant over it. At the root, itself."""
    return _ancestor(area_path, max(0, first_desk_depth(area_path) - 1))


def desks_upward(area_path: str, paths: Iterable[str]) -> list[str]:
    """Of areas with a desk, those whose desks see a case in ``area_path``, from the first desk up."""
    first = _ancestor(area_path, first_desk_depth(area_path))
    return sorted({path for path in paths if first.startswith(path)}, key=len, reverse=True)


def _ancestor(area_path: str, depth: int) -> str:
    return "/".join(area_path.split("/")[: depth + 1]) + "/"


def escalate_to(lineage: Sequence[str], raised: int) -> str:
    """Path of the area whose desk answers for a case ``raised`` so many levels. ``lineage`` goes from the
    first desk up (:func:`desks_upward`); above its end there is nobody, so the highest keeps it. Raises ValueError
    if it is empty."""
    if not lineage:
        raise ValueError("a case lies in no area")
    return lineage[min(raised, len(lineage) - 1)]
