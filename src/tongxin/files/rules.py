"""What may be taken in, and under which names it is kept. Pure: bytes and plain values in, values out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from tongxin.files import audio
from tongxin.kernel.errors import Invalid

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 20_000
NAME_MAX = 120
WATERMARK_MAX = 80

SIDES = {"large": 2048, "medium": 960, "thumb": 320}
"""The longest side, in pixels, of each size in which a picture is kept."""

PUBLIC_PREFIX = "public-"
ORIGINAL = "original"

MAX_ATTEMPTS = 5
FIRST_RETRY = timedelta(minutes=2)

# Long enough for any request or worker still at it; younger files are never taken for orphans.
ORPHAN_AGE = timedelta(hours=24)


class State(StrEnum):
    """raw → ready or refused; any of them → erased."""

    RAW = "raw"
    READY = "ready"
    REFUSED = "refused"
    ERASED = "erased"


class Purpose(StrEnum):
    """What a file is for. Pictures everywhere; PDF where an office hands over papers."""

    REPORT = "report"
    BEFORE = "before"
    ANSWER = "answer"
    EVIDENCE = "evidence"
    POLICY = "policy"
    DOCUMENT = "document"


TAKES_PDF = frozenset({Purpose.EVIDENCE, Purpose.POLICY, Purpose.DOCUMENT})
TAKES_VOICE = frozenset({Purpose.REPORT})
"""Where somebody may speak instead of writing."""

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
HEIC = "image/heic"


def retry_after(attempts: int) -> timedelta:
    """How long a file stays with the worker that took it before another may try, after so many attempts."""
    return FIRST_RETRY * 2 ** max(0, attempts - 1)


def sniff(head: bytes) -> str:
    """The MIME type that the first bytes claim, or an empty string. The name's ending is not asked."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    if head[4:8] == b"ftyp" and head[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}:
        return HEIC
    return ""


def accepted_mime(content: bytes, purpose: Purpose) -> str:
    """The type of a file that may be taken in for ``purpose``. Raises Invalid with the reason in clear words."""
    if not content:
        raise Invalid("The file is empty.", code="file-empty", field="file")
    if len(content) > MAX_BYTES:
        raise too_large()
    mime = sniff(content[:16])
    if not mime and purpose in TAKES_VOICE and audio.sniff(content[:16]):
        return accepted_voice(content).mime
    if mime == HEIC:
        raise Invalid(
            "HEIC pictures cannot be shown everywhere. Set the camera to “most compatible”, or send a screenshot.",
            code="file-heic",
            status=415,
            field="file",
        )
    if mime in {JPEG, PNG, WEBP} or (mime == PDF and purpose in TAKES_PDF):
        if not complete(content, mime):
            raise damaged()
        return mime
    if purpose in TAKES_PDF:
        raise Invalid(
            "Only JPEG, PNG and WebP pictures and PDF are taken here.", code="file-kind", status=415, field="file"
        )
    raise Invalid("Only JPEG, PNG and WebP pictures are taken here.", code="file-kind", status=415, field="file")


def accepted_voice(content: bytes) -> audio.Sound:
    """A recording that may be taken in. Raises Invalid with the reason in clear words."""
    if len(content) > audio.MAX_BYTES:
        raise too_large(audio.MAX_BYTES)
    try:
        sound = audio.listen(content)
    except audio.NotSound:
        raise Invalid(
            "This recording cannot be taken: it is damaged, or holds something beside a voice. Please record it again.",
            code="file-no-voice",
            status=415,
            field="file",
        ) from None
    if sound.seconds is not None and sound.seconds > audio.MAX_SECONDS + audio.GRACE_SECONDS:
        raise Invalid(
            "A recording may be %(minutes)s minutes long. Please say the most important things.",
            code="file-voice-long",
            status=413,
            field="file",
            minutes=audio.MAX_SECONDS // 60,
        )
    return sound


def is_voice(mime: str) -> bool:
    """Whether a file of this type is a recording: never public, since a voice tells who speaks."""
    return mime in audio.ENDINGS


def too_large(most: int = MAX_BYTES) -> Invalid:
    """The refusal of a file above ``most`` bytes."""
    return Invalid(
        "The file is larger than %(megabytes)s MB.",
        code="file-too-large",
        status=413,
        field="file",
        megabytes=most // (1024 * 1024),
    )


def damaged() -> Invalid:
    """The refusal of a file that is not whole, or not what it claims to be."""
    return Invalid("The file is damaged or incomplete. Please send it again.", code="file-damaged", field="file")


def complete(content: bytes, mime: str) -> bool:
    """Whether the file has its end: an upload that broke off does not."""
    if mime == JPEG:
        scan = _first_scan(content)
        # Within the scan a byte FF is always stuffed, so FF D9 after its start is the end. Phones put more behind it.
        return scan > 0 and content.rfind(b"\xff\xd9", scan) > 0
    if mime == PNG:
        return b"IEND" in content[-1024:]
    if mime == WEBP:
        return int.from_bytes(content[4:8], "little") + 8 <= len(content)
    if mime == PDF:
        return b"%%EOF" in content[-2048:]
    return False


def _first_scan(content: bytes) -> int:
    """Where the picture's data begin in a JPEG, past the segments (which may hold a whole thumbnail); 0 if nowhere."""
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        if marker == 0xDA:
            return position
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return 0


def check_dimensions(width: int, height: int) -> None:
    """Raises Invalid for a picture that would fill the memory when it is unpacked."""
    if width < 1 or height < 1:
        raise damaged()
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise too_many_pixels()


def too_many_pixels() -> Invalid:
    """The refusal of a picture above :data:`MAX_PIXELS` or :data:`MAX_SIDE`."""
    return Invalid(
        "The picture has more than %(megapixels)s million pixels. Please make it smaller.",
        code="file-too-many-pixels",
        status=413,
        field="file",
        megapixels=MAX_PIXELS // 1_000_000,
    )


def clean_name(name: str) -> str:
    """A name to show and to offer for saving: no folders, no control or direction characters, of bounded length."""
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C" and c not in '<>:"|?*')
    name = name.strip(" .")
    if len(name) <= NAME_MAX:
        return name
    stem, dot, ending = name.rpartition(".")
    if dot and len(ending) <= 8:
        return f"{stem[: NAME_MAX - len(ending) - 1]}.{ending}"
    return name[:NAME_MAX]


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle of a picture as it is shown, in thousandths of its width and height."""

    left: int
    top: int
    width: int
    height: int

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels, rounded outward so that nothing at the edge stays clear."""
        right = -(-(self.left + self.width) * width // 1000)
        bottom = -(-(self.top + self.height) * height // 1000)
        return self.left * width // 1000, self.top * height // 1000, min(width, right), min(height, bottom)


REGIONS_MAX = 50


def check_regions(regions: Sequence[Region]) -> None:
    """Raises Invalid for rectangles outside of the picture, empty ones, and too many of them."""
    inside = all(
        0 <= r.left < 1000 and 0 <= r.top < 1000 and 0 < r.width <= 1000 - r.left and 0 < r.height <= 1000 - r.top
        for r in regions
    )
    if not inside or len(regions) > REGIONS_MAX:
        raise Invalid("A region to blur lies outside of the picture.", code="blur-region", field="regions")
