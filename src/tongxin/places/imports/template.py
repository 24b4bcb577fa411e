"""The empty file to fill in: headings, examples on a sheet of their own, wide columns, text format."""

from __future__ import annotations

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from tongxin.places.imports.spec import Column, Importer

_ROWS_AS_TEXT = 500


def _headings(columns: tuple[Column, ...]) -> list[str]:
    return [column.titles[0] for column in columns]


def workbook(importer: Importer) -> bytes:
    """An .xlsx file with the importer's columns. Cells are text, so that room 0302 keeps its zero."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _(importer.title)[:31]
    for target in (sheet, book.create_sheet(_("Examples"))):
        target.append(_headings(importer.columns))
        target.freeze_panes = "A2"
        for at, column in enumerate(importer.columns, 1):
            heading = target.cell(1, at)
            heading.font = Font(bold=True)
            heading.alignment = Alignment(horizontal="center")
            if column.required:
                heading.fill = PatternFill("solid", fgColor="E6E1D6")
            target.column_dimensions[get_column_letter(at)].width = column.width
    book.worksheets[1].append([column.example for column in importer.columns])
    for row in sheet.iter_rows(min_row=2, max_row=_ROWS_AS_TEXT, max_col=len(importer.columns)):
        for cell in row:
            cell.number_format = "@"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
