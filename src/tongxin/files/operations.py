"""The verbs of files: take in, prepare, release, blur, erase, sweep. Nothing else writes rows or files."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction

from tongxin.files import images, rules, storage
from tongxin.files.models import Attachment
from tongxin.files.queries import Owner, Picture, expected_files, picture, state_of
from tongxin.files.rules import Purpose, Region, State
from tongxin.kernel.actor import SYSTEM, Actor
from tongxin.kernel.errors import Conflict, NotFound
from tongxin.kernel.ids import uuid7
from tongxin.record.operations import Draft, append_entries, append_entry

log = logging.getLogger(__name__)

SUBJECT = "file"


class Upload(Protocol):
    """A file as a shell has it: Django's UploadedFile fits, and so does an open file."""

    name: Any

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, offset: int, /) -> Any: ...


def store(
    *,
    actor: Actor,
    upload: Upload,
    purpose: Purpose | str,
    owner: Owner,
    area_path: str,
    now: datetime,
    watermark: str = "",
) -> Picture:
    """Take in one file and put it on the record; the errors are those of :func:`stage`."""
    with transaction.atomic():
        rows, drafts = stage(
            actor=actor,
            uploads=[upload],
            purpose=purpose,
            owner=owner,
            area_path=area_path,
            now=now,
            watermark=watermark,
        )
        append_entries(drafts, now=now, beside=rows)
    return picture(rows[0])


def stage(
    *,
    actor: Actor,
    uploads: Sequence[Upload],
    purpose: Purpose | str,
    owner: Owner,
    area_path: str,
    now: datetime,
    watermark: str = "",
) -> tuple[list[Attachment], list[Draft]]:
    """Take in files: the rows and entries that the caller must then write with its own, in one transaction.

    The owner's operation has asked the policy. All files are checked before one is written: size, true type, wholeness,
    dimensions; the pictures are made anew later by the worker (:func:`process_due`). ``watermark`` is drawn into them
    then. If that fails, the files are orphans for :func:`sweep_orphans`. Raises Invalid with a clear word
    for what cannot be taken.
    """
    purpose = Purpose(purpose)
    checked = [_checked(upload, purpose) for upload in uploads]
    rows = []
    for file in checked:
        row = Attachment(
            id=uuid7(now),
            owner_kind=owner[0],
            owner_id=owner[1],
            area_path=area_path,
            purpose=purpose,
            uploaded_by=actor.id,
            recorded_at=now,
            next_attempt_at=now,
        )
        _describe(row, file, watermark)
        rows.append(row)
    for row, file in zip(rows, checked, strict=True):
        for path in expected_files(row):
            storage.write(path, file.content)
    drafts = [
        Draft(
            actor=actor,
            verb="file.stored",
            subject=(SUBJECT, row.id),
            area_path=area_path,
            data={"owner": list(owner), "purpose": purpose, "mime": row.mime, "size": row.size},
            state=state_of(row),
            new=True,
        )
        for row in rows
    ]
    return rows, drafts


@dataclass(frozen=True, slots=True)
class _Checked:
    """An upload that may be taken in. Width and height are None for a document; ``seconds`` are a recording's."""

    name: str
    mime: str
    content: bytes
    width: int | None
    height: int | None
    seconds: int | None = None


def _checked(upload: Upload, purpose: Purpose) -> _Checked:
    if (getattr(upload, "size", None) or 0) > rules.MAX_BYTES:
        raise rules.too_large()
    content = upload.read(rules.MAX_BYTES + 1)
    mime = rules.accepted_mime(content, purpose)
    name = rules.clean_name(str(upload.name or ""))
    if mime == rules.PDF:
        return _Checked(name, mime, content, None, None)
    if rules.is_voice(mime):
        sound = rules.accepted_voice(content)
        return _Checked(name, mime, sound.content, None, None, sound.seconds)
    try:
        return _Checked(name, mime, content, *images.check_header(content))
    except images.Undecodable:
        raise rules.damaged() from None


def _describe(row: Attachment, file: _Checked, watermark: str) -> None:
    row.name, row.mime, row.size = file.name, file.mime, len(file.content)
    row.sha256 = hashlib.sha256(file.content).hexdigest()
    if file.width is not None:
        row.state, row.width, row.height = State.RAW, file.width, file.height
        row.watermark = watermark[: rules.WATERMARK_MAX]
        return
    # A document stays as it is, and is only ever handed out for saving; a recording is played.
    row.state = State.READY
    row.variants = {
        rules.ORIGINAL: {
            "file": storage.kept_name(rules.ORIGINAL, row.sha256, row.mime),
            "sha256": row.sha256,
            "size": row.size,
            "mime": row.mime,
            **({"seconds": file.seconds} if file.seconds is not None else {}),
        }
    }


