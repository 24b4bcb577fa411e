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
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from tongxin import __version__
from tongxin.commands.output import Progress, refused, result, setup

MANIFEST = "manifest.json"
SQLITE, POSTGRESQL = "database.sqlite3", "database.pgdump"


def register(subparsers: Any) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("backup", help="write database and files to one file", description=__doc__)
    parser.add_argument("file", type=Path, help="where to; must not exist (ends in .tar.gz)")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.set_defaults(run=run)


class NoBackup(Exception):
    """There is nothing to back up, or no way to do it; the message says why."""


def run(args: argparse.Namespace) -> int:
    if args.file.exists():
        return refused(args.json, f"{args.file} exists already; nothing was written.", 1)
    if not args.file.resolve().parent.is_dir():
        return refused(args.json, f"there is no folder {args.file.resolve().parent}; nothing was written.", 1)
    setup()
    from django.conf import settings

    try:
        with tempfile.TemporaryDirectory(dir=args.file.resolve().parent) as folder:
            database = dump_database(Path(folder))
            written = write_archive(args.file, database, settings.DATA / "files")
    except (NoBackup, OSError) as error:
        return refused(args.json, f"no backup was written: {error}", 1)
    result(written, args.json, f"{written['files']} files and the database are in {args.file}.")
    return 0


def dump_database(folder: Path) -> Path:
    """A consistent copy of the database, taken while it runs. Raises :class:`NoBackup`."""
    from django.db import connection

    if not _is_installed():
        raise NoBackup("there is no installation here; look at TONGXIN_DATA and TONGXIN_DATABASE_URL.")
    if connection.vendor == "sqlite":
        target = folder / SQLITE
        progress = Progress("database, pages")
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy, pages=2000, progress=lambda _, left, whole: progress(whole - left, whole))
        return target
    target = folder / POSTGRESQL
    command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"]
    run_program([*command, connection.settings_dict["NAME"]], NoBackup, lambda: _size(target))
    return target


def _is_installed() -> bool:
    """True if the database holds an installation. An embedded one that is not there is not made by asking."""
    from django.db import connection

    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False
    found = "django_migrations" in connection.introspection.table_names()
    connection.close()
    return found


def _size(file: Path) -> int:
    return file.stat().st_size // 1_000_000 if file.exists() else 0


def run_program(command: list[str], error: type[Exception], megabytes: Callable[[], int] | None = None) -> None:
    """Run one of PostgreSQL's programs on the database of the settings; raises ``error`` with what it says.

    ``megabytes``: how far it is, to be told meanwhile.
    """
    progress = Progress(f"{command[0]}, MB" if megabytes else f"{command[0]}, seconds")
    begun = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603 - fixed words and our own paths
            command, env=postgres_environment(), stderr=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        raise error(f"{command[0]} is not installed (Debian: postgresql-client).") from None
    while True:
        try:
            _, told = process.communicate(timeout=1)
            break
        except subprocess.TimeoutExpired:
            progress(megabytes() if megabytes else int(time.monotonic() - begun))
    if process.returncode:
        raise error(f"{command[0]} failed: {told.strip()[-500:]}")


def postgres_environment() -> dict[str, str]:
    """libpq's variables for the database of the settings, those that its address adds (sslmode and the like) too.

    Raises :class:`NoBackup` for an option that libpq knows by no variable: better none than an unencrypted way.
    """
    from django.db import connection

    settings = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    found = {name: str(settings[key]) for name, key in names.items() if settings.get(key)}
    for option, value in settings["OPTIONS"].items():
        if option in OUR_OWN:
            continue
        if option not in VARIABLES:
            raise NoBackup(f"the option {option} of TONGXIN_DATABASE_URL is not known to the programs of PostgreSQL.")
        found[VARIABLES[option]] = str(value)
    return {**os.environ, **found}


OUR_OWN = frozenset({"server_side_binding", "prepare_threshold"})
VARIABLES = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL", "channel_binding": "PGCHANNELBINDING", "gssencmode": "PGGSSENCMODE",
    "application_name": "PGAPPNAME", "connect_timeout": "PGCONNECT_TIMEOUT", "options": "PGOPTIONS",
    "target_session_attrs": "PGTARGETSESSIONATTRS", "passfile": "PGPASSFILE", "hostaddr": "PGHOSTADDR",
}  # fmt: skip
"""What may stand in the address of the database, and libpq's variable for it."""


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
