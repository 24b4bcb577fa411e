"""The import of administrative divisions with the codes of the National Bureau of Statistics."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Invalid
from tongxin.kernel.ids import uuid7
from tongxin.places import rules
from tongxin.places.models import Area, AreaPast, Level
from tongxin.places.operations._common import PERMISSION, tell
from tongxin.record.kept import forget

SHIPPED = Path(__file__).resolve().parent.parent / "data" / "shiyan_divisions.csv"
_DIVISIONS_ID = UUID("00000000-0000-7000-8000-000000000004")
MAX_ROWS = 200_000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class DivisionsResult:
    """What an import of divisions did. ``errors`` are (row, why); with one of them nothing was written."""

    read: int = 0
    added: int = 0
    renamed: int = 0
    unchanged: int = 0
    errors: list[tuple[int, str]] = field(default_factory=list)


def import_divisions(file: Path, actor: Actor, now: datetime, progress: Progress | None = None) -> DivisionsResult:
    """Add the divisions of a CSV file (level, code, name, parent_code) that are missing; rename those with a new name.

    All or nothing; running it twice changes nothing. Areas get the name that people use (岔河村 for 岔河村委会)
    and keep the official one; communities get a prefix of case numbers. The first row may be the top of the tree. Needs
    ``places.manage`` at the top of what the file holds. Raises Invalid for a file that is no such list.
    """
    result = DivisionsResult()
    rows = _read(file, result)
    if result.errors:
        return result
    with transaction.atomic():
        tree = _Tree(rules.local_day(now))
        for number, (line, division) in enumerate(rows, 1):
            try:
                tree.take(division, result)
            except ValueError as error:
                result.errors.append((line, str(error)))
            if progress and (number % 200 == 0 or number == len(rows)):
                progress(number, len(rows))
        if result.errors:
            result.added = result.renamed = result.unchanged = 0
            transaction.set_rollback(True)
            return result
        for path in tree.touched_roots():
            actor.require(PERMISSION, path)
        tree.write()
        if result.added or result.renamed:
            path = next(iter(tree.touched_roots()))
            data = {"read": result.read, "added": result.added, "renamed": result.renamed}
            tell(actor, "divisions.imported", "divisions", _DIVISIONS_ID, path, now, data)
    return result


def _read(file: Path, result: DivisionsResult) -> list[tuple[int, rules.Division]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid("The file cannot be read: it must be CSV in UTF-8.", field="file", code="bad-file") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if not set(rules.DIVISION_COLUMNS) <= set(reader.fieldnames or ()):
        raise Invalid("The file lacks the columns level, code, name, parent_code.", field="file", code="bad-file")
    rows = []
    for cells in reader:
        result.read += 1
        if result.read > MAX_ROWS:
            raise Invalid(
                "The file has more than %(limit)d rows. Split it.", field="file", code="too-many-rows", limit=MAX_ROWS
            )
        try:
            rows.append((reader.line_num, rules.check_division(cells)))
        except ValueError as error:
            result.errors.append((reader.line_num, str(error)))
    order = {code: rank for rank, (code, _, _) in enumerate(rules.LEVELS)}
    return sorted(rows, key=lambda row: (order[row[1].level], row[1].code))


class _Tree:
    """The tree as it is and will be."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.ranks = dict(Level.objects.values_list("code", "rank"))
        self.areas = {area.code: area for area in Area.objects.filter(valid_until=None).defer("shape")}
        self.prefixes = {area.number_prefix for area in self.areas.values() if area.number_prefix}
        self.new: list[Area] = []
        self.renamed: list[tuple[Area, str, str]] = []
        self.paths: set[str] = set()

    def take(self, division: rules.Division, result: DivisionsResult) -> None:
        """Add or rename one division. Raises ValueError where it does not fit into the tree."""
        name = division.official_name
        if division.level == rules.COMMUNITY_LEVEL:
            name = rules.common_name(name)
        known = self.areas.get(division.code)
        if known is not None:
            self.paths.add(known.path)
        if known is None:
            self._add(division, name)
            result.added += 1
        elif (known.official_name or known.name) != division.official_name:
            self.renamed.append((known, name, division.official_name if name != division.official_name else ""))
            result.renamed += 1
        else:
            result.unchanged += 1

    def _add(self, division: rules.Division, name: str) -> None:
        parent = self.areas.get(division.parent_code)
        if parent is None and (self.areas or division.level == rules.COMMUNITY_LEVEL):
            raise ValueError(f"{division.code} {division.official_name}: there is no area {division.parent_code!r}")
        if parent is not None and self.ranks[division.level] <= self.ranks[parent.level_id]:
            raise ValueError(f"{division.code} {division.official_name}: cannot hang under {parent.name}")
        community = division.level == rules.COMMUNITY_LEVEL
        prefix = rules.number_prefix(name, self.prefixes) if community else ""
        self.prefixes.add(prefix)
        area = Area(
            id=uuid7(),
            code=division.code,
            name=name,
            official_name=division.official_name if name != division.official_name else "",
            level_id=division.level,
            parent=parent,
            path=rules.child_path(parent.path if parent else "", division.code),
            depth=parent.depth + 1 if parent else 0,
            number_prefix=prefix,
            is_village=community and rules.is_village(division.official_name),
            valid_from=self.today,
        )
        self.areas[area.code] = area
        self.new.append(area)
        self.paths.add(area.path)

    def touched_roots(self) -> Iterable[str]:
        """The topmost paths that the file speaks of."""
        roots: list[str] = []
        for path in sorted(self.paths):
            if not roots or not rules.is_within(path, roots[-1]):
                roots.append(path)
        return roots

    def write(self) -> None:
        """Write what is new and what is called otherwise now."""
        Area.objects.bulk_create(self.new, batch_size=1_000)
        past = []
        for area, name, official in self.renamed:
            if area.valid_from < self.today:
                last = AreaPast.objects.filter(area=area).order_by("-valid_until").first()
                since = last.valid_until if last else area.valid_from
                if since < self.today:
                    past.append(
                        AreaPast(
                            area=area,
                            name=area.name,
                            official_name=area.official_name,
                            path=area.path,
                            valid_from=since,
                            valid_until=self.today,
                        )
                    )
            area.name, area.official_name = name, official
        AreaPast.objects.bulk_create(past)
        Area.objects.bulk_update([area for area, _, _ in self.renamed], ["name", "official_name"], batch_size=200)
        forget(Area)
