"""``tongxin migrate``: bring the database to this version."""

from __future__ import annotations

import argparse
from typing import Any

from tongxin.commands.output import result, setup


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("migrate", help="bring the database to this version")
    parser.add_argument("--check", action="store_true", help="only say whether it is needed; exit status 1 if so")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    setup()
    from django.conf import settings

    settings.DATA.mkdir(parents=True, exist_ok=True)
    waiting = waiting_migrations()
    if args.check:
        result({"waiting": waiting}, args.json, f"{len(waiting)} migrations wait.")
        return 1 if waiting else 0
    apply_migrations()
    result({"applied": waiting}, args.json, f"{len(waiting)} migrations applied.")
    return 0


def waiting_migrations() -> list[str]:
    """Names of the migrations that the database has not had yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def apply_migrations() -> None:
    """Apply what waits; also makes the data folder of an embedded database."""
    from django.conf import settings
    from django.core.management import call_command

    settings.DATA.mkdir(parents=True, exist_ok=True)
    call_command("migrate", interactive=False, verbosity=0)
