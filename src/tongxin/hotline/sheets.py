"""A hotline's sheet as it exports it: every column kept, every cell that does not fit named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tongxin.hotline import rules
from tongxin.hotline.operations import Incoming
from tongxin.kernel.errors import Invalid
from tongxin.kernel.text import N_
from tongxin.places.imports.sheets import read_table
from tongxin.places.imports.spec import Column

REQUIRED = ("number", "text")
MOST_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """The tickets of a sheet, and (cell, what is wrong with it)."""

    incoming: list[Incoming]
    problems: list[tuple[str, str]]


def read_sheet(content: bytes, own: Mapping[str, str]) -> Sheet:
    """Read a sheet whose headings are the usual ones, or those in ``own`` (field → heading).

    Raises Unreadable for a file that is no such sheet, :class:`Invalid` for one with too many rows.
    """
    known = [_column(name, own.get(name, "")) for name in rules.FIELDS]
    unused = read_table(content, known, longest=rules.MAX_TEXT).unused
    others = [Column(f"other {heading}", (heading,)) for heading in unused]
    table = read_table(content, [*known, *others], longest=rules.MAX_TEXT)
    headings = {key: table.headings[key] for key in sorted(table.positions, key=lambda key: table.positions[key])}
    incoming: list[Incoming] = []
    problems: list[tuple[str, str]] = []
    where: dict[str, int] = {}
    for number, cells in table.rows:
        if len(incoming) == rules.MOST_ROWS:
            raise Invalid("At most %(most)s tickets at once.", field="file", most=rules.MOST_ROWS)
        fields, wrong = rules.fitted(cells)
        problems += [(table.cell(name, number), text) for name, text in wrong.items()]
        if fields["number"] and where.setdefault(fields["number"], number) != number:
            problems.append((table.cell("number", number), TWICE))
        incoming.append(Incoming(fields, {heading: cells[key] for key, heading in headings.items()}))
    return Sheet(incoming, problems[:MOST_PROBLEMS])


TWICE = N_("This number stands there twice.")


def _column(name: str, own: str) -> Column:
    titles = (own, *rules.FIELDS[name]) if own else rules.FIELDS[name]
    return Column(name, titles, required=name in REQUIRED)
