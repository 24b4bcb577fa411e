"""Cases that happened elsewhere: replayed as of their own times, recorded now, telling nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction

from tongxin.cases import rules
from tongxin.cases.models import Case, CaseClock
from tongxin.cases.operations.base import Opened, Said, step
from tongxin.cases.operations.submit import Report, submit_case
from tongxin.cases.queries.facts import facts_of
from tongxin.cases.rules import Verb
from tongxin.cases.rules_import import Past, past_of
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import DomainError
from tongxin.places.models import Area

BATCH = 25


@dataclass(slots=True)
class Imported:
    """What an import did. ``errors``: (row in the file as a spreadsheet counts it, why)."""

    read: int = 0
    imported: int = 0
    skipped: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)


def import_cases(
    actor: Actor,
    rows: Iterable[Mapping[str, Any]],
    area: Area,
    now: datetime,
    *,
    origin: str,
    category: str = "other",
    progress: Callable[[int], None] = lambda done: None,
) -> Imported:
    """Import past reports and their replies into an area; nobody is told of anything.

    ``rows`` have ``id, user, title, time, text, reply, reply_time``; dates in any of the usual Chinese spellings, local
    time. ``origin`` names where they come from: a row with the same origin and id is imported once, however often this
    runs. A row that cannot be read is named and left out. Written in small batches, so that others' writes do not wait.
    """
    actor.require("case.configure", area.path)
    done = Imported()
    numbered = enumerate(rows, 2)
    while batch := list(islice(numbered, BATCH)):
        pasts = _readable(batch, now, done)
        with transaction.atomic():
            sources = [f"{origin}:{past.id}" for _, past in pasts]
            there = set(Case.objects.filter(source__in=sources).values_list("source", flat=True))
            for (number, past), source in zip(pasts, sources, strict=True):
                if source in there:
                    done.skipped += 1
                    continue
                there.add(source)
                try:
                    with transaction.atomic():
                        _replay(actor, past, source, area, now, category)
                    done.imported += 1
                except DomainError as error:
                    done.errors.append((number, str(error)))
        progress(done.read)
    done.errors.sort()
    return done


def _readable(batch: list[tuple[int, Mapping[str, Any]]], now: datetime, done: Imported) -> list[tuple[int, Past]]:
    pasts = []
    for number, row in batch:
        done.read += 1
        try:
            pasts.append((number, past_of(row, now)))
        except DomainError as error:
            done.errors.append((number, str(error)))
    return pasts


def _replay(actor: Actor, past: Past, source: str, area: Area, now: datetime, category: str) -> None:
    report = Report(
        text=past.text,
        title=past.title,
        category=category,
        area_id=area.pk,
        contact_name=past.user,
        channel="import",
        source=source,
    )
    case = submit_case(actor, report, now, occurred_at=past.at, quiet=True)
    if not past.reply:
        # It stands in the desk's queue; but what is past alarms nobody now. The next step of the case sets its clocks.
        CaseClock.objects.filter(case=case).update(next_at=None)
        return
    # Nobody else can know the case before this transaction ends, so it needs no lock of its own.
    parties = frozenset({rules.Party.DESK, rules.Party.SYSTEM})
    opened = Opened(case, facts_of(case, (), now), parties, actor, now)
    said = Said(text=past.reply, audience="public", occurred_at=past.replied_at)
    step(opened, Verb.ANSWER_DIRECTLY, {"text": past.reply}, said)
    # Nobody is asked about the past: it ends as unanswered, which never counts as solved or satisfied.
    opened.facts = replace(opened.facts, asked=opened.facts.asks)
    step(opened, Verb.CLOSE_UNANSWERED, said=Said(occurred_at=past.replied_at))
