"""What the ticker does for cases: warn, escalate, remind, close the unanswered, take suspended ones up again.

The clock rows are the work queue. Each is handled in a transaction of its own, under the case's lock, and looked at
again there: two tickers, or a crash between two steps, do nothing twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Sum

from tongxin.cases import rules, rules_clocks
from tongxin.cases.models import CaseClock, TallyDelta
from tongxin.cases.operations import calls, clocks, desk, notices
from tongxin.cases.operations.base import Opened, open_case, step
from tongxin.cases.queries.facts import policy_of
from tongxin.cases.queries.parties import unspoken
from tongxin.cases.queries.routing import lineage
from tongxin.cases.rules import Verb
from tongxin.cases.rules_clocks import Ripe, Silence
from tongxin.cases.rules_limits import ClockKind
from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.text import N_
from tongxin.kernel.times import SHANGHAI
from tongxin.places.models import Area
from tongxin.places.queries import work_calendar

log = logging.getLogger(__name__)


def run_due_clocks(now: datetime, limit: int = 200) -> int:
    """Handle clocks that ask for something; returns how many. Call until it returns 0."""
    due = list(CaseClock.objects.filter(next_at__lte=now).order_by("next_at").values_list("id", "case_id")[:limit])
    for clock_id, case_id in due:
        try:
            _run_clock(clock_id, case_id, now)
        except Exception:
            # Put off, whatever is wrong with it, so that one clock does not hold up all others; its own steps were
            # undone with its transaction.
            log.exception("clock %s of case %s", clock_id, case_id)
            CaseClock.objects.filter(pk=clock_id).update(next_at=now + timedelta(hours=1))
    return len(due)


@transaction.atomic
def _run_clock(clock_id: UUID, case_id: UUID, now: datetime) -> None:
    opened = open_case(SYSTEM, case_id, now)
    row = CaseClock.objects.filter(pk=clock_id, stopped_at=None, next_at__lte=now).first()
    if row is None:
        return
    what = clocks.ripe(row, opened.case, now)
    if what is None:
        clocks.reschedule(row, opened.case, now)
        return
    clocks.mark(row, what, opened.case, now)
    if what is Ripe.WARN:
        _warn(opened, row)
    else:
        _ran_out(opened, row)


def _warn(opened: Opened, row: CaseClock) -> None:
    """Tell whoever has the duty that its time is running out; residents are reminded only once it has."""
    update = opened.case.updates.order_by("-id").first()
    if update is None or row.kind in clocks.RESIDENTS:
        return
    message = N_("Time is running out (until %(until)s): %(title)s")
    told: dict[str, Any] = {"until": f"{row.due_at.astimezone(SHANGHAI):%m-%d %H:%M}", "once": f"warn:{row.id}"}
    if row.kind in {ClockKind.CO_TASK, ClockKind.WHISTLE}:
        notices.tell_organisation(opened, update, row.subject, message, **told)
    elif row.kind in {ClockKind.CLAIM, ClockKind.RESOLVE} and opened.case.lead_id:
        notices.tell_organisation(opened, update, opened.case.lead_id, message, **told)
    else:
        notices.tell_desk(opened, update, message, levels_up=opened.case.raised, **told)


def _ran_out(opened: Opened, row: CaseClock) -> None:
    match rules_clocks.ON_RUNNING_OUT[ClockKind(row.kind)]:
        case Verb.REMIND:
            _silence(opened)
        case Verb.LAPSE_INFO:
            step(opened, Verb.LAPSE_INFO)
        case Verb.RESUME:
            opened.case.review_on = None
            update = step(opened, Verb.RESUME)
            notices.tell_organisation(opened, update, opened.case.lead_id, N_("Taken up again: %(title)s (%(number)s)"))
        case _:
            _tell_late(opened, row)
            if rules.refusal(opened.facts, Verb.ESCALATE, opened.parties) is None:
                desk.escalate(opened, f"overdue:{row.kind}", note="")
            if opened.facts.raised >= opened.facts.top:
                # Nobody is left above, and they were told: the clock need not wake anybody again. Any further step
                # of the case sets it anew.
                CaseClock.objects.filter(pk=row.pk).update(next_at=None)


def _tell_late(opened: Opened, row: CaseClock) -> None:
    """Tell whoever let the time run out, once for each time limit; the level above is told by the escalation."""
    update = opened.case.updates.order_by("-id").first()
    if update is None:
        return
    message = N_("The time has run out: %(title)s (%(number)s)")
    told: dict[str, Any] = {"once": f"late:{row.id}"}
    if row.kind in {ClockKind.CO_TASK, ClockKind.WHISTLE}:
        notices.tell_organisation(opened, update, row.subject, message, **told)
    elif row.kind in {ClockKind.CLAIM, ClockKind.RESOLVE} and opened.case.lead_id:
        notices.tell_organisation(opened, update, opened.case.lead_id, message, **told)
    else:
        notices.tell_desk(opened, update, message, **told)


def _silence(opened: Opened) -> None:
    """Silence: asked again, then closed as unanswered, never as satisfied."""
    case = opened.case
    if case.asked_at is None:
        return
    policy, calendar = policy_of(case), work_calendar(opened.now)
    what = rules_clocks.after_silence(case.asked, case.asked_at, opened.now, policy, calendar)
    if what is Silence.WAIT:
        return
    if what is Silence.ASK_AGAIN and rules.refusal(opened.facts, Verb.REMIND, opened.parties) is None:
        update = step(opened, Verb.REMIND)
        notices.tell_parties(opened, update, N_("We asked you before: %(title)s. Is it solved?"), asks=True,
                             only=unspoken(case.answered_at))  # fmt: skip
        calls.plan_silent(opened)
    elif rules.refusal(opened.facts, Verb.CLOSE_UNANSWERED, opened.parties) is None:
        update = step(opened, Verb.CLOSE_UNANSWERED, tallies=("unanswered",))
        notices.tell_parties(
            opened, update, N_("Closed without your answer: %(title)s. You can still reopen it."), ends=True
        )


def fold_tallies(limit: int = 5000) -> int:
    """Fold written figures into those of every area above; returns how many. One transaction, so a figure is counted
    once whatever happens."""
    with transaction.atomic():
        skip = connection.features.has_select_for_update_skip_locked
        rows = TallyDelta.objects.select_for_update(skip_locked=skip).order_by("id")
        ids = list(rows.values_list("id", flat=True)[:limit])
        if not ids:
            return 0
        deltas = TallyDelta.objects.filter(id__in=ids)
        sums = list(deltas.values("area_path", "day", "kind").annotate(total=Sum("amount")).order_by())
        paths = {path for row in sums for path in lineage(row["area_path"])}
        areas = dict(Area.objects.filter(path__in=paths, valid_until=None).values_list("path", "id"))
        totals: dict[tuple[UUID, object, str], int] = {}
        for row in sums:
            for path in lineage(row["area_path"]):
                if path in areas:
                    key = (areas[path], row["day"], row["kind"])
                    totals[key] = totals.get(key, 0) + row["total"]
        add_to_tallies(totals)
        deltas.delete()
        return len(ids)


def add_to_tallies(totals: dict[tuple[UUID, object, str], int]) -> None:
    """Add to the figures by area, day and kind, within a transaction; below zero it takes away."""
    rows: list[tuple[Any, ...]] = [
        (area.hex if connection.vendor == "sqlite" else area, day, kind, amount)
        for (area, day, kind), amount in sorted(totals.items(), key=str)
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO cases_tally (area_id, day, kind, amount) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT (area_id, day, kind) DO UPDATE SET amount = cases_tally.amount + excluded.amount",
            rows,
        )
