"""``tongxin area move``: an area with more matters than a page has the time for comes under another one."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from tongxin.commands.output import refused, result, setup


def register(subparsers: Any) -> None:
    """Add ``area`` with its verb."""
    parser = subparsers.add_parser("area", help="hang a large area under another one", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    move = verbs.add_parser(
        "move",
        help="with all that lies below it, its people and its matters",
        description="What the page of an area does, for areas of any size, in one transaction: some two thousand matters a "
        "second. Reports from there wait meanwhile, so choose a quiet hour.",
    )
    move.add_argument("code", metavar="CODE", help="code of the area, such as 420303001001")
    move.add_argument("--under", required=True, metavar="CODE", help="code of the area under which it comes")
    move.add_argument(
        "--since", type=_day, metavar="DAY", help="from which day on, such as 2026-11-01 (default: today)"
    )
    move.add_argument("--json", action="store_true", help="print the result as JSON")
    move.set_defaults(run=run)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a day such as 2026-11-01") from None


def run(args: argparse.Namespace) -> int:
    """Move the area; 0 if it lies there now, 1 if something stands in the way."""
    setup()
    from django.utils import timezone, translation

    from tongxin.journeys.move_area import move_area
    from tongxin.kernel.actor import SYSTEM
    from tongxin.kernel.errors import DomainError
    from tongxin.places.queries import area_by_code

    try:
        with translation.override("en"):
            found, under = area_by_code(args.code), area_by_code(args.under)
            matters = move_area(SYSTEM, found.pk, under.pk, timezone.now(), day=args.since)
            path = area_by_code(args.code).path
    except DomainError as error:
        return refused(args.json, str(error), 1)
    words = f"{found.name} lies under {under.name} now, {matters} matters went along"
    result({"code": found.code, "under": under.code, "path": path, "matters": matters}, args.json, words)
    return 0
