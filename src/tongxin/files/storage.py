"""Where files lie: as handed in, and as kept for showing.

``DATA/files/quarantine/xx/<id>`` and ``DATA/files/kept/xx/<id>/<size>-<digest>.<ending>``: paths are made of ids, sizes
and digests only, never of a name that somebody chose. A file is synced to disk before the row that tells of it is
committed; a file without a row is an orphan, which a sweep takes away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from tongxin.files import audio

_ENDINGS = {"image/jpeg": "jpg", "image/webp": "webp", "image/png": "png", "application/pdf": "pdf", **audio.ENDINGS}
_CHUNK = 1024 * 1024


def root() -> Path:
    return Path(settings.DATA) / "files"


def _shard(attachment_id: UUID) -> str:
    # The end of a UUIDv7 is random, its beginning is the time.
    return attachment_id.hex[-2:]


def quarantine_path(attachment_id: UUID) -> Path:
    """Where the bytes lie as they were handed in. Never served to anybody."""
    return root() / "quarantine" / _shard(attachment_id) / attachment_id.hex


def kept_folder(attachment_id: UUID) -> Path:
    return root() / "kept" / _shard(attachment_id) / attachment_id.hex


def kept_path(attachment_id: UUID, file_name: str) -> Path:
    """The path of a kept file that a row names. Raises ValueError for a name that could lead elsewhere."""
    if not file_name or Path(file_name).name != file_name or file_name.startswith("."):
        raise ValueError("not the name of a kept file")
    return kept_folder(attachment_id) / file_name


def kept_name(variant: str, sha256: str, mime: str) -> str:
    """A kept file's name tells its content, so that a new content never takes the place of the old one."""
    return f"{variant}-{sha256[:16]}.{_ENDINGS[mime]}"


def write(path: Path, content: bytes) -> None:
    """Write and sync a new file. Writing one that exists already replaces it at once and whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        _write_new(part, content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(part, content)
    os.replace(part, path)


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fdatasync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str | None:
    """The digest of a file in hexadecimal, read in pieces; None if there is no such file."""
    try:
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while piece := file.read(_CHUNK):
                digest.update(piece)
            return digest.hexdigest()
    except FileNotFoundError:
        return None


def remove(*paths: Path) -> None:
    """Remove files or folders of one attachment; what is gone already is fine."""
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def retire(now: datetime, *paths: Path) -> None:
    """Leave files that no row tells of any longer to the sweep, a day from now; what is gone already is fine."""
    for path in paths:
        with suppress(FileNotFoundError):
            os.utime(path, (now.timestamp(), now.timestamp()))


def walk() -> Iterator[tuple[UUID | None, Path, float]]:
    """Every file on disk: the id it claims to belong to (or None), its path, its time of change in Unix seconds."""
    for area in ("quarantine", "kept"):
        for shard in sorted((root() / area).glob("*")):
            for entry in sorted(shard.rglob("*")):
                try:
                    if entry.is_file():
                        yield _claimed(entry, area), entry, entry.stat().st_mtime
                except FileNotFoundError:
                    continue


def _claimed(path: Path, area: str) -> UUID | None:
    name = path.name.lstrip(".").partition(".")[0] if area == "quarantine" else path.parent.name
    try:
        return UUID(hex=name)
    except ValueError:
        return None
