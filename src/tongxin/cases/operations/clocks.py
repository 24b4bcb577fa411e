"""Keep the clock rows as the rules ask: started, paused, resumed, extended and stopped with every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from tongxin.cases import rules, rules_clocks
from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations.rows import stage
from tongxin.cases.queries.facts import policy_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_clocks import Clock
from tongxin.cases.rules_limits import ClockKind, ClockPolicy
from tongxin.kernel.ids import uuid7
from tongxin.kernel.times import SHANGHAI
from tongxin.kernel.worktime import Limit, Unit, WorkCalendar
from tongxin.places.queries import work_calendar
from tongxin.record import writes
from tongxin.record.statements import Statement

if TYPE_CHECKING:
    from tongxin.cases.operations.base import Opened

LOOK_AGAIN = timedelta(hours=1)
RESIDENTS = frozenset({ClockKind.RESIDENT_ANSWER, ClockKind.INFO})


@dataclass(slots=True)
class Turned:
    """Clock rows to write after a step."""

    new: list[CaseClock] = field(default_factory=list)
    changed: list[tuple[CaseClock, list[str]]] = field(default_factory=list)
    """Rows with the names of the fields that changed."""


def _live(opened: Opened) -> list[CaseClock]:
    if opened.together is not None:
        return [row for row in opened.together.rows if isinstance(row, CaseClock) and row.stopped_at is None]
    return _LIVE(opened.case.pk)


_LIVE: Statement[CaseClock] = Statement(lambda case_id: CaseClock.objects.filter(case_id=case_id, stopped_at=None))


def turn(opened: Opened, verb: Verb, given: rules.Given) -> Turned:
    """The clocks after ``verb``, as rows to write; sets the case's nearest deadline (unsaved)."""
    case, now = opened.case, opened.now
    rows = _live(opened)
    policy, calendar = policy_of(case), work_calendar(now)
    if verb is Verb.SEPARATE:
        rows = [*rows, *_of_before(case)]
    live = [to_rule(row) for row in rows]
    if verb is Verb.APPROVE_EXTENSION:
        live = [_extended(clock, int(given["extra"]), opened, policy, calendar) for clock in live]
    if verb is Verb.HAND_OVER and given.get("co_from"):
        live = list(rules_clocks.carried(live, given["co_from"], given["co_to"]))
    if verb is Verb.GATHER:
        others = CaseClock.objects.filter(case_id__in=given["cases"], kind=ClockKind.RESOLVE, stopped_at=None)
        live = list(rules_clocks.inherit(live, [to_rule(row) for row in others]))
    if verb is Verb.RECLASSIFY:
        live = list(rules_clocks.reclassified(live, now, policy, calendar))
    review_at = datetime.combine(case.review_on, time(9), SHANGHAI) if case.review_on else None
    after = rules_clocks.turn(
        live, opened.facts, verb, now, policy, calendar, review_at=review_at, resolve_by=case.resolve_by
    )
    turned = Turned()
    for row, clock in zip(rows, after, strict=False):
        if fields := _fill(row, clock, policy, calendar):
            turned.changed.append((row, fields))
            stage(opened, row)
    for clock in after[len(rows) :]:
        row = CaseClock(id=uuid7(now), case=case)
        _fill(row, clock, policy, calendar)
        turned.new.append(row)
        stage(opened, row)
    set_due(case, after)
    return turned


def _of_before(case: Case) -> list[CaseClock]:
    """The clock that a gathered case left behind when its common matter's began to run for it."""
    rows = CaseClock.objects.filter(case=case, kind=ClockKind.RESOLVE, stopped_at__isnull=False)
    return list(rows.order_by("-stopped_at", "-started_at")[:1])


def write_changed(opened: Opened, turned: Turned) -> None:
    """Write what changed, before the new rows are written: one clock of a kind runs at a time."""
    if opened.together is not None:
        return
    for row, fields in turned.changed:
        writes.write_changed(row, fields)


