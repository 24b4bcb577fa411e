"""``tongxin import``: divisions, lists of homes or residents, and past cases, from the command line."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tongxin.commands import import_cases as cases
from tongxin.commands.output import Progress, refused, result, say, setup


def register(subparsers: Any) -> None:
    """Add ``import`` with its kinds."""
    top = subparsers.add_parser("import", help="bring files in", description=__doc__)
    kinds = top.add_subparsers(dest="kind", metavar="KIND", required=True)
    _divisions(kinds)
    _table(kinds, "homes", "homes with their units, buildings and estates from Excel (.xlsx) or CSV")
    _table(kinds, "residents", "residents and owners from Excel (.xlsx) or CSV")
    cases.register(kinds)


def _divisions(kinds: Any) -> None:
    parser = kinds.add_parser(
        "divisions",
        help="administrative divisions from CSV (level, code, name, parent_code)",
        description="Adds what is missing and renames what is called otherwise; all or nothing. Without FILE: the "
        "divisions of Shiyan 十堰 that come with Tongxin.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", nargs="?", help="a CSV file in UTF-8")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=import_divisions_command)


def _table(kinds: Any, kind: str, what: str) -> None:
    parser = kinds.add_parser(
        kind,
        help=what,
        description="Checks every row and tells bad cells by their address. Writes nothing unless all rows are good, or "
        "the good ones with --good-rows.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="an .xlsx or CSV file with a row of headings")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--community", dest="area", metavar="CODE", help="the community that the file is of")
    where.add_argument("--estate", dest="area", metavar="CODE", help="the estate that the file is of")
    parser.add_argument("--good-rows", action="store_true", help="write the good rows and leave out the others")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    parser.set_defaults(run=import_table_command, table=kind)


def import_divisions_command(args: argparse.Namespace) -> int:
    """Import divisions; 0 if the tree is now as the file says, 1 if rows were refused, 2 if the file could not be read."""
    setup()
    from django.utils import timezone

    from tongxin.kernel.actor import SYSTEM
    from tongxin.kernel.errors import DomainError
    from tongxin.places.operations import import_divisions
    from tongxin.places.operations.divisions import SHIPPED

    try:
        done = import_divisions(args.file or SHIPPED, SYSTEM, timezone.now(), Progress("divisions"))
    except DomainError as error:
        return refused(args.json, str(error))
    errors = [{"row": row, "why": why} for row, why in done.errors]
    for found in errors:
        say(f"row {found['row']}: {found['why']}")
    counts = {"read": done.read, "added": done.added, "renamed": done.renamed, "unchanged": done.unchanged}
    words = ", ".join(f"{count} {name}" for name, count in counts.items())
    result({**counts, "errors": errors}, args.json, words + (", nothing written" if errors else ""))
    return 1 if errors else 0


def import_table_command(args: argparse.Namespace) -> int:
    """Import a list; 0 if it was written, 1 if rows were refused, 2 if the file could not be taken."""
    setup()
    from django.utils import translation

    from tongxin.kernel.errors import DomainError

    try:
        content = args.file.read_bytes()
    except OSError as error:
        return refused(args.json, str(error))
    try:
        with translation.override("en"):
            done = _import_table(args, content)
    except DomainError as error:
        return refused(args.json, str(error))
    for found in done["errors"]:
        say(f"{found['cell']}: {found['why']}")
    written = "written" if done["written"] else "written, for not all rows are good"
    result(done, args.json, f"{done['read']} rows read, {done['imported']} {written}")
    return 0 if done["written"] else 1


def _import_table(args: argparse.Namespace, content: bytes) -> dict[str, Any]:
    """Upload, check, confirm and write in this process; the worker need not run."""
    from django.utils import timezone

    from tongxin.kernel.actor import SYSTEM
    from tongxin.kernel.errors import DomainError
    from tongxin.places import queries as places
    from tongxin.places.imports import operations, queries, worker

    clock = timezone.now
    checking, writing = Progress("checking"), Progress("writing")
    area = places.area_by_code(args.area)
    batch_id = operations.upload_import(SYSTEM, args.table, area.id, args.file.name, content, clock()).id
    worker.advance(clock, batch_id, lambda b: checking(b.progress, b.progress_total or None))
    batch = queries.batch(SYSTEM, batch_id)
    if batch.state == "refused":
        raise DomainError(batch.message, **batch.message_params)
    errors = _errors(batch)
    if batch.rows_good and (args.good_rows or not batch.rows_bad):
        operations.confirm_import(SYSTEM, batch_id, clock(), good_rows_only=args.good_rows)
        worker.advance(clock, batch_id, lambda b: writing(b.progress, b.progress_total or None))
        batch = queries.batch(SYSTEM, batch_id)
    if batch.state != "done":
        operations.cancel_import(SYSTEM, batch_id, clock())
    return {
        "read": batch.rows_read,
        "imported": batch.rows_good if batch.state == "done" else 0,
        "skipped": batch.rows_bad,
        "already_there": batch.rows_there,
        "written": batch.state == "done",
        "made": batch.result,
        "errors": errors,
    }


def _errors(batch: Any) -> list[dict[str, Any]]:
    from django.utils.translation import gettext

    from tongxin.places.imports import queries

    found: list[dict[str, Any]] = []
    after = None
    while rows := queries.problems(batch, after):
        found += [{"row": row.row, "cell": row.cell, "why": gettext(row.message) % row.params} for row in rows]
        after = (rows[-1].row, rows[-1].id)
    return found
