"""``tongxin backup``: one file with the database and all files, checked against what it says of itself.

The keys (``TONGXIN_SECRET_KEY``, ``TONGXIN_FIELD_KEY``) are not in it: whoever finds a backup must not be able to read
phones and ID numbers. Keep them elsewhere; without the field key a backup can be restored but not read.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tongxin import __version__
from tongxin.commands.output import Progress, result, say, setup

MANIFEST = "manifest.json"
SQLITE, POSTGRESQL = "database.sqlite3", "database.pgdump"


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("backup", help="write database and files to one file", description=__doc__)
    parser.add_argument("file", type=Path, help="where to; must not exist (ends in .tar.gz)")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.file.exists():
        say(f"{args.file} exists already; nothing was written.")
        return 1
    setup()
    from django.conf import settings

    with tempfile.TemporaryDirectory(dir=args.file.resolve().parent) as folder:
        database = dump_database(Path(folder))
        written = write_archive(args.file, database, settings.DATA / "files")
    result(written, args.json, f"{written['files']} files and the database are in {args.file}.")
    return 0


def dump_database(folder: Path) -> Path:
    """A consistent copy of the database, taken while it runs."""
    from django.db import connection

    if connection.vendor == "sqlite":
        target = folder / SQLITE
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=2000)
        return target
    target = folder / POSTGRESQL
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
    subprocess.run([*command, connection.settings_dict["NAME"]], check=True, env=postgres_environment())  # noqa: S603
    return target


def postgres_environment() -> dict[str, str]:
    """libpq's variables for the database of the settings."""
    from django.db import connection

    settings = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    return {**os.environ, **{name: str(settings[key]) for name, key in names.items() if settings.get(key)}}


def write_archive(target: Path, database: Path, files: Path) -> dict[str, Any]:
    """Write the archive beside ``target`` and move it there whole. The manifest goes last, with every digest."""
    partial = target.with_name(target.name + ".partial")
    progress, digests = Progress("files"), {}
    # Nobody else may read it, from its first byte on.
    private = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "wb") as file, tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
        archive.add(database, database.name)
        digests[database.name] = digest_of(database)
        for number, path in enumerate(_files(files), 1):
            name = f"files/{path.relative_to(files)}"
            archive.add(path, name)
            digests[name] = digest_of(path)
            progress(number)
        manifest = {"version": __version__, "database": database.name, "digests": digests}
        data = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        archive.addfile(entry, io.BytesIO(data))
    partial.chmod(0o600)
    partial.rename(target)
    return {"file": str(target), "files": len(digests) - 1, "bytes": target.stat().st_size}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".partial"):
            yield path


def digest_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
