"""``tongxin``: the one command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from tongxin import __version__

# Each module registers its subcommand. They are imported for their arguments only; Django is set up when one runs.
_SUBCOMMANDS = (
    "demo",
    "serve",
    "worker",
    "migrate",
    "imports",
    "staff",
    "area",
    "triage",
    "verify",
    "backup",
    "restore",
)


def parser() -> argparse.ArgumentParser:
    """The whole command line, with help for each subcommand."""
    top = argparse.ArgumentParser(
        prog="tongxin",
        description="Tongxin: everyday governance of a city. Settings come from the environment: docs/operations.md.",
    )
    top.add_argument("--version", action="version", version=f"tongxin {__version__}")
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in _SUBCOMMANDS:
        import_module(f"tongxin.commands.{name}").register(subparsers)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns its exit status: 0 well, 1 something found or refused, 2 wrong arguments."""
    args = parser().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongxin.config.settings")
    try:
        return int(args.run(args) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
    except Exception as error:
        if not _database_is_away(error):
            raise
        print(f"tongxin: the database of TONGXIN_DATABASE_URL cannot be used: {str(error).strip()}", file=sys.stderr)
        return 1


def _database_is_away(error: Exception) -> bool:
    """True for what an operator mends: no server, no rights, no tables yet. Anything else is a fault of ours."""
    from django.db import OperationalError, ProgrammingError

    missing = "does not exist" in str(error) or "no such table" in str(error)
    return isinstance(error, OperationalError) or (isinstance(error, ProgrammingError) and missing)


if __name__ == "__main__":
    sys.exit(main())
