"""``tongxin import cases``: past reports and their replies from another system's CSV file, without telling anybody."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

from tongxin.commands.output import Progress, refused, result, say, setup

NEEDED = ("id", "time", "text")
ENCODINGS = ("utf-8-sig", "gb18030")  # with or without BOM; GB 18030 holds GBK and GB 2312
MOST_SAID = 20  # errors told in words; --json tells all


def register(kinds: Any) -> None:
    """Add ``cases`` to ``tongxin import``."""
    parser = kinds.add_parser(
        "cases",
        help="past cases and their replies from CSV (id, user, title, time, text, reply, reply_time)",
        description="Replays reports and replies as having occurred at their own times, recorded now. Nobody is told of "
        "anything, and no row is imported twice. Rows that cannot be read are named and left out: the status is 0 once "
        "the file was read to its end, whatever rows it had to leave out, and 2 if it could not be taken at all.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a CSV file with a row of headings, in UTF-8 or GBK")
    parser.add_argument("--area", metavar="CODE", required=True, help="the area that the cases are of")
    parser.add_argument("--category", metavar="CODE", default="other", help="their category (default: other)")
    parser.add_argument(
        "--origin",
        metavar="NAME",
        help="the system that they come from (default: the file's name): a row of the same origin and id goes in once",
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Import past cases; 0 if the file was read to its end, 2 if it could not be taken."""
    setup()
    from django.utils import timezone, translation

    from tongxin.cases.operations.importing import import_cases
    from tongxin.cases.queries.categories import categories
    from tongxin.kernel.actor import SYSTEM
    from tongxin.kernel.errors import DomainError
    from tongxin.places.queries import area_by_code

    try:
        rows = rows_of(args.file.read_bytes())
        if args.category not in {row.code for row in categories()}:
            raise ValueError(f"there is no category {args.category}")
        total, progress = len(rows), Progress("cases")
        with translation.override("en"):
            area = area_by_code(args.area)
            done = import_cases(
                SYSTEM,
                rows,
                area,
                timezone.now(),
                origin=(args.origin or args.file.stem)[:20],
                category=args.category,
                progress=lambda count: progress(count, total),
            )
    except (OSError, ValueError, csv.Error, DomainError) as error:
        return refused(args.json, str(error))
    for row, why in done.errors[:MOST_SAID]:
        say(f"row {row}: {why}")
    if len(done.errors) > MOST_SAID:
        say(f"… and {len(done.errors) - MOST_SAID} more rows; --json tells all of them")
    found = {
        "read": done.read,
        "imported": done.imported,
        "skipped": done.skipped,
        "errors": [{"row": row, "why": why} for row, why in done.errors],
    }
    words = f"{done.read} rows read, {done.imported} imported, {done.skipped} there already, {len(done.errors)} wrong"
    result(found, args.json, words)
    return 0


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8 or GBK; :class:`ValueError` if it is none, or lacks a column."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("the file is neither UTF-8 nor GBK text")
    csv.field_size_limit(1_000_000)
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="more", restval="")
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or ()]
    missing = [name for name in NEEDED if name not in reader.fieldnames]
    if missing:
        raise ValueError(f"the file lacks the columns {', '.join(missing)}")
    return list(reader)
