"""What people do with an import: upload a file, confirm what was checked, or cancel. The worker does the rest."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongxin.kernel.actor import Actor
from tongxin.kernel.errors import Conflict, Invalid, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.kernel.text import clean_line
from tongxin.places.imports.spec import MAX_FILE_BYTES, Importer, importer_for
from tongxin.places.models import ImportBatch, ImportFile
from tongxin.places.queries import area as area_by_id
from tongxin.record.keys import field_cipher
from tongxin.record.operations import append_entry

State = ImportBatch.State
OVER = (State.REFUSED, State.DONE, State.CANCELLED)


def seal(content: bytes, batch_id: UUID) -> bytes:
    """Compressed and encrypted: what is staged may hold residents' data, and lies in the database for a while."""
    return field_cipher().encrypt(base64.b64encode(zlib.compress(content, 1)).decode(), f"places.import.{batch_id}")


def unseal(sealed: bytes, batch_id: UUID) -> bytes:
    """The inverse of :func:`seal`."""
    return zlib.decompress(base64.b64decode(field_cipher().decrypt(sealed, f"places.import.{batch_id}")))


def subject(batch: ImportBatch) -> tuple[str, UUID]:
    """The batch in the record."""
    return ("import", batch.id)


def upload_import(
    actor: Actor,
    kind: str,
    area_id: UUID,
    file_name: str,
    content: bytes,
    now: datetime,
    *,
    once: UUID | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> ImportBatch:
    """Take a file in; the worker reads and checks it. The same ``once`` again returns the first batch.

    Raises NotAllowed without the importer's permission in the area, Invalid (``file``) for an empty file or one above
    20 MB, Invalid (``area``) where such files make no sense, NotFound for an unknown kind.
    """
    importer = importer_for(kind)
    area = area_by_id(area_id)
    actor.require(importer.permission, area.path)
    importer.accepts(area)
    if not content:
        raise Invalid("The file is empty.", field="file", code="empty-file")
    if len(content) > MAX_FILE_BYTES:
        limit = MAX_FILE_BYTES // (1024 * 1024)
        raise Invalid(
            "The file is larger than %(limit)d MB.", field="file", code="file-too-large", status=413, limit=limit
        )
    batch_id = once or uuid7(now)
    sealed = seal(content, batch_id)
    with transaction.atomic():
        batch, made = ImportBatch.objects.get_or_create(
            id=batch_id,
            defaults={
                "kind": kind,
                "area": area,
                "parameters": dict(parameters or {}),
                "file_name": clean_line(file_name.replace("\\", "/").rpartition("/")[2], 120) or "-",
                "size": len(content),
                "sha256": hashlib.sha256(content).hexdigest(),
                "actor_id": actor.id,
                "actor_kind": actor.kind,
                "actor_name": actor.name[:60],
                "created_at": now,
            },
        )
        if not made:
            if batch.actor_id != actor.id:
                raise NotFound("There is no such import.", code="no-import")
            return batch
        ImportFile.objects.create(batch=batch, content=sealed)
        append_entry(
            actor=actor,
            verb="import.uploaded",
            subject=subject(batch),
            area_path=area.path,
            now=now,
            data={"kind": kind, "sha256": batch.sha256, "size": batch.size},
            new=True,
        )
    return batch


def confirm_import(actor: Actor, batch_id: UUID, now: datetime, *, good_rows_only: bool = False) -> ImportBatch:
    """Have a checked batch written: all of it, or the good rows on request. Asking twice is as good as once.

    Raises Conflict where the batch is not ready, where rows are bad and the good ones alone were not asked for, or
    where no row is good.
    """
    with transaction.atomic():
        batch = locked(actor, batch_id)
        if batch.state in (State.CONFIRMED, State.WRITING, State.DONE) and batch.good_rows_only == good_rows_only:
            return batch
        if batch.state != State.READY:
            raise Conflict("This import is not waiting for your word.", code="import-not-ready")
        if batch.rows_good == 0:
            raise Conflict("There is no good row to write.", code="import-empty")
        if batch.rows_bad and not good_rows_only:
            raise Conflict(
                "%(bad)d rows cannot be written. Mend the file, or write the good rows only.",
                code="import-has-problems",
                bad=batch.rows_bad,
            )
        batch.state = State.CONFIRMED
        batch.good_rows_only = good_rows_only
        batch.confirmed_at = now
        batch.attempts = 0
        batch.progress, batch.progress_total = 0, batch.rows_good
        batch.actor_id, batch.actor_kind, batch.actor_name = actor.id, actor.kind, actor.name[:60]
        batch.save()
        append_entry(
            actor=actor,
            verb="import.confirmed",
            subject=subject(batch),
            area_path=batch.area.path,
            now=now,
            data={"good": batch.rows_good, "bad": batch.rows_bad, "good_rows_only": good_rows_only},
        )
    return batch


def cancel_import(actor: Actor, batch_id: UUID, now: datetime) -> ImportBatch:
    """Throw a batch away before it is written; what was staged is deleted. Raises Conflict once it is being written."""
    with transaction.atomic():
        batch = locked(actor, batch_id)
        if batch.state == State.CANCELLED:
            return batch
        if batch.state in (State.WRITING, State.DONE):
            raise Conflict("This import is written already.", code="import-written")
        batch.state = State.CANCELLED
        batch.finished_at = now
        batch.lease_until = None
        batch.save()
        forget_staged(batch)
        append_entry(actor=actor, verb="import.cancelled", subject=subject(batch), area_path=batch.area.path, now=now)
    return batch


def locked(actor: Actor, batch_id: UUID) -> ImportBatch:
    """The batch, locked, if the actor may work on it. Raises NotFound otherwise."""
    batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("area").filter(id=batch_id).first()
    if batch is None or not actor.may(importer_of(batch).permission, batch.area.path):
        raise NotFound("There is no such import.", code="no-import")
    return batch


def importer_of(batch: ImportBatch) -> Importer:
    """The importer of a batch's kind."""
    return importer_for(batch.kind)


def forget_staged(batch: ImportBatch) -> None:
    """Delete the file and the staged rows: they are needed no more and may hold personal data."""
    ImportFile.objects.filter(batch=batch).delete()
    batch.packs.all().delete()
