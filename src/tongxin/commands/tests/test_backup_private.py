"""A backup is nobody else's to read, from its first byte on."""

from __future__ import annotations

import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tongxin.commands import backup


def test_a_backup_is_private_while_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database, files, target = tmp_path / backup.SQLITE, tmp_path / "files", tmp_path / "b.tar.gz"
    database.write_bytes(b"data")
    files.mkdir()
    modes: list[int] = []
    add = tarfile.TarFile.add

    def watched(self: tarfile.TarFile, *args: Any, **kwargs: Any) -> None:
        modes.append(stat.S_IMODE((tmp_path / "b.tar.gz.partial").stat().st_mode))
        add(self, *args, **kwargs)

    monkeypatch.setattr(tarfile.TarFile, "add", watched)
    backup.write_archive(target, database, files)
    assert modes == [0o600]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    with tarfile.open(target) as archive:
        assert set(archive.getnames()) == {backup.SQLITE, backup.MANIFEST}