def process_due(now: datetime, limit: int = 20) -> int:
    """Make up to ``limit`` waiting pictures anew, or refuse what cannot be opened; returns how many were settled.

    For the worker. A picture is claimed with a time after which another worker may try, so that a crash delays and
    never loses or doubles; no transaction is open while a picture is unpacked. What was handed in is of no use once the
    new pictures are recorded; it goes with the next day's sweep.
    """
    settled = 0
    for row in _claim(now, limit):
        try:
            settled += _process(row, now)
        except OSError:  # a full or failing disk: the claim runs out and it is tried again
            log.exception("file %s could not be prepared, attempt %s", row.id, row.attempts)
    return settled


def _claim(now: datetime, limit: int) -> list[Attachment]:
    with transaction.atomic():
        due = Attachment.objects.select_for_update(skip_locked=True).filter(state=State.RAW, next_attempt_at__lte=now)
        rows = list(due.order_by("next_attempt_at")[:limit])
        for row in rows:
            row.attempts += 1
            row.next_attempt_at = now + rules.retry_after(row.attempts)
        Attachment.objects.bulk_update(rows, ["attempts", "next_attempt_at"])
    return rows


def _process(row: Attachment, now: datetime) -> bool:
    original = storage.quarantine_path(row.id)
    if row.attempts > rules.MAX_ATTEMPTS:
        # It took a worker with it again and again.
        return _settle(row.id, {}, "too-many-attempts", now)
    try:
        content = original.read_bytes()
    except FileNotFoundError:
        return _settle(row.id, {}, "lost", now)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        return _settle(row.id, {}, "altered", now)
    try:
        details = images.read_details(content)
        encoded = images.encode_sizes(content, row.watermark)
    except images.Undecodable:
        return _settle(row.id, {}, "undecodable", now)
    return _settle(row.id, _keep(row.id, encoded), "", now, details)


def _keep(attachment_id: UUID, encoded: dict[str, images.Encoded], prefix: str = "") -> dict[str, Any]:
    """Write pictures to disk and tell of them as the row does."""
    kept = {}
    for size, image in encoded.items():
        sha256 = hashlib.sha256(image.content).hexdigest()
        file = storage.kept_name(prefix + size, sha256, image.mime)
        storage.write(storage.kept_path(attachment_id, file), image.content)
        kept[prefix + size] = {
            "file": file,
            "sha256": sha256,
            "size": len(image.content),
            "mime": image.mime,
            "width": image.width,
            "height": image.height,
        }
    return kept


def _settle(
    attachment_id: UUID,
    variants: dict[str, Any],
    error: str,
    now: datetime,
    details: images.Details | None = None,
) -> bool:
    with transaction.atomic():
        row = Attachment.objects.select_for_update().get(pk=attachment_id)
        if row.state != State.RAW:
            return False  # another worker, or an erasure, was faster
        row.state = State.REFUSED if error else State.READY
        row.error = error
        row.variants = variants
        if details is not None:
            row.width, row.height = details.width, details.height
            row.lat, row.lng, row.taken_at = details.lat, details.lng, details.taken_at
        row.save()
        _tell(SYSTEM, row, "file.refused" if error else "file.processed", now, {"error": error} if error else {})
        transaction.on_commit(lambda: storage.retire(now, storage.quarantine_path(attachment_id)))
    return True


def _tell(actor: Actor, row: Attachment, verb: str, now: datetime, data: dict[str, Any], area_path: str = "") -> None:
    """``area_path``: of the owner now, which may have moved since the file was taken in."""
    append_entry(
        actor=actor,
        verb=verb,
        subject=(SUBJECT, row.id),
        area_path=area_path or row.area_path,
        now=now,
        data=data,
        state=state_of(row),
    )


def release(*, actor: Actor, attachment_id: UUID, area_path: str, now: datetime) -> Picture:
    """Let everybody see a picture in its public form. Needs ``file.release`` in ``area_path``, the owner's area.

    Raises NotAllowed, NotFound, and Conflict while the picture is not ready. Releasing twice changes nothing.
    """
    return _publish(actor, attachment_id, area_path, now, public=True)


def withdraw(*, actor: Actor, attachment_id: UUID, area_path: str, now: datetime) -> Picture:
    """Take a release back; the public address stops working. Same permission and errors as :func:`release`."""
    return _publish(actor, attachment_id, area_path, now, public=False)


