"""``tongxin restore``: put a backup onto an empty installation. It never overwrites anything."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

from tongxin.commands.backup import MANIFEST, POSTGRESQL, SQLITE, digest_of, postgres_environment
from tongxin.commands.output import result, say, setup


class Refused(Exception):
    """The backup cannot be restored here; the message says why."""


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("restore", help="put a backup onto an empty installation", description=__doc__)
    parser.add_argument("file", type=Path, help="made by tongxin backup")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    setup()
    from django.conf import settings

    settings.DATA.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=settings.DATA) as folder:
            restored = restore(args.file, Path(folder), settings.DATA / "files")
    except (Refused, OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError) as error:
        say(f"Nothing was restored: {error}")
        return 1
    result(restored, args.json, f"Restored {restored['files']} files and the database. Now run: tongxin verify")
    return 0


def restore(archive: Path, folder: Path, files: Path) -> dict[str, Any]:
    """Unpack into ``folder``, check every digest, then put database and files in place. Raises :class:`Refused`."""
    if files.exists() and any(files.iterdir()):
        raise Refused(f"{files} is not empty.")
    _refuse_a_used_database()
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if present != set(manifest["digests"]):
        raise Refused("files of the backup are missing, or there are too many.")
    for name, digest in manifest["digests"].items():
        if digest_of(folder / name) != digest:
            raise Refused(f"{name} is damaged.")
    _load_database(folder / manifest["database"])
    if (folder / "files").exists():
        files.parent.mkdir(parents=True, exist_ok=True)
        if files.exists():
            files.rmdir()
        shutil.move(folder / "files", files)
    return {"files": len(manifest["digests"]) - 1, "version": manifest["version"]}


def _refuse_a_used_database() -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        if path.exists() and path.stat().st_size:
            raise Refused(f"{path} exists already.")
    elif connection.introspection.table_names():
        raise Refused("the database is not empty.")
    connection.close()


def _load_database(dump: Path) -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        if dump.name != SQLITE:
            raise Refused("this is a backup of PostgreSQL; set TONGXIN_DATABASE_URL to an empty PostgreSQL database.")
        shutil.move(dump, connection.settings_dict["NAME"])
        return
    if dump.name != POSTGRESQL:
        raise Refused("this is a backup of an embedded database; unset TONGXIN_DATABASE_URL.")
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    command += [f"--dbname={connection.settings_dict['NAME']}", str(dump)]
    done = subprocess.run(command, env=postgres_environment())  # noqa: S603 - fixed words and our own paths
    if done.returncode:
        raise Refused("pg_restore could not load the database.")
