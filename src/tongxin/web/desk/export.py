"""A list as an Excel workbook: by those entitled, on the record, with no formula in any cell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any, Final

from django.http import FileResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from tongxin.cases.operations.desktop import note_export
from tongxin.cases.queries.queue import Filter, Row
from tongxin.cases.queries.scope import scope_of
from tongxin.cases.queries.taken import export_rows
from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import NotAllowed
from tongxin.kernel.text import safe_cell
from tongxin.web.desk import words
from tongxin.web.times import local

MOST: Final = 10_000
TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(actor: Actor, wanted: Filter, now: datetime) -> FileResponse:
    """At most :data:`MOST` rows of the filter or search; a file that is cut says so. Reporters' names only for who may
    read hidden ones as well."""
    scope = scope_of(actor, wanted.area)
    if scope.paths and not all(actor.may("case.export", path) for path in scope.paths):
        raise NotAllowed("You have no permission for this here.", code="no-permission", permission="case.export")
    names = bool(scope.paths) and all(actor.may("case.see_reporter", path) for path in scope.paths)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Matters"))
    headings = [str(heading) for heading in _headings(names)]
    sheet.append([_bold(sheet, heading) for heading in headings])
    rows, cut = 0, False
    for row, reporter in export_rows(actor, wanted, now, MOST + 1, names=names):
        cut = rows == MOST
        if cut:
            said = _("Cut here: a file holds {n} matters at most. Narrow the filter and take the rest in parts.")
            sheet.append([_bold(sheet, said.format(n=MOST))])
            break
        sheet.append([safe_cell(cell) for cell in _cells(row, reporter, names)])
        rows += 1
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the answer closes it
    book.save(kept)
    kept.seek(0)
    note_export(actor, query=wanted.query(), rows=rows, cut=cut, areas=scope.paths, now=now)
    name = f"{_('Matters')}-{local(now):%Y%m%d-%H%M}.xlsx"
    answer = FileResponse(kept, as_attachment=True, filename=name, content_type=TYPE)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _headings(names: bool) -> Iterator[Any]:
    yield from (_("Number"), _("Matter"), _("Kind"), _("Place"), _("State"), _("Urgency"), _("Channel"))
    yield from (_("Handled by"), _("Due"), _("Reported"), _("Closed"), _("Result"), _("Joined"), _("Reopened"))
    if names:
        yield _("Reporter")


def _moment(moment: datetime | None) -> str:
    return f"{local(moment):%Y-%m-%d %H:%M}" if moment else ""


def _cells(row: Row, reporter: str, names: bool) -> Iterator[Any]:
    yield from (row.number, row.title, row.category, row.place, str(words.STATES.get(row.state, row.state)))
    yield from (str(words.URGENCIES.get(row.urgency, "")), str(words.CHANNELS.get(row.channel, "")))
    yield from (row.lead or row.holder, _moment(row.due_at), _moment(row.created_at), _moment(row.closed_at))
    yield from (str(words.OUTCOMES.get(row.outcome, "")), row.joiners, row.times_reopened)
    if names:
        yield reporter
