"""``tongxin import residents FILE --community CODE``: residents and owners from Excel or CSV into the register."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext

from tongxin.kernel.actor import SYSTEM
from tongxin.kernel.errors import DomainError
from tongxin.places import queries as places
from tongxin.places.imports import queries as imports
from tongxin.places.imports.operations import cancel_import, confirm_import, upload_import
from tongxin.places.imports.worker import advance


def register(subparsers: Any) -> None:
    """Add the subcommand to those of ``tongxin import``."""
    parser = subparsers.add_parser(
        "residents",
        help="residents and owners from Excel (.xlsx) or CSV",
        description="Checks every row (ID number, phone, home); writes nothing unless all rows are good, "
        "or the good ones with --good-rows. The same file again writes nothing twice.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="an .xlsx or .csv file with a row of headings")
    parser.add_argument("--community", required=True, metavar="CODE", help="code of the community or estate")
    parser.add_argument("--good-rows", action="store_true", help="write the good rows and leave out the others")
    parser.add_argument("--json", action="store_true", help="print the result as one line of JSON")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import the file; 0 if it was written, 1 if rows were refused, 2 if the file could not be taken."""
    try:
        content = options.file.read_bytes()
    except OSError as error:
        return _failed(options, str(error))
    try:
        with translation.override("en"):
            result = _import(options, content)
    except DomainError as error:
        return _failed(options, str(error))
    _print(options, result)
    return 0 if result["written"] or not result["errors"] else 1


def _failed(options: argparse.Namespace, why: str) -> int:
    if options.json:
        print(json.dumps({"error": why}, ensure_ascii=False))
    print(f"tongxin: {why}", file=sys.stderr)
    return 2


def _clock() -> datetime:
    return timezone.now()


def _progress(batch: Any) -> None:
    total = batch.progress_total or batch.rows_read
    print(f"\r{batch.get_state_display()}: {batch.progress}/{total or '?'}", end="", file=sys.stderr, flush=True)


def _import(options: argparse.Namespace, content: bytes) -> dict[str, Any]:
    area = places.area_by_code(options.community)
    shown = None if options.json else _progress
    batch_id = upload_import(SYSTEM, "residents", area.id, options.file.name, content, _clock()).id
    advance(_clock, batch_id, shown)
    batch = imports.batch(SYSTEM, batch_id)
    if batch.state == "refused":
        raise DomainError(batch.message, **batch.message_params)
    write = bool(batch.rows_good) and (options.good_rows or not batch.rows_bad)
    errors = _errors(batch)
    if write:
        confirm_import(SYSTEM, batch_id, _clock(), good_rows_only=options.good_rows)
        advance(_clock, batch_id, shown)
        batch = imports.batch(SYSTEM, batch_id)
    else:
        cancel_import(SYSTEM, batch_id, _clock())
    written = batch.state == "done"
    return {
        "read": batch.rows_read,
        "imported": batch.rows_good if written else 0,
        "skipped": batch.rows_there,
        "written": written,
        "made": batch.result if written else {},
        "errors": errors,
    }


def _errors(batch: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while rows := imports.problems(batch, after):
        found += [{"row": r.row, "cell": r.cell, "why": gettext(r.message) % r.params} for r in rows]
        after = (rows[-1].row, rows[-1].id)
    return found


def _print(options: argparse.Namespace, result: dict[str, Any]) -> None:
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(file=sys.stderr)
    for error in result["errors"]:
        print(f"{error['cell']}: {error['why']}")
    verb = "written" if result["written"] else "read, nothing written"
    print(f"{result['read']} rows read, {result['imported']} {verb}, {result['skipped']} on the register already")
