"""Reads of attachments, links to them, and what ``verify`` asks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from tongxin.files import rules, storage
from tongxin.files.models import Attachment
from tongxin.kernel.crypto import BadSignature, sign, unsign
from tongxin.kernel.errors import NotFound
from tongxin.record.keys import derived_key
from tongxin.record.registry import Finding
from tongxin.record.statements import Statement

Owner = tuple[str, UUID]

LINK_SECONDS = 15 * 60
# A public file's address changes with its content, but a release can be withdrawn: it may not be kept for ever.
PUBLIC_SECONDS = 60 * 60
_LINK_CONTEXT = "files.link"
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Picture:
    """An attachment as a page shows it. Position and camera's time are for staff only.

    ``sizes`` maps ``large``, ``medium``, ``thumb`` (or ``original`` for a PDF), and ``public-…`` where blurred, to
    file, digest and dimensions; it is empty until the worker has been there.
    """

    id: UUID
    owner: Owner
    purpose: str
    state: str
    name: str
    mime: str
    width: int | None
    height: int | None
    lat: float | None
    lng: float | None
    taken_at: datetime | None
    watermark: str
    uploaded_by: UUID
    recorded_at: datetime
    is_public: bool
    blurred: Sequence[Mapping[str, int]]
    error: str
    sizes: Mapping[str, Mapping[str, Any]]

    @property
    def is_document(self) -> bool:
        return self.mime == rules.PDF

    @property
    def is_voice(self) -> bool:
        return rules.is_voice(self.mime)

    @property
    def seconds(self) -> int | None:
        """How long a recording is, where it tells."""
        found = self.sizes.get(rules.ORIGINAL, {}).get("seconds")
        return int(found) if found is not None else None


def picture(row: Attachment) -> Picture:
    """The row as pages may have it."""
    return Picture(
        id=row.id,
        owner=(row.owner_kind, row.owner_id),
        purpose=row.purpose,
        state=row.state,
        name=row.name,
        mime=row.mime,
        width=row.width,
        height=row.height,
        lat=row.lat,
        lng=row.lng,
        taken_at=row.taken_at,
        watermark=row.watermark,
        uploaded_by=row.uploaded_by,
        recorded_at=row.recorded_at,
        is_public=row.is_public,
        blurred=row.blurred,
        error=row.error,
        sizes=row.variants,
    )


def of_owner(owner: Owner) -> list[Picture]:
    """Everything attached to one owner, in the order of its arrival. One query."""
    return of_owners(owner[0], [owner[1]]).get(owner[1], [])


def of_owners(kind: str, ids: Iterable[UUID], *, public_only: bool = False) -> dict[UUID, list[Picture]]:
    """Attachments of many owners of one kind, for lists; erased ones are left out. One query, none without owners."""
    found: dict[UUID, list[Picture]] = {}
    owners = list(ids)
    for row in (_PUBLIC_OF if public_only else _OF)(kind, owners) if owners else ():
        found.setdefault(row.owner_id, []).append(picture(row))
    return found


def _of(kind: str, ids: Sequence[UUID]) -> QuerySet[Attachment]:
    rows = Attachment.objects.filter(owner_kind=kind, owner_id__in=ids).exclude(state=rules.State.ERASED)
    return rows.order_by("id")


_OF: Statement[Attachment] = Statement(_of)
_PUBLIC_OF: Statement[Attachment] = Statement(
    lambda kind, ids: _of(kind, ids).filter(is_public=True, state=rules.State.READY)
)


def get(attachment_id: UUID) -> Picture:
    """One attachment. Raises NotFound."""
    row = Attachment.objects.filter(pk=attachment_id).first()
    if row is None:
        raise NotFound("There is no such file.")
    return picture(row)


def waiting(now: datetime) -> int:
    """How many files wait for the worker and are due: a figure for the health page."""
    return Attachment.objects.filter(state=rules.State.RAW, next_attempt_at__lte=now).count()


def link(shown: Picture, size: str, *, now: datetime, seconds: int = LINK_SECONDS) -> str:
    """A signed path ``/f/…`` for whoever may see the file unblurred, good for ``seconds`` to twice that. No query.

    The caller has asked whether the actor may see the owner. Empty if there is no such size (not prepared, refused).
    """
    if size not in shown.sizes:
        return ""
    # The same link for all requests of one period, so that a browser need not load the picture again.
    until = (int(now.timestamp()) // seconds + 2) * seconds
    return "/f/" + sign(f"{shown.id.hex}.{size}.{until}", derived_key("file links v1"), _LINK_CONTEXT)


def public_link(shown: Picture, size: str) -> str:
    """A lasting path to the released, blurred form, which everybody may have; empty if it is not released. No query."""
    variant = _public_variant(shown.sizes, size)
    if not shown.is_public or variant is None:
        return ""
    return f"/f/p.{shown.id.hex}.{size}.{variant['sha256'][:16]}"


def _public_variant(sizes: Mapping[str, Mapping[str, Any]], size: str) -> Mapping[str, Any] | None:
    if size.startswith(rules.PUBLIC_PREFIX):
        return None
    return sizes.get(rules.PUBLIC_PREFIX + size) or sizes.get(size)


@dataclass(frozen=True, slots=True)
class OpenFile:
    """What a shell sends, and the seconds a browser may keep it. Not ``inline``: for saving, not for showing."""

    path: Path
    mime: str
    name: str
    etag: str
    public: bool
    max_age: int
    inline: bool


_PUBLIC_TOKEN = re.compile(r"p\.([0-9a-f]{32})\.([a-z]{1,10})\.([0-9a-f]{16})")
_SIGNED_VALUE = re.compile(r"([0-9a-f]{32})\.([a-z-]{1,20})\.(\d{1,12})")


def open_link(token: str, now: datetime) -> OpenFile:
    """The file behind what :func:`link` or :func:`public_link` put after ``/f/``. One query.

    Raises NotFound for whatever does not open: forged, out of time, withdrawn, erased, or never there.
    """
    public = _PUBLIC_TOKEN.fullmatch(token)
    if public:
        return _open_public(UUID(hex=public[1]), public[2], public[3])
    try:
        value = unsign(token, derived_key("file links v1"), _LINK_CONTEXT)
    except BadSignature:
        raise _nothing() from None
    parts = _SIGNED_VALUE.fullmatch(value)
    if parts is None:
        raise _nothing()
    until = datetime.fromtimestamp(int(parts[3]), UTC)
    if now >= until:
        raise NotFound("This link has run out. Please load the page again.", code="link-expired")
    row = _ready(UUID(hex=parts[1]))
    variant = row.variants.get(parts[2])
    if variant is None:
        raise _nothing()
    return _opened(row, parts[2], variant, public=False, max_age=(until - now) // timedelta(seconds=1))


def _open_public(attachment_id: UUID, size: str, digest: str) -> OpenFile:
    row = _ready(attachment_id)
    variant = _public_variant(row.variants, size)
    if not row.is_public or variant is None or variant["sha256"][:16] != digest:
        raise _nothing()
    return _opened(row, size, variant, public=True, max_age=PUBLIC_SECONDS)


def _ready(attachment_id: UUID) -> Attachment:
    row = Attachment.objects.filter(pk=attachment_id, state=rules.State.READY).first()
    if row is None:
        raise _nothing()
    return row


def _opened(row: Attachment, size: str, variant: Mapping[str, Any], *, public: bool, max_age: int) -> OpenFile:
    path = storage.kept_path(row.id, variant["file"])
    if not path.is_file():
        raise _nothing()
    # A name that somebody chose may tell who they are: strangers get a neutral one.
    name = row.name if row.name and not public else f"{size}{path.suffix}"
    return OpenFile(path, variant["mime"], name, variant["sha256"], public, max_age, variant["mime"] != rules.PDF)


def _nothing() -> NotFound:
    return NotFound("There is no such file.")


def state_of(row: Attachment) -> dict[str, Any]:
    """What the record commits to about an attachment: everything but the worker's own bookkeeping."""
    return {
        "owner": [row.owner_kind, row.owner_id],
        "area_path": row.area_path,
        "purpose": str(row.purpose),
        "state": str(row.state),
        "name": row.name,
        "mime": row.mime,
        "size": row.size,
        "sha256": row.sha256,
        "width": row.width,
        "height": row.height,
        "position": None if row.lat is None else [f"{row.lat:.6f}", f"{row.lng:.6f}"],
        "taken_at": row.taken_at,
        "watermark": row.watermark,
        "uploaded_by": row.uploaded_by,
        "recorded_at": row.recorded_at,
        "is_public": row.is_public,
        "blurred": row.blurred,
        "variants": row.variants,
        "error": row.error,
    }