def set_due(case: Case, clocks: Sequence[Clock]) -> None:
    """Set the nearest deadline: that of the offices, and a resident's own only where no office has one."""
    running = [clock for clock in clocks if clock.runs]
    nearest = min(running, key=lambda clock: (clock.kind in RESIDENTS, clock.due_at), default=None)
    case.due_at = nearest.due_at if nearest else None
    case.due_kind = nearest.kind if nearest else ""
    case.due_provisional = nearest.provisional if nearest else False


def to_rule(row: CaseClock) -> Clock:
    """A row as the rules see it."""
    return Clock(
        kind=ClockKind(row.kind),
        started_at=row.started_at,
        limit=Limit(row.amount, Unit(row.unit)),
        due_at=row.due_at,
        warn_at=row.warn_at,
        subject=row.subject,
        provisional=row.provisional,
        extension=row.extension,
        by=row.by,
        pauses=tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in row.pauses),
        paused_at=row.paused_at,
        warned_at=row.warned_at,
        overdue_at=row.overdue_at,
        stopped_at=row.stopped_at,
        met=row.met,
    )


def _fill(row: CaseClock, clock: Clock, policy: ClockPolicy, calendar: WorkCalendar) -> list[str]:
    """Put the rules' clock into the row (unsaved); the names of the fields that this changed."""
    subject = clock.subject if isinstance(clock.subject, UUID) else None
    values = {
        "kind": clock.kind,
        "subject": subject,
        "amount": clock.limit.amount,
        "unit": clock.limit.unit,
        "extension": clock.extension,
        "by": clock.by,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "warn_at": clock.warn_at,
        "provisional": clock.provisional,
        "pauses": [[start.isoformat(), end.isoformat()] for start, end in clock.pauses],
        "paused_at": clock.paused_at,
        "warned_at": clock.warned_at,
        "overdue_at": clock.overdue_at,
        "stopped_at": clock.stopped_at,
        "met": clock.met,
        "next_at": rules_clocks.next_at(clock, policy, calendar),
    }
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _extended(clock: Clock, extra: int, opened: Opened, policy: ClockPolicy, calendar: WorkCalendar) -> Clock:
    if clock.kind is not ClockKind.RESOLVE:
        return clock
    asked = opened.case.petitions.filter(kind="extension", state="pending").values_list("asked_at", flat=True).first()
    return rules_clocks.extend(clock, extra, asked or opened.now, policy, calendar)


def check_extension(opened: Opened, extra: int) -> None:
    """Raise what :func:`rules_clocks.extend` raises if so much time could not be given now; nothing is changed."""
    row = CaseClock.objects.filter(case=opened.case, kind=ClockKind.RESOLVE, stopped_at=None).first()
    if row is not None:
        rules_clocks.extend(to_rule(row), extra, opened.now, policy_of(opened.case), work_calendar(opened.now))


def put(row: CaseClock, clock: Clock, case: Case, now: datetime) -> None:
    """Write a clock that was counted anew into its row."""
    row.save(update_fields=_fill(row, clock, policy_of(case), work_calendar(now)) or None)


def mark(row: CaseClock, what: rules_clocks.Ripe, case: Case, now: datetime) -> None:
    """Note on a clock that its warning was given or its running out was acted upon."""
    fields = _fill(row, rules_clocks.mark(to_rule(row), what, now), policy_of(case), work_calendar(now))
    row.save(update_fields=fields)


def reschedule(row: CaseClock, case: Case, now: datetime) -> None:
    """Have the ticker look at a clock again when it asks for something: nothing that runs is ever forgotten."""
    at = rules_clocks.next_at(to_rule(row), policy_of(case), work_calendar(now))
    row.next_at = max(at, now + LOOK_AGAIN) if at is not None else None
    row.save(update_fields=["next_at"])


def ripe(row: CaseClock, case: Case, now: datetime) -> rules_clocks.Ripe | None:
    """What a clock asks for now."""
    return rules_clocks.ripe(to_rule(row), now, policy_of(case), work_calendar(now))
