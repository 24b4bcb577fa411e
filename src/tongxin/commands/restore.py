"""``tongxin restore``: put a backup onto an empty installation. It never overwrites anything."""

from __future__ import annotations

import argparse
import json
import shutil
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

from tongxin.commands.backup import MANIFEST, POSTGRESQL, SQLITE, NoBackup, digest_of, run_program
from tongxin.commands.output import Progress, refused, result, setup


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
    except (Refused, NoBackup, OSError, EOFError, zlib.error, tarfile.TarError, KeyError, ValueError) as error:
        return refused(args.json, f"Nothing was restored: {error}", 1)
    result(restored, args.json, f"Restored {restored['files']} files and the database. Now run: tongxin verify")
    return 0


def restore(archive: Path, folder: Path, files: Path) -> dict[str, Any]:
    """Unpack into ``folder``, check every digest, then put database and files in place. Raises :class:`Refused`."""
    if files.exists() and any(files.iterdir()):
        raise Refused(f"{files} is not empty.")
    _refuse_a_used_database()
    _unpack(archive, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    if present != set(manifest["digests"]):
        raise Refused("files of the backup are missing, or there are too many.")
    progress = Progress("checked")
    for number, (name, digest) in enumerate(manifest["digests"].items(), 1):
        progress(number, len(manifest["digests"]))
        if digest_of(folder / name) != digest:
            raise Refused(f"{name} is damaged.")
    # The database goes last: what breaks off before it leaves an installation that may be restored to again.
    if (folder / "files").exists():
        files.parent.mkdir(parents=True, exist_ok=True)
        if files.exists():
            files.rmdir()
        shutil.move(folder / "files", files)
    try:
        _load_database(folder / manifest["database"])
    except BaseException:
        shutil.rmtree(files, ignore_errors=True)
        raise
    return {"files": len(manifest["digests"]) - 1, "version": manifest["version"]}


def _unpack(archive: Path, folder: Path) -> None:
    """Plain files below ``folder`` and nothing else: a backup may come from anywhere. (The filters of tarfile do the same,
    but the first Pythons 3.11 lack them.)"""
    progress = Progress("unpacked")
    with tarfile.open(archive) as packed:
        for number, member in enumerate(packed, 1):
            target = (folder / member.name).resolve()
            source = packed.extractfile(member) if member.isfile() else None
            if source is None or not target.is_relative_to(folder.resolve()):
                raise Refused(f"{member.name} does not belong into a backup.")
            target.parent.mkdir(parents=True, exist_ok=True)
            with source, target.open("xb") as file:
                shutil.copyfileobj(source, file)
            target.chmod(0o600)
            progress(number)


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
    run_program(command, Refused)
