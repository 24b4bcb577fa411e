"""Lists of the desk as Excel workbooks: by those entitled, on the record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.http import FileResponse
from django.utils.translation import gettext as _

from tongxin.cases.operations.desktop import note_export
from tongxin.cases.queries.calls import Call, every_call
from tongxin.cases.queries.queue import Filter, Row
from tongxin.cases.queries.scope import scope_of
from tongxin.cases.queries.taken import export_rows
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.web.desk import words
from tongxin.web.workbook import MOST, moment, workbook


def matters(actor: Actor, wanted: Filter, now: datetime) -> FileResponse:
    """The matters of the filter or search. Reporters' names only for who may read hidden ones as well."""
    scope = scope_of(actor, wanted.area)
    if scope.paths and not all(actor.may("case.export", path) for path in scope.paths):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="case.export")
    names = bool(scope.paths) and all(actor.may("case.see_reporter", path) for path in scope.paths)
    found = export_rows(actor, wanted, now, MOST + 1, names=names)
    taken = workbook(_("Matters"), _headings(names), (_cells(row, reporter, names) for row, reporter in found), now)
    note_export(actor, query=wanted.query(), rows=taken.rows, cut=taken.cut, areas=scope.paths, now=now)
    return taken.answer


def call_backs(actor: Actor, now: datetime) -> FileResponse:
    """Whom to ring, the longest waiting first: without phones, which are read one by one."""
    areas = _of_call_backs(actor)
    for path in areas:
        actor.require("case.export", path)
    headings = (_("Whom to ring"), _("Matter"), _("Number"), _("Why"), _("Until"), _("Tried"), _("Reported by"))
    taken = workbook(_("Call-backs"), headings, map(_call, every_call(actor, MOST + 1)), now)
    note_export(actor, query="list=callbacks", rows=taken.rows, cut=taken.cut, areas=areas, now=now)
    return taken.answer


def may_take_call_backs(actor: Actor) -> bool:
    """Whether :func:`call_backs` is open to them."""
    areas = _of_call_backs(actor)
    return bool(areas) and all(actor.may("case.export", path) for path in areas)


def _of_call_backs(actor: Actor) -> tuple[str, ...]:
    return tuple(sorted(set(actor.areas_with("case.callback"))))


def _call(row: Call) -> tuple[Any, ...]:
    because = str(words.BECAUSE.get(row.because, row.because))
    return row.name or _("name hidden"), row.title, row.number, because, moment(row.due_at), row.attempts, row.helper


def _headings(names: bool) -> Iterator[Any]:
    yield from (_("Number"), _("Matter"), _("Kind"), _("Place"), _("State"), _("Urgency"), _("Channel"))
    yield from (_("Handled by"), _("Due"), _("Reported"), _("Closed"), _("Result"), _("Joined"), _("Reopened"))
    if names:
        yield _("Reporter")


def _cells(row: Row, reporter: str, names: bool) -> Iterator[Any]:
    yield from (row.number, row.title, row.category, row.place, str(words.STATES.get(row.state, row.state)))
    yield from (str(words.URGENCIES.get(row.urgency, "")), str(words.CHANNELS.get(row.channel, "")))
    yield from (row.lead or row.holder, moment(row.due_at), moment(row.created_at), moment(row.closed_at))
    yield from (str(words.OUTCOMES.get(row.outcome, "")), row.joiners, row.times_reopened)
    if names:
        yield reporter