def states(ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """The present rows as the record knows them, for ``verify``."""
    return {row.id: state_of(row) for row in Attachment.objects.filter(pk__in=ids)}


def all_ids() -> Iterator[UUID]:
    """Ids of all attachments, in bounded memory, for ``verify``."""
    return Attachment.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000)


def file_checks() -> Iterator[Finding]:
    """Compare every file that a row tells of with its digest, in bounded memory. Reads all files."""
    last = UUID(int=0)
    while rows := list(Attachment.objects.filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        for row in rows:
            for path, sha256 in expected_files(row).items():
                found = storage.sha256_of(path)
                if found != sha256 and _still_expected(row.id, path, sha256):
                    yield _finding(row, path, found)
        last = rows[-1].id


def expected_files(row: Attachment) -> dict[Path, str]:
    """The files that must be on disk for a row, with their digests."""
    if row.state == rules.State.RAW:
        return {storage.quarantine_path(row.id): row.sha256}
    return {storage.kept_path(row.id, v["file"]): v["sha256"] for v in row.variants.values()}


def _still_expected(attachment_id: UUID, path: Path, sha256: str) -> bool:
    """The worker may have moved on between our reading the row and our reading the file."""
    row = Attachment.objects.filter(pk=attachment_id).first()
    return row is not None and expected_files(row).get(path) == sha256


def _finding(row: Attachment, path: Path, found: str | None) -> Finding:
    where = f"file {row.id} {path.name} ({row.owner_kind} {row.owner_id})"
    if found is None:
        return Finding("file-missing", where, "The file is not on the disk.")
    return Finding("file-altered", where, "The file on the disk is not the one that was stored.")
