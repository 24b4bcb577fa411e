"""A list as an Excel workbook: no formula in any cell, and it says so where it was cut."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final

from django.http import FileResponse
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from tongxin.kernel.text import safe_cell
from tongxin.web.times import local

MOST: Final = 10_000
"""Rows of a file. Whoever offers rows offers one more, so that it shows whether any are left."""
WIDTH: Final = 22
"""Of a column, in letters: an address and a title can be read."""
TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Taken:
    """The file, how many rows it holds, and whether some were left out."""

    answer: FileResponse
    rows: int
    cut: bool


def workbook(title: str, headings: Iterable[Any], rows: Iterable[Iterable[Any]], now: datetime) -> Taken:
    """At most :data:`MOST` of the rows under bold headings, as a download named after the title and the minute."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    heads = [str(heading) for heading in headings]
    sheet.freeze_panes = "A2"
    for nth in range(len(heads)):
        sheet.column_dimensions[get_column_letter(nth + 1)].width = WIDTH
    sheet.append(_bold(sheet, heads))
    written, cut = 0, False
    for row in rows:
        cut = written == MOST
        if cut:
            said = _("Cut here: a file holds {n} rows at most. Narrow the list and take the rest in parts.")
            sheet.append(_bold(sheet, [said.format(n=MOST)]))
            break
        sheet.append([safe_cell(cell) for cell in row])
        written += 1
    kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the answer closes it
    book.save(kept)
    kept.seek(0)
    name = f"{title}-{local(now):%Y%m%d-%H%M}.xlsx"
    answer = FileResponse(kept, as_attachment=True, filename=name, content_type=TYPE)
    answer.headers["Cache-Control"] = "no-store, private"
    return Taken(answer, written, cut)


def moment(at: datetime | None) -> str:
    """A moment as it stands in a cell, by the clock of China; empty for none."""
    return f"{local(at):%Y-%m-%d %H:%M}" if at else ""


def _bold(sheet: Any, texts: Sequence[str]) -> list[Any]:
    cells = [WriteOnlyCell(sheet, value=text) for text in texts]
    for cell in cells:
        cell.font = Font(bold=True)
    return cells