def _publish(actor: Actor, attachment_id: UUID, area_path: str, now: datetime, *, public: bool) -> Picture:
    actor.require("file.release", area_path)
    with transaction.atomic():
        row = _ready_row(attachment_id)
        if public and rules.is_voice(row.mime):
            raise Conflict(
                "A voice is never made public. Write down what was said, and publish that.", code="file-is-voice"
            )
        if row.is_public != public:
            row.is_public = public
            row.save(update_fields=["is_public"])
            _tell(actor, row, "file.released" if public else "file.withdrawn", now, {}, area_path)
    return picture(row)


def _ready_row(attachment_id: UUID) -> Attachment:
    row = Attachment.objects.select_for_update().filter(pk=attachment_id).first()
    if row is None:
        raise NotFound("There is no such file.")
    if row.state != State.READY:
        raise Conflict("The picture is not ready yet, or cannot be opened.", code="file-not-ready")
    return row


def blur(*, actor: Actor, attachment_id: UUID, regions: Iterable[Region], area_path: str, now: datetime) -> Picture:
    """Make rectangles of the public form unrecognisable for good; staff keep the clear picture.

    Replaces what was blurred before; no regions: the picture as it was taken. Needs ``file.release`` in ``area_path``.
    Raises NotAllowed, NotFound, Conflict and, for regions outside of the picture, Invalid. Takes a fraction of a
    second: call it outside of a transaction.
    """
    actor.require("file.release", area_path)
    regions = list(regions)
    rules.check_regions(regions)
    with transaction.atomic():
        row = _ready_row(attachment_id)
    if row.mime == rules.PDF or rules.is_voice(row.mime):
        raise Conflict("Only pictures can be blurred.", code="file-not-a-picture")
    made: dict[str, Any] = {}
    if regions:
        large = storage.kept_path(row.id, row.variants["large"]["file"]).read_bytes()
        made = _keep(row.id, images.encode_blurred(large, regions), rules.PUBLIC_PREFIX)
    with transaction.atomic():
        row = _ready_row(attachment_id)
        before = expected_files(row)
        clear = {size: v for size, v in row.variants.items() if not size.startswith(rules.PUBLIC_PREFIX)}
        row.variants = clear | made
        row.blurred = [asdict(region) for region in regions]
        row.save(update_fields=["variants", "blurred"])
        _tell(actor, row, "file.blurred", now, {"regions": len(regions)}, area_path)
        stale = before.keys() - expected_files(row).keys()
        transaction.on_commit(lambda: storage.retire(now, *stale))
    return picture(row)


def erase(*, actor: Actor, attachment_id: UUID, reason: str, area_path: str, now: datetime) -> None:
    """Delete a file for good (个人信息保护法 47) and say so in the record; ``reason`` is published and names nobody.

    The owner's operation has asked the policy. Erasing twice changes nothing. Raises NotFound.
    """
    with transaction.atomic():
        row = Attachment.objects.select_for_update().filter(pk=attachment_id).first()
        if row is None:
            raise NotFound("There is no such file.")
        if row.state == State.ERASED:
            return
        row.state = State.ERASED
        row.is_public = False
        row.name = row.sha256 = row.watermark = ""
        row.lat = row.lng = row.taken_at = None
        row.variants, row.blurred = {}, []
        row.save()
        append_entry(
            actor=actor,
            verb="file.erased",
            subject=(SUBJECT, row.id),
            area_path=area_path,
            now=now,
            data={"reason": reason},
            state=state_of(row),
        )
        transaction.on_commit(
            lambda: storage.remove(storage.quarantine_path(attachment_id), storage.kept_folder(attachment_id))
        )


def sweep_orphans(now: datetime) -> int:
    """Delete files that no row tells of, once they are a day old; returns how many. For the worker, once a day.

    They are what pictures were made from or were before blurring, and what failed transactions and crashes leave. The
    day lets a backup, which copies the files after the database, find all that the database tells of.
    """
    removed = 0
    batch: list[tuple[UUID | None, Any]] = []
    oldest = (now - rules.ORPHAN_AGE).timestamp()
    for claimed, path, changed in storage.walk():
        if changed < oldest:
            batch.append((claimed, path))
        if len(batch) >= 1000:
            removed += _sweep(batch)
            batch = []
    return removed + _sweep(batch)


def _sweep(batch: list[tuple[UUID | None, Any]]) -> int:
    ids = {claimed for claimed, _ in batch if claimed is not None}
    wanted = {path for row in Attachment.objects.filter(pk__in=ids) for path in expected_files(row)}
    orphans = [path for _, path in batch if path not in wanted]
    storage.remove(*orphans)
    return len(orphans)
