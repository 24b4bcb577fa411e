"""``tongxin worker``: do what falls due."""

from __future__ import annotations

import argparse
import signal
import threading
from typing import Any

from tongxin.commands.output import result, say, setup


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "worker", help="do what falls due: time limits, notices, photos, seals, imports", description=__doc__
    )
    parser.add_argument("--once", action="store_true", help="do what is due now, then stop")
    parser.add_argument("--json", action="store_true", help="with --once: answer in JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    setup()
    from django.utils import timezone

    from tongxin.jobs.ticker import run_everything, run_lanes

    if args.once:
        done = run_everything(timezone.now())
        result({"done": done}, args.json, f"{done} things done.")
        return 0
    stopped = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stopped.set())
    say("The worker runs. Ctrl-C ends it.")
    run_lanes(stopped)
    return 0
