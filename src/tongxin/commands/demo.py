"""``tongxin demo``: the demo city, ready to walk through, at http://127.0.0.1:8000.

It keeps its data in ``data/demo`` of the folder you are in (or in TONGXIN_DATA), with keys of its own.
"""

from __future__ import annotations

import argparse
import base64
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from tongxin.commands.output import refused, say, setup

BEGUN = "demo-city"
"""Written first, into an empty folder: only a folder with it is a demo city, and is ever thrown away."""
READY = "demo.json"
"""Written last: a demo city without it was not finished and is built anew."""


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("demo", help="build the demo city once, then serve it", description=__doc__)
    parser.add_argument("--reset", action="store_true", help="throw the demo city away and build it anew")
    parser.add_argument("--build-only", action="store_true", help="do not serve")
    parser.add_argument("--small", action="store_true", help="a few homes and cases only, in seconds")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    folder = Path(os.environ.get("TONGXIN_DATA") or Path.cwd() / "data" / "demo").resolve()
    elsewhere = os.environ.get("TONGXIN_DATABASE_URL")
    if elsewhere and not args.build_only:
        return refused(False, "the demo city has an embedded database of its own; unset TONGXIN_DATABASE_URL.", 1)
    if not is_demo(folder):
        return refused(False, f"{folder} holds something else than a demo city; it was left alone.", 1)
    if args.reset and not elsewhere:
        throw_away(folder)
    prepare(folder)
    setup()
    if elsewhere and holds_tables():
        return refused(False, "the database of TONGXIN_DATABASE_URL is not empty; it was left alone.", 1)
    from tongxin.commands.migrate import apply_migrations

    if not (folder / READY).exists():
        if (folder / "tongxin.sqlite3").exists():
            say("The demo city was not finished; it is built anew.")
            throw_away(folder)
            prepare(folder)
        started = time.monotonic()
        apply_migrations()
        from tongxin.commands.demo_city import build

        build(folder / READY, small=args.small)
        say(f"The demo city was built in {time.monotonic() - started:.0f} seconds.")
    else:
        apply_migrations()
    if args.build_only:
        return 0
    from django.conf import settings

    from tongxin.commands.serve import serve

    say(f"Who is who, one click each: http://127.0.0.1:{settings.PORT}/demo/")
    return serve("127.0.0.1", settings.PORT, workers=2, threads=4, with_worker=True)


def is_demo(folder: Path) -> bool:
    """True for a demo city, and for a folder in which one may be built: an empty one, or none yet."""
    return not folder.exists() or not any(folder.iterdir()) or (folder / BEGUN).exists() or (folder / READY).exists()


def holds_tables() -> bool:
    """Whether the database that the settings name holds anything: a demo city is built in an empty one alone."""
    from django.db import connection

    return bool(connection.introspection.table_names())


def throw_away(folder: Path) -> None:
    """Take a demo city away; :func:`is_demo` was asked before."""
    for part in ("files", "static", "keys"):
        shutil.rmtree(folder / part, ignore_errors=True)
    for file in [*folder.glob("tongxin.sqlite3*"), folder / READY]:
        file.unlink(missing_ok=True)


def prepare(folder: Path) -> None:
    """Make the folder and its keys, and set the environment of a demo."""
    keys = folder / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BEGUN).touch()
    keys.mkdir(exist_ok=True)
    for name, make in (("secret", _secret), ("field", _field)):
        file = keys / name
        if not file.exists():
            file.write_text(make(), encoding="utf-8")
            file.chmod(0o600)
    os.environ["TONGXIN_DATA"] = str(folder)
    os.environ["TONGXIN_DEMO"] = "1"
    for variable, name in (("TONGXIN_SECRET_KEY", "secret"), ("TONGXIN_FIELD_KEY", "field")):
        if not os.environ.get(variable) and not os.environ.get(f"{variable}_FILE"):
            os.environ[f"{variable}_FILE"] = str(keys / name)


def _secret() -> str:
    return secrets.token_urlsafe(48)


def _field() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
