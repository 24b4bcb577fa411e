"""Reading what offices send: .xlsx and CSV in any usual encoding, as rows of texts with their numbers."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from tongxin.kernel.errors import Invalid
from tongxin.places.imports.spec import Column

MAX_COLUMNS = 60
MAX_UNPACKED_BYTES = 300 * 1024 * 1024
MAX_PARTS = 2_000
MAX_CELL = 500
HEADING_ROWS = 10
SPREADSHEET_ERROR = re.compile(r"#(REF!|N/A|VALUE!|NAME\?|DIV/0!|NUM!|NULL!)")

_DECLARATIONS = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_XLSX, _XLS, _XML_START = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", 4096


class Unreadable(Invalid):
    """The file as a whole cannot be taken. Nothing was stored from it."""

    code = "unreadable-file"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its headings found. ``rows`` gives (row number, column key → text) for rows that are not blank."""

    positions: dict[str, int]
    headings: dict[str, str]
    unused: list[str]
    total: int  # rows, 0 where the file does not tell
    rows: Iterator[tuple[int, dict[str, str]]]

    def cell(self, column: str, row: int) -> str:
        """The address of a cell, such as C17; the row's alone where the file lacks the column."""
        return f"{get_column_letter(self.positions[column] + 1)}{row}" if column in self.positions else str(row)


def read_table(content: bytes, columns: Sequence[Column], *, longest: int = MAX_CELL) -> Table:
    """The first sheet in which a row names all required columns. Raises Unreadable with what is wrong.

    ``longest``: of a cell, in characters; what is longer is cut.
    """
    missing: list[str] = []
    for total, lines in _sheets(content, longest):
        head: list[list[str]] = []
        for line in lines:
            head.append(line)
            positions = _positions(line, columns)
            lacking = [c.titles[0] for c in columns if c.required and c.key not in positions]
            if not lacking:
                return _table(line, len(head), positions, total, lines)
            if positions and (not missing or len(lacking) < len(missing)):
                missing = lacking
            if len(head) >= HEADING_ROWS:
                break
    if missing:
        raise Unreadable("These columns are missing: %(columns)s.", columns="、".join(missing))
    wanted = "、".join(column.titles[0] for column in columns if column.required)
    raise Unreadable("No row with the headings %(columns)s was found.", columns=wanted)


def _table(heading: list[str], number: int, positions: dict[str, int], total: int, lines: Iterable[list[str]]) -> Table:
    used = set(positions.values())

    def rows() -> Iterator[tuple[int, dict[str, str]]]:
        try:
            for row_number, line in enumerate(lines, number + 1):
                cells = {key: line[at] if at < len(line) else "" for key, at in positions.items()}
                if any(cells.values()):
                    yield row_number, cells
        except (csv.Error, ParseError, zipfile.BadZipFile, ValueError, EOFError, OSError) as error:
            raise Unreadable("The file is damaged and cannot be read to its end.") from error

    return Table(
        positions=positions,
        headings={key: heading[at] for key, at in positions.items()},
        unused=[text for at, text in enumerate(heading) if text and at not in used],
        total=max(total - number, 0),
        rows=rows(),
    )


def _folded(text: str) -> str:
    """A heading without what varies: width, case, spaces, and what stands in brackets, such as units."""
    folded = re.sub(r"[(\[].*?[)\]]", "", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"[\s*:_-]+", "", folded)


def _positions(line: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    places = {_folded(text): at for at, text in reversed(list(enumerate(line))) if text}
    found = {}
    for column in columns:
        at = next((places[_folded(title)] for title in column.titles if _folded(title) in places), None)
        if at is not None:
            found[column.key] = at
    return found


def _sheets(content: bytes, longest: int) -> Iterator[tuple[int, Iterator[list[str]]]]:
    """Each sheet as (number of rows if told, rows of texts). A CSV file is one sheet."""
    if not content:
        raise Unreadable("The file is empty.")
    if content.startswith(_XLS):
        raise Unreadable("This is an old .xls file or one with a password. Save it as .xlsx and send that.")
    if content.startswith(_XLSX):
        yield from _workbook(content, longest)
        return
    if b"\0" in content[:4096] and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("This is neither an .xlsx nor a CSV file.")
    text = decode(content)
    heading = text[:10_000].partition("\n")[0]
    delimiter = max(",\t;", key=heading.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    yield text.count("\n"), ([clean(cell, longest) for cell in line[:MAX_COLUMNS]] for line in lines)


def decode(content: bytes) -> str:
    """The text of a CSV file: UTF-16 or UTF-8 by its mark, else UTF-8, else GB 18030. Raises Unreadable."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("The text of the file cannot be read. Save it as .xlsx or as CSV in UTF-8.")


def _workbook(content: bytes, longest: int) -> Iterator[tuple[int, Iterator[list[str]]]]:
    _refuse_bombs(content)
    try:
        # data_only: the value that the office program stored beside a formula; nothing is computed here.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    except Exception as error:
        # openpyxl raises whatever its parsing runs into; for us each of them says the same.
        raise Unreadable("The file is damaged and cannot be opened. Open and save it again as .xlsx.") from error
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        total = sheet.max_row or 0
        # A file may claim any size for its sheets; what is there is what counts.
        sheet.reset_dimensions()
        lines = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
        yield total, ([clean(cell, longest) for cell in line] for line in lines)


def _refuse_bombs(content: bytes) -> None:
    """Refuse archives that unpack to too much or carry XML entities. ``zipfile`` unpacks no more than is declared."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise Unreadable("The file unpacks to far more than a list of rows and was refused.")
            if any(part.flag_bits & 1 for part in parts):
                raise Unreadable("The file has a password. Save it without one.")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    with archive.open(part) as stream:
                        if _DECLARATIONS.search(stream.read(_XML_START)):
                            raise Unreadable("The file holds what no list of rows needs and was refused.")
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise Unreadable("The file is damaged and cannot be opened. Open and save it again as .xlsx.") from error


def clean(value: Any, longest: int = MAX_CELL) -> str:
    """A cell as people see it: 1101.0 → 1101, 89.55999999999999 → 89.56, dates as 2026-11-22, text without edges."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()[:longest]
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else format(value, ".15g")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)[:longest]
