"""``tongxin verify``: walk the record, its seals, the rows and files that it speaks of, and name what was altered."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from tongxin.commands.output import Progress, result, say, setup


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("verify", help="check the record against rows, files and seals", description=__doc__)
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument(
        "--seal", action="append", default=[], metavar="DAY:HASH",
        help="a seal as a witness kept it, compared with the one here; may be given several times",
    )  # fmt: skip
    parser.add_argument("--seals", type=Path, metavar="FILE", help="a file of such lines")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    setup()
    from tongxin.record.verify import verify_all

    try:
        kept = _kept(args.seal, args.seals)
    except (OSError, ValueError) as error:
        say(str(error))
        return 2
    bars: dict[str, Progress] = {}

    def progress(part: str, done: int) -> None:
        bars.setdefault(part, Progress(part))(done)

    report = verify_all(None if args.json else progress, kept=kept)
    value = {
        "clean": report.clean,
        "counts": report.counts,
        "last_sealed_day": report.last_sealed_day,
        "truncated": report.truncated,
        "findings": [asdict(finding) for finding in report.findings],
    }
    for finding in () if args.json else report.findings:
        say(f"{finding.kind}: {finding.where}: {finding.message}")
    word = "clean" if report.clean else f"{len(report.findings)} findings"
    result(value, args.json, f"The record is {word}. Sealed until {report.last_sealed_day}.")
    return 0 if report.clean else 1


def _kept(lines: list[str], file: Path | None) -> list[tuple[date, str]]:
    """The seals that witnesses kept. Empty lines and those that begin with ``#`` are passed over; ValueError names one
    that is no seal."""
    from tongxin.record.rules import parse_seal_line

    if file is not None:
        lines = [*lines, *file.read_text(encoding="utf-8").splitlines()]
    return [parse_seal_line(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
