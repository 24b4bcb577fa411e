"""The lines of the queue, ready to be drawn: every word chosen here, so that the component is one flat loop."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from tongxin.cases.queries.queue import Row
from tongxin.web import times
from tongxin.web.desk import words
from tongxin.web.speech import gettext as _


class Line(NamedTuple):
    """A line of ``ui.queue_rows``. ``end``, ``tone`` and ``sign`` are the chip at its end; ``pick`` is the value of its box,
    with ``pick_label``."""

    href: str
    title: str
    note: str
    who: str
    labels: list[str]
    end: str
    tone: str
    sign: str | None
    current: bool
    pick: str
    pick_label: str


def lines(rows: Iterable[Row], now: datetime, href: str, at: str = "", *, pick: bool = False) -> list[Line]:
    """The rows as lines. ``href`` is followed by the number; ``at`` is the number of the chosen one."""
    choose = _("Choose {title}")
    return [
        Line(
            href + row.number,
            row.title,
            f"{row.category} · {row.place}",
            words.who_of(row),
            words.labels_of(row),
            *_end(row, now),
            row.number == at,
            str(row.id) if pick else "",
            choose.format(title=row.title) if pick else "",
        )
        for row in rows
    ]


def _end(row: Row, now: datetime) -> tuple[str, str, str | None]:
    """Words, tone and sign of the chip: until when, or where it stands if nobody has to do anything by a time."""
    if row.state == "awaiting":
        return str(words.STATES["awaiting"]), "info", "clock"
    if not row.open:
        text = words.OUTCOMES.get(row.outcome, words.STATES[row.state])
        return str(text), "done" if row.outcome == "solved" else "plain", None
    if row.due_at is None:
        return str(words.STATES[row.state]), "plain", None
    left = times.deadline(row.due_at, now)
    return left.text, left.tone if left.tone in {"late", "warn"} else "plain", "clock"
